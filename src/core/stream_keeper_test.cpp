#include "core/stream_keeper.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/testing/seeded_random.hpp"

namespace pipit::core {
namespace {

using codec::v1::NotRecovered;
using codec::v1::Position;
using codec::v1::Replayed;

constexpr base::Instant kStart{base::Millis(1'000'000)};

EncodedEventPtr event(std::string text) {
    auto event = std::make_shared<EncodedEvent>();
    event->plain = std::move(text);
    return event;
}

/// Streams by name, some of them with nobody there.
class StreamKeeperTest : public testing::Test, public StreamOwner {
 protected:
    StreamKeeper& keeper() {
        if (!keeper_) keeper_ = std::make_unique<StreamKeeper>(settings_);
        return *keeper_;
    }
    ~StreamKeeperTest() override {
        for (auto& [name, stream] : streams_)
            keeper().drop(*stream);
        EXPECT_EQ(keeper().bytes(), 0u) << "bytes are counted that nobody has";
    }
    Stream& stream(const std::string& name) {
        auto& stream = streams_[name];
        if (!stream) stream = std::make_unique<Stream>(random_);
        return *stream;
    }
    /// The name where it stays.
    const std::string& streams_name(const std::string& name) {
        stream(name);
        return streams_.find(name)->first;
    }
    bool has(const std::string& name) const { return streams_.contains(name); }
    void forget_stream(std::string_view name) override {
        const auto found = streams_.find(std::string(name));
        ASSERT_NE(found, streams_.end());
        keeper().drop(*found->second);
        streams_.erase(found);
    }
    /// The next event of the stream: its offset, as text of at least so many bytes.
    void send(const std::string& name, std::size_t bytes = 0) {
        Stream& to = stream(name);
        std::string text = std::to_string(to.next());
        if (text.size() < bytes) text.resize(bytes, '.');
        keeper().keep(to, limits_, {.event = event(std::move(text)), .at = now_});
    }
    void send_many(const std::string& name, int count, std::size_t bytes = 0) {
        for (int i = 0; i < count; ++i)
            send(name, bytes);
    }
    StreamNews recover(const std::string& name, Position since, std::size_t bytes_max = 1 << 20) {
        return keeper().recover(stream(name), since, bytes_max, now_,
                                [](std::uint64_t offset, const History::Entry& notice) {
                                    return event("notice " + std::to_string(offset) + " " + *notice.user);
                                });
    }
    StreamNews recover_since(const std::string& name, std::uint64_t offset, std::size_t bytes_max = 1 << 20) {
        return recover(name, {stream(name).epoch(), offset}, bytes_max);
    }
    /// The offsets that follow, a space behind each, and before them the reason why something is lost.
    static std::string said(const StreamNews& news) {
        std::string events;
        for (const EncodedEventPtr& event : news.missed)
            events += event->plain.substr(0, event->plain.find('.')) + " ";
        if (const auto* lost = std::get_if<NotRecovered>(&news.recovery)) {
            const std::string missed = lost->missed ? " " + std::to_string(*lost->missed) : "";
            const bool is_window = lost->reason == NotRecovered::Reason::window;
            return (is_window ? "window" : "epoch") + missed + (events.empty() ? "" : ": " + events);
        }
        const auto& replayed = std::get<Replayed>(news.recovery);
        EXPECT_EQ(replayed.count, news.missed.size());
        return events + (replayed.more ? "and more" : "");
    }

    StreamKeeper::Settings settings_;
    HistoryLimits limits_;
    base::Instant now_ = kStart;
    SeededRandom random_{7};

