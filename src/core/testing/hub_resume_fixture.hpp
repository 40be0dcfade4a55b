#pragma once

#include <string>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {

/// A hub that keeps the place of a lost connection for kGrace.
class HubResumeTest : public HubTest {
 protected:
    static constexpr base::Millis kGrace{3'000};
    HubResumeTest() { settings_.grace = kGrace; }

    static std::string connect_as(const std::string& cid, const std::string& token) {
        return R"({"id":1,"op":"connect","token":")" + token + R"(","session":")" + cid + "\"}";
    }
    /// A connection that has asked to go on as `cid`, and its welcome. `welcome_` is null when it got none.
    Peer& come_back(const std::string& user, const std::string& cid) {
        Peer& peer = open();
        say(peer, connect_as(cid, token_of(user)));
        welcome_ = nullptr;
        const auto objects = peer.client.take_objects();
        if (!objects.empty() && objects[0].contains("ok")) {
            welcome_ = objects[0].at("ok");
            peer.user = user;
            peer.cid = welcome_.at("cid").as_string();
        }
        return peer;
    }
    bool resumed() const { return welcome_.is_object() && welcome_.at("resumed").as_bool(); }

    void client_closes(Peer& peer, std::optional<std::uint16_t> code) {
        turn([&] { hub().closing(*peer.session, code); });
    }

    /// What `observer` sees: the users of its group, then the groups with their numbers.
    std::string listing(Peer& observer) {
        say(observer, R"({"id":70,"op":"users"})"
                      "\n"
                      R"({"id":71,"op":"groups"})");
        std::string text;
        for (const std::string& answer : observer.texts())
            text += answer + "\n";
        return text;
    }
    static std::string notice(const std::string& code) { return "\"code\":\"" + code + "\""; }

    boost::json::value welcome_;  ///< the content of the last one
};

}  // namespace pipit::core
