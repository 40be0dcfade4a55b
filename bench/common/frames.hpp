#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/ws_frame.hpp"

namespace pipit::bench {

struct Frame {
    codec::Opcode opcode;
    std::string_view payload;  ///< unmasked; a view into what it was taken from
};

/// Takes the first frame from the front of `bytes`, unmasking it in place; nothing when it is not complete. A
/// malformed frame, or a part of a fragmented message, is a std::runtime_error: no server here sends either.
std::optional<Frame> take_frame(std::span<std::uint8_t>& bytes);

/// The head of an HTTP message, with the empty line that ends it.
struct HttpHead {
    std::string_view text;

    /// "GET /path HTTP/1.1" or "HTTP/1.1 200 OK".
    std::string_view first_line() const;
    /// The value of the field `name`, given in lower case; empty when it is missing.
    std::string_view field(std::string_view name) const;
};

/// Takes a head from the front of `bytes`; nothing when it is not complete.
std::optional<HttpHead> take_http_head(std::span<std::uint8_t>& bytes);

}  // namespace pipit::bench
