#include "codec/ws_frame.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

using namespace std::literals;
using Outcome = ParsedHeader::Outcome;

constexpr MaskKey kRfcMask = {0x37, 0xfa, 0x21, 0x3d};

ParsedHeader parse(std::string_view bytes) {
    return parse_frame_header(base::as_bytes(bytes));
}

TEST(FrameHeader, RefusesReservedBits) {
    for (const std::string_view bytes : {"\xa1", "\x91", "\xb1", "\xf2"}) {
        EXPECT_EQ(parse(bytes).outcome, Outcome::malformed);
    }
}

TEST(FrameHeader, RefusesReservedOpcodes) {
    for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
        const char first = static_cast<char>(0x80 | opcode);
        EXPECT_EQ(parse({&first, 1}).fault, "reserved opcode") << opcode;
    }
}

TEST(FrameHeader, RefusesControlFramesThatAreFragmentedOrLong) {
    for (const std::string_view bytes : {"\x08", "\x09", "\x0a"}) {
        EXPECT_EQ(parse(bytes).fault, "fragmented control frame");
    }
    EXPECT_EQ(parse("\x89\x7e").fault, "control frame above 125 bytes");
    EXPECT_EQ(parse("\x88\xff").fault, "control frame above 125 bytes");
    EXPECT_EQ(parse("\x8a\x7d").outcome, Outcome::complete);
}

TEST(FrameHeader, RefusesLengthsInALongerFormThanNeeded) {
    EXPECT_EQ(parse("\x81\x7e\x00\x7d"sv).fault, "length not in its shortest form");
    EXPECT_EQ(parse("\x81\x7e\x00\x7e"sv).header.payload_bytes, 126u);
    EXPECT_EQ(parse("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"sv).fault, "length not in its shortest form");
    EXPECT_EQ(parse("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"sv).header.payload_bytes, 65536u);
}

TEST(FrameHeader, RefusesALengthOf64Bits) {
    EXPECT_EQ(parse("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"sv).fault, "length with its top bit set");
    EXPECT_EQ(parse("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"sv).header.payload_bytes,
              ~std::uint64_t{0} >> 1);
}

TEST(FrameHeader, IsIncompleteUntilItsLastByte) {
    for (const std::uint64_t payload_bytes : {0u, 125u, 126u, 65535u, 65536u}) {
        for (const bool masked : {false, true}) {
            FrameHeader header{.opcode = Opcode::binary,
                               .fin = false,
                               .rsv1 = true,
                               .mask = {},
                               .payload_bytes = payload_bytes};
            if (masked) header.mask = kRfcMask;
            std::string bytes;
            append_frame_header(bytes, header);
            for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
                EXPECT_EQ(parse(bytes.substr(0, cut)).outcome, Outcome::incomplete);
            }
            const ParsedHeader parsed = parse(bytes + "payload");
            ASSERT_EQ(parsed.outcome, Outcome::complete);
            EXPECT_EQ(parsed.header_bytes, bytes.size());
            EXPECT_EQ(parsed.header.opcode, Opcode::binary);
            EXPECT_FALSE(parsed.header.fin);
            EXPECT_TRUE(parsed.header.rsv1);
            EXPECT_EQ(parsed.header.mask, header.mask);
            EXPECT_EQ(parsed.header.payload_bytes, payload_bytes);
        }
    }
}

// The examples of RFC 6455 section 5.7.
TEST(Frame, IsEncodedAsTheRfcShows) {
    const auto frame = [](Opcode opcode, std::string_view payload) {
        std::string out;
        append_frame(out, opcode, false, payload);
        return out;
    };
    EXPECT_EQ(frame(Opcode::text, "Hello"), "\x81\x05Hello");
    EXPECT_EQ(frame(Opcode::ping, "Hello"), "\x89\x05Hello");
    EXPECT_EQ(frame(Opcode::binary, std::string(256, 'x')), "\x82\x7e\x01\x00"s + std::string(256, 'x'));
    EXPECT_EQ(frame(Opcode::binary, std::string(65536, 'x')),
              "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s + std::string(65536, 'x'));

    std::string masked = "before";
    append_masked_frame(masked, Opcode::text, false, "Hello", kRfcMask);
    EXPECT_EQ(masked, "before\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");

    std::string fragments;
    append_frame_header(
        fragments, {.opcode = Opcode::text, .fin = false, .rsv1 = false, .mask = {}, .payload_bytes = 3});
    fragments += "Hel";
    append_frame(fragments, Opcode::continuation, false, "lo");
    EXPECT_EQ(fragments, "\x01\x03Hel\x80\x02lo");
}

TEST(Frame, MarksACompressedMessage) {
    std::string out;
    append_frame(out, Opcode::text, true, "x");
    EXPECT_EQ(out, "\xc1\x01x");
}

TEST(CloseFrame, CutsItsReasonBetweenCharacters) {
    const auto close = [](std::string_view reason) {
        std::string out;
        append_close_frame(out, 1001, reason);
        return out;
    };
    EXPECT_EQ(close(""), "\x88\x02\x03\xe9");
    EXPECT_EQ(close("bye"),
              "\x88\x05\x03\xe9"
              "bye");
    EXPECT_EQ(close(std::string(123, 'a')), "\x88\x7d\x03\xe9" + std::string(123, 'a'));
    EXPECT_EQ(close(std::string(124, 'a')), "\x88\x7d\x03\xe9" + std::string(123, 'a'));
    EXPECT_EQ(close(std::string(122, 'a') + "\xc3\xbc"), "\x88\x7c\x03\xe9" + std::string(122, 'a'));
    EXPECT_EQ(close(std::string(120, 'a') + "\xf0\x9f\x98\x80"), "\x88\x7a\x03\xe9" + std::string(120, 'a'));
    EXPECT_EQ(close(std::string(119, 'a') + "\xf0\x9f\x98\x80!"),
              "\x88\x7d\x03\xe9" + std::string(119, 'a') + "\xf0\x9f\x98\x80");
}

TEST(CloseCode, IsValidOnTheWireOnlyWhereTheRegistriesSay) {
    for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0, 999, 1004, 1005, 1006, 1015, 1016,
                                                                         1100, 2000, 2999, 5000, 65535}) {
        EXPECT_FALSE(is_valid_close_code(code)) << code;
    }
    for (const std::uint16_t code : std::initializer_list<std::uint16_t>{1000, 1001, 1002, 1003, 1007, 1011,
                                                                         1014, 3000, 3999, 4000, 4999}) {
        EXPECT_TRUE(is_valid_close_code(code)) << code;
    }
}

TEST(Mask, IsAppliedAlikeInOnePieceAndInTwo) {
    std::vector<std::uint8_t> plain(37);
    for (std::size_t i = 0; i < plain.size(); ++i)
        plain[i] = static_cast<std::uint8_t>(i * 5);
    std::vector<std::uint8_t> expected = plain;
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] ^= kRfcMask[i % 4];
    for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
        std::vector<std::uint8_t> bytes = plain;
        apply_mask(std::span(bytes).first(cut), kRfcMask);
        apply_mask(std::span(bytes).subspan(cut), kRfcMask, cut);
        EXPECT_EQ(bytes, expected) << cut;
    }
}

}  // namespace
}  // namespace pipit::codec
