// What a client of the hosted service says and hears, calls apart.

#include "skapi/conversation.hpp"

#include <cstdint>

#include "codec/pipit_v1.hpp"
#include "skapi/testing/conversation_fixture.hpp"

namespace pipit::skapi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Failures

TEST_F(ConversationTest, RefusesWhatIsNoMessageAndDoesNothing) {
    sign_in();
    client_is_refused("", "INVALID_PARAMETER: Not a JSON object: expected a value at byte 0.");
    client_is_refused("[]", "INVALID_PARAMETER: Not a JSON object: expected an object at byte 0.");
    client_is_refused(R"({"action":"keepAlive"}{})",
                      "INVALID_PARAMETER: Not a JSON object: expected the end at byte 22.");
    const std::string unknown =
        "INVALID_REQUEST: Unknown action. Allowed: keepAlive, joinRoom, sendMessage, broadcast, rtc.";
    client_is_refused("{}", unknown);
    client_is_refused(R"({"action":"JOINROOM","rid":"tea room"})", unknown);
    client_is_refused(R"({"action":["joinRoom"],"rid":"tea room"})", unknown);
    client_is_refused(R"({"action":"joinRoom\ud800","rid":"tea room"})", unknown);
}

TEST_F(ConversationTest, RefusesArgumentsThatAreWrong) {
    sign_in();
    const std::string rid = R"(INVALID_PARAMETER: \"rid\" must be the name of a group)";
    client_is_refused(R"({"action":"joinRoom"})", rid + ", or null.");
    client_is_refused(R"({"action":"joinRoom","rid":7})", rid + ", or null.");
    client_is_refused(R"({"action":"broadcast","rid":null,"content":1})", rid + ".");
    client_is_refused(R"({"action":"sendMessage","uid":{},"content":1})",
                      R"(INVALID_PARAMETER: \"uid\" must be a user id.)");
}

TEST_F(ConversationTest, RefusesWhatIsNestedTooDeepForTheHub) {
    sign_in();
    const std::string deep = std::string(63, '[') + std::string(63, ']');
    const std::string head = R"({"action":"broadcast","rid":"tea room","content":)";
    EXPECT_EQ(client_says(head + deep + "}").size(), 1u);
    client_is_refused(head + "[" + deep + "]}",
                      "INVALID_PARAMETER: Not a JSON object: nested too deep at byte 112.");
}

TEST_F(ConversationTest, TellsTheClientWhatTheHubRefuses) {
    sign_in();
    EXPECT_THAT(
        server_says(
            R"({"id":2,"error":{"code":"INVALID_REQUEST","reason":"not_joined","message":"100% \"no\"","retry":false}})"),
        ElementsAre(R"({"#error":"INVALID_REQUEST: 100\u0025 \"no\""})"));
}

