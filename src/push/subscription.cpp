#include "push/subscription.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/base64url.hpp"

namespace pipit::push {
namespace {

base::Failure about(std::string_view argument, std::string_view must) {
    return {std::string(argument) + ' ' + std::string(must)};
}

/// Beyond this length neither key is decoded: it cannot be one, and it came from a stranger.
constexpr std::size_t kKeyCharactersMax = 256;

std::optional<std::string> decode_key(std::string_view text) {
    if (text.size() > kKeyCharactersMax) return std::nullopt;
    return base::base64url_decode(text);
}

}  // namespace

base::Result<Subscription> parse_subscription(const SubscriptionText& text, const TargetRules& rules) {
    auto endpoint = Endpoint::parse(text.endpoint);
    if (!endpoint) return about("endpoint", endpoint.error().message);
    if (const auto allowed = rules.check(*endpoint); !allowed) {
        return about("endpoint", allowed.error().message);
    }

    SubscriberKeys keys;
    const auto p256dh = decode_key(text.p256dh);
    if (!p256dh) return about("keys.p256dh", "must be 65 bytes in base64url without padding");
    const auto point = parse_p256_point(base::as_bytes(*p256dh));
    if (!point) return about("keys.p256dh", point.error().message);
    keys.p256dh = point.value();

    const auto secret = decode_key(text.auth);
    if (!secret || secret->size() != keys.auth.size()) {
        return about("keys.auth", "must be 16 bytes in base64url without padding");
    }
    std::copy(secret->begin(), secret->end(), keys.auth.begin());
    return Subscription{std::move(endpoint).value(), keys};
}

}  // namespace pipit::push
