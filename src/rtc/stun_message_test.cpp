#include "rtc/stun_message.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "rtc/testing/rfc5769_vectors.hpp"

namespace pipit::rtc {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kFingerprintAttributeBytes = 8;

TEST(StunMessage, IsNotTruncatedNorFollowedByAnything) {
    const Bytes request = rfc5769_vector("request").bytes;
    for (std::size_t length = 0; length < request.size(); ++length) {
        EXPECT_FALSE(parse_stun(Bytes(request.begin(), request.begin() + static_cast<long>(length))))
            << length;
    }
    for (std::size_t more = 1; more <= 8; ++more) {
        Bytes longer = request;
        longer.resize(request.size() + more);
        EXPECT_FALSE(parse_stun(longer)) << more;
    }
}

TEST(StunMessage, BeginsWithTwoZeroBits) {
    for (const int bits : {0x40, 0x80, 0xc0}) {
        Bytes message = rfc5769_vector("longterm").bytes;
        message[0] = static_cast<std::uint8_t>(message[0] | bits);
        EXPECT_FALSE(parse_stun(message));
    }
}

TEST(StunMessage, HasOnlyWholeAttributes) {
    const Bytes header{0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const auto with = [&](Bytes attributes) {
        Bytes message = header;
        message[3] = static_cast<std::uint8_t>(attributes.size());
        message.insert(message.end(), attributes.begin(), attributes.end());
        return message;
    };
    EXPECT_TRUE(parse_stun(with({})));
    EXPECT_TRUE(parse_stun(with({0x80, 0x22, 0, 0})));
    EXPECT_TRUE(parse_stun(with({0x80, 0x22, 0, 4, 1, 2, 3, 4})));
    EXPECT_TRUE(parse_stun(with({0x80, 0x22, 0, 1, 'a', 0, 0, 0})));
    EXPECT_FALSE(parse_stun(with({0x80, 0x22, 0, 1})));
    EXPECT_FALSE(parse_stun(with({0x80, 0x22, 0, 5, 1, 2, 3, 4})));
    EXPECT_FALSE(parse_stun(with({0x80, 0x22, 0xff, 0xff, 1, 2, 3, 4})));
    EXPECT_FALSE(parse_stun(with({0x80, 0x22, 0, 4, 1, 2, 3, 4, 0x80, 0x22, 0, 1})));
}

TEST(StunMessage, HasItsFingerprintAtTheEndOnly) {
    Bytes message = rfc5769_vector("request").bytes;
    // The same fingerprint again, so that each is that of what stands before it only if it is the last one.
    const Bytes fingerprint(message.end() - kFingerprintAttributeBytes, message.end());
    message.insert(message.end(), fingerprint.begin(), fingerprint.end());
    message[3] = static_cast<std::uint8_t>(message.size() - kStunHeaderBytes);
    const auto put_fingerprint = [&](std::size_t at) {
        const std::uint32_t value = stun_fingerprint({message.data(), at});
        for (std::size_t i = 0; i < 4; ++i)
            message[at + 4 + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    };
    put_fingerprint(message.size() - 2 * kFingerprintAttributeBytes);
    put_fingerprint(message.size() - kFingerprintAttributeBytes);
    EXPECT_FALSE(parse_stun(message));
}

TEST(StunMessage, TellsClassAndMethodApart) {
    struct Case {
        std::uint16_t type;
        StunClass message_class;
        std::uint16_t method;
    };
    for (const auto& [type, message_class, method] :
         {Case{0x0001, StunClass::request, kStunBinding}, Case{0x0011, StunClass::indication, kStunBinding},
          Case{0x0101, StunClass::success, kStunBinding}, Case{0x0111, StunClass::error, kStunBinding},
          Case{0x0003, StunClass::request, 3}, Case{0x3eef, StunClass::request, 0xfff},
          Case{0x3fff, StunClass::error, 0xfff}}) {
        Bytes message(kStunHeaderBytes);
        message[0] = static_cast<std::uint8_t>(type >> 8);
        message[1] = static_cast<std::uint8_t>(type);
        const auto parsed = parse_stun(message);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->message_class, message_class) << type;
        EXPECT_EQ(parsed->method, method) << type;
        EXPECT_FALSE(parsed->has_magic_cookie);
    }
}

TEST(StunMessage, ParsesTheSamplesOfRfc5769) {
    struct Case {
        const char* name;
        StunClass message_class;
        bool has_fingerprint;
    };
    for (const auto& [name, message_class, has_fingerprint] :
         {Case{"request", StunClass::request, true}, Case{"response4", StunClass::success, true},
          Case{"response6", StunClass::success, true}, Case{"longterm", StunClass::request, false}}) {
        const StunVector vector = rfc5769_vector(name);
        const auto message = parse_stun(vector.bytes);
        ASSERT_TRUE(message) << name;
        EXPECT_EQ(message->message_class, message_class) << name;
        EXPECT_EQ(message->method, kStunBinding) << name;
        EXPECT_TRUE(message->has_magic_cookie) << name;
        EXPECT_EQ(message->has_fingerprint, has_fingerprint) << name;
    }
}

}  // namespace
}  // namespace pipit::rtc
