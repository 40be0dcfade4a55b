#include "rtc/stun_answer.hpp"

#include <arpa/inet.h>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rtc/stun_message.hpp"
#include "rtc/testing/rfc5769_vectors.hpp"
#include "rtc/testing/stun_reading.hpp"

namespace pipit::rtc {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// "192.0.2.1:32853" or "[2001:db8::1]:32853".
StunMapping mapping_of(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    StunMapping mapping;
    mapping.port = static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)));
    const bool is_v6 = text.front() == '[';
    mapping.address.resize(is_v6 ? 16 : 4);
    const std::string host = is_v6 ? text.substr(1, colon - 2) : text.substr(0, colon);
    EXPECT_EQ(inet_pton(is_v6 ? AF_INET6 : AF_INET, host.c_str(), mapping.address.data()), 1) << text;
    return mapping;
}

StunSource source_of(const StunMapping& mapping) {
    return {mapping.address, mapping.port};
}

const StunMapping kClient = mapping_of("192.0.2.1:32853");
const StunMapping kClient6 = mapping_of("[2001:db8:1234:5678:11:2233:4455:6677]:32853");

/// A Binding request with these attributes, which are whole.
Bytes request_with(const Bytes& attributes) {
    Bytes message{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    message[2] = static_cast<std::uint8_t>(attributes.size() >> 8);
    message[3] = static_cast<std::uint8_t>(attributes.size());
    message.insert(message.end(), attributes.begin(), attributes.end());
    return message;
}

/// The same as clients of RFC 3489 send it, which have a longer transaction id and no magic cookie.
Bytes rfc3489_request_with(const Bytes& attributes) {
    Bytes message = request_with(attributes);
    message[4] = 0x77;
    return message;
}

/// The types in UNKNOWN-ATTRIBUTES of an error 420; empty when it is no such answer.
std::vector<int> refused_attributes(const std::optional<StunAnswer>& answer) {
    const auto message = answer ? parse_stun(answer->bytes()) : std::nullopt;
    if (!message || message->message_class != StunClass::error) return {};
    const auto code = find_attribute(*message, StunAttributeType::error_code);
    if (!code || code->size() < 4 || (*code)[2] != 4 || (*code)[3] != 20) return {};
    const auto types = find_attribute(*message, StunAttributeType::unknown_attributes);
    std::vector<int> out;
    for (std::size_t i = 0; types && i + 1 < types->size(); i += 2)
        out.push_back(read_stun_u16(*types, i));
    return out;
}

TEST(StunAnswer, IsSilenceForWhatIsNoBindingRequest) {
    for (const int type : {0x0011, 0x0101, 0x0111, 0x0003, 0x0004, 0x0000, 0x0002}) {
        Bytes message = request_with({});
        message[0] = static_cast<std::uint8_t>(type >> 8);
        message[1] = static_cast<std::uint8_t>(type);
        EXPECT_FALSE(stun_answer(message, source_of(kClient))) << type;
    }
    for (const char* answer : {"response4", "response6"})
        EXPECT_FALSE(stun_answer(rfc5769_vector(answer).bytes, source_of(kClient)));
}

TEST(StunAnswer, IsSilenceForAnyFlippedBitThatLeavesTheFingerprintThere) {
    const Bytes request = rfc5769_vector("request").bytes;
    // Without a fingerprint it is another message, which may be sent, too. Two kinds of flips take it away:
    // those of its type, and those that make an attribute so long that it ends where the message does.
    const std::size_t fingerprint_type_bit = (request.size() - 8) * 8;
    constexpr std::size_t kUsernameLengthBit = 63 * 8 + 2, kIntegrityLengthBit = 79 * 8 + 4;
    for (std::size_t bit = 0; bit < request.size() * 8; ++bit) {
        Bytes flipped = request;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (0x80 >> bit % 8));
        const auto answer = stun_answer(flipped, source_of(kClient));
        const bool is_without = bit == kUsernameLengthBit || bit == kIntegrityLengthBit ||
                                (bit >= fingerprint_type_bit && bit < fingerprint_type_bit + 16);
        ASSERT_EQ(answer.has_value(), is_without) << bit;
        if (is_without) {
            EXPECT_FALSE(parse_stun(answer->bytes())->has_fingerprint) << bit;
        }
    }
}

