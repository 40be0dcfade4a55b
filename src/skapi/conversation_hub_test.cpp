// Clients of the hosted service and Pipit's own, in one hub.

#include <deque>
#include <optional>

#include "codec/skapi_call.hpp"
#include "core/testing/hub_test_fixture.hpp"
#include "skapi/testing/recording_port.hpp"

namespace pipit::skapi {
namespace {

using core::Peer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
namespace json = boost::json;

/// One skapi-js client with its conversation and its session.
struct Client {
    explicit Client(Peer& own) : peer(own), conversation({}, port) {}
    Peer& peer;
    RecordingPort port;
    Conversation conversation;
    std::vector<std::string> heard;
    std::string user, cid;
};

class ConversationHubTest : public core::HubTest {
 protected:
    ConversationHubTest() { settings_.ping_interval = base::Millis(25'000); }

    Client& sign_in_client(const std::string& user) {
        Client& client = clients_.emplace_back(open());
        client.user = user;
        client.conversation.start(core::token_of(user));
        // A notice of its own join is the first to tell the client's cid; the welcome has it before.
        for (const std::string& command : client.port.take_commands())
            say(client.peer, command);
        for (const std::string& text : client.peer.texts()) {
            const auto object = json::parse(text).as_object();
            client.cid = json::value_to<std::string>(object.at("ok").at("cid"));
            client.conversation.from_server(text);
        }
        return client;
    }
    Client& join_client(const std::string& user) {
        Client& client = sign_in_client(user);
        says(client, R"({"action":"joinRoom","rid":"tea room","token":"t"})");
        return client;
    }
    Peer& join_native(const std::string& user) {
        Peer& peer = sign_in_to("tea room", user);
        settle();
        return peer;
    }

    void says(Client& client, const std::string& text) {
        client.conversation.from_client(text);
        settle();
    }
    void says(Peer& native, const std::string& command) {
        say(native, command);
        settle();
    }
    /// Until nobody has anything to say any more.
    void settle() {
        for (bool any = true; std::exchange(any, false);) {
            for (Client& client : clients_) {
                if (client.peer.session == nullptr) continue;
                for (const std::string& command : client.port.take_commands()) {
                    any = true;
                    say(client.peer, command);
                }
                for (const std::string& text : client.peer.texts()) {
                    any = true;
                    client.conversation.from_server(text);
                }
                for (std::string& frame : client.port.take_frames())
                    client.heard.push_back(std::move(frame));
            }
        }
    }
    static std::vector<std::string> heard(Client& client) { return std::exchange(client.heard, {}); }
    /// The events that a native client has got, notices left out.
    static std::vector<json::object> events_of(Peer& native) {
        auto objects = native.client.take_objects();
        std::erase_if(objects, [](const json::object& object) {
            return !object.contains("ev") || object.at("ev") == "notice";
        });
        return objects;
    }

    static std::string bare(const std::string& cid) { return cid.substr(4); }
    static std::string rtc(const std::string& cid, const std::string& content) {
        return R"({"action":"rtc","uid":")" + cid + R"(","content":)" + content + R"(,"token":"t"})";
    }
    static std::string description(const std::string& type, const std::string& sdp) {
        return R"({"type":")" + type + R"(","sdp":")" + sdp + "\"}";
    }
    static std::string offer(const std::string& sdp) {
        return R"({"sdpoffer":)" + description("offer", sdp) + "}";
    }
    static std::string answer(const std::string& sdp) {
        return R"({"sdpanswer":)" + description("answer", sdp) + "}";
    }
    static std::string candidate(const std::string& text) {
        return R"({"candidate":{"candidate":")" + text + R"("}})";
    }
    static std::string rtc_frame(const std::string& content, const std::string& user,
                                 const std::string& cid) {
        return R"({"#rtc":)" + content + R"(,"#user_id":")" + user + R"(","#scid":")" + bare(cid) + "\"}";
    }
    static std::string rtc_frame(const std::string& content, const Client& from) {
        return rtc_frame(content, from.user, from.cid);
    }
    static std::string rtc_frame(const std::string& content, const Peer& from) {
        return rtc_frame(content, from.user, from.cid);
    }
    static std::string hungup(const std::string& user) { return R"({"hungup":")" + user + "\"}"; }
    static std::string pickup(const std::string& user) { return R"({"pickup":")" + user + "\"}"; }