TEST_F(ConversationTest, PostsNothingWhoseNotificationIsWrong) {
    sign_in();
    const auto send = [](const std::string& notification, const std::string& config) {
        return R"({"action":"broadcast","rid":"tea room","content":1,"notification":)" + notification +
               R"(,"notificationConfig":)" + config + "}";
    };
    const std::string valid = R"("{\"title\":\"Tea\",\"body\":\"is ready\"}")";
    client_is_refused(send("{}", "{}"),
                      R"(INVALID_PARAMETER: \"notification\" must be a string without lone surrogates.)");
    client_is_refused(send(R"("\ud800")", "{}"),
                      R"(INVALID_PARAMETER: \"notification\" must be a string without lone surrogates.)");
    client_is_refused(
        send(R"("[]")", "{}"),
        R"(INVALID_PARAMETER: \"notification\" must be an object, with values at most 32 deep inside each other.)");
    client_is_refused(
        send(R"("{\"title\":\"Tea\"}")", "{}"),
        R"(INVALID_PARAMETER: \"notification\" must have a \"title\" and a \"body\", strings without lone surrogates.)");
    client_is_refused(
        send(R"("{\"title\":\")" + std::string(3'072, 'x') + R"(\",\"body\":\"y\"}")", "{}"),
        R"(INVALID_PARAMETER: \"title\" and \"body\" of \"notification\" must have at most 3072 bytes together; they have 3073.)");
    const std::string config =
        R"(INVALID_PARAMETER: \"notificationConfig\" must be an object, and its \"always\" must be true or false.)";
    client_is_refused(send(valid, "1"), config);
    client_is_refused(send(valid, R"({"always":"yes"})"), config);
}

// Newlines part the objects of pipit.v1.
TEST_F(ConversationTest, LetsNoNewlineOfTheClientEndACommand) {
    sign_in();
    const std::string smuggled = R"([1,
{"id":9,"op":"post","to":{"group":"tea room"},"data":1}
,2])";
    const auto commands = client_says(
        "{\n\"action\"\n:\n\"broadcast\",\"rid\"\n:\n\"tea room\"\n,\"content\"\n:" + smuggled + "\n}");
    EXPECT_THAT(
        commands,
        ElementsAre(
            R"({"id":2,"op":"post","to":{"group":"tea room"},"data":[1, {"id":9,"op":"post","to":{"group":"tea room"},"data":1} ,2]})"));
    EXPECT_THAT(
        client_says(
            R"({"action":"sendMessage","uid":"u","content":1,"notification":"{\n\"title\"\n:\"T\",\n\"body\":\n\"B\"\n,\"x\":[\n]\n}"})"),
        ElementsAre(
            R"({"id":3,"op":"post","to":{"user":"u"},"data":1,"notification":{"title":"T","body":"B","config":{"always":false}}})"));
}

// What the client says

TEST_F(ConversationTest, SignsInWithTheTokenThatItIsGiven) {
    conversation_.start("native.token.here");
    EXPECT_THAT(port_.take_commands(), ElementsAre(R"({"id":1,"op":"connect","token":"native.token.here"})"));
    EXPECT_THAT(port_.take_frames(), IsEmpty());
}

TEST_F(ConversationTest, JoinsAndLeaves) {
    sign_in();
    EXPECT_THAT(client_says(R"({"action":"joinRoom","rid":"tea \"room\" \u00e9","token":"a.b.c"})"),
                ElementsAre(R"({"id":2,"op":"join","group":"tea \"room\" \u00e9"})"));
    EXPECT_THAT(client_says(R"({"action":"joinRoom","rid":null,"token":"a.b.c"})"),
                ElementsAre(R"({"id":3,"op":"leave"})"));
    EXPECT_THAT(client_says(R"({"action":"joinRoom","rid":"","token":"a.b.c"})"),
                ElementsAre(R"({"id":4,"op":"leave"})"));
    EXPECT_THAT(port_.take_frames(), IsEmpty());
}

TEST_F(ConversationTest, PostsToGroupsAndToUsersWhateverTheTokenInsideSays) {
    sign_in();
    EXPECT_THAT(
        client_says(
            R"({"action":"broadcast","rid":"tea room","content":{"a":[1,"%","\ud800"]},"notification":"","notificationConfig":{},"token":"IdT:s:o:null"})"),
        ElementsAre(R"({"id":2,"op":"post","to":{"group":"tea room"},"data":{"a":[1,"%","\ud800"]}})"));
    EXPECT_THAT(client_says(R"({"action":"sendMessage","uid":"5d1f","content":"psst"})"),
                ElementsAre(R"({"id":3,"op":"post","to":{"user":"5d1f"},"data":"psst"})"));
}

TEST_F(ConversationTest, PostsNullForContentThatIsLeftOut) {
    sign_in();
    EXPECT_THAT(client_says(R"({"action":"broadcast","rid":"tea room","notification":""})"),
                ElementsAre(R"({"id":2,"op":"post","to":{"group":"tea room"},"data":null})"));
}

TEST_F(ConversationTest, PostsWithANotification) {
    sign_in();
    const std::string head =
        R"({"action":"broadcast","rid":"g","content":1,"notification":"{\"title\":\"T\\n%\",\"body\":\"\\\"B\\\"\"}","notificationConfig":)";
    const auto expected = [](int id, const std::string& always) {
        return R"({"id":)" + std::to_string(id) +
               R"(,"op":"post","to":{"group":"g"},"data":1,"notification":{"title":"T\n%","body":"\"B\"","config":{"always":)" +
               always + "}}}";
    };
    EXPECT_THAT(client_says(head + "{}}"), ElementsAre(expected(2, "false")));
    EXPECT_THAT(client_says(head + R"({"always":true}})"), ElementsAre(expected(3, "true")));
    EXPECT_THAT(client_says(head + R"({"always":false}})"), ElementsAre(expected(4, "false")));
}

TEST_F(ConversationTest, TakesKeepAliveForASignOfLifeOnly) {
    sign_in();
    EXPECT_THAT(client_says(R"({"action":"keepAlive"})"), IsEmpty());
    EXPECT_THAT(port_.take_frames(), IsEmpty());
}

// What it hears

TEST_F(ConversationTest, HearsMessagesItsOwnToo) {
    sign_in();
    EXPECT_THAT(
        server_says(
            R"({"ev":"message","group":"tea room","offset":42,"user":"5d1f","cid":"cid:9fK2Zr0aQw_XcV1B","data":{"text":"hello"}})"),
        ElementsAre(
            R"({"#message":{"text":"hello"},"#user_id":"5d1f","#scid":"9fK2Zr0aQw_XcV1B","#srid":"tea room"})"));
    EXPECT_THAT(server_says(fmt::format(
                    R"({{"ev":"message","group":"g","offset":42,"user":"{}","cid":"{}","data":0}})", kOwnUser,
                    kOwnCid)),
                ElementsAre(fmt::format(
                    R"({{"#message":0,"#user_id":"{}","#scid":"AAAAAAAAAAAAAAAA","#srid":"g"}})", kOwnUser)));
}

TEST_F(ConversationTest, HearsPrivateMessages) {
    sign_in();
    EXPECT_THAT(
        server_says(
            R"({"ev":"private","offset":3,"user":"5d1f","cid":"cid:9fK2Zr0aQw_XcV1B","data":"psst"})"),
        ElementsAre(R"({"#private":"psst","#user_id":"5d1f","#scid":"9fK2Zr0aQw_XcV1B"})"));
}

TEST_F(ConversationTest, HearsNoticesOfOthersOnly) {
    sign_in();
    EXPECT_THAT(
        server_says(
            R"({"ev":"notice","group":"tea room","offset":43,"code":"USER_LEFT","user":"5d1f","cid":"cid:9fK2Zr0aQw_XcV1B","message":"User \"5d1f\" has left the message group."})"),
        ElementsAre(
            R"({"#notice":"User \"5d1f\" has left the message group.","#code":"USER_LEFT","#user_id":"5d1f","#scid":"9fK2Zr0aQw_XcV1B","#srid":"tea room"})"));
    EXPECT_THAT(
        server_says(fmt::format(
            R"({{"ev":"notice","group":"tea room","offset":44,"code":"USER_JOINED","user":"{}","cid":"{}","message":"User \"{}\" has joined the message group."}})",
            kOwnUser, kOwnCid, kOwnUser)),
        IsEmpty());
}

// The same sentences as Pipit's own clients get; the client's examples look for pieces of them.
TEST_F(ConversationTest, HearsTheSentencesThatTheExamplesOfTheClientLookFor) {
    sign_in();
    using Code = codec::v1::NoticeCode;
    for (const auto& [code, sentence] : std::vector<std::pair<Code, std::string>>{
             {Code::user_joined, R"(User \"5d1f\" has joined the message group.)"},
             {Code::user_left, R"(User \"5d1f\" has left the message group.)"},
             {Code::user_disconnected,
              R"(User \"5d1f\" has been disconnected. The user has left the message group.)"}}) {
        std::string event;
        codec::v1::append_notice(event, "tea room", 1, code, {"5d1f", "cid:9fK2Zr0aQw_XcV1B"});
        EXPECT_THAT(server_says(event),
                    ElementsAre(testing::StartsWith(R"({"#notice":")" + sentence + R"(",)")));
    }
}

TEST_F(ConversationTest, HearsNothingOfWhatItsClientDoesNotKnow) {
    sign_in();
    for (const char* object :
         {R"({"id":2,"ok":{"group":"g","message":"Joined.","epoch":"e","offset":1}})",
          R"({"ev":"token","expires_in_ms":30000})", R"({"ev":"drain","reconnect_in_ms":2113})",
          R"({"ev":"watch","watch":"w","version":8,"gone":[],"put":[],"endOfList":true})",
          R"({"ev":"unwatched","watch":"w"})", R"({"ev":"peer","call":"c","state":"away"})",
          R"({"ev":"something new","data":1})"}) {
        EXPECT_THAT(server_says(object), IsEmpty()) << object;
    }
    EXPECT_THAT(port_.take_commands(), IsEmpty());
}

TEST_F(ConversationTest, PingsTheClientWithEachHeartbeatAndAnswersForIt) {
    sign_in();
    EXPECT_THAT(server_says("{}"), ElementsAre("ping"));
    EXPECT_THAT(port_.take_commands(), IsEmpty());
    conversation_.ponged();
    EXPECT_THAT(port_.take_commands(), ElementsAre("{}"));
}

// Encoding

void append_utf8(std::string& out, std::uint32_t c) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (c < 0x80) return byte(c);
    if (c < 0x800) {
        byte(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        byte(0xe0 | c >> 12);
        byte(0x80 | (c >> 6 & 0x3f));
    } else {
        byte(0xf0 | c >> 18);
        byte(0x80 | (c >> 12 & 0x3f));
        byte(0x80 | (c >> 6 & 0x3f));
    }
    byte(0x80 | (c & 0x3f));
}

constexpr std::uint32_t kCodePoints = 0x110000, kAtOnce = 0x400;

/// A text of some code points, as JSON.stringify writes it: with lone surrogates as escapes, so each of a
/// pair stands alone.
std::string stringified(std::uint32_t first, std::string_view percent) {
    std::string json = "\"";
    for (std::uint32_t c = first; c < first + kAtOnce; ++c) {
        if (c < 0x20 || (c >= 0xd800 && c < 0xe000)) {
            json += fmt::format("\\u{:04x}-", c);
        } else if (c == '%') {
            json += percent;
        } else {
            if (c == '"' || c == '\\') json += '\\';
            append_utf8(json, c);
        }
    }
    return json + '"';
}

TEST_F(ConversationTest, ChangesNoCodePointOnTheWayThere) {
    sign_in();
    for (std::uint32_t first = 0; first < kCodePoints; first += kAtOnce) {
        const std::string content = stringified(first, "%");
        const auto commands = client_says(R"({"action":"broadcast","rid":"g","content":)" + content + "}");
        ASSERT_EQ(commands.size(), 1u) << first;
        const auto decoded = codec::v1::decode(commands[0], {});
        const auto& post = std::get<codec::v1::Post>(std::get<codec::v1::Command>(decoded).what);
        ASSERT_EQ(post.data, content) << first;
    }
}

TEST_F(ConversationTest, ChangesNoCodePointOnTheWayBackButWritesPercentAsAnEscape) {
    sign_in();
    for (std::uint32_t first = 0; first < kCodePoints; first += kAtOnce) {
        std::string event;
        codec::v1::append_message(event, "g", 1, {"u", "cid:9fK2Zr0aQw_XcV1B"}, stringified(first, "%"));
        const auto frames = server_says(event);
        ASSERT_EQ(frames.size(), 1u) << first;
        ASSERT_EQ(frames[0], R"({"#message":)" + stringified(first, R"(\u0025)") +
                                 R"(,"#user_id":"u","#scid":"9fK2Zr0aQw_XcV1B","#srid":"g"})")
            << first;
    }
}

TEST_F(ConversationTest, EscapesPercentWhereverItStands) {
    sign_in();
    EXPECT_THAT(
        server_says(
            R"({"ev":"message","group":"100%","offset":1,"user":"%u","cid":"cid:9fK2Zr0aQw_XcV1B","data":{"%41":["%","\\%25","\\\\%",""]}})"),
        ElementsAre(
            R"({"#message":{"\u002541":["\u0025","\\\u002525","\\\\\u0025",""]},"#user_id":"\u0025u","#scid":"9fK2Zr0aQw_XcV1B","#srid":"100\u0025"})"));
}

}  // namespace
}  // namespace pipit::skapi