TEST(StunAnswer, NamesAttributesThatItWouldHaveToKnow) {
    EXPECT_EQ(
        refused_attributes(stun_answer(request_with({0x00, 0x03, 0, 4, 0, 0, 0, 0}), source_of(kClient))),
        std::vector<int>{0x0003});
    EXPECT_EQ(refused_attributes(stun_answer(
                  request_with({0x00, 0x31, 0, 0, 0x80, 0x99, 0, 0, 0x7f, 0xff, 0, 1, 9, 0, 0, 0}),
                  source_of(kClient6))),
              (std::vector<int>{0x0031, 0x7fff}));
}

TEST(StunAnswer, NamesNoMoreUnknownAttributesThanFitIntoTheLongestAnswer) {
    Bytes attributes;
    for (int i = 0; i < 300; ++i)
        attributes.insert(attributes.end(), {0x40, static_cast<std::uint8_t>(i), 0, 0});
    const auto answer = stun_answer(request_with(attributes), source_of(kClient));
    EXPECT_EQ(refused_attributes(answer), (std::vector<int>{0x4000, 0x4001, 0x4002, 0x4003, 0x4004, 0x4005}));
    EXPECT_LE(answer->size, kStunAnswerBytesMax);
}

TEST(StunAnswer, DoesNotLookBehindTheIntegrity) {
    Bytes attributes{0x00, 0x08, 0, 20};
    attributes.resize(24);
    attributes.insert(attributes.end(), {0x00, 0x31, 0, 0});
    EXPECT_TRUE(is_answer_to(request_with(attributes), source_of(kClient),
                             stun_answer(request_with(attributes), source_of(kClient)).value().bytes()));
    EXPECT_TRUE(refused_attributes(stun_answer(request_with(attributes), source_of(kClient))).empty());
}

TEST(StunAnswer, LetsAttributesOfIceAndOfCredentialsPass) {
    for (const int type : {0x0006, 0x0014, 0x0015, 0x001d, 0x001e, 0x0024, 0x0025, 0x8022, 0x8029, 0x802a}) {
        const Bytes request = request_with(
            {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type), 0, 4, 1, 2, 3, 4});
        const auto answer = stun_answer(request, source_of(kClient));
        ASSERT_TRUE(answer) << type;
        EXPECT_TRUE(refused_attributes(answer).empty()) << type;
        EXPECT_TRUE(is_answer_to(request, source_of(kClient), answer->bytes())) << type;
    }
}

TEST(StunAnswer, IsTheSourceAsTheSamplesOfRfc5769WriteIt) {
    for (const char* name : {"response4", "response6"}) {
        const StunVector vector = rfc5769_vector(name);
        const StunMapping mapping = mapping_of(vector.mapped);
        const auto sample = parse_stun(vector.bytes);
        ASSERT_TRUE(sample);
        EXPECT_EQ(read_mapping(*sample), mapping) << name;

        // The request has the samples' transaction id.
        const auto answer = stun_answer(rfc5769_vector("request").bytes, source_of(mapping));
        ASSERT_TRUE(answer) << name;
        const auto message = parse_stun(answer->bytes());
        ASSERT_TRUE(message) << name;
        EXPECT_TRUE(message->has_fingerprint);
        const auto ours = find_attribute(*message, StunAttributeType::xor_mapped_address);
        const auto theirs = find_attribute(*sample, StunAttributeType::xor_mapped_address);
        ASSERT_TRUE(ours && theirs) << name;
        EXPECT_TRUE(std::ranges::equal(*ours, *theirs)) << name;
    }
}

TEST(StunAnswer, HasAFingerprintOnlyIfTheRequestHasOne) {
    const auto plain = stun_answer(rfc5769_vector("longterm").bytes, source_of(kClient));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->size, 32u);
    EXPECT_FALSE(parse_stun(plain->bytes())->has_fingerprint);
    const auto longest = stun_answer(rfc5769_vector("request").bytes, source_of(kClient6));
    ASSERT_TRUE(longest);
    EXPECT_EQ(longest->size, kStunAnswerBytesMax);
}

