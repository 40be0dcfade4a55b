#include "core/frame_arena.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

using namespace std::literals;

struct Reader final : OutboxOwner {
    explicit Reader(TouchedOutboxes& touched) : outbox(*this, touched) {}
    void flush() override {}
    Outbox outbox;
};

class FrameArenaTest : public testing::Test {
 protected:
    TouchedOutboxes touched_;
    Reader ann_{touched_};
    Reader bob_{touched_};
    FrameArena arena_;
    char scratch_[1 << 18];
};

TEST_F(FrameArenaTest, GivesEachReceiverItsOwnFramesOnly) {
    arena_.push(ann_.outbox, codec::Opcode::text, "one");
    arena_.push(bob_.outbox, codec::Opcode::ping, "");
    arena_.push_frame(ann_.outbox, "\x81\x01!"sv);
    arena_.push_close(bob_.outbox, 4000, "bye");
    EXPECT_EQ(ann_.outbox.front(scratch_), "\x81\x03one\x81\x01!"sv);
    EXPECT_EQ(bob_.outbox.front(scratch_),
              "\x89\x00\x88\x05\x0f\xa0"
              "bye"sv);
}

TEST_F(FrameArenaTest, SharesOneBatchWithinATurn) {
    arena_.push(ann_.outbox, codec::Opcode::text, "12345");
    arena_.push(bob_.outbox, codec::Opcode::text, "123");
    EXPECT_EQ(arena_.turn_bytes(), 12u);
    arena_.end_turn();
    EXPECT_EQ(arena_.turn_bytes(), 0u);
}

TEST_F(FrameArenaTest, KeepsWhatIsPushedWhenTheTurnEnds) {
    arena_.push(ann_.outbox, codec::Opcode::text, "a");
    arena_.end_turn();
    arena_.push(ann_.outbox, codec::Opcode::text, "b");
    EXPECT_EQ(ann_.outbox.front(scratch_),
              "\x81\x01"
              "a\x81\x01"
              "b"sv);
}

TEST_F(FrameArenaTest, BeginsAnotherBatchBeforeOneGrowsWithoutBound) {
    const std::string payload(40'000, 'x');
    std::size_t pushed = 0;
    for (int i = 0; i < 5; ++i) {
        arena_.push(ann_.outbox, codec::Opcode::text, payload);
        pushed += payload.size() + 4;
    }
    EXPECT_EQ(arena_.turn_bytes(), pushed);
    EXPECT_EQ(ann_.outbox.bytes(), pushed);
    EXPECT_EQ(ann_.outbox.front({}).size(), 2 * (payload.size() + 4));  // the first batch
    EXPECT_EQ(ann_.outbox.front(scratch_).size(), pushed);
}

}  // namespace
}  // namespace pipit::core
