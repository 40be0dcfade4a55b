#include "push/push_request.hpp"

#include "base/assert.hpp"

namespace pipit::push {

PushRequest make_push_request(const Endpoint& endpoint, const codec::DeliveryOptions& options,
                              std::string_view vapid_token, std::string_view vapid_public_text,
                              std::string body) {
    PIPIT_ASSERT(codec::check_options(options));
    PushRequest request;
    request.url = endpoint.url();
    request.headers = {
        {"Authorization", "vapid t=" + std::string(vapid_token) + ", k=" + std::string(vapid_public_text)},
        {"Content-Encoding", "aes128gcm"},
        {"Content-Type", "application/octet-stream"},
        {"TTL", std::to_string(options.ttl_s)},
        {"Urgency", std::string(codec::urgency_name(options.urgency))},
    };
    if (!options.topic.empty()) request.headers.emplace_back("Topic", options.topic);
    request.body = std::move(body);
    return request;
}

}  // namespace pipit::push
