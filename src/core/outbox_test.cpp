#include "core/outbox.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::core {
namespace {

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
    /// A batch of this turn.
    BatchPtr batch_of(std::string_view bytes = {}) {
        BatchPtr& batch = batches_.emplace_back(new Batch);
        batch->bytes() = bytes;
        return batch;
    }
    void end_turn() {
        for (const BatchPtr& batch : batches_)
            batch->seal();
        batches_.clear();
    }
    std::string all_when_the_turn_ends() {
        end_turn();
        return reader_.take_all();
    }

    TouchedOutboxes touched_;
    Reader reader_{touched_};
    Outbox& outbox_ = reader_.outbox;

 private:
    std::vector<BatchPtr> batches_;
};

TEST_F(OutboxTest, HasNothingToSendAtFirst) {
    EXPECT_TRUE(outbox_.empty());
    EXPECT_EQ(outbox_.bytes(), 0u);
    EXPECT_EQ(outbox_.front({}), "");
    EXPECT_TRUE(touched_.empty());
}

TEST_F(OutboxTest, ReceivesOnlyWhatIsAppendedAfterItOpened) {
    const BatchPtr batch = batch_of("early ");
    outbox_.open_range(batch);
    EXPECT_EQ(outbox_.bytes(), 0u);
    batch->bytes() += "later";
    EXPECT_EQ(outbox_.bytes(), 5u);
    EXPECT_EQ(all_when_the_turn_ends(), "later");
}

TEST_F(OutboxTest, KeepsWhatCameBeforeItClosedAndNothingAfter) {
    const BatchPtr batch = batch_of();
    outbox_.open_range(batch);
    batch->bytes() += "mine";
    outbox_.close_range(*batch);
    batch->bytes() += " not mine";
    EXPECT_EQ(all_when_the_turn_ends(), "mine");
}

TEST_F(OutboxTest, MissesExactlyWhatCameBetweenClosingAndOpeningAgain) {
    const BatchPtr batch = batch_of();
    outbox_.open_range(batch);
    batch->bytes() += "a";
    outbox_.close_range(*batch);
    batch->bytes() += "b";
    outbox_.open_range(batch);
    batch->bytes() += "c";
    EXPECT_EQ(outbox_.bytes(), 2u);
    EXPECT_EQ(all_when_the_turn_ends(), "ac");
}

TEST_F(OutboxTest, OpensOnceHoweverOftenItIsAsked) {
    const BatchPtr batch = batch_of();
    outbox_.open_range(batch);
    batch->bytes() += "once";
    outbox_.open_range(batch);
    EXPECT_EQ(all_when_the_turn_ends(), "once");
}

TEST_F(OutboxTest, ClosesOnlyTheOneOfSeveralOpenRangesThatIsMeant) {
    const BatchPtr group = batch_of();
    const BatchPtr list = batch_of();
    outbox_.open_range(group);
    outbox_.open_range(list);
    group->bytes() += "g1";
    list->bytes() += "l1";
    outbox_.open_range(group);
    outbox_.close_range(*list);
    list->bytes() += "l2";
    group->bytes() += "g2";
    outbox_.close_range(*list);
    outbox_.close_range(*group);
    group->bytes() += "g3";
    EXPECT_EQ(outbox_.bytes(), 6u);
    EXPECT_EQ(all_when_the_turn_ends(), "g1g2l1");
}

TEST_F(OutboxTest, CannotBeReadWhileOneOfSeveralRangesMayStillGrow) {
    const BatchPtr group = batch_of();
    const BatchPtr list = batch_of();
    outbox_.open_range(group);
    outbox_.open_range(list);
    outbox_.close_range(*list);
    EXPECT_DEATH(outbox_.retain(), "broken invariant");
}

TEST_F(OutboxTest, IgnoresTheClosingOfARangeThatIsNotOpen) {
    const BatchPtr batch = batch_of();
    const BatchPtr other = batch_of("other");
    outbox_.close_range(*batch);
    outbox_.open_range(batch);
    outbox_.close_range(*other);
    batch->bytes() += "still open";
    EXPECT_EQ(all_when_the_turn_ends(), "still open");
}

TEST_F(OutboxTest, ClosesARangeBehindWhichOthersStand) {
    const BatchPtr batch = batch_of();
    const BatchPtr arena = batch_of("reply ");
    outbox_.open_range(batch);
    outbox_.push_range(arena, 0);
    batch->bytes() += "event ";
    outbox_.close_range(*batch);
    batch->bytes() += "missed";
    EXPECT_EQ(all_when_the_turn_ends(), "event reply ");
}

TEST_F(OutboxTest, PushesARangeThatAdjoinsTheLastAsOne) {
    const BatchPtr arena = batch_of("ab");
    outbox_.push_range(arena, 0);
    arena->bytes() += "cd";
    outbox_.push_range(arena, 2);
    EXPECT_EQ(outbox_.front({}), "abcd");  // one range needs no scratch
}

TEST_F(OutboxTest, PushesARangeBehindAGapAsAnother) {
    const BatchPtr arena = batch_of("ab");
    outbox_.push_range(arena, 0);
    arena->bytes() += "somebody else's";
    const std::size_t begin = arena->size();
    arena->bytes() += "cd";
    outbox_.push_range(arena, begin);
    EXPECT_EQ(all_when_the_turn_ends(), "abcd");
}

