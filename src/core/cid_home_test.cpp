#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {
namespace {

TEST(CidHome, KnowsAConnectionOnceItIsWelcomedWhateverIsStillUnderWay) {
    constexpr WorkerIndex kWorkers = 3;
    const HubSettings settings = test_settings();
    HubMesh mesh(settings, kWorkers, 1, test_keys());
    mesh.set_time({base::Instant(base::Millis(1'000)), kTestUnixTime});
    for (WorkerIndex self = 0; self < kWorkers; ++self) {
        TestClient client(mesh.touched(self));
        Session& session = mesh.hub(self).open(client.outbox, false, std::nullopt);
        mesh.hub(self).receive(session, R"({"id":1,"op":"connect","token":")" + token_of("u1") + "\"}");
        for (;;) {
            mesh.end_turn(self);
            if (!client.take_texts().empty()) break;
            for (WorkerIndex home = 0; home < kWorkers; ++home) {
                while (mesh.deliver(self, home))
                    continue;
                if (home == self) continue;
                mesh.end_turn(home);
                while (mesh.deliver(home, self))
                    continue;
            }
        }
        EXPECT_EQ(mesh.hub(self).cid_count(), 1u) << "worker " << self;
        mesh.hub(self).lost(session);
    }
}

}  // namespace
}  // namespace pipit::core
