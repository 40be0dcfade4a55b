#include "codec/ws_frame.hpp"

#include <cstring>

namespace pipit::codec {
namespace {

//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-------+-+-------------+-------------------------------+
//     |F|R|R|R| opcode|M| length      |  length, if 126 (16 bits)     |
//     |I|S|S|S|       |A|             |            or 127 (64 bits)   |
//     |N|V|V|V|       |S|             +-------------------------------+
//     | |1|2|3|       |K|             |  masking key, if M (32 bits)  |
//     +-+-+-+-+-------+-+-------------+-------------------------------+
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kRsv1 = 0x40;
constexpr std::uint8_t kRsv2And3 = 0x30;
constexpr std::uint8_t kOpcode = 0x0f;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7f;
constexpr std::uint8_t kLengthIn16Bits = 126;
constexpr std::uint8_t kLengthIn64Bits = 127;

bool is_reserved_opcode(std::uint8_t opcode) {
    return (opcode > 2 && opcode < 8) || opcode > 10;
}

ParsedHeader malformed(std::string_view fault) {
    ParsedHeader parsed;
    parsed.outcome = ParsedHeader::Outcome::malformed;
    parsed.fault = fault;
    return parsed;
}

std::uint64_t read_big_endian(base::ByteSpan bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes)
        value = value << 8 | byte;
    return value;
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned byte_count) {
    while (byte_count-- > 0)
        out += static_cast<char>(value >> (8 * byte_count) & 0xff);
}

}  // namespace

bool is_valid_close_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

ParsedHeader parse_frame_header(base::ByteSpan bytes) {
    ParsedHeader parsed;
    FrameHeader& header = parsed.header;

    if (bytes.empty()) return parsed;
    if ((bytes[0] & kRsv2And3) != 0) return malformed("reserved bit set");
    if (is_reserved_opcode(bytes[0] & kOpcode)) return malformed("reserved opcode");
    header.opcode = static_cast<Opcode>(bytes[0] & kOpcode);
    header.fin = (bytes[0] & kFin) != 0;
    header.rsv1 = (bytes[0] & kRsv1) != 0;
    if (is_control(header.opcode) && !header.fin) return malformed("fragmented control frame");

    if (bytes.size() < 2) return parsed;
    const std::uint8_t short_length = bytes[1] & kLength;
    if (is_control(header.opcode) && short_length > kControlPayloadBytesMax) {
        return malformed("control frame above 125 bytes");
    }

    const std::size_t length_bytes = short_length == kLengthIn64Bits   ? 8
                                     : short_length == kLengthIn16Bits ? 2
                                                                       : 0;
    if (bytes.size() < 2 + length_bytes) return parsed;
    header.payload_bytes = short_length;
    if (length_bytes > 0) {
        header.payload_bytes = read_big_endian(bytes.subspan(2, length_bytes));
        if (header.payload_bytes >> 63 != 0) return malformed("length with its top bit set");
        const std::uint64_t shortest = length_bytes == 2 ? kLengthIn16Bits : 0x10000;
        if (header.payload_bytes < shortest) return malformed("length not in its shortest form");
    }

    parsed.header_bytes = 2 + length_bytes;
    if ((bytes[1] & kMasked) != 0) {
        MaskKey mask{};
        if (bytes.size() < parsed.header_bytes + mask.size()) return parsed;
        std::memcpy(mask.data(), bytes.data() + parsed.header_bytes, mask.size());
        header.mask = mask;
        parsed.header_bytes += mask.size();
    }
    parsed.outcome = ParsedHeader::Outcome::complete;
    return parsed;
}

void append_frame_header(std::string& out, const FrameHeader& header) {
    out += static_cast<char>((header.fin ? kFin : 0) | (header.rsv1 ? kRsv1 : 0) |
                             static_cast<std::uint8_t>(header.opcode));
    const std::uint8_t masked = header.mask ? kMasked : 0;
    if (header.payload_bytes < kLengthIn16Bits) {
        out += static_cast<char>(masked | header.payload_bytes);
    } else if (header.payload_bytes <= 0xffff) {
        out += static_cast<char>(masked | kLengthIn16Bits);
        append_big_endian(out, header.payload_bytes, 2);
    } else {
        out += static_cast<char>(masked | kLengthIn64Bits);
        append_big_endian(out, header.payload_bytes, 8);
    }
    if (header.mask) out += base::as_text(*header.mask);
}

void append_frame_header(std::string& out, Opcode opcode, bool rsv1, std::size_t payload_bytes) {
    append_frame_header(
        out, {.opcode = opcode, .fin = true, .rsv1 = rsv1, .mask = {}, .payload_bytes = payload_bytes});
}

void append_frame(std::string& out, Opcode opcode, bool rsv1, std::string_view payload) {
    append_frame_header(out, opcode, rsv1, payload.size());
    out += payload;
}

std::string_view payload_of(std::string_view frame) {
    const auto length = static_cast<std::uint8_t>(frame[1]);
    return frame.substr(length < kLengthIn16Bits ? 2 : length == kLengthIn16Bits ? 4 : 10);
}

void append_masked_frame(std::string& out, Opcode opcode, bool rsv1, std::string_view payload, MaskKey mask) {
    append_frame_header(
        out, {.opcode = opcode, .fin = true, .rsv1 = rsv1, .mask = mask, .payload_bytes = payload.size()});
    const std::size_t begin = out.size();
    out += payload;
    apply_mask({reinterpret_cast<std::uint8_t*>(out.data()) + begin, payload.size()}, mask);
}

void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason) {
    if (reason.size() > kCloseReasonBytesMax) {
        // A byte of the form 10xxxxxx continues the character before it, so the cut moves back to where one
        // begins.
        std::size_t cut = kCloseReasonBytesMax;
        while (cut > 0 && (static_cast<unsigned char>(reason[cut]) & 0xc0) == 0x80)
            --cut;
        reason = reason.substr(0, cut);
    }
    append_frame_header(out, Opcode::close, false, sizeof code + reason.size());
    append_big_endian(out, code, sizeof code);
    out += reason;
}

void apply_mask(std::span<std::uint8_t> payload, MaskKey mask, std::uint64_t payload_offset) {
    std::array<std::uint8_t, 8> repeated{};
    for (std::size_t i = 0; i < repeated.size(); ++i)
        repeated[i] = mask[(payload_offset + i) % mask.size()];
    std::uint64_t wide_mask = 0;
    std::memcpy(&wide_mask, repeated.data(), sizeof wide_mask);

    std::size_t i = 0;
    for (; i + sizeof wide_mask <= payload.size(); i += sizeof wide_mask) {
        std::uint64_t block = 0;
        std::memcpy(&block, payload.data() + i, sizeof block);
        block ^= wide_mask;
        std::memcpy(payload.data() + i, &block, sizeof block);
    }
    for (; i < payload.size(); ++i)
        payload[i] ^= repeated[i % repeated.size()];
}

}  // namespace pipit::codec
