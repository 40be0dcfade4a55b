#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "codec/delivery_options.hpp"

namespace pipit::codec {

/// What a service worker shows, and how it gets there (PROTOCOL.md 2.13).
struct Notification {
    std::string payload;  ///< JSON, as the author wrote it, without `config`
    DeliveryOptions delivery;
    bool always = false;  ///< also for those whom the message reaches
};

/// Of `title` and `body` together, as UTF-8.
inline constexpr std::size_t kTitleAndBodyBytesMax = 3'072;
/// Of the payload: what fits into one message of RFC 8291.
inline constexpr std::size_t kNotificationBytesMax = 3'993;
inline constexpr unsigned kNotificationNestingMax = 32;

/// From the JSON text of one, which is not trusted to be UTF-8 or JSON. The failure is a sentence that names
/// what is wrong and what is allowed.
base::Result<Notification> parse_notification(std::string_view text);

}  // namespace pipit::codec
