#include "codec/ws_message.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/utf8.hpp"

namespace pipit::codec {
namespace {

constexpr std::string_view kNotUtf8 = "text is not UTF-8";

bool is_whole(const FrameHeader& header, std::span<const std::uint8_t> input) {
    const bool ends_what_it_began =
        is_control(header.opcode) || (header.fin && header.opcode != Opcode::continuation);
    return ends_what_it_began && header.payload_bytes <= input.size();
}

// Takes up to `payload_bytes` off the front of `input` and unmasks them where they are.
std::string_view take_unmasked(std::span<std::uint8_t>& input, const FrameHeader& header,
                               std::uint64_t payload_offset) {
    const std::uint64_t left = header.payload_bytes - payload_offset;
    const auto taken = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size())));
    input = input.subspan(taken.size());
    if (header.mask) apply_mask(taken, *header.mask, payload_offset);
    return base::as_text(taken);
}

}  // namespace

// What must outlive one read: made for what is cut, and gone with it, so it never sees a second message.
struct MessageReader::Partial {
    std::array<std::uint8_t, kFrameHeaderBytesMax> header_bytes{};  // of a header that is cut
    std::size_t header_bytes_size = 0;

    std::optional<FrameHeader> frame;  // a frame whose payload is cut
    std::uint64_t frame_bytes_taken = 0;

    std::optional<Opcode> message_opcode;  // a message whose last frame has not ended
    bool message_compressed = false;
    Utf8Validator message_utf8;
    std::string message;

    std::string control;  // a control frame may stand between the fragments of a message

    bool finished() const { return header_bytes_size == 0 && !frame && !message_opcode; }

    void begin_frame(const FrameHeader& header) {
        frame = header;
        frame_bytes_taken = 0;
        if (is_control(header.opcode)) {
            control.clear();
        } else if (header.opcode != Opcode::continuation) {
            message_opcode = header.opcode;
            message_compressed = header.rsv1;
        }
    }
};

void MessageReader::FreePartial::operator()(Partial* partial) const noexcept {
    delete partial;
}

MessageReader::Partial& MessageReader::partial() {
    if (!partial_) partial_.reset(new Partial);
    return *partial_;
}

Step MessageReader::next(std::span<std::uint8_t>& input, Inflater& inflater) {
    if (partial_ && (ended_ || partial_->finished())) partial_.reset();
    if (ended_) {
        input = {};
        return {};
    }
    for (;;) {
        if (!partial_ || !partial_->frame) {
            const ParsedHeader parsed = take_header(input);
            if (parsed.outcome == ParsedHeader::Outcome::incomplete) return {};
            if (parsed.outcome == ParsedHeader::Outcome::malformed) {
                return violation(kCloseProtocolError, parsed.fault);
            }
            if (const std::optional<Step> refused = refuse(parsed.header)) return *refused;
            if (is_whole(parsed.header, input)) return take_whole(parsed.header, input, inflater);
            partial().begin_frame(parsed.header);
        }
        if (const std::optional<Step> step = take_part(input, inflater)) return *step;
    }
}

ParsedHeader MessageReader::take_header(std::span<std::uint8_t>& input) {
    if (!partial_ || partial_->header_bytes_size == 0) {
        const ParsedHeader parsed = parse_frame_header(input);
        if (parsed.outcome != ParsedHeader::Outcome::incomplete) {
            input = input.subspan(parsed.header_bytes);
            return parsed;
        }
        if (input.empty()) return parsed;
    }
    Partial& kept = partial();
    const std::size_t kept_before = kept.header_bytes_size;
    const auto added = input.first(std::min(input.size(), kept.header_bytes.size() - kept_before));
    std::ranges::copy(added, kept.header_bytes.begin() + static_cast<std::ptrdiff_t>(kept_before));
    kept.header_bytes_size += added.size();
    const ParsedHeader parsed =
        parse_frame_header(std::span(kept.header_bytes).first(kept.header_bytes_size));
    if (parsed.outcome == ParsedHeader::Outcome::incomplete) {
        input = input.subspan(added.size());
    } else if (parsed.outcome == ParsedHeader::Outcome::complete) {
        input = input.subspan(parsed.header_bytes - kept_before);
        kept.header_bytes_size = 0;
    }
    return parsed;
}

// What only the connection knows to be wrong with a well-formed header.
std::optional<Step> MessageReader::refuse(const FrameHeader& header) {
    const bool from_client = settings_->role == ReaderSettings::Role::server;
    if (header.mask.has_value() != from_client) {
        return violation(kCloseProtocolError, from_client ? "frame is not masked" : "frame is masked");
    }
    const bool begins_message = header.opcode == Opcode::text || header.opcode == Opcode::binary;
    if (header.rsv1 && !(settings_->deflate && begins_message)) {
        return violation(kCloseProtocolError, "reserved bit set");
    }
    if (is_control(header.opcode)) return std::nullopt;

    const bool within_message = partial_ && partial_->message_opcode;
    if (begins_message && within_message) {
        return violation(kCloseProtocolError, "new message within a fragmented one");
    }
    if (!begins_message && !within_message) {
        return violation(kCloseProtocolError, "continuation of nothing");
    }
    const std::uint64_t bytes_before = within_message ? partial_->message.size() : 0;
    const bool compressed = within_message ? partial_->message_compressed : header.rsv1;
    if (header.payload_bytes > wire_bytes_max(compressed) - bytes_before) {
        return violation(kCloseMessageTooBig, "message is too big");
    }
    return std::nullopt;
}

