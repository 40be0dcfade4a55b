#include "codec/ws_message.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "codec/ws_message_transcript.hpp"

namespace pipit::codec {

// Shown by GoogleTest where an expectation fails.
void PrintTo(const Heard& heard, std::ostream* out) {
    *out << "kind " << static_cast<int>(heard.kind) << ' ' << testing::PrintToString(heard.payload);
    if (heard.close_code) *out << " code " << *heard.close_code;
}

namespace {

using namespace std::literals;
using testing::ElementsAre;
using testing::IsEmpty;

Heard text(std::string payload) {
    return {Step::Kind::text, std::move(payload), {}};
}
Heard binary(std::string payload) {
    return {Step::Kind::binary, std::move(payload), {}};
}
Heard ping(std::string payload) {
    return {Step::Kind::ping, std::move(payload), {}};
}
Heard pong(std::string payload) {
    return {Step::Kind::pong, std::move(payload), {}};
}
Heard closed(std::optional<std::uint16_t> code, std::string reason) {
    return {Step::Kind::close, std::move(reason), code};
}
Heard violation(std::uint16_t code, std::string reason) {
    return {Step::Kind::violation, std::move(reason), code};
}
Heard protocol_error(std::string reason) {
    return violation(1002, std::move(reason));
}
Heard not_utf8() {
    return violation(1007, "text is not UTF-8");
}
Heard too_big() {
    return violation(1009, "message is too big");
}

// Frames as the other side writes them. The mask has no byte that occurs twice, so a wrong phase shows.
struct Frames {
    ReaderSettings::Role reader = ReaderSettings::Role::server;

    std::string operator()(Opcode opcode, std::string_view payload, bool fin = true,
                           bool rsv1 = false) const {
        FrameHeader header{
            .opcode = opcode, .fin = fin, .rsv1 = rsv1, .mask = {}, .payload_bytes = payload.size()};
        if (reader == ReaderSettings::Role::server) header.mask = MaskKey{0x11, 0x22, 0x44, 0x88};
        std::string out;
        append_frame_header(out, header);
        const std::size_t begin = out.size();
        out += payload;
        if (header.mask) {
            apply_mask({reinterpret_cast<std::uint8_t*>(out.data()) + begin, payload.size()}, *header.mask);
        }
        return out;
    }
};

std::string close_payload(std::uint16_t code, std::string_view reason) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}.append(reason);
}

class MessageReaderTest : public testing::TestWithParam<ReaderSettings::Role> {
 protected:
    MessageReaderTest() {
        settings_.role = GetParam();
        settings_.message_bytes_max = 1000;
        frame_.reader = GetParam();
    }

    // What is reported for `bytes`, once it is sure that all ways to cut them in up to three pieces, and into
    // pieces of one to nine bytes, agree.
    std::vector<Heard> hear(std::string_view bytes) const {
        const auto whole = transcript(settings_, bytes, [&] { return bytes.size(); });
        for (std::size_t size = 1; size < 10; ++size) {
            EXPECT_EQ(transcript(settings_, bytes, [&] { return size; }), whole) << "pieces of " << size;
        }
        if (bytes.size() < 80) {
            for (std::size_t first = 1; first < bytes.size(); ++first) {
                for (std::size_t second = 1; second <= bytes.size() - first; ++second) {
                    std::size_t piece = 0;
                    const std::size_t sizes[] = {first, second, bytes.size()};
                    EXPECT_EQ(transcript(settings_, bytes, [&] { return sizes[piece++]; }), whole)
                        << "cut at " << first << " and " << first + second;
                }
            }
        }
        return whole;
    }

    ReaderSettings settings_;
    Frames frame_;
};

TEST_P(MessageReaderTest, RefusesAMaskThatIsMissingOrForbidden) {
    const bool is_server = GetParam() == ReaderSettings::Role::server;
    const Frames wrong{is_server ? ReaderSettings::Role::client : ReaderSettings::Role::server};
    const Heard expected = protocol_error(is_server ? "frame is not masked" : "frame is masked");
    EXPECT_THAT(hear(wrong(Opcode::text, "Hello")), ElementsAre(expected));
    EXPECT_THAT(hear(wrong(Opcode::ping, "")), ElementsAre(expected));
    EXPECT_THAT(hear(frame_(Opcode::text, "Hello") + wrong(Opcode::close, "")),
                ElementsAre(text("Hello"), expected));
}

