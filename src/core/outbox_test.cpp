#include "core/outbox.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

BatchPtr batch_of(Batch::Kind kind, std::string_view bytes) {
    BatchPtr batch(new Batch(kind));
    batch->bytes() = bytes;
    return batch;
}
BatchPtr shared(std::string_view bytes = {}) {
    return batch_of(Batch::Kind::shared, bytes);
}
BatchPtr mixed(std::string_view bytes = {}) {
    return batch_of(Batch::Kind::mixed, bytes);
}

struct Reader final : OutboxOwner {
    explicit Reader(TouchedOutboxes& touched) : outbox(*this, touched) {}
    void flush() override {
        ++flushes;
        if (on_flush) on_flush();
    }
    /// All that waits, taken in sends of at most `scratch_bytes`.
    std::string take_all(std::size_t scratch_bytes = 64) {
        std::string all;
        std::vector<char> scratch(scratch_bytes);
        while (!outbox.empty()) {
            const std::string_view front = outbox.front(scratch);
            all += front;
            outbox.consume(front.size());
        }
        return all;
    }

    Outbox outbox;
    int flushes = 0;
    std::function<void()> on_flush;
};

class OutboxTest : public testing::Test {
 protected:
    TouchedOutboxes touched_;
    Reader reader_{touched_};
    Outbox& outbox_ = reader_.outbox;
};

TEST_F(OutboxTest, HasNothingToSendAtFirst) {
    EXPECT_TRUE(outbox_.empty());
    EXPECT_EQ(outbox_.bytes(), 0u);
    EXPECT_EQ(outbox_.front({}), "");
    EXPECT_TRUE(touched_.empty());
}

TEST_F(OutboxTest, ReceivesOnlyWhatIsAppendedAfterItOpened) {
    const BatchPtr batch = shared("early ");
    outbox_.open_range(batch);
    EXPECT_EQ(outbox_.bytes(), 0u);
    batch->bytes() += "later";
    EXPECT_EQ(outbox_.bytes(), 5u);
    EXPECT_EQ(reader_.take_all(), "later");
}

TEST_F(OutboxTest, KeepsWhatCameBeforeItClosedAndNothingAfter) {
    const BatchPtr batch = shared();
    outbox_.open_range(batch);
    batch->bytes() += "mine";
    outbox_.close_range(*batch);
    batch->bytes() += " not mine";
    EXPECT_EQ(reader_.take_all(), "mine");
}

TEST_F(OutboxTest, MissesExactlyWhatCameBetweenClosingAndOpeningAgain) {
    const BatchPtr batch = shared();
    outbox_.open_range(batch);
    batch->bytes() += "a";
    outbox_.close_range(*batch);
    batch->bytes() += "b";
    outbox_.open_range(batch);
    batch->bytes() += "c";
    EXPECT_EQ(outbox_.bytes(), 2u);
    EXPECT_EQ(reader_.take_all(), "ac");
}

TEST_F(OutboxTest, OpensOnceHoweverOftenItIsAsked) {
    const BatchPtr batch = shared();
    outbox_.open_range(batch);
    batch->bytes() += "once";
    outbox_.open_range(batch);
    EXPECT_EQ(reader_.take_all(), "once");
}

TEST_F(OutboxTest, IgnoresTheClosingOfARangeThatIsNotOpen) {
    const BatchPtr batch = shared();
    const BatchPtr other = shared("other");
    outbox_.close_range(*batch);
    outbox_.open_range(batch);
    outbox_.close_range(*other);
    batch->bytes() += "still open";
    EXPECT_EQ(reader_.take_all(), "still open");
}

TEST_F(OutboxTest, ClosesARangeBehindWhichOthersStand) {
    const BatchPtr batch = shared();
    const BatchPtr arena = mixed("reply ");
    outbox_.open_range(batch);
    outbox_.push_range(arena, 0);
    batch->bytes() += "event ";
    outbox_.close_range(*batch);
    batch->bytes() += "missed";
    EXPECT_EQ(reader_.take_all(), "event reply ");
}

TEST_F(OutboxTest, PushesARangeThatAdjoinsTheLastAsOne) {
    const BatchPtr arena = mixed("ab");
    outbox_.push_range(arena, 0);
    arena->bytes() += "cd";
    outbox_.push_range(arena, 2);
    EXPECT_EQ(outbox_.front({}), "abcd");  // one range needs no scratch
}

TEST_F(OutboxTest, PushesARangeBehindAGapAsAnother) {
    const BatchPtr arena = mixed("ab");
    outbox_.push_range(arena, 0);
    arena->bytes() += "somebody else's";
    const std::size_t begin = arena->size();
    arena->bytes() += "cd";
    outbox_.push_range(arena, begin);
    EXPECT_EQ(reader_.take_all(), "abcd");
}

