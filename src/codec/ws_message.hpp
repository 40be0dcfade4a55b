#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "codec/ws_deflate.hpp"
#include "codec/ws_frame.hpp"

namespace pipit::codec {

/// What all connections of one kind share. Must outlive every MessageReader made from it.
struct ReaderSettings {
    enum class Role : std::uint8_t {
        server,  ///< every frame that comes in must be masked
        client   ///< none may be
    };
    Role role = Role::server;
    bool deflate = false;  ///< permessage-deflate was agreed on
    /// Limit of a message, of all its fragments together, and of what it inflates to.
    std::uint32_t message_bytes_max = 64 << 10;
};

/// One thing that the bytes of a connection said.
struct Step {
    enum class Kind : std::uint8_t { need_more, text, binary, ping, pong, close, violation };
    Kind kind = Kind::need_more;
    /// text, binary, ping, pong: the payload (text and close: valid UTF-8). close: the reason. violation:
    /// what was wrong, short and static, fit to be the reason of our close frame.
    std::string_view payload;
    /// close: the code the peer gave, if it gave one. violation: the code to close with (1002, 1007 or 1009).
    std::optional<std::uint16_t> close_code;
};

/// The reading half of one WebSocket connection after the handshake: bytes in, messages out (RFC 6455
/// sections 5 and 8.1, RFC 7692). Where the bytes are cut makes no difference to what is reported. Without a
/// partial frame or message it owns no heap memory; a partial one is kept in a buffer that grows as its bytes
/// come, never by announcement.
class MessageReader {
 public:
    explicit MessageReader(const ReaderSettings& settings) : settings_(&settings) {}

    /// Consumes from the front of `input`, which is unmasked in place, and says what was there. Call again
    /// with the same `input` until `need_more`; by then all of it was consumed. `Step::payload` is a view
    /// into `input`, the reader or the inflater: it is valid until the next call, to this or any other reader
    /// with the same inflater. Text that cannot become UTF-8 is refused when the first impossible byte
    /// arrives (compressed: when it is whole), a message that is too long when its header does. After `close`
    /// or `violation` everything further is thrown away unread, and the answer is `need_more`.
    Step next(std::span<std::uint8_t>& input, Inflater& inflater);

    /// A close or violation was reported.
    bool ended() const { return ended_; }

    /// After `need_more`: a frame or a message has begun and is incomplete. Only then memory is held.
    bool within_message() const { return partial_ != nullptr; }

 private:
    struct Partial;
    struct FreePartial {
        void operator()(Partial* partial) const noexcept;
    };

    Partial& partial();
    ParsedHeader take_header(std::span<std::uint8_t>& input);
    std::optional<Step> refuse(const FrameHeader& header);
    std::uint64_t wire_bytes_max(bool compressed) const;
    Step take_whole(const FrameHeader& header, std::span<std::uint8_t>& input, Inflater& inflater);
    std::optional<Step> take_part(std::span<std::uint8_t>& input, Inflater& inflater);
    Step report_message(Opcode opcode, std::string_view payload) const;
    Step report_compressed(Opcode opcode, std::string_view payload, Inflater& inflater);
    Step report_control(Opcode opcode, std::string_view payload);
    Step report_close(std::string_view payload);
    Step violation(std::uint16_t close_code, std::string_view reason);

    const ReaderSettings* settings_;
    std::unique_ptr<Partial, FreePartial> partial_;  // only while a frame or a message is incomplete
    bool ended_ = false;
};

static_assert(sizeof(MessageReader) <= 64, "one exists for every idle connection");

}  // namespace pipit::codec