TEST(StunAnswer, TellsClientsOfRfc3489TheirPlainAddress) {
    for (const Bytes& request :
         {rfc3489_request_with({}), rfc3489_request_with({0x00, 0x03, 0, 4, 0, 0, 0, 0})}) {
        for (const StunMapping& client : {kClient, kClient6}) {
            const auto answer = stun_answer(request, source_of(client));
            ASSERT_TRUE(answer);
            EXPECT_TRUE(is_answer_to(request, source_of(client), answer->bytes()));
            EXPECT_TRUE(find_attribute(*parse_stun(answer->bytes()), StunAttributeType::mapped_address));
        }
    }
}

TEST(StunAnswer, IsSilenceWhenRfc3489AsksForAnAnswerFromOrToElsewhere) {
    constexpr std::uint8_t kChangeIp = 4, kChangePort = 2;
    for (const std::uint8_t change : {kChangeIp, kChangePort})
        EXPECT_FALSE(
            stun_answer(rfc3489_request_with({0x00, 0x03, 0, 4, 0, 0, 0, change}), source_of(kClient)));
    const Bytes response_address{0x00, 0x02, 0, 8, 0, 1, 0x12, 0x34, 192, 0, 2, 9};
    EXPECT_FALSE(stun_answer(rfc3489_request_with(response_address), source_of(kClient)));
}

/// Datagrams of all kinds that strangers send: noise, headers with noise behind, and samples that were
/// cut, lengthened and changed.
class Strangers {
 public:
    const Bytes& next() {
        const std::uint64_t kind = engine_() % 8;
        if (kind == 0) {
            datagram_.resize(engine_() % 1'500);
            noise_from(0);
        } else if (kind <= 2) {
            datagram_ = request_with({});
            datagram_.resize(kStunHeaderBytes + engine_() % 16 * 4);
            noise_from(kStunHeaderBytes);
            datagram_[3] = static_cast<std::uint8_t>(datagram_.size() - kStunHeaderBytes);
        } else {
            datagram_ = samples_[engine_() % samples_.size()];
            for (std::uint64_t changes = engine_() % 4; changes > 0; --changes)
                change();
        }
        return datagram_;
    }

 private:
    void noise_from(std::size_t start) {
        for (std::size_t i = start; i < datagram_.size(); ++i)
            datagram_[i] = static_cast<std::uint8_t>(engine_() >> 24);
    }
    void change() {
        if (engine_() % 4 == 0) datagram_.resize(engine_() % (datagram_.size() + 8));
        if (datagram_.empty()) return;
        datagram_[engine_() % datagram_.size()] = static_cast<std::uint8_t>(engine_() >> 24);
    }

    std::mt19937_64 engine_{5'769};
    const std::vector<Bytes> samples_{rfc5769_vector("request").bytes,
                                      rfc5769_vector("response4").bytes,
                                      rfc5769_vector("response6").bytes,
                                      rfc5769_vector("longterm").bytes,
                                      request_with({}),
                                      request_with({0x00, 0x31, 0, 2, 1, 2, 0, 0}),
                                      rfc3489_request_with({}),
                                      rfc3489_request_with({0x00, 0x03, 0, 4, 0, 0, 0, 0})};
    Bytes datagram_;
};

TEST(StunAnswer, IsSilenceOrAnAnswerForAMillionStrangers) {
    Strangers strangers;
    int answers = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const Bytes& datagram = strangers.next();
        const StunSource source = source_of(i % 2 == 0 ? kClient : kClient6);
        const auto answer = stun_answer(datagram, source);
        if (!answer) continue;
        ++answers;
        ASSERT_TRUE(is_answer_to(datagram, source, answer->bytes())) << i;
    }
    EXPECT_GT(answers, 100'000);
    EXPECT_LT(answers, 900'000);
}

}  // namespace
}  // namespace pipit::rtc
