#include "core/local_groups.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

struct Member final : OutboxOwner {
    explicit Member(TouchedOutboxes& touched) : outbox(*this, touched) {}
    void flush() override {}

    /// All that waits, taken at once.
    std::string take() {
        char scratch[1 << 16];
        std::string all;
        while (!outbox.empty()) {
            const std::string_view front = outbox.front(scratch);
            all += front;
            outbox.consume(front.size());
        }
        return all;
    }
    /// A send of at most `bytes_max` bytes, behind which the rest stays.
    std::string take(std::size_t bytes_max) {
        char scratch[64];
        const std::string sent(outbox.front(scratch).substr(0, bytes_max));
        outbox.consume(sent.size());
        outbox.retain();
        return sent;
    }

    Outbox outbox;
    LocalMembership membership;
};

EncodedEvent plain(std::string frame) {
    return {.plain = std::move(frame), .deflated = {}};
}

class LocalGroupsTest : public testing::Test {
 protected:
    void add(Member& member, std::string_view group, bool deflate = false) {
        groups_.add(group, member.outbox, deflate, member.membership);
    }

    TouchedOutboxes touched_;
    LocalGroups groups_;
    Member ann_{touched_}, bob_{touched_}, eve_{touched_};
};

TEST_F(LocalGroupsTest, DeliversNothingToAGroupWithoutMembersHere) {
    groups_.deliver("g", plain("a"));
    EXPECT_EQ(groups_.turn_bytes(), 0u);
    add(ann_, "g");
    EXPECT_TRUE(ann_.outbox.empty());
}

TEST_F(LocalGroupsTest, DeliversToMembersOfThatGroupOnly) {
    add(ann_, "g");
    add(bob_, "g");
    add(eve_, "h");
    groups_.deliver("g", plain("for g"));
    groups_.end_turn();
    EXPECT_EQ(ann_.take(), "for g");
    EXPECT_EQ(bob_.take(), "for g");
    EXPECT_EQ(eve_.take(), "");
}

TEST_F(LocalGroupsTest, GivesWhoJoinsInTheTurnOnlyWhatComesLater) {
    add(ann_, "g");
    groups_.deliver("g", plain("1"));
    add(bob_, "g");
    EXPECT_EQ(bob_.outbox.bytes(), 0u);
    groups_.deliver("g", plain("2"));
    groups_.end_turn();
    EXPECT_EQ(ann_.take(), "12");
    EXPECT_EQ(bob_.take(), "2");
}

TEST_F(LocalGroupsTest, LeavesWhoGoesInTheTurnWhatCameBefore) {
    add(ann_, "g");
    add(bob_, "g");
    groups_.deliver("g", plain("1"));
    groups_.remove(ann_.membership);
    groups_.remove(ann_.membership);  // does nothing without a group
    groups_.deliver("g", plain("2"));
    groups_.end_turn();
    EXPECT_EQ(ann_.take(), "1");
    EXPECT_EQ(bob_.take(), "12");
}

TEST_F(LocalGroupsTest, KeepsAGroupThroughATurnInWhichAllLeaveAndOneComesBack) {
    add(ann_, "g");
    groups_.deliver("g", plain("1"));
    groups_.remove(ann_.membership);
    groups_.deliver("g", plain("2"));
    add(ann_, "g");
    groups_.deliver("g", plain("3"));
    groups_.end_turn();
    EXPECT_EQ(ann_.take(), "13");
}

TEST_F(LocalGroupsTest, SharesOneBufferAmongMembers) {
    add(ann_, "g");
    add(bob_, "g");
    groups_.deliver("g", plain("shared"));
    groups_.end_turn();
    EXPECT_EQ(ann_.outbox.front({}).data(), bob_.outbox.front({}).data());
}