TEST_P(MessageReaderTest, RefusesMalformedHeadersAfterReportingWhatCameBefore) {
    EXPECT_THAT(hear(frame_(Opcode::text, "a") + "\x83" + frame_(Opcode::text, "b")),
                ElementsAre(text("a"), protocol_error("reserved opcode")));
    EXPECT_THAT(hear("\xa1"), ElementsAre(protocol_error("reserved bit set")));
    EXPECT_THAT(hear(frame_(Opcode::ping, "x", false)),
                ElementsAre(protocol_error("fragmented control frame")));
    EXPECT_THAT(hear(frame_(Opcode::pong, std::string(126, 'x'))),
                ElementsAre(protocol_error("control frame above 125 bytes")));
}

TEST_P(MessageReaderTest, RefusesFragmentsOutOfOrder) {
    EXPECT_THAT(hear(frame_(Opcode::continuation, "x")),
                ElementsAre(protocol_error("continuation of nothing")));
    EXPECT_THAT(hear(frame_(Opcode::text, "a") + frame_(Opcode::continuation, "x", false)),
                ElementsAre(text("a"), protocol_error("continuation of nothing")));
    EXPECT_THAT(hear(frame_(Opcode::text, "a", false) + frame_(Opcode::text, "b")),
                ElementsAre(protocol_error("new message within a fragmented one")));
    EXPECT_THAT(hear(frame_(Opcode::text, "", false) + frame_(Opcode::binary, "")),
                ElementsAre(protocol_error("new message within a fragmented one")));
}

TEST_P(MessageReaderTest, RefusesTextThatIsNotUtf8) {
    EXPECT_THAT(hear(frame_(Opcode::text,
                            "abc\xff"
                            "def")),
                ElementsAre(not_utf8()));
    EXPECT_THAT(hear(frame_(Opcode::text, "cut \xe2\x82")), ElementsAre(not_utf8()));
    EXPECT_THAT(hear(frame_(Opcode::text, "\xe2", false) + frame_(Opcode::continuation, "\x82", false) +
                     frame_(Opcode::continuation, "")),
                ElementsAre(not_utf8()));
    EXPECT_THAT(hear(frame_(Opcode::binary, "abc\xff")), ElementsAre(binary("abc\xff")));
}

TEST_P(MessageReaderTest, RefusesTextAsSoonAsItCannotBecomeUtf8) {
    const std::string bytes = frame_(Opcode::text, "abc\xff" + std::string(100, 'd'));
    const std::size_t header_bytes = bytes.size() - 104;
    EXPECT_THAT(hear(bytes.substr(0, header_bytes + 3)), IsEmpty());
    EXPECT_THAT(hear(bytes.substr(0, header_bytes + 4)), ElementsAre(not_utf8()));
    EXPECT_THAT(hear(frame_(Opcode::text, "\xed", false) + frame_(Opcode::continuation, "\xa0", false)),
                ElementsAre(not_utf8()));
}

TEST_P(MessageReaderTest, RefusesABigMessageByItsHeader) {
    const std::string header = frame_(Opcode::text, std::string(1001, 'a'))
                                   .substr(0, frame_(Opcode::text, std::string(1000, 'a')).size() - 1000);
    EXPECT_THAT(hear(header), ElementsAre(too_big()));
    EXPECT_THAT(hear(frame_(Opcode::text, std::string(1000, 'a'))),
                ElementsAre(text(std::string(1000, 'a'))));
    EXPECT_THAT(
        hear(frame_(Opcode::binary, std::string(999, 'a'), false) + frame_(Opcode::continuation, "b")),
        ElementsAre(binary(std::string(999, 'a') + "b")));
    EXPECT_THAT(
        hear(frame_(Opcode::binary, std::string(999, 'a'), false) + frame_(Opcode::continuation, "bc")),
        ElementsAre(too_big()));
}

TEST_P(MessageReaderTest, RefusesTheLongestLengthThereIs) {
    const bool masked = GetParam() == ReaderSettings::Role::server;
    EXPECT_THAT(hear("\x82"s + (masked ? '\xff' : '\x7f') +
                     "\x7f\xff\xff\xff\xff\xff\xff\xff"
                     "mask"),
                ElementsAre(too_big()));
}