    std::deque<Client> clients_;
};

// Messages and notices

TEST_F(ConversationHubTest, RefusesToPostWhereTheClientIsNot) {
    Client& alice = sign_in_client("user-alice");
    says(alice, R"({"action":"broadcast","rid":"tea room","content":"hello"})");
    EXPECT_THAT(heard(alice), ElementsAre(StartsWith(R"({"#error":"INVALID_REQUEST: User has not joined)")));
}

TEST_F(ConversationHubTest, SharesGroupsWithNativeClients) {
    Client& alice = join_client("user-alice");
    EXPECT_THAT(heard(alice), IsEmpty()) << "the joiner hears nothing of its own join";
    Peer& carol = join_native("user-carol");
    Client& bob = join_client("user-bob");
    const auto notice = [](const std::string& code, const std::string& text, const std::string& user,
                           const std::string& cid) {
        return R"({"#notice":"User \")" + user + R"(\" )" + text + R"(","#code":")" + code +
               R"(","#user_id":")" + user + R"(","#scid":")" + bare(cid) + R"(","#srid":"tea room"})";
    };
    const std::string joined = "has joined the message group.";
    EXPECT_THAT(heard(alice), ElementsAre(notice("USER_JOINED", joined, carol.user, carol.cid),
                                          notice("USER_JOINED", joined, bob.user, bob.cid)));
    EXPECT_THAT(heard(bob), IsEmpty());

    carol.texts();
    says(alice, R"({"action":"broadcast","rid":"tea room","content":{"text":"50% \ud800"}})");
    const std::string message =
        R"({"#message":{"text":"50\u0025 \ud800"},"#user_id":"user-alice","#scid":")" + bare(alice.cid) +
        R"(","#srid":"tea room"})";
    EXPECT_THAT(heard(alice), ElementsAre(message));
    EXPECT_THAT(heard(bob), ElementsAre(message));
    EXPECT_THAT(carol.texts(), ElementsAre(testing::HasSubstr(R"("data":{"text":"50% \ud800"})")));

    says(carol, R"({"id":9,"op":"post","to":"user-bob","data":"psst"})");
    EXPECT_THAT(heard(bob), ElementsAre(R"({"#private":"psst","#user_id":"user-carol","#scid":")" +
                                        bare(carol.cid) + "\"}"));
    EXPECT_THAT(heard(alice), IsEmpty());

    says(bob, R"({"action":"joinRoom","rid":null,"token":"t"})");
    EXPECT_THAT(heard(alice),
                ElementsAre(notice("USER_LEFT", "has left the message group.", bob.user, bob.cid)));
    lose(carol);
    settle();
    EXPECT_THAT(
        heard(alice),
        ElementsAre(notice("USER_DISCONNECTED", "has been disconnected. The user has left the message group.",
                           carol.user, carol.cid)));
}

