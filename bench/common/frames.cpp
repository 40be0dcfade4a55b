#include "common/frames.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/bytes.hpp"

namespace pipit::bench {

namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char left, char right) {
        return (left >= 'A' && left <= 'Z' ? left - 'A' + 'a' : left) == right;
    });
}

}  // namespace

std::optional<Frame> take_frame(std::span<std::uint8_t>& bytes) {
    using Outcome = codec::ParsedHeader::Outcome;
    const auto parsed = codec::parse_frame_header(bytes);
    if (parsed.outcome == Outcome::malformed) throw std::runtime_error(std::string(parsed.fault));
    if (parsed.outcome == Outcome::incomplete) return std::nullopt;
    if (parsed.header.payload_bytes > bytes.size() - parsed.header_bytes) return std::nullopt;
    if (!parsed.header.fin || parsed.header.rsv1)
        throw std::runtime_error("a fragmented or compressed message");

    const auto payload = bytes.subspan(parsed.header_bytes, parsed.header.payload_bytes);
    if (parsed.header.mask) codec::apply_mask(payload, *parsed.header.mask);
    bytes = bytes.subspan(parsed.header_bytes + payload.size());
    return Frame{parsed.header.opcode, base::as_text(payload)};
}

std::string_view HttpHead::first_line() const {
    return text.substr(0, text.find("\r\n"));
}

std::string_view HttpHead::field(std::string_view name) const {
    for (std::size_t line = text.find("\r\n") + 2; line < text.size(); line = text.find("\r\n", line) + 2) {
        const auto colon = text.find(':', line);
        if (colon == text.npos) break;
        if (!equals_ignoring_case(text.substr(line, colon - line), name)) continue;
        const auto value = text.find_first_not_of(' ', colon + 1);
        return text.substr(value, text.find("\r\n", value) - value);
    }
    return {};
}

std::optional<HttpHead> take_http_head(std::span<std::uint8_t>& bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    const auto text = base::as_text(bytes);
    const auto end = text.find(kEnd);
    if (end == text.npos) return std::nullopt;
    bytes = bytes.subspan(end + kEnd.size());
    return HttpHead{text.substr(0, end + kEnd.size())};
}

}  // namespace pipit::bench
