#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {

inline const std::string kOk = R"({"id":9,"ok":{}})";

inline std::string ended_event(const std::string& call, const std::string& reason) {
    return R"({"ev":"ended","call":")" + call + R"(","reason":")" + reason + "\"}";
}
inline std::string signal_event(const std::string& call, const std::string& data) {
    return R"({"ev":"signal","call":")" + call + R"(","data":)" + data + "}";
}

/// Connections of one hub that call each other.
class HubCallsTest : public HubTest {
 protected:
    HubCallsTest() { settings_.ping_interval = base::Millis(600'000); }

    /// What it has got, heartbeats and notices left out.
    static std::vector<std::string> texts_of(Peer& peer) {
        std::vector<std::string> texts = peer.texts();
        std::erase_if(texts, [](const std::string& text) {
            return text == "{}" || text.starts_with(R"({"ev":"notice")");
        });
        return texts;
    }
    static std::string to_user(const std::string& user) { return R"({"user":")" + user + "\"}"; }
    static std::string to_cid(const Peer& peer) { return R"({"cid":")" + peer.cid + "\"}"; }

    void send_call(Peer& from, const std::string& to) {
        say(from, R"({"id":5,"op":"call","to":)" + to + R"(,"data":"offer"})");
    }
    /// The id of a call that came about.
    std::string call(Peer& from, const std::string& to) {
        from.texts();
        send_call(from, to);
        const auto answers = from.client.take_objects();
        EXPECT_EQ(answers.size(), 1u);
        EXPECT_TRUE(answers.at(0).contains("ok")) << boost::json::serialize(answers.at(0));
        return boost::json::value_to<std::string>(answers.at(0).at("ok").at("call"));
    }
    void refused(Peer& from, const std::string& to, codec::ErrorReason reason,
                 std::string_view message = {}) {
        send_call(from, to);
        EXPECT_THAT(texts_of(from), testing::ElementsAre(error_reply(5, reason, message)));
    }
    void command(Peer& peer, const std::string& op, const std::string& call, const std::string& data = "") {
        say(peer, R"({"id":9,"op":")" + op + R"(","call":")" + call + "\"" +
                      (data.empty() ? "" : ",\"data\":" + data) + "}");
    }
    /// Accepts and returns the tickets of callee and caller.
    std::pair<std::string, std::string> accept(Peer& callee, Peer& caller, const std::string& call) {
        command(callee, "accept", call, R"("answer")");
        callee_objects_ = callee.client.take_objects();
        const auto caller_objects = caller.client.take_objects();
        EXPECT_EQ(caller_objects.at(0).at("ev"), "accepted");
        return {boost::json::value_to<std::string>(callee_objects_.at(0).at("ok").at("ticket")),
                boost::json::value_to<std::string>(caller_objects.at(0).at("ticket"))};
    }
    void reattach(Peer& peer, const std::string& ticket) {
        say(peer, R"({"id":6,"op":"reattach","ticket":")" + ticket + "\"}");
    }
    void client_closes(Peer& peer, std::optional<std::uint16_t> code) {
        turn([&] { hub().closing(*peer.session, code); });
    }
    static std::string peer_here(const std::string& call, const Peer& peer) {
        return R"({"ev":"peer","call":")" + call + R"(","state":"here","user":")" + peer.user +
               R"(","cid":")" + peer.cid + "\"}";
    }
    static std::string peer_away(const std::string& call) {
        return R"({"ev":"peer","call":")" + call + R"(","state":"away"})";
    }
    static std::string reattached(const std::string& call, const Peer* peer) {
        const std::string other =
            peer == nullptr ? "null" : R"({"user":")" + peer->user + R"(","cid":")" + peer->cid + "\"}";
        return R"({"id":6,"ok":{"call":")" + call + R"(","peer":)" + other + "}}";
    }

    std::vector<boost::json::object> callee_objects_;
};

}  // namespace pipit::core
