#include "posting.hpp"

#include <array>

#include <fmt/format.h>

#include "codec/json_scan.hpp"

namespace pipit::soak {

namespace {

constexpr std::array<std::string_view, 3> kKindNames{"group", "user", "cid"};
constexpr unsigned kDepthMax = 4;

std::string_view name_of(Target::Kind kind) {
    return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<Target::Kind> kind_named(std::string_view name) {
    for (std::size_t i = 0; i < kKindNames.size(); ++i) {
        if (kKindNames[i] == name) return static_cast<Target::Kind>(i);
    }
    return std::nullopt;
}

/// Most are short, as chat is; some are long enough that the server compresses them.
std::size_t padding_bytes(const Posting& posting) {
    const std::uint32_t mixed = (posting.from * 2'654'435'761u) ^ (posting.number * 40'503u);
    return mixed % 50 == 0 ? 1'200 + mixed % 1'800 : mixed % 120;
}

}  // namespace

std::string data_of(const Posting& posting) {
    std::string data = fmt::format(R"({{"from":{},"number":{},"kind":"{}","name":)", posting.from,
                                   posting.number, name_of(posting.to.kind));
    codec::append_json_string(data, posting.to.name);
    data += R"(,"padding":")";
    // Repeats itself, so that compression finds something, and begins elsewhere in each post.
    for (std::size_t i = 0; i < padding_bytes(posting); ++i)
        data += static_cast<char>('a' + (posting.number + i * i) % 26);
    data += "\"}";
    return data;
}

std::optional<Posting> posting_in(std::string_view data) {
    Posting posting;
    const auto verdict = codec::scan_object(data, kDepthMax, [&](const codec::JsonMember& member) {
        using Kind = codec::JsonKind;
        if (member.kind == Kind::number) {
            const auto number = codec::parse_json_uint53(member.value).value_or(0);
            (member.key == "from" ? posting.from : posting.number) = static_cast<std::uint32_t>(number);
        } else if (member.kind == Kind::string && member.key == "kind") {
            posting.to.kind = kind_named(member.string_content()).value_or(Target::Kind::group);
        } else if (member.kind == Kind::string && member.key == "name") {
            posting.to.name = codec::unescape_json_string(member.string_content()).value_or("");
        }
    });
    if (!verdict || data_of(posting) != data) return std::nullopt;
    return posting;
}

std::string recipient_of(const Target& target) {
    std::string json = fmt::format(R"({{"{}":)", name_of(target.kind));
    codec::append_json_string(json, target.name);
    return json + '}';
}

std::string describe(const Posting& posting) {
    return fmt::format("post {} of #{} to {} {}", posting.number, posting.from, name_of(posting.to.kind),
                       posting.to.name);
}

}  // namespace pipit::soak
