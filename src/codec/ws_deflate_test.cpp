#include "codec/ws_deflate.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

using namespace std::literals;
using Outcome = Inflater::Outcome;

constexpr std::size_t kBytesMax = 1 << 20;

std::string compress(std::string_view message, int level = 6, int window_bits = 15) {
    Deflater deflater(level, window_bits);
    std::string out;
    deflater.compress(message, out);
    return out;
}

std::string noise(std::size_t size) {
    std::string bytes;
    std::uint32_t state = 1;
    while (bytes.size() < size)
        bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

TEST(Inflater, CallsDamagedDataCorrupt) {
    Inflater inflater;
    for (const std::string_view payload : {
             ""sv,                               // not even the header of a block
             "\xf2\x48\xcd\xc9\xc9"sv,           // cut
             "\xf2\x48\xcd\xc9\xc9\x07"sv,       //
             "\x06"sv,                           // block type 3
             "\x00\x05\x00\xfa\xfeHello\x00"sv,  // length and its complement differ
             "\xf3\x48\xcd\xc9\xc9\x07\x00"sv,   // nothing after the final block
             "\xf2\x00\x11\x00\x00"sv,           // refers to the message before (RFC 7692 section 7.2.3.2)
             "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\x00"sv  // more than one message
         }) {
        EXPECT_EQ(inflater.inflate(payload, kBytesMax).outcome, Outcome::corrupt)
            << testing::PrintToString(payload);
    }
    EXPECT_EQ(inflater.inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"sv, kBytesMax).message, "Hello");
}

TEST(Inflater, StopsAtTheLimit) {
    Inflater inflater;
    for (const std::size_t size : {1u, 5u, 4095u, 4096u, 4097u, 8192u, 100'000u}) {
        const std::string message(size, 'a');
        const std::string payload = compress(message);
        EXPECT_EQ(inflater.inflate(payload, size - 1).outcome, Outcome::too_big) << size;
        EXPECT_EQ(inflater.inflate(payload, 0).outcome, Outcome::too_big) << size;
        EXPECT_EQ(inflater.inflate(payload, size).message, message);
        EXPECT_EQ(inflater.inflate(payload, size + 1).message, message);
    }
    EXPECT_EQ(inflater.inflate("\x00"sv, 0).outcome, Outcome::ok);
}

TEST(Inflater, CallsABombTooBigWithoutUnpackingIt) {
    Inflater inflater;
    EXPECT_EQ(inflater.inflate(compress(std::string(50'000'000, 'a'), 9), 64 << 10).outcome,
              Outcome::too_big);
}

// The examples of RFC 7692 section 7.2.3.
TEST(Inflater, ReadsTheExamplesOfTheRfc) {
    Inflater inflater;
    const struct {
        std::string_view payload;
        std::string_view message;
    } examples[] = {
        {"\xf2\x48\xcd\xc9\xc9\x07\x00"sv, "Hello"},                          // one block
        {"\x00\x05\x00\xfa\xffHello\x00"sv, "Hello"},                         // a stored block
        {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv, "Hello"},                      // a final block
        {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv, "Hello"},  // two blocks
        {"\x00"sv, ""},                                                       // an empty message
    };
    for (const auto& [payload, message] : examples) {
        const auto [outcome, inflated] = inflater.inflate(payload, kBytesMax);
        EXPECT_EQ(outcome, Outcome::ok) << testing::PrintToString(payload);
        EXPECT_EQ(inflated, message) << testing::PrintToString(payload);
    }
}

TEST(Inflater, GoesOnAfterAFinalBlockAndMayReferBackBeyondIt) {
    Inflater inflater;
    const std::string final_hello = "\xf3\x48\xcd\xc9\xc9\x07\x00"s;
    EXPECT_EQ(inflater.inflate(final_hello + final_hello + "\x00"s, kBytesMax).message, "HelloHello");
    EXPECT_EQ(inflater.inflate(final_hello + "\xf2\x00\x11\x00\x00"s, kBytesMax).message, "HelloHello");
}

TEST(Inflater, KeepsNothingFromTheMessageBefore) {
    Inflater inflater;
    EXPECT_EQ(inflater.inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"sv, kBytesMax).message, "Hello");
    EXPECT_EQ(inflater.inflate("\xf2\x00\x11\x00\x00"sv, kBytesMax).outcome, Outcome::corrupt);
    EXPECT_EQ(inflater.inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"sv, kBytesMax).message, "Hello");
}

TEST(Deflater, WritesTheExamplesOfTheRfcForEveryMessageAnew) {
    Deflater deflater(6, 15);
    std::string out = "before";
    for (int i = 0; i < 2; ++i) {
        deflater.compress("Hello", out);
        EXPECT_EQ(out, "before\xf2\x48\xcd\xc9\xc9\x07\x00"sv);
        out = "before";
    }
    deflater.compress("", out);
    EXPECT_EQ(out, "before\x00"sv);
}

TEST(Deflater, IsUndoneByTheInflaterAtEveryLevelWindowAndSize) {
    Inflater inflater;
    for (const int level : {1, 6, 9}) {
        for (int window_bits = 9; window_bits <= 15; ++window_bits) {
            Deflater deflater(level, window_bits);
            for (const std::size_t size : {0u, 1u, 100u, 511u, 40'000u, 70'000u}) {
                for (const std::string& message :
                     {std::string(size, 'a'), noise(size), noise(300) + noise(size)}) {
                    std::string payload;
                    deflater.compress(message, payload);
                    const auto [outcome, inflated] = inflater.inflate(payload, message.size());
                    ASSERT_EQ(outcome, Outcome::ok);
                    ASSERT_TRUE(inflated == message) << level << ' ' << window_bits << ' ' << size;
                }
            }
        }
    }
}

TEST(Deflater, MakesIncompressibleDataLittleLonger) {
    for (const std::size_t size : {0u, 1u, 100u, 65'536u, 1'000'000u}) {
        EXPECT_LE(compress(noise(size), 9, 9).size(), size + size / 8 + 64);
    }
}

class Negotiation : public testing::Test {
 protected:
    static std::string answer(std::string_view offers, int server_window_bits_min = 15) {
        const auto agreement = negotiate(offers, {server_window_bits_min});
        return agreement ? agreement->response : "declined";
    }
    const std::string accepted_ =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
};

TEST_F(Negotiation, DeclinesOffersWithWrongParameters) {
    for (const char* offer : {
             "permessage-deflate; unknown",
             "permessage-deflate; Client_max_window_bits",
             "permessage-deflate; server_no_context_takeover=1",
             "permessage-deflate; client_no_context_takeover=true",
             "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
             "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
             "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
             "permessage-deflate; server_max_window_bits=15; server_max_window_bits=15",
             "permessage-deflate; server_max_window_bits",
             "permessage-deflate; server_max_window_bits=7",
             "permessage-deflate; server_max_window_bits=16",
             "permessage-deflate; server_max_window_bits=015",
             "permessage-deflate; server_max_window_bits=+9",
             "permessage-deflate; server_max_window_bits=1a",
             "permessage-deflate; client_max_window_bits=0",
             "permessage-deflate; client_max_window_bits=08",
             "permessage-deflate; client_max_window_bits=150",
         }) {
        EXPECT_EQ(answer(offer, 9), "declined") << offer;
        EXPECT_EQ(answer(std::string(offer) + ", permessage-deflate", 9), accepted_) << offer;
    }
}

TEST_F(Negotiation, DeclinesWhatIsNotOfTheGrammar) {
    for (const char* offers :
         {"permessage-deflate;", "permessage-deflate;;", "permessage-deflate; =15", "permessage-deflate x",
          "permessage-deflate; client_max_window_bits=", "permessage-deflate; client_max_window_bits=\"",
          "permessage-deflate; client_max_window_bits=\"\"",
          "permessage-deflate; client_max_window_bits=\"1 5\"",
          "permessage-deflate; client_max_window_bits=\"15",
          "permessage-deflate; client_max_window_bits=\"15\\", "; permessage-deflate",
          "permessage-deflate, \x01", "permessage-deflate/x", "permessage-deflate, a; b=;"}) {
        EXPECT_EQ(answer(offers), "declined") << offers;
    }
}

TEST_F(Negotiation, DeclinesOtherExtensionsAndNone) {
    for (const char* offers :
         {"", " ,, ", "x-webkit-deflate-frame", "permessage-bzip2; level=3", "PerMessage-Deflate"}) {
        EXPECT_EQ(answer(offers), "declined") << offers;
    }
}

TEST_F(Negotiation, DeclinesAWindowBelowTheSettingOrBelowZlibs) {
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=14"), "declined");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=11", 12), "declined");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8", 9), "declined");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10, permessage-deflate"), accepted_);
}

TEST_F(Negotiation, AcceptsWhatBrowsersOffer) {
    for (const char* offer :
         {"permessage-deflate", "permessage-deflate; client_max_window_bits",
          "permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=\"15\"",
          "permessage-deflate; client_max_window_bits=\"\\1\\5\"",
          "\tpermessage-deflate ;\tserver_no_context_takeover; client_no_context_takeover ,",
          "x-other; a=\"b\", permessage-deflate"}) {
        EXPECT_EQ(answer(offer), accepted_) << offer;
    }
}

TEST_F(Negotiation, ConfirmsTheWindowItWasAskedFor) {
    const auto agreement =
        negotiate("permessage-deflate; server_max_window_bits=9", {.server_window_bits_min = 9});
    ASSERT_TRUE(agreement);
    EXPECT_EQ(agreement->server_window_bits, 9);
    EXPECT_EQ(agreement->response, accepted_ + "; server_max_window_bits=9");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15"),
              accepted_ + "; server_max_window_bits=15");
    EXPECT_EQ(negotiate("permessage-deflate", {})->server_window_bits, 15);
}

TEST_F(Negotiation, TakesTheFirstOfferItCan) {
    EXPECT_EQ(
        answer(
            "permessage-deflate; server_max_window_bits=10, permessage-deflate; server_max_window_bits=12, "
            "permessage-deflate",
            11),
        accepted_ + "; server_max_window_bits=12");
}

}  // namespace
}  // namespace pipit::codec
