#include "push/ip_address.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"

namespace pipit::push {
namespace {

constexpr std::size_t kV6Groups = 8;

/// What is before the next `separator`, which `text` loses along with it.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

std::optional<unsigned> parse_number(std::string_view text, int base, std::size_t digits_max, unsigned max) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{} || stopped != end || number > max) return std::nullopt;
    return number;
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
    if (std::count(text.begin(), text.end(), '.') != 3) return std::nullopt;
    std::array<std::uint8_t, 4> bytes{};
    for (std::uint8_t& byte : bytes) {
        const std::string_view part = take_until(text, '.');
        const auto number = parse_number(part, 10, 3, 255);
        if (!number || (part.size() > 1 && part.front() == '0')) return std::nullopt;
        byte = static_cast<std::uint8_t>(*number);
    }
    return bytes;
}

/// The groups on one side of "::", at most eight.
struct Groups {
    std::array<std::uint16_t, kV6Groups> values{};
    std::size_t count = 0;

    bool add(unsigned value) {
        if (count == kV6Groups) return false;
        values[count++] = static_cast<std::uint16_t>(value);
        return true;
    }
};

/// False unless `text` is groups with single colons between them. Only at the very end of the address may
/// two of them be written as IPv4.
bool parse_groups(std::string_view text, bool at_end, Groups& groups) {
    if (text.empty()) return true;
    if (text.back() == ':') return false;
    while (!text.empty()) {
        const std::string_view part = take_until(text, ':');
        if (at_end && text.empty() && part.find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(part);
            return v4 && groups.add(static_cast<unsigned>((*v4)[0] << 8 | (*v4)[1])) &&
                   groups.add(static_cast<unsigned>((*v4)[2] << 8 | (*v4)[3]));
        }
        const auto number = parse_number(part, 16, 4, 0xffff);
        if (!number || !groups.add(*number)) return false;
    }
    return true;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
    const std::size_t gap = text.find("::");
    const bool has_gap = gap != std::string_view::npos;
    Groups before;
    Groups after;
    if (!parse_groups(text.substr(0, gap), !has_gap, before)) return std::nullopt;
    if (has_gap && !parse_groups(text.substr(gap + 2), true, after)) return std::nullopt;
    const std::size_t count = before.count + after.count;
    if (has_gap ? count >= kV6Groups : count != kV6Groups) return std::nullopt;

    std::array<std::uint16_t, kV6Groups> groups{};
    std::copy_n(before.values.begin(), before.count, groups.begin());
    std::copy_n(after.values.begin(), after.count, groups.end() - static_cast<std::ptrdiff_t>(after.count));
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < kV6Groups; ++i) {
        bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
        bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
    }
    return bytes;
}

}  // namespace

IpAddress IpAddress::from_bytes(base::ByteSpan bytes) {
    PIPIT_ASSERT(bytes.size() == 4 || bytes.size() == 16);
    IpAddress address;
    address.length_ = bytes.size();
    std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (const auto v4 = parse_v4(text)) return from_bytes(*v4);
    if (const auto v6 = parse_v6(text)) return from_bytes(*v6);
    return std::nullopt;
}

}  // namespace pipit::push