TEST_P(MessageReaderTest, RefusesInvalidCloseFrames) {
    EXPECT_THAT(hear(frame_(Opcode::close, "\x03")),
                ElementsAre(protocol_error("close frame with half a code")));
    for (const std::uint16_t code :
         std::initializer_list<std::uint16_t>{0, 999, 1005, 1006, 1015, 2999, 5000}) {
        EXPECT_THAT(hear(frame_(Opcode::close, close_payload(code, ""))),
                    ElementsAre(protocol_error("invalid close code")));
    }
    EXPECT_THAT(hear(frame_(Opcode::close, close_payload(1000, "\xc3"))),
                ElementsAre(violation(1007, "close reason is not UTF-8")));
}

TEST_P(MessageReaderTest, RefusesRsv1WithoutAgreement) {
    EXPECT_THAT(hear(frame_(Opcode::text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv, true, true)),
                ElementsAre(protocol_error("reserved bit set")));
}

TEST_P(MessageReaderTest, RefusesRsv1AnywhereButOnTheFirstFrameOfAMessage) {
    settings_.deflate = true;
    EXPECT_THAT(hear(frame_(Opcode::ping, "x", true, true)), ElementsAre(protocol_error("reserved bit set")));
    EXPECT_THAT(hear(frame_(Opcode::text, "\xf2\x48\xcd", false, true) +
                     frame_(Opcode::continuation, "\xc9\xc9\x07\x00"sv, true, true)),
                ElementsAre(protocol_error("reserved bit set")));
    EXPECT_THAT(hear(frame_(Opcode::text, "Hel", false) + frame_(Opcode::continuation, "lo", true, true)),
                ElementsAre(protocol_error("reserved bit set")));
}

TEST_P(MessageReaderTest, RefusesCompressedMessagesThatAreCorruptOrTooBigOrNotUtf8) {
    settings_.deflate = true;
    EXPECT_THAT(hear(frame_(Opcode::text, "\xf2\x48\xcd", true, true)),
                ElementsAre(violation(1007, "compressed data is corrupt")));
    const auto compressed = [](std::string_view message) {
        std::string payload;
        Deflater(6, 15).compress(message, payload);
        return payload;
    };
    EXPECT_THAT(hear(frame_(Opcode::text, compressed("\xff"), true, true)), ElementsAre(not_utf8()));
    EXPECT_THAT(hear(frame_(Opcode::text, compressed(std::string(1000, 'a')), true, true)),
                ElementsAre(text(std::string(1000, 'a'))));
    EXPECT_THAT(hear(frame_(Opcode::text, compressed(std::string(1001, 'a')), true, true)),
                ElementsAre(too_big()));
    EXPECT_THAT(hear(frame_(Opcode::text, std::string(1000 + 1000 / 8 + 65, 'x'), true, true)),
                ElementsAre(too_big()));
}

TEST_P(MessageReaderTest, ReadsNothingAfterAViolationOrAClose) {
    EXPECT_THAT(hear(frame_(Opcode::close, "") + frame_(Opcode::text, "late")), ElementsAre(closed({}, "")));
    EXPECT_THAT(hear(frame_(Opcode::close, close_payload(1001, "bye")) + "\xff\xff"),
                ElementsAre(closed(1001, "bye")));

    MessageReader reader(settings_);
    Inflater inflater;
    std::string bytes = "\xff" + frame_(Opcode::text, "late");
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
    EXPECT_FALSE(reader.ended());
    EXPECT_EQ(reader.next(input, inflater).kind, Step::Kind::violation);
    EXPECT_TRUE(reader.ended());
    EXPECT_EQ(reader.next(input, inflater).kind, Step::Kind::need_more);
    EXPECT_TRUE(input.empty());
}

