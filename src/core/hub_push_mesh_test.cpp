// The users that a post addresses have their homes on different workers, and each is asked about by its own.

#include <gmock/gmock.h>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {
namespace {

constexpr WorkerIndex kWorkers = 4;
constexpr int kUsers = 60;

class HubPushMeshTest : public testing::Test {
 protected:
    HubPushMeshTest() {
        settings_.push = true;
        settings_.grace = base::Millis(60'000);
        settings_.is_user_id = [](std::string_view) { return false; };
        mesh_ = std::make_unique<HubMesh>(settings_, kWorkers, 7, test_keys());
        mesh_->set_time({now_, kTestUnixTime});
    }

    struct Peer {
        Peer(TouchedOutboxes& touched, WorkerIndex at) : client(touched, false), worker(at) {}
        TestClient client;
        WorkerIndex worker;
        Session* session = nullptr;
    };

    /// Everything arrives.
    void exchange() {
        do {
            for (WorkerIndex from = 0; from < kWorkers; ++from) {
                for (WorkerIndex to = 0; to < kWorkers; ++to) {
                    while (mesh_->deliver(from, to)) {
                    }
                }
            }
            for (WorkerIndex worker = 0; worker < kWorkers; ++worker)
                end_turn(worker);
        } while (mesh_->anything_under_way());
    }
    void end_turn(WorkerIndex worker) {
        mesh_->end_turn(worker);
        auto wanted = std::exchange(mesh_->hub(worker).effects().push, {});
        std::move(wanted.begin(), wanted.end(), std::back_inserter(wanted_));
    }
    std::unique_ptr<Peer> member(WorkerIndex worker, const std::string& user) {
        auto peer = std::make_unique<Peer>(mesh_->touched(worker), worker);
        peer->session = &mesh_->hub(worker).open(peer->client.outbox, false, token_of(user));
        say(*peer, R"({"id":1,"op":"connect"})");
        say(*peer, R"({"id":2,"op":"join","group":"tea room"})");
        return peer;
    }
    void say(Peer& peer, const std::string& text) {
        mesh_->hub(peer.worker).receive(*peer.session, text);
        exchange();
    }

    HubSettings settings_ = test_settings();
    base::Instant now_{base::Millis(86'400'000)};
    std::unique_ptr<HubMesh> mesh_;
    std::vector<PushCommand> wanted_;
};

TEST_F(HubPushMeshTest, SortsEveryUserOfAGroupOnceWhereverItsHomeIs) {
    std::vector<std::unique_ptr<Peer>> peers;
    std::map<std::string, bool> is_here;
    for (int i = 0; i < kUsers; ++i) {
        const std::string user = "user-" + std::to_string(i);
        peers.push_back(member(static_cast<WorkerIndex>(i % kWorkers), user));
        if (i == 0) continue;
        is_here[user] = i % 3 != 0;
        if (i % 3 == 0) mesh_->hub(peers.back()->worker).lost(*std::exchange(peers.back()->session, nullptr));
    }
    wanted_.clear();
    say(*peers[0],
        R"({"id":3,"op":"post","to":"tea room","data":1,"notification":{"title":"a","body":"b"}})");
    ASSERT_EQ(wanted_.size(), 1u);
    const auto& notify = std::get<NotifyAddressed>(wanted_[0]);
    EXPECT_EQ(notify.asker.session, peers[0]->session->address);
    EXPECT_EQ(notify.asker.worker, 0);
    std::map<std::string, bool> sorted;
    for (const UserId& user : notify.here)
        EXPECT_TRUE(sorted.emplace(*user, true).second) << *user;
    for (const UserId& user : notify.away)
        EXPECT_TRUE(sorted.emplace(*user, false).second) << *user;
    EXPECT_EQ(sorted, is_here);
}

TEST_F(HubPushMeshTest, HearsOfAnArrivalOnWhicheverWorkerTheConnectionIs) {
    const auto bob = member(2, "user-bob");
    wanted_.clear();
    const auto home = static_cast<WorkerIndex>(home_hash("user-bob") % kWorkers);
    mesh_->hub(home).handle(ProbeUsers{9, {std::make_shared<const std::string>("user-bob")}});
    exchange();
    EXPECT_TRUE(wanted_.empty());
    say(*bob, "{}");
    ASSERT_EQ(wanted_.size(), 1u);
    EXPECT_EQ(std::get<MessageArrived>(wanted_[0]).notification, 9u);
    EXPECT_EQ(*std::get<MessageArrived>(wanted_[0]).user, "user-bob");
}

}  // namespace
}  // namespace pipit::core