TEST_F(ConversationHubTest, AnswersHeartbeatsByPongsAndIsLostWithoutThem) {
    Client& alice = join_client("user-alice");
    for (int i = 0; i < 3; ++i) {
        pass(base::Millis(25'000));
        settle();
        EXPECT_THAT(heard(alice), ElementsAre("ping"));
        alice.conversation.ponged();
        settle();
    }
    EXPECT_EQ(alice.peer.close_reason(), std::nullopt);
    pass(base::Millis(33'000));
    settle();
    EXPECT_EQ(alice.peer.close_reason(), codec::CloseReason::ping_timeout);
}

TEST_F(ConversationHubTest, ListsGroupsAndUsersOfBothKinds) {
    Client& alice = join_client("user-alice");
    Peer& carol = join_native("user-carol");
    const auto ask = [&](const std::string& body) {
        const auto read = codec::skapi::read_call(codec::skapi::Call::get_ws_group, body, "us31abc", 64);
        const auto& question = std::get<codec::skapi::Question>(read);
        turn([&] { hub().ask(1, core::token_of("user-dave"), question.command, nullptr); });
        const auto answers = std::exchange(hub().effects().answers, {});
        EXPECT_EQ(answers.size(), 1u);
        EXPECT_FALSE(answers.at(0).error);
        return codec::skapi::answer_json(question.form, "us31abc", answers.at(0).json);
    };
    const std::string all =
        R"({"service":"us31abc","owner":"o","searchFor":"group","value":" ","condition":">"})";
    EXPECT_EQ(ask(all), R"({"list":[{"rid":"us31abc#tea room","cnt":2}],"startKey":"end","endOfList":true})");

    const std::string users = R"({"service":"us31abc","owner":"o","group":"tea room","limit":1)";
    const std::string first = ask(users + "}");
    EXPECT_EQ(json::parse(first).at("list"),
              json::parse(R"([{"uid":"us31abc#user-alice","cid":")" + bare(alice.cid) + "\"}]"));
    EXPECT_EQ(json::parse(first).at("endOfList"), false);
    const std::string key = json::serialize(json::parse(first).at("startKey"));
    EXPECT_EQ(ask(users + R"(,"startKey":)" + key + "}"), R"({"list":[{"uid":"us31abc#user-carol","cid":")" +
                                                              bare(carol.cid) +
                                                              R"("}],"startKey":"end","endOfList":true})");
}

// Calls

TEST_F(ConversationHubTest, TellsTheCallerThatNobodyIsThere) {
    Client& alice = join_client("user-alice");
    says(alice, rtc("cid:0000000000000000", offer("o")));
    EXPECT_THAT(heard(alice),
                ElementsAre(StartsWith(R"({"#error":"NOT_EXISTS: )"),
                            R"({"#rtc":{"hungup":"cid:0000000000000000"},"#scid":"0000000000000000"})"));
    says(alice, rtc("cid:0000000000000000", candidate("c")));
    EXPECT_THAT(heard(alice), IsEmpty());
}

TEST_F(ConversationHubTest, TellsTheCallerThatItWasRejected) {
    Client& alice = join_client("user-alice");
    Client& bob = join_client("user-bob");
    heard(alice);
    says(alice, rtc(bob.cid, offer("o")));
    heard(bob);
    says(bob, rtc(alice.cid, hungup(bob.user)));
    EXPECT_THAT(heard(alice),
                ElementsAre(R"({"#rtc":{"hungup":")" + bob.cid + R"("},"#scid":")" + bare(bob.cid) + "\"}"));
}

TEST_F(ConversationHubTest, CallsAnotherClientOfItsKind) {
    Client& alice = join_client("user-alice");
    Client& bob = join_client("user-bob");
    heard(alice);
    says(alice, rtc(bob.cid, offer("o")));
    says(alice, rtc(bob.cid, candidate("a1")));
    EXPECT_THAT(heard(bob), ElementsAre(rtc_frame(offer("o"), alice)));
    says(bob, rtc(alice.cid, answer("a")));
    says(bob, rtc(alice.cid, candidate("b1")));
    says(bob, rtc(alice.cid, pickup(bob.user)));
    EXPECT_THAT(heard(bob), ElementsAre(rtc_frame(candidate("a1"), alice)));
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(answer("a"), bob), rtc_frame(pickup(bob.user), bob),
                                          rtc_frame(candidate("b1"), bob)));
    // Again, as the caller does when its tracks change.
    says(alice, rtc(bob.cid, offer("o2")));
    EXPECT_THAT(heard(bob), ElementsAre(rtc_frame(offer("o2"), alice)));
    says(bob, rtc(alice.cid, answer("a2")));
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(answer("a2"), bob)));

    says(alice, rtc(bob.cid, hungup(alice.user)));
    EXPECT_THAT(heard(bob), ElementsAre(rtc_frame(hungup(alice.user), alice)));
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(hungup(bob.user), bob)));
    says(bob, rtc(alice.cid, hungup(bob.user)));
    EXPECT_THAT(heard(alice), IsEmpty());
    // The other way round, behind what is over.
    says(bob, rtc(alice.cid, offer("o3")));
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(offer("o3"), bob)));
    says(alice, rtc(bob.cid, answer("a3")));
    EXPECT_THAT(heard(bob),
                ElementsAre(rtc_frame(answer("a3"), alice), rtc_frame(pickup(alice.user), alice)));
}

TEST_F(ConversationHubTest, CallsANativeClient) {
    Client& alice = join_client("user-alice");
    Peer& carol = join_native("user-carol");
    heard(alice);
    carol.texts();
    says(alice, rtc(carol.cid, offer("o")));
    says(alice, rtc(carol.cid, candidate("a1")));
    const auto rings = events_of(carol);
    ASSERT_EQ(rings.size(), 1u);
    EXPECT_EQ(rings[0].at("ev"), "ring");
    EXPECT_EQ(rings[0].at("user"), "user-alice");
    EXPECT_EQ(rings[0].at("cid"), json::string(alice.cid));
    EXPECT_EQ(rings[0].at("data"),
              json::parse(R"({"description":{"type":"offer","sdp":"o"},"channels":[],"in_band":true})"));
    const auto call = json::value_to<std::string>(rings[0].at("call"));
    const std::string of_call = R"(,"call":")" + call + "\"";

    says(carol, R"({"id":9,"op":"accept")" + of_call + R"(,"data":{"description":)" +
                    description("answer", "a") + R"(,"channels":[]}})");
    says(carol, R"({"id":10,"op":"signal")" + of_call + R"(,"data":)" + candidate("c1") + "}");
    says(carol, R"({"id":11,"op":"signal")" + of_call + R"(,"data":{"candidate":null}})");
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(answer("a"), carol), rtc_frame(pickup(carol.user), carol),
                                          rtc_frame(candidate("c1"), carol)));
    const auto signals = events_of(carol);
    ASSERT_EQ(signals.size(), 1u);
    EXPECT_EQ(signals[0].at("data"), json::parse(candidate("a1")));

    says(carol, R"({"id":12,"op":"hangup")" + of_call + "}");
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(hungup(carol.user), carol)));
}