TEST_F(OutboxTest, FrontIsTheFirstRangeItselfWhenScratchCannotHoldMore) {
    const BatchPtr first = batch_of("0123456789");
    const BatchPtr second = batch_of("x");
    outbox_.push_range(first, 0);
    outbox_.push_range(second, 0);
    std::array<char, 10> scratch;
    EXPECT_EQ(outbox_.front(scratch).data(), first->bytes().data());
    std::array<char, 32> larger;
    EXPECT_EQ(outbox_.front(larger), "0123456789x");
    EXPECT_EQ(outbox_.front(larger).data(), larger.data());
}

TEST_F(OutboxTest, FrontFillsScratchAndNoMore) {
    outbox_.push_range(batch_of("abc"), 0);
    outbox_.push_range(batch_of("def"), 0);
    outbox_.push_range(batch_of("ghi"), 0);
    std::array<char, 5> scratch;
    EXPECT_EQ(outbox_.front(scratch), "abcde");
}

TEST_F(OutboxTest, ConsumesAtEveryCut) {
    const std::string all = "abcdefghi";
    for (std::size_t first = 0; first <= all.size(); ++first) {
        for (std::size_t second = 0; first + second <= all.size(); ++second) {
            for (const bool retained : {false, true}) {
                const BatchPtr open = batch_of();
                outbox_.push_range(batch_of("abc"), 0);
                outbox_.open_range(open);
                open->bytes() += "de";
                outbox_.push_range(batch_of("fghi"), 0);
                end_turn();
                if (retained) outbox_.retain();
                outbox_.consume(first);
                EXPECT_EQ(outbox_.bytes(), all.size() - first);
                outbox_.retain();
                outbox_.consume(second);
                EXPECT_EQ(outbox_.bytes(), all.size() - first - second);
                EXPECT_EQ(all_when_the_turn_ends(), all.substr(first + second))
                    << first << ' ' << second << ' ' << retained;
                EXPECT_EQ(outbox_.bytes(), 0u);
            }
        }
    }
}

TEST_F(OutboxTest, SharesABatchThatItIsALargePartOfAndCopiesOutOfOthers) {
    const BatchPtr group = batch_of("event");
    outbox_.push_range(group, 0);
    const BatchPtr arena = batch_of("what many others wait for ");
    const std::size_t begin = arena->size();
    arena->bytes() += "reply";
    outbox_.push_range(arena, begin);
    end_turn();
    EXPECT_EQ(group->use_count(), 2u);
    EXPECT_EQ(arena->use_count(), 2u);
    outbox_.retain();
    EXPECT_EQ(group->use_count(), 2u);
    EXPECT_EQ(arena->use_count(), 1u);
    EXPECT_EQ(all_when_the_turn_ends(), "eventreply");
    EXPECT_EQ(group->use_count(), 1u);
}

TEST_F(OutboxTest, RetainingEndsTheOpenRange) {
    const BatchPtr batch = batch_of();
    outbox_.open_range(batch);
    batch->bytes() += "this turn";
    end_turn();
    outbox_.retain();
    outbox_.close_range(*batch);  // of what is not open any more
    const BatchPtr next = batch_of();
    outbox_.open_range(next);
    next->bytes() += "!";
    EXPECT_EQ(outbox_.bytes(), 10u);
    EXPECT_EQ(all_when_the_turn_ends(), "this turn!");
}

TEST_F(OutboxTest, CannotBeReadWhileItsRangeMayStillGrow) {
    const BatchPtr batch = batch_of();
    outbox_.open_range(batch);
    batch->bytes() += "early";
    EXPECT_DEATH(outbox_.consume(5), "broken invariant");
    EXPECT_DEATH(outbox_.retain(), "broken invariant");
}

TEST_F(OutboxTest, RetainsTheRestOfWhatWasPartlySent) {
    outbox_.push_range(batch_of("0123456789"), 0);
    outbox_.consume(4);
    outbox_.retain();
    outbox_.push_range(batch_of("ab"), 0);
    EXPECT_EQ(outbox_.bytes(), 8u);
    outbox_.retain();
    outbox_.consume(7);
    EXPECT_EQ(outbox_.bytes(), 1u);
    EXPECT_EQ(all_when_the_turn_ends(), "b");
}

TEST_F(OutboxTest, IsFlushedOnceATurnHoweverOftenItIsTouched) {
    outbox_.push_range(batch_of("a"), 0);
    outbox_.push_range(batch_of("b"), 0);
    outbox_.open_range(batch_of());
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
    EXPECT_TRUE(touched_.empty());
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
    outbox_.push_range(batch_of("c"), 0);
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 2);
}

TEST_F(OutboxTest, IsFlushedThoughNothingWasAddedWhenItAsksForIt) {
    outbox_.request_flush();
    outbox_.request_flush();
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
}

TEST_F(OutboxTest, IsForgottenWhenItGoesBeforeTheFlush) {
    auto gone = std::make_unique<Reader>(touched_);
    gone->outbox.push_range(batch_of("a"), 0);
    outbox_.push_range(batch_of("b"), 0);
    gone.reset();
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
}

TEST_F(OutboxTest, MayGoWhileAnotherIsFlushed) {
    auto gone = std::make_unique<Reader>(touched_);
    outbox_.push_range(batch_of("a"), 0);
    gone->outbox.push_range(batch_of("b"), 0);
    reader_.on_flush = [&] { gone.reset(); };
    touched_.flush_all();
    EXPECT_EQ(reader_.flushes, 1);
}

}  // namespace
}  // namespace pipit::core