TEST_F(LocalGroupsTest, GivesCompressedFramesToThoseWhoTakeThemIfThereAreAny) {
    add(ann_, "g");
    add(bob_, "g", true);
    groups_.deliver("g", {.plain = "plain", .deflated = "small"});
    groups_.deliver("g", plain("!"));
    EXPECT_EQ(groups_.turn_bytes(), 12u);
    groups_.end_turn();
    EXPECT_EQ(groups_.turn_bytes(), 0u);
    EXPECT_EQ(ann_.take(), "plain!");
    EXPECT_EQ(bob_.take(), "small!");
}

TEST_F(LocalGroupsTest, BeginsAnotherBufferWithEveryTurn) {
    add(ann_, "g");
    groups_.deliver("g", plain("1"));
    groups_.end_turn();
    ann_.outbox.retain();
    groups_.deliver("g", plain("2"));
    EXPECT_EQ(ann_.outbox.bytes(), 2u);
    groups_.end_turn();
    EXPECT_EQ(ann_.take(), "12");
}

/// A member and what it must receive, kept as plain text: upper case are events, lower case are replies.
struct Watched {
    explicit Watched(TouchedOutboxes& touched) : member(touched) {}
    Member member;
    int group = -1;
    std::string events, replies, received;
    std::size_t waiting_bytes = 0;
};

// Members come, go and read at their own pace; what each receives must be what a text kept for it alone has.
// Within a turn only the order among events and among replies is promised, so each of the two is compared by
// itself.
TEST(LocalGroupsModel, GivesEveryMemberWhatATextOfItsOwnWouldHave) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        SeededRandom random(seed);
        TouchedOutboxes touched;
        LocalGroups groups;
        std::deque<Watched> all;
        for (int i = 0; i < 6; ++i)
            all.emplace_back(touched);
        const std::string names[] = {"g", "h"};
        BatchPtr arena(new Batch);

        for (int step = 0; step < 400; ++step) {
            Watched& one = all[random.below(all.size())];
            switch (random.below(6)) {
                case 0:
                    groups.remove(one.member.membership);
                    one.group = -1;
                    break;
                case 1:
                    if (one.group >= 0) break;
                    one.group = static_cast<int>(random.below(2));
                    groups.add(names[one.group], one.member.outbox, random.one_in(2), one.member.membership);
                    break;
                case 2:
                case 3: {
                    const int to = static_cast<int>(random.below(2));
                    const std::string frame(1 + random.below(9), static_cast<char>('A' + random.below(26)));
                    groups.deliver(names[to], random.one_in(2) ? plain(frame) : EncodedEvent{frame, frame});
                    for (Watched& receiver : all) {
                        if (receiver.group != to) continue;
                        receiver.events += frame;
                        receiver.waiting_bytes += frame.size();
                    }
                    break;
                }
                case 4: {
                    const std::string frame(1 + random.below(9), static_cast<char>('a' + random.below(26)));
                    const std::size_t begin = arena->size();
                    arena->bytes() += frame;
                    one.member.outbox.push_range(arena, begin);
                    one.replies += frame;
                    one.waiting_bytes += frame.size();
                    break;
                }
                default:
                    if (!random.one_in(5)) break;
                    groups.end_turn();
                    arena->seal();
                    arena.reset(new Batch);
                    for (Watched& reader : all) {
                        const std::string sent = reader.member.take(random.below(80));
                        reader.received += sent;
                        reader.waiting_bytes -= sent.size();
                    }
            }
            for (const Watched& each : all)
                ASSERT_EQ(each.member.outbox.bytes(), each.waiting_bytes);
        }

        groups.end_turn();
        for (Watched& one : all) {
            one.received += one.member.take();
            std::string events = one.received, replies = one.received;
            std::erase_if(events, [](char c) { return c >= 'a'; });
            std::erase_if(replies, [](char c) { return c < 'a'; });
            ASSERT_EQ(events, one.events);
            ASSERT_EQ(replies, one.replies);
        }
    }
}

}  // namespace
}  // namespace pipit::core