TEST_F(OutboxTest, FrontIsTheFirstRangeItselfWhenScratchCannotHoldMore) {
    const BatchPtr first = shared("0123456789");
    const BatchPtr second = shared("x");
    outbox_.push_range(first, 0);
    outbox_.push_range(second, 0);
    std::array<char, 10> scratch;
    EXPECT_EQ(outbox_.front(scratch).data(), first->bytes().data());
    std::array<char, 32> larger;
    EXPECT_EQ(outbox_.front(larger), "0123456789x");
    EXPECT_EQ(outbox_.front(larger).data(), larger.data());
}

TEST_F(OutboxTest, FrontFillsScratchAndNoMore) {
    outbox_.push_range(shared("abc"), 0);
    outbox_.push_range(shared("def"), 0);
    outbox_.push_range(shared("ghi"), 0);
    std::array<char, 5> scratch;
    EXPECT_EQ(outbox_.front(scratch), "abcde");
}

TEST_F(OutboxTest, ConsumesAtEveryCut) {
    const std::string all = "abcdefghi";
    for (std::size_t first = 0; first <= all.size(); ++first) {
        for (std::size_t second = 0; first + second <= all.size(); ++second) {
            for (const bool retained : {false, true}) {
                const BatchPtr open = shared();
                outbox_.push_range(mixed("abc"), 0);
                outbox_.open_range(open);
                open->bytes() += "de";
                outbox_.push_range(shared("fghi"), 0);
                if (retained) outbox_.retain();
                outbox_.consume(first);
                EXPECT_EQ(outbox_.bytes(), all.size() - first);
                outbox_.retain();
                outbox_.consume(second);
                EXPECT_EQ(outbox_.bytes(), all.size() - first - second);
                EXPECT_EQ(reader_.take_all(), all.substr(first + second))
                    << first << ' ' << second << ' ' << retained;
                EXPECT_EQ(outbox_.bytes(), 0u);
            }
        }
    }
}

TEST_F(OutboxTest, RetainsSharedBatchesAndCopiesOutOfMixedOnes) {
    const BatchPtr group = shared("event");
    outbox_.push_range(group, 0);
    const BatchPtr mine = mixed("reply");
    outbox_.push_range(mine, 0);
    outbox_.retain();
    EXPECT_EQ(group->use_count(), 2u);
    EXPECT_EQ(mine->use_count(), 1u);
    EXPECT_EQ(reader_.take_all(), "eventreply");
    EXPECT_EQ(group->use_count(), 1u);
}

TEST_F(OutboxTest, RetainingEndsTheOpenRange) {
    const BatchPtr batch = shared();
    outbox_.open_range(batch);
    batch->bytes() += "this turn";
    outbox_.retain();
    batch->bytes() += " the next";
    EXPECT_EQ(outbox_.bytes(), 9u);
    outbox_.close_range(*batch);  // of what is not open any more
    const BatchPtr next = shared();
    outbox_.open_range(next);
    next->bytes() += "!";
    EXPECT_EQ(reader_.take_all(), "this turn!");
}

TEST_F(OutboxTest, RetainsTheRestOfWhatWasPartlySent) {
    outbox_.push_range(mixed("0123456789"), 0);
    outbox_.consume(4);
    outbox_.retain();
    outbox_.push_range(mixed("ab"), 0);
    EXPECT_EQ(outbox_.bytes(), 8u);
    outbox_.retain();
    outbox_.consume(7);
    EXPECT_EQ(outbox_.bytes(), 1u);
    EXPECT_EQ(reader_.take_all(), "b");
}

TEST_F(OutboxTest, IsFlushedOnceATurnHoweverOftenItIsTouched) {
    outbox_.push_range(mixed("a"), 0);
    outbox_.push_range(mixed("b"), 0);
    outbox_.open_range(shared());
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
    EXPECT_TRUE(touched_.empty());
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
    outbox_.push_range(mixed("c"), 0);
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 2);
}

TEST_F(OutboxTest, IsForgottenWhenItGoesBeforeTheFlush) {
    auto gone = std::make_unique<Reader>(touched_);
    gone->outbox.push_range(mixed("a"), 0);
    outbox_.push_range(mixed("b"), 0);
    gone.reset();
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
}

TEST_F(OutboxTest, MayGoWhileAnotherIsFlushed) {
    auto gone = std::make_unique<Reader>(touched_);
    outbox_.push_range(mixed("a"), 0);
    gone->outbox.push_range(mixed("b"), 0);
    reader_.on_flush = [&] { gone.reset(); };
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
}

}  // namespace
}  // namespace pipit::core