// Deflate makes what it cannot compress a little longer, and no sound compressor by more than this.
std::uint64_t MessageReader::wire_bytes_max(bool compressed) const {
    const std::uint64_t bytes_max = settings_->message_bytes_max;
    return compressed ? bytes_max + bytes_max / 8 + 64 : bytes_max;
}

// The common case: a message in one piece is reported where it lies.
Step MessageReader::take_whole(const FrameHeader& header, std::span<std::uint8_t>& input,
                               Inflater& inflater) {
    const std::string_view payload = take_unmasked(input, header, 0);
    if (is_control(header.opcode)) return report_control(header.opcode, payload);
    if (header.rsv1) return report_compressed(header.opcode, payload, inflater);
    if (header.opcode == Opcode::text && !is_valid_utf8(payload))
        return violation(kCloseInvalidPayload, kNotUtf8);
    return report_message(header.opcode, payload);
}

// Nothing if a fragment ended and its message goes on.
std::optional<Step> MessageReader::take_part(std::span<std::uint8_t>& input, Inflater& inflater) {
    Partial& kept = *partial_;
    const FrameHeader header = *kept.frame;
    const std::string_view part = take_unmasked(input, header, kept.frame_bytes_taken);
    kept.frame_bytes_taken += part.size();
    if (is_control(header.opcode)) {
        kept.control += part;
    } else {
        kept.message += part;
        const bool is_plain_text = kept.message_opcode == Opcode::text && !kept.message_compressed;
        if (is_plain_text && !kept.message_utf8.feed(part)) return violation(kCloseInvalidPayload, kNotUtf8);
    }
    if (kept.frame_bytes_taken < header.payload_bytes) return Step{};

    kept.frame.reset();
    if (is_control(header.opcode)) return report_control(header.opcode, kept.control);
    if (!header.fin) return std::nullopt;
    const Opcode opcode = *kept.message_opcode;
    kept.message_opcode.reset();
    if (kept.message_compressed) return report_compressed(opcode, kept.message, inflater);
    if (!kept.message_utf8.complete()) return violation(kCloseInvalidPayload, kNotUtf8);
    return report_message(opcode, kept.message);
}

Step MessageReader::report_message(Opcode opcode, std::string_view payload) const {
    return {opcode == Opcode::text ? Step::Kind::text : Step::Kind::binary, payload, {}};
}

Step MessageReader::report_compressed(Opcode opcode, std::string_view payload, Inflater& inflater) {
    const auto [outcome, message] = inflater.inflate(payload, settings_->message_bytes_max);
    switch (outcome) {
        case Inflater::Outcome::too_big:
            return violation(kCloseMessageTooBig, "message is too big");
        case Inflater::Outcome::corrupt:
            return violation(kCloseInvalidPayload, "compressed data is corrupt");
        case Inflater::Outcome::ok:
            break;
    }
    if (opcode == Opcode::text && !is_valid_utf8(message)) return violation(kCloseInvalidPayload, kNotUtf8);
    return report_message(opcode, message);
}

Step MessageReader::report_control(Opcode opcode, std::string_view payload) {
    if (opcode == Opcode::ping) return {Step::Kind::ping, payload, {}};
    if (opcode == Opcode::pong) return {Step::Kind::pong, payload, {}};
    return report_close(payload);
}

// RFC 6455 section 5.5.1: nothing, or a code in network order and a reason.
Step MessageReader::report_close(std::string_view payload) {
    if (payload.empty()) {
        ended_ = true;
        return {Step::Kind::close, {}, {}};
    }
    if (payload.size() < sizeof(std::uint16_t)) {
        return violation(kCloseProtocolError, "close frame with half a code");
    }
    const base::ByteSpan bytes = base::as_bytes(payload);
    const auto code = static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
    const std::string_view reason = payload.substr(sizeof code);
    if (!is_valid_close_code(code)) return violation(kCloseProtocolError, "invalid close code");
    if (!is_valid_utf8(reason)) return violation(kCloseInvalidPayload, "close reason is not UTF-8");
    ended_ = true;
    return {Step::Kind::close, reason, code};
}

// Nothing more is read, so what was kept can go; `reason` is static.
Step MessageReader::violation(std::uint16_t close_code, std::string_view reason) {
    ended_ = true;
    partial_.reset();
    return {Step::Kind::violation, reason, close_code};
}

}  // namespace pipit::codec
