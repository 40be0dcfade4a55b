#include <gmock/gmock.h>
#include <string>

#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WorkerIndex kWorkers = 3;

/// A group that has its home on that worker.
std::string group_at(WorkerIndex home) {
    for (int i = 0;; ++i) {
        std::string name = "g" + std::to_string(i);
        if (home_hash(name) % kWorkers == home) return name;
    }
}

class HubResumeMeshTest : public testing::Test {
 protected:
    HubResumeMeshTest() { pass(base::Millis(0)); }

    void pass(base::Millis time) {
        now_ += time;
        mesh_.set_time({now_, kTestUnixTime});
        for (WorkerIndex worker = 0; worker < kWorkers; ++worker)
            mesh_.hub(worker).tick();
    }
    /// Everything arrives, but for what is under way from `slow_from` to `slow_to`.
    void exchange(WorkerIndex slow_from = kWorkers, WorkerIndex slow_to = kWorkers) {
        for (int round = 0; round < 20; ++round) {
            for (WorkerIndex from = 0; from < kWorkers; ++from) {
                mesh_.end_turn(from);
                for (WorkerIndex to = 0; to < kWorkers; ++to) {
                    while ((from != slow_from || to != slow_to) && mesh_.deliver(from, to)) {
                    }
                }
            }
        }
    }
    std::size_t group_count() {
        std::size_t count = 0;
        for (WorkerIndex worker = 0; worker < kWorkers; ++worker)
            count += mesh_.hub(worker).group_count();
        return count;
    }

    const HubSettings settings_ = [] {
        HubSettings settings = test_settings();
        settings.grace = base::Millis(1'000);
        return settings;
    }();
    HubMesh mesh_{settings_, kWorkers, 1, test_keys()};
    base::Instant now_{base::Millis(1'000'000)};
};

// A join that arrived behind the leaving of the connection that had taken over left a member that nobody was.
TEST_F(HubResumeMeshTest, HandsASessionOverBehindAllThatItHasSaid) {
    TestClient before(mesh_.touched(0)), after(mesh_.touched(1));
    Session& ann = mesh_.hub(0).open(before.outbox, false, std::nullopt);
    mesh_.hub(0).receive(ann, R"({"id":1,"op":"connect","token":")" + token_of("ann") + "\"}");
    exchange();
    const std::string cid = ann.cid.text();

    mesh_.hub(0).receive(ann, R"({"id":2,"op":"join","group":")" + group_at(2) + "\"}");
    mesh_.hub(0).lost(ann);
    Session& again = mesh_.hub(1).open(after.outbox, false, std::nullopt);
    mesh_.hub(1).receive(again, R"({"id":1,"op":"connect","token":")" + token_of("ann") + R"(","session":")" +
                                    cid + "\"}\n" + R"({"id":3,"op":"leave"})");
    exchange(0, 2);
    EXPECT_THAT(after.take_texts(), IsEmpty());
    exchange();
    EXPECT_THAT(after.take_texts(), ElementsAre(HasSubstr(R"("resumed":true)"), HasSubstr(R"("id":3,"ok")")));
    EXPECT_EQ(group_count(), 0u);
    mesh_.hub(1).lost(again);
}

}  // namespace
}  // namespace pipit::core
