#pragma once

#include <gmock/gmock.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/hub.hpp"
#include "core/testing/seeded_random.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {

// What the tests of hubs speak of.
using codec::CloseReason;
using codec::ErrorReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// One connection, from both ends.
struct Peer {
    Peer(TouchedOutboxes& touched, bool deflate) : client(touched, deflate) {}

    std::vector<std::string> texts() { return client.take_texts(); }
    std::optional<codec::CloseReason> close_reason() const {
        return closing ? std::optional(closing->reason) : std::nullopt;
    }

    TestClient client;
    Session* session = nullptr;
    std::string user, cid, epoch;
    std::optional<HubEffects::Closing> closing;  ///< what the hub asked for
};

/// A hub that is alone, with time moved by hand. Each call below is one loop turn.
class HubTest : public testing::Test {
 protected:
    HubTest() {
        settings_.server_name = "pipit/test";
        settings_.is_user_id = [](std::string_view name) { return name.starts_with("user-"); };
    }

    /// To be called before the hub is there: groups and users are forgotten when nobody is there any more.
    void keep_nothing() {
        settings_.history.age_max = base::Millis(0);
        settings_.history.key_window = base::Millis(0);
    }

    /// Made at the first call, with what `settings_` and `keys_` are by then.
    Hub& hub() {
        if (!hub_) hub_.emplace(settings_, WorkerIndex{0}, WorkerIndex{1}, random_, arena_, keys_);
        return *hub_;
    }

    /// A new hub with the same settings; the connections of the one before are gone.
    void restart() {
        hub_.reset();
        peers_.clear();
    }

    template <class Do>
    void turn(Do&& act) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now_ - kStart);
        hub().begin_turn({now_, kTestUnixTime + elapsed.count()}, congested_, push_congested_,
                         log_congested_);
        act();
        hub().end_turn();
        touched_.flush_all();
        arena_.end_turn();
        for (HubEffects::Closing& closing : std::exchange(hub().effects().closing, {})) {
            for (const auto& peer : peers_) {
                if (peer->session != nullptr && peer->session->address == closing.address)
                    peer->closing = closing;
            }
        }
    }

    Peer& open(std::optional<std::string> handshake_token = std::nullopt, bool deflate = false) {
        Peer& peer = *peers_.emplace_back(std::make_unique<Peer>(touched_, deflate));
        turn([&] { peer.session = &hub().open(peer.client.outbox, deflate, std::move(handshake_token)); });
        return peer;
    }
    void say(Peer& peer, std::string_view message) {
        turn([&] { hub().receive(*peer.session, message); });
    }
    void lose(Peer& peer) {
        turn([&] { hub().lost(*std::exchange(peer.session, nullptr)); });
    }
    /// Lets time pass to the moment at which `ms` have gone by since now, and looks at the clock then only.
    void pass(base::Millis time) {
        now_ += time;
        turn([&] { hub().tick(); });
    }

    /// Keys by which no token can be checked: the issuer's have not been fetched.
    static std::shared_ptr<const auth::KeyRing> no_keys() {
        return std::make_shared<const auth::KeyRing>(
            std::vector{auth::Issuer{.iss = std::string(auth::kLocalIssuer), .audiences = {}}});
    }
    void keys_arrive(std::shared_ptr<const auth::KeyRing> keys, bool fetched) {
        turn([&] { hub().keys_arrived(std::move(keys), fetched); });
    }

    static std::string connect(const std::string& token) {
        return R"({"id":1,"op":"connect","token":")" + token + "\"}";
    }

    /// A signed-in connection whose welcome has been read.
    Peer& sign_in(const std::string& user, const std::string& token, bool deflate = false) {
        Peer& peer = open(std::nullopt, deflate);
        say(peer, connect(token));
        const auto objects = peer.client.take_objects();
        EXPECT_GE(objects.size(), 1u);
        peer.user = user;
        peer.cid = objects.at(0).at("ok").at("cid").as_string();
        return peer;
    }
    Peer& sign_in(const std::string& user) { return sign_in(user, token_of(user)); }

    /// A member whose answer has been read.
    Peer& sign_in_to(const std::string& group, const std::string& user, bool deflate = false) {
        Peer& peer = sign_in(user, token_of(user), deflate);
        join(peer, group);
        return peer;
    }
    void join(Peer& peer, const std::string& group) {
        say(peer, R"({"id":2,"op":"join","group":")" + group + "\"}");
        const auto objects = peer.client.take_objects();
        peer.epoch = objects.at(0).at("ok").at("epoch").as_string();
    }

    static const base::Instant kStart;
    HubSettings settings_ = test_settings();
    std::shared_ptr<const auth::KeyRing> keys_ = test_keys();
    base::Instant now_ = kStart;
    std::vector<bool> congested_;  ///< as Hub::begin_turn takes it
    bool push_congested_ = false;  ///< likewise
    bool log_congested_ = false;   ///< likewise

 private:
    SeededRandom random_{20231123};
    TouchedOutboxes touched_;
    FrameArena arena_;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::optional<Hub> hub_;
};

inline const base::Instant HubTest::kStart{base::Millis(86'400'000)};

/// The reply that refuses with the catalogue's sentence.
inline std::string error_reply(std::uint64_t id, codec::ErrorReason reason, std::string_view message = {}) {
    std::string json;
    codec::v1::append_error(json, id, reason, message);
    return json;
}

}  // namespace pipit::core