 private:
    std::unique_ptr<StreamKeeper> keeper_;
    std::map<std::string, std::unique_ptr<Stream>> streams_;
};

TEST_F(StreamKeeperTest, TellsThatAnotherEpochIsNoneOfItsOwnAndAllThatCameInThisOne) {
    EXPECT_EQ(said(recover("a", {"elsewhere", 1})), "epoch");
    send_many("a", 3);
    EXPECT_EQ(said(recover("a", {stream("b").epoch(), 1})), "epoch: 1 2 3 ");
    EXPECT_EQ(recover("a", {"elsewhere", 1}).offset, 0u);
}

TEST_F(StreamKeeperTest, TellsNothingOfItsEpochByHalf) {
    limits_.events_max = 3;
    send_many("a", 3, 100);
    const StreamNews too_long = recover("a", {"elsewhere", 1}, 250);
    EXPECT_EQ(said(too_long), "epoch");
    EXPECT_EQ(too_long.offset, 3u);
    send("a");
    const StreamNews forgotten = recover("a", {"elsewhere", 1});
    EXPECT_EQ(said(forgotten), "epoch");
    EXPECT_EQ(forgotten.offset, 4u);
}

TEST_F(StreamKeeperTest, TellsThatThereNeverWasAPositionAhead) {
    send_many("a", 3);
    EXPECT_EQ(said(recover_since("a", 4)), "epoch");
    EXPECT_EQ(said(recover_since("a", ~std::uint64_t{0})), "epoch");
}

TEST_F(StreamKeeperTest, ReplaysNothingPartially) {
    limits_.events_max = 3;
    send_many("a", 10);
    EXPECT_EQ(said(recover_since("a", 6)), "window 4");
    EXPECT_EQ(said(recover_since("a", 0)), "window 10");
    EXPECT_EQ(said(recover_since("a", 7)), "8 9 10 ");
}

TEST_F(StreamKeeperTest, KeepsNothingWhereNothingFits) {
    for (const std::size_t bytes_max : {0u, 100u}) {
        limits_.bytes_max = bytes_max;
        send_many("a", 3);
        EXPECT_EQ(said(recover_since("a", 0)).substr(0, 6), "window");
    }
}

TEST_F(StreamKeeperTest, KnowsWhoHasMissedNothingWhateverItKeeps) {
    limits_.events_max = 0;
    EXPECT_EQ(said(recover_since("a", 0)), "");
    send_many("a", 2);
    EXPECT_EQ(said(recover_since("a", 2)), "");
    EXPECT_EQ(said(recover_since("a", 1)), "window 1");
    EXPECT_EQ(keeper().bytes(), 0u);
}

TEST_F(StreamKeeperTest, ReplaysInOrderFromTheEventBehindThePosition) {
    send_many("a", 4);
    const StreamNews news = recover_since("a", 1);
    EXPECT_EQ(said(news), "2 3 4 ");
    EXPECT_EQ(news.offset, 1u);
    EXPECT_EQ(news.epoch, stream("a").epoch());
    EXPECT_EQ(said(recover_since("a", 0)), "1 2 3 4 ");
}

TEST_F(StreamKeeperTest, ReplaysAPageOfAtLeastOneEvent) {
    send_many("a", 5, 100);
    EXPECT_EQ(said(recover_since("a", 0, 250)), "1 2 and more");
    EXPECT_EQ(said(recover_since("a", 2, 250)), "3 4 and more");
    EXPECT_EQ(said(recover_since("a", 4, 250)), "5 ");
    EXPECT_EQ(said(recover_since("a", 3, 1)), "4 and more");
    EXPECT_EQ(said(recover_since("a", 4, 1)), "5 ");
}

TEST_F(StreamKeeperTest, MakesTheEventOfANoticeOnceSomebodyHasMissedIt) {
    send("a");
    const auto user = std::make_shared<const std::string>("ann");
    stream("a").next();
    keeper().keep(stream("a"), limits_, {.user = user, .kind = History::Kind::user_left, .at = now_});
    const std::size_t before = keeper().bytes();
    const StreamNews first = recover_since("a", 0), second = recover_since("a", 1);
    EXPECT_EQ(said(first), "1 notice 2 ann ");
    EXPECT_EQ(second.missed.at(0), first.missed.at(1)) << "made twice";
    EXPECT_GT(keeper().bytes(), before) << "not counted";
}

TEST_F(StreamKeeperTest, ForgetsWhatIsTooOldWhenItIsAskedFor) {
    send("a");
    now_ += settings_.age_max - base::Millis(1);
    send("a");
    EXPECT_EQ(said(recover_since("a", 0)), "1 2 ");
    now_ += base::Millis(1);
    EXPECT_EQ(said(recover_since("a", 0)), "window 2");
    EXPECT_EQ(said(recover_since("a", 1)), "2 ");
}

TEST_F(StreamKeeperTest, ForgetsWhatIsTooOldAlsoWhenNobodyAsks) {
    for (int i = 0; i < 500; ++i)
        send("stream " + std::to_string(i), 100);
    now_ += settings_.age_max;
    for (int i = 0; i < 500 && keeper().bytes() > 0; ++i)
        keeper().tick(now_ += base::Millis(100));
    EXPECT_EQ(keeper().bytes(), 0u);
}

TEST_F(StreamKeeperTest, KeepsNoMoreBytesOfAStreamThanItMay) {
    limits_.bytes_max = 10'000;
    send_many("a", 100, 1'000);
    EXPECT_LT(keeper().bytes(), 10'000 + 1'000u);
    EXPECT_EQ(said(recover_since("a", 95)), "96 97 98 99 100 ");
    EXPECT_EQ(said(recover_since("a", 80)), "window 20");
    send("a", 20'000);
    EXPECT_EQ(said(recover_since("a", 100)), "window 1") << "one that is too long for itself alone";
    send("a");
    EXPECT_EQ(said(recover_since("a", 101)), "102 ");
}

TEST_F(StreamKeeperTest, TakesFromTheLoudWhenThereIsTooMuch) {
    settings_.bytes_max = 200'000;
    limits_ = {.events_max = 100'000, .bytes_max = 10 << 20};
    for (int i = 0; i < 20; ++i)
        send_many("quiet " + std::to_string(i), 10, 100);
    for (int i = 0; i < 1'000; ++i) {
        send("loud", 1'000);
        send("louder", 1'000);
        send("louder", 1'000);
        keeper().make_room();
        ASSERT_LE(keeper().bytes(), settings_.bytes_max);
    }
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(said(recover_since("quiet " + std::to_string(i), 0)), "1 2 3 4 5 6 7 8 9 10 ");
    EXPECT_GE(recover_since("loud", 980).missed.size(), 20u)
        << "and those that are as loud share what is left";
    EXPECT_GE(recover_since("louder", 1'980).missed.size(), 20u);
}

TEST_F(StreamKeeperTest, ForgetsAStreamSomeTimeAfterTheLastOneLeft) {
    send("a");
    EXPECT_TRUE(keeper().release(stream("a"), *this, "a", now_));
    now_ += settings_.age_max - base::Millis(1);
    keeper().tick(now_);
    EXPECT_TRUE(has("a"));
    keeper().tick(now_ += base::Millis(1));
    EXPECT_FALSE(has("a"));
}

TEST_F(StreamKeeperTest, KeepsAStreamThatSomebodyCameBackTo) {
    keeper().release(stream("a"), *this, "a", now_);
    now_ += settings_.age_max - base::Millis(1);
    keeper().hold(stream("a"));
    now_ += settings_.age_max;
    keeper().tick(now_);
    EXPECT_TRUE(has("a"));
    keeper().release(stream("a"), *this, "a", now_);
    keeper().tick(now_ + settings_.age_max - base::Millis(1));
    EXPECT_TRUE(has("a")) << "the time begins anew";
}

TEST_F(StreamKeeperTest, KeepsAStreamForAsLongAfterSomethingWasSentToIt) {
    for (const char* const name : {"a", "b"})
        keeper().release(stream(name), *this, streams_name(name), now_);
    now_ += settings_.age_max - base::Millis(1);
    keeper().prolong(stream("a"), now_);
    keeper().tick(now_ += base::Millis(1));
    EXPECT_TRUE(has("a"));
    EXPECT_FALSE(has("b"));
    keeper().tick(now_ += settings_.age_max - base::Millis(1));
    EXPECT_FALSE(has("a"));
}

TEST_F(StreamKeeperTest, KeepsAStreamForTheGraceAtLeast) {
    settings_ = {.age_max = base::Millis(0), .key_window = base::Millis(0), .grace = base::Millis(3'000)};
    EXPECT_TRUE(keeper().release(stream("a"), *this, streams_name("a"), now_));
    keeper().tick(now_ += base::Millis(2'999));
    EXPECT_TRUE(has("a"));
    keeper().tick(now_ += base::Millis(1));
    EXPECT_FALSE(has("a"));
}

TEST_F(StreamKeeperTest, KeepsNothingWhenItIsToldSo) {
    settings_ = {.age_max = base::Millis(0), .key_window = base::Millis(0)};
    EXPECT_FALSE(keeper().release(stream("a"), *this, "a", now_));
    EXPECT_FALSE(keeper().expect(stream("a"), *this, "a", now_));
    EXPECT_FALSE(keeper().keeps_keys());
}

TEST_F(StreamKeeperTest, ForgetsThoseWhoAreAwayWhenThereAreTooMany) {
    settings_.bytes_max = 100'000;
    send("here", 10);
    for (int i = 0; i < 1'000; ++i) {
        const std::string name = "away " + std::to_string(i);
        keeper().release(stream(name), *this, streams_name(name), now_);
        keeper().make_room();
        ASSERT_LE(keeper().bytes(), settings_.bytes_max);
    }
    EXPECT_FALSE(has("away 0"));
    EXPECT_TRUE(has("away 999"));
    EXPECT_EQ(said(recover_since("here", 0)), "1 ");
}

TEST_F(StreamKeeperTest, ForgetsThoseWhoHaveNeverBeenThereBeforeAllOthers) {
    settings_.bytes_max = 100'000;
    limits_ = {.events_max = 100'000, .bytes_max = 10 << 20};
    send_many("loud", 50, 1'000);
    send("quiet", 10);
    keeper().release(stream("quiet"), *this, streams_name("quiet"), now_);
    const auto expect = [this](const std::string& name) {
        keeper().expect(stream(name), *this, streams_name(name), now_);
        send(name, 100);
        keeper().make_room();
        ASSERT_LE(keeper().bytes(), settings_.bytes_max);
    };
    expect("came");
    keeper().hold(stream("came"));
    for (int i = 0; i < 1'000; ++i)
        expect("stranger " + std::to_string(i));
    EXPECT_FALSE(has("stranger 0")) << "the oldest first";
    EXPECT_TRUE(has("stranger 999"));
    EXPECT_TRUE(has("quiet"));
    EXPECT_EQ(recover_since("loud", 0).missed.size(), 50u);
    EXPECT_EQ(said(recover_since("came", 0)), "1 ");
}

TEST_F(StreamKeeperTest, ForgetsThoseWhoHaveLeftWithoutAWordBeforeWhatWasSaid) {
    settings_.bytes_max = 100'000;
    limits_ = {.events_max = 100'000, .bytes_max = 10 << 20};
    send_many("modest", 10, 1'000);
    const auto come_and_go = [this](const std::string& name) {
        Stream& passed = stream(name);
        passed.next();
        keeper().keep(passed, limits_, {.kind = History::Kind::user_joined, .at = now_});
        keeper().release(passed, *this, streams_name(name), now_);
    };
    come_and_go("told later");
    send("told later", 10);
    keeper().prolong(stream("told later"), now_);
    send("quiet", 10);
    keeper().release(stream("quiet"), *this, streams_name("quiet"), now_);
    for (int i = 0; i < 1'000; ++i) {
        come_and_go("passed " + std::to_string(i));
        keeper().make_room();
        ASSERT_LE(keeper().bytes(), settings_.bytes_max);
    }
    EXPECT_FALSE(has("passed 0")) << "the oldest first";
    EXPECT_TRUE(has("passed 999"));
    EXPECT_EQ(said(recover_since("quiet", 0)), "1 ");
    EXPECT_EQ(said(recover_since("told later", 1)), "2 ");
    EXPECT_EQ(recover_since("modest", 0).missed.size(), 10u);
}

TEST_F(StreamKeeperTest, TakesFromTheLoudBeforeItForgetsThoseWhoHaveLeftWithoutAWord) {
    settings_.bytes_max = 100'000;
    limits_ = {.events_max = 100'000, .bytes_max = 10 << 20};
    keeper().release(stream("lost"), *this, streams_name("lost"), now_);
    const Position position{stream("lost").epoch(), 0};
    for (int i = 0; i < 1'000; ++i) {
        send("loud", 1'000);
        keeper().make_room();
        ASSERT_LE(keeper().bytes(), settings_.bytes_max);
    }
    ASSERT_TRUE(has("lost"));
    send("lost", 10);
    keeper().prolong(stream("lost"), now_);
    send_many("loud", 100, 1'000);
    keeper().make_room();
    EXPECT_EQ(said(recover("lost", position)), "1 ");
}

TEST_F(StreamKeeperTest, RemembersPostsForTheirTime) {
    const auto ann = std::make_shared<const std::string>("ann");
    EXPECT_EQ(keeper().find_post(stream("a"), "ann", "k", now_), nullptr);
    keeper().keep_post(stream("a"), {ann, "k", 7, now_});
    EXPECT_EQ(keeper().find_post(stream("a"), "ann", "k", now_)->offset, 7u);
    EXPECT_EQ(keeper().find_post(stream("a"), "bob", "k", now_), nullptr);
    EXPECT_EQ(keeper().find_post(stream("a"), "ann", "kk", now_), nullptr);
    EXPECT_EQ(keeper().find_post(stream("b"), "ann", "k", now_), nullptr);
    now_ += settings_.key_window - base::Millis(1);
    EXPECT_NE(keeper().find_post(stream("a"), "ann", "k", now_), nullptr);
    now_ += base::Millis(1);
    EXPECT_EQ(keeper().find_post(stream("a"), "ann", "k", now_), nullptr);
}

TEST_F(StreamKeeperTest, RemembersTheNewestPosts) {
    const auto ann = std::make_shared<const std::string>("ann");
    const std::uint64_t count = StreamKeeper::kKeysMax + 5;
    for (std::uint64_t i = 1; i <= count; ++i)
        keeper().keep_post(stream("a"),
                           {ann, "a key of more than fifteen bytes " + std::to_string(i), i, now_});
    const auto find = [&](std::uint64_t i) {
        return keeper().find_post(stream("a"), "ann", "a key of more than fifteen bytes " + std::to_string(i),
                                  now_);
    };
    for (std::uint64_t i = 1; i <= 5; ++i)
        EXPECT_EQ(find(i), nullptr);
    for (std::uint64_t i = 6; i <= count; ++i) {
        ASSERT_NE(find(i), nullptr) << i;
        ASSERT_EQ(find(i)->offset, i);
    }
}

TEST_F(StreamKeeperTest, CountsAllThatItHasThroughWhateverIsDone) {
    settings_.bytes_max = 50'000;
    settings_.age_max = settings_.key_window = base::Millis(5'000);
    limits_ = {.events_max = 30, .bytes_max = 20'000};
    const auto ann = std::make_shared<const std::string>("ann");
    std::map<std::string, bool> away;
    for (int i = 0; i < 20'000; ++i) {
        const std::string some = "s" + std::to_string(random_.below(40));
        if (!has(some)) away[some] = false;
        const std::string& name = streams_name(some);
        const std::uint64_t choice = random_.below(10);
        if (choice < 5) {
            send(name, random_.below(3'000));
        } else if (choice == 5) {
            keeper().keep_post(stream(name),
                               {ann, std::to_string(i) + std::string(random_.below(40), 'k'), 1, now_});
        } else if (choice == 6) {
            recover_since(name, stream(name).offset() / 2);
        } else if (choice == 7) {
            if (away[name]) {
                keeper().hold(stream(name));
            } else if (random_.one_in(2)) {
                keeper().release(stream(name), *this, name, now_);
            } else {
                keeper().expect(stream(name), *this, name, now_);
            }
            away[name] = !away[name];
        } else if (choice == 8) {
            keeper().prolong(stream(name), now_);
            keeper().tick(now_ += base::Millis(random_.below(300)));
        } else {
            keeper().make_room();
            ASSERT_LE(keeper().bytes(), settings_.bytes_max);
        }
    }
}

}  // namespace
}  // namespace pipit::core
