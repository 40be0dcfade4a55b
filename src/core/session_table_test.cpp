#include "core/session_table.hpp"

#include <set>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

struct NeverFlushed final : OutboxOwner {
    void flush() override {}
};

class SessionTableTest : public testing::Test {
 protected:
    SessionAddress add() {
        return table_
            .add([&](SessionAddress address) {
                return std::make_unique<Session>(address, outbox_, false, RateLimiter::Settings{},
                                                 base::Instant{});
            })
            .address;
    }

    TouchedOutboxes touched_;
    NeverFlushed owner_;
    Outbox outbox_{owner_, touched_};
    SessionTable table_{7};
};

TEST_F(SessionTableTest, FindsNothingAtALateAddress) {
    const SessionAddress late = add();
    table_.remove(late);
    EXPECT_EQ(table_.find(late), nullptr);
    const SessionAddress fresh = add();
    EXPECT_EQ(fresh.slot, late.slot);
    EXPECT_EQ(table_.find(late), nullptr);
    EXPECT_EQ(table_.find(late.slot, late.generation), nullptr);
    ASSERT_NE(table_.find(fresh), nullptr);
    EXPECT_EQ(table_.find(fresh)->address, fresh);
}

TEST_F(SessionTableTest, KeepsEverySessionUnderItsOwnAddress) {
    std::vector<SessionAddress> addresses;
    for (int i = 0; i < 100; ++i)
        addresses.push_back(add());
    for (std::size_t i = 0; i < addresses.size(); i += 3)
        table_.remove(addresses[i]);
    EXPECT_EQ(table_.size(), 66u);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Session* session = table_.find(addresses[i]);
        ASSERT_EQ(session == nullptr, i % 3 == 0) << i;
        if (session != nullptr) {
            EXPECT_EQ(session->address, addresses[i]);
        }
    }
}

TEST_F(SessionTableTest, GivesAddressesOfItsWorker) {
    EXPECT_EQ(add().worker, 7);
}

TEST_F(SessionTableTest, VisitsExactlyWhatIsThere) {
    const SessionAddress first = add();
    const SessionAddress second = add();
    const SessionAddress third = add();
    table_.remove(second);
    std::set<std::uint32_t> slots;
    table_.for_each([&](Session& session) { EXPECT_TRUE(slots.insert(session.address.slot).second); });
    EXPECT_EQ(slots, (std::set{first.slot, third.slot}));
}

}  // namespace
}  // namespace pipit::core
