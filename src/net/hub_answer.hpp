#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "codec/codes.hpp"

namespace pipit::net {

/// What came of a question to the hub.
struct HubAnswer {
    std::optional<codec::ErrorReason> error = std::nullopt;
    std::uint64_t retry_after_ms = 0;  ///< with an error; 0: not said
    std::string json = {};             ///< the content of `ok` or of `error`
    bool is_last = false;              ///< the server stops, and the connection is to end

    /// The hub has not answered in time.
    static HubAnswer timed_out();
    static HubAnswer while_stopping();
    /// Too much is asked from this address by those who show no token.
    static HubAnswer too_soon();
};

}  // namespace pipit::net
