#include "codec/delivery_options.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace pipit::codec {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> kUrgencyNames{"very-low", "low", "normal", "high"};

bool is_base64url_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::optional<Urgency> urgency_from_name(std::string_view name) {
    const auto found = std::find(kUrgencyNames.begin(), kUrgencyNames.end(), name);
    if (found == kUrgencyNames.end()) return std::nullopt;
    return static_cast<Urgency>(found - kUrgencyNames.begin());
}

std::string_view urgency_name(Urgency urgency) {
    return kUrgencyNames[static_cast<std::size_t>(urgency)];
}

base::Status check_options(const DeliveryOptions& options) {
    if (options.ttl_s < 0 || options.ttl_s > kTtlMax_s)
        return base::Failure{fmt::format("\"ttl\" must be 0 to {} seconds.", kTtlMax_s)};
    if (options.topic.size() > kTopicCharactersMax ||
        !std::ranges::all_of(options.topic, is_base64url_character)) {
        return base::Failure{
            fmt::format("\"topic\" must have 1 to {} characters, each of them one of A-Z a-z 0-9 - _.",
                        kTopicCharactersMax)};
    }
    return std::monostate{};
}

}  // namespace pipit::codec
