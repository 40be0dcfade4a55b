#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace pipit::codec {

/// RFC 6455 section 5.2. The other eleven values are reserved.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 8;
}

/// The close codes this layer gives a meaning of its own (RFC 6455 section 7.4.1).
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocolError = 1002;
inline constexpr std::uint16_t kCloseInvalidPayload = 1007;
inline constexpr std::uint16_t kCloseMessageTooBig = 1009;

/// May stand in a close frame on the wire: 1000-1003, 1007-1014, 3000-4999.
bool is_valid_close_code(std::uint16_t code);

inline constexpr std::size_t kFrameHeaderBytesMax = 14;
inline constexpr std::size_t kControlPayloadBytesMax = 125;
inline constexpr std::size_t kCloseReasonBytesMax = kControlPayloadBytesMax - sizeof(std::uint16_t);

using MaskKey = std::array<std::uint8_t, 4>;

struct FrameHeader {
    Opcode opcode = Opcode::text;
    bool fin = true;
    bool rsv1 = false;            ///< the message is compressed (RFC 7692 section 6)
    std::optional<MaskKey> mask;  ///< clients mask, servers must not
    std::uint64_t payload_bytes = 0;
};

/// What stands at the front of `bytes`.
struct ParsedHeader {
    enum class Outcome : std::uint8_t { incomplete, complete, malformed };
    Outcome outcome = Outcome::incomplete;
    std::size_t header_bytes = 0;  ///< complete: where the payload begins
    FrameHeader header;            ///< complete
    std::string_view fault;        ///< malformed: what was wrong, for a person; static
};

/// Strict: reserved bits and opcodes, lengths in a longer form than needed or with the top bit set, and
/// control frames that are fragmented or above 125 bytes are malformed, as soon as the bytes at hand show it.
/// Who must mask, where rsv1 may stand and the order of frames is for the caller to judge.
ParsedHeader parse_frame_header(base::ByteSpan bytes);

/// Appends the header alone; exactly `header.payload_bytes` bytes of payload, masked if a mask is given, must
/// follow.
void append_frame_header(std::string& out, const FrameHeader& header);

/// Appends the header of an unmasked, unfragmented frame.
void append_frame_header(std::string& out, Opcode opcode, bool rsv1, std::size_t payload_bytes);

/// Appends an unmasked, unfragmented frame: what a server sends.
void append_frame(std::string& out, Opcode opcode, bool rsv1, std::string_view payload);

/// The payload of one whole frame that append_frame() has written.
std::string_view payload_of(std::string_view frame);

/// Appends an unfragmented frame masked with `mask`: what a client sends.
void append_masked_frame(std::string& out, Opcode opcode, bool rsv1, std::string_view payload, MaskKey mask);

/// Appends an unmasked close frame. Of `reason`, which must be UTF-8, as many whole characters are sent as
/// fit. A close without a code is `append_frame(out, Opcode::close, false, {})`.
void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason);

/// Masks or unmasks `payload` in place (RFC 6455 section 5.3). `payload_offset` is how many bytes of the same
/// frame's payload came before.
void apply_mask(std::span<std::uint8_t> payload, MaskKey mask, std::uint64_t payload_offset = 0);

}  // namespace pipit::codec
