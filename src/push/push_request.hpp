#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/delivery_options.hpp"
#include "push/endpoint.hpp"

namespace pipit::push {

/// A POST over https, ready to be sent.
struct PushRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  ///< without Host and Content-Length
    std::string body;
};

/// The request of RFC 8030 section 5 with a body of encrypt_payload(), signed with a token of
/// VapidTokens::token() for the endpoint's origin by the key of `vapid_public_text`. For a retry `ttl_s` is
/// what is left of it. The options must be within the limits.
PushRequest make_push_request(const Endpoint& endpoint, const codec::DeliveryOptions& options,
                              std::string_view vapid_token, std::string_view vapid_public_text,
                              std::string body);

}  // namespace pipit::push
