#include "push/push_request.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace pipit::push {
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
    if (options.ttl_s < 0 || options.ttl_s > kTtlMax_s) {
        return base::Failure{"ttl must be from 0 to " + std::to_string(kTtlMax_s) + " seconds"};
    }
    if (options.topic.size() > kTopicCharactersMax ||
        !std::all_of(options.topic.begin(), options.topic.end(), is_base64url_character)) {
        return base::Failure{"topic must have at most " + std::to_string(kTopicCharactersMax) +
                             " characters, each a letter of A to Z or a to z, a digit, - or _"};
    }
    return std::monostate{};
}

PushRequest make_push_request(const Endpoint& endpoint, const DeliveryOptions& options,
                              std::string_view vapid_token, std::string_view vapid_public_text,
                              std::string body) {
    PIPIT_ASSERT(check_options(options));
    PushRequest request;
    request.url = endpoint.url();
    request.headers = {
        {"Authorization", "vapid t=" + std::string(vapid_token) + ", k=" + std::string(vapid_public_text)},
        {"Content-Encoding", "aes128gcm"},
        {"Content-Type", "application/octet-stream"},
        {"TTL", std::to_string(options.ttl_s)},
        {"Urgency", std::string(urgency_name(options.urgency))},
    };
    if (!options.topic.empty()) request.headers.emplace_back("Topic", options.topic);
    request.body = std::move(body);
    return request;
}

}  // namespace pipit::push
