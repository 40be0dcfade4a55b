#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "codec/ws_deflate.hpp"

namespace pipit::core {

/// One event as the frames that carry it, encoded once and shared by every receiver on every worker.
struct EncodedEvent {
    std::string plain;     ///< a whole frame
    std::string deflated;  ///< the same compressed; empty when that was not needed or is not worth it

    /// What is in the plain frame.
    std::string_view json() const;
};
using EncodedEventPtr = std::shared_ptr<const EncodedEvent>;

/// Puts events into frames. Owned by one worker.
class EventEncoder {
 public:
    struct Settings {
        int deflate_level = 3;
        std::size_t deflate_message_bytes_min = 1024;
    };
    explicit EventEncoder(const Settings& settings);

    /// `any_deflate`: at least one receiver has agreed on permessage-deflate. Nothing is kept from one event
    /// to the next, so the compressed frame serves all of them.
    EncodedEventPtr encode(std::string_view json, bool any_deflate);

 private:
    std::size_t deflate_message_bytes_min_;
    codec::Deflater deflater_;
    std::string compressed_;
};

}  // namespace pipit::core