TEST_F(ConversationHubTest, IsCalledByANativeClient) {
    Client& alice = join_client("user-alice");
    Peer& carol = join_native("user-carol");
    heard(alice);
    carol.texts();
    says(carol, R"({"id":9,"op":"call","to":{"user":"user-alice"},"data":{"description":)" +
                    description("offer", "o") + R"(,"channels":[{"protocol":"chat","ordered":true}]}})");
    const auto call = json::value_to<std::string>(carol.client.take_objects().at(0).at("ok").at("call"));
    const std::string of_call = R"(,"call":")" + call + "\"";
    says(carol, R"({"id":10,"op":"signal")" + of_call + R"(,"data":)" + candidate("c1") + "}");
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(offer("o"), carol)));

    says(alice, rtc(carol.cid, answer("a")));
    says(alice, rtc(carol.cid, pickup(alice.user)));
    says(alice, rtc(carol.cid, candidate("a1")));
    EXPECT_THAT(heard(alice), ElementsAre(rtc_frame(candidate("c1"), carol)));
    const auto events = events_of(carol);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].at("ev"), "accepted");
    EXPECT_EQ(events[0].at("cid"), json::string(alice.cid));
    EXPECT_EQ(events[0].at("data"),
              json::parse(R"({"description":{"type":"answer","sdp":"a"},"channels":[],"in_band":true})"));
    EXPECT_EQ(events[1].at("data"), json::parse(candidate("a1")));

    says(alice, rtc(carol.cid, hungup(alice.user)));
    const auto last = events_of(carol);
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last[0].at("reason"), "hung_up");
}

TEST_F(ConversationHubTest, ComesToOneCallWhenTwoClientsCallEachOther) {
    Client& alice = join_client("user-alice");
    Client& bob = join_client("user-bob");
    heard(alice);
    alice.conversation.from_client(rtc(bob.cid, offer("from alice")));
    bob.conversation.from_client(rtc(alice.cid, offer("from bob")));
    settle();
    // One of them has given way: its client is told that its call is over, and is called.
    const auto at_alice = heard(alice), at_bob = heard(bob);
    ASSERT_EQ(at_alice.size() + at_bob.size(), 2u);
    const bool alice_gave_way = !at_alice.empty();
    Client& caller = alice_gave_way ? bob : alice;
    Client& callee = alice_gave_way ? alice : bob;
    EXPECT_EQ((alice_gave_way ? at_alice : at_bob)[1],
              rtc_frame(offer(alice_gave_way ? "from bob" : "from alice"), caller));
    says(callee, rtc(caller.cid, hungup(callee.user)));  // as it closes what it had
    EXPECT_THAT(heard(caller), IsEmpty());
    says(callee, rtc(caller.cid, answer("a")));
    EXPECT_THAT(heard(caller),
                ElementsAre(rtc_frame(answer("a"), callee), rtc_frame(pickup(callee.user), callee)));
    says(callee, rtc(caller.cid, candidate("c")));
    EXPECT_THAT(heard(caller), ElementsAre(rtc_frame(candidate("c"), callee)));
    says(caller, rtc(callee.cid, hungup(caller.user)));
    EXPECT_THAT(heard(callee), ElementsAre(rtc_frame(hungup(caller.user), caller)));
}

TEST_F(ConversationHubTest, EndsTheCallsOfAClientThatClosesItsSocket) {
    Client& alice = join_client("user-alice");
    Client& bob = join_client("user-bob");
    says(alice, rtc(bob.cid, offer("o")));
    says(bob, rtc(alice.cid, answer("a")));
    heard(bob);
    turn([&] { hub().closing(*alice.peer.session, std::nullopt); });
    settle();
    EXPECT_THAT(heard(bob), testing::Contains(rtc_frame(hungup(alice.user), alice)));
}

}  // namespace
}  // namespace pipit::skapi