TEST_P(MessageReaderTest, ReportsMessagesOfEveryLengthForm) {
    settings_.message_bytes_max = 70'000;
    for (const std::size_t size : {0u, 1u, 7u, 125u, 126u, 127u, 65'535u, 65'536u, 70'000u}) {
        const std::string payload(size, 'a');
        EXPECT_THAT(hear(frame_(Opcode::text, payload) + frame_(Opcode::binary, payload)),
                    ElementsAre(text(payload), binary(payload)));
    }
}

TEST_P(MessageReaderTest, JoinsFragmentsAndReportsControlFramesBetweenThem) {
    EXPECT_THAT(hear(frame_(Opcode::text, "Gr\xc3", false) + frame_(Opcode::ping, "1") +
                     frame_(Opcode::continuation, "", false) + frame_(Opcode::pong, "") +
                     frame_(Opcode::continuation,
                            "\xbc\xc3\x9f"
                            "e") +
                     frame_(Opcode::ping, "2") + frame_(Opcode::binary, "\xff")),
                ElementsAre(ping("1"), pong(""),
                            text("Gr\xc3\xbc\xc3\x9f"
                                 "e"),
                            ping("2"), binary("\xff")));
}

TEST_P(MessageReaderTest, KeepsControlFramesOfOneMessageApart) {
    EXPECT_THAT(
        hear(frame_(Opcode::text, "a", false) + frame_(Opcode::ping, "one") + frame_(Opcode::ping, "two") +
             frame_(Opcode::pong, "3") + frame_(Opcode::continuation, "b")),
        ElementsAre(ping("one"), ping("two"), pong("3"), text("ab")));
}

TEST_P(MessageReaderTest, ClosesBetweenFragments) {
    EXPECT_THAT(hear(frame_(Opcode::text, "a", false) + frame_(Opcode::close, close_payload(4000, "done"))),
                ElementsAre(closed(4000, "done")));
}

// RFC 7692 section 7.2.3.1.
TEST_P(MessageReaderTest, InflatesMessagesInOnePieceAndInFragments) {
    settings_.deflate = true;
    EXPECT_THAT(hear(frame_(Opcode::text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv, true, true) +
                     frame_(Opcode::text, "plain")),
                ElementsAre(text("Hello"), text("plain")));
    EXPECT_THAT(hear(frame_(Opcode::binary, "\xf2\x48\xcd", false, true) + frame_(Opcode::ping, "p") +
                     frame_(Opcode::continuation, "\xc9\xc9\x07\x00"sv)),
                ElementsAre(ping("p"), binary("Hello")));
}

TEST_P(MessageReaderTest, ReportsAWholeMessageWhereItLies) {
    std::string bytes = frame_(Opcode::text, "Hello");
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
    MessageReader reader(settings_);
    Inflater inflater;
    const Step step = reader.next(input, inflater);
    EXPECT_EQ(step.payload, "Hello");
    EXPECT_EQ(static_cast<const void*>(step.payload.data()), bytes.data() + bytes.size() - 5);
    EXPECT_TRUE(input.empty());
}

TEST_P(MessageReaderTest, HoldsMemoryOnlyWhileSomethingIsIncomplete) {
    const std::string bytes = frame_(Opcode::text, "a", false) + frame_(Opcode::ping, "p") +
                              frame_(Opcode::continuation, "b") + frame_(Opcode::text, "whole");
    const std::size_t incomplete_until = bytes.size() - frame_(Opcode::text, "whole").size();
    MessageReader reader(settings_);
    Inflater inflater;
    EXPECT_FALSE(reader.within_message());
    for (std::size_t i = 0; i < incomplete_until; ++i) {
        std::uint8_t byte = static_cast<std::uint8_t>(bytes[i]);
        std::span<std::uint8_t> input(&byte, 1);
        while (reader.next(input, inflater).kind != Step::Kind::need_more)
            continue;
        EXPECT_EQ(reader.within_message(), i + 1 < incomplete_until) << i;
    }
    std::string rest = bytes.substr(incomplete_until);
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(rest.data()), rest.size());
    EXPECT_EQ(reader.next(input, inflater).payload, "whole");
    EXPECT_FALSE(reader.within_message());
}

INSTANTIATE_TEST_SUITE_P(Roles, MessageReaderTest,
                         testing::Values(ReaderSettings::Role::server, ReaderSettings::Role::client),
                         [](const auto& role) {
                             return role.param == ReaderSettings::Role::server ? "Server" : "Client";
                         });

// RFC 6455 section 5.7.
TEST(MessageReader, ReadsTheExamplesOfTheRfc) {
    ReaderSettings server;
    ReaderSettings client;
    client.role = ReaderSettings::Role::client;
    const auto all = [] { return std::size_t{1} << 20; };
    EXPECT_THAT(transcript(client, "\x81\x05Hello", all), ElementsAre(text("Hello")));
    EXPECT_THAT(transcript(server, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", all),
                ElementsAre(text("Hello")));
    EXPECT_THAT(transcript(client, "\x01\x03Hel\x80\x02lo", all), ElementsAre(text("Hello")));
    EXPECT_THAT(transcript(client, "\x89\x05Hello", all), ElementsAre(ping("Hello")));
    EXPECT_THAT(transcript(server, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", all),
                ElementsAre(pong("Hello")));
}

}  // namespace
}  // namespace pipit::codec
