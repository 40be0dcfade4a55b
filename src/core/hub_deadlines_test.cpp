#include <algorithm>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

using HubPingTest = HubTest;

TEST_F(HubPingTest, ClosesExactlyWhenNothingWasHeardForIntervalAndTimeout) {
    Peer& ann = sign_in("ann");
    pass(base::Millis(32'999));
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::ping_timeout);
}

TEST_F(HubPingTest, CountsFromWhateverWasHeardLast) {
    Peer& ann = sign_in("ann");
    pass(base::Millis(30'000));
    turn([&] { hub().heard(*ann.session); });
    pass(base::Millis(30'000));
    say(ann, "{}");
    pass(base::Millis(32'999));
    EXPECT_FALSE(ann.closing);
    pass(base::Millis(1));
    EXPECT_EQ(ann.close_reason(), CloseReason::ping_timeout);
}

TEST_F(HubPingTest, PingsFirstInTheSecondHalfOfTheIntervalAndThenOnceAnInterval) {
    Peer& ann = sign_in("ann");
    std::vector<std::int64_t> pings_ms;
    for (int ms = 0; ms < 150'000; ms += 100) {
        pass(base::Millis(100));
        say(ann, R"({ })");
        for (const std::string& text : ann.texts()) {
            EXPECT_EQ(text, "{}");
            pings_ms.push_back((now_ - kStart).count());
        }
    }
    ASSERT_GE(pings_ms.size(), 5u);
    EXPECT_GE(pings_ms[0], 12'500);
    EXPECT_LE(pings_ms[0], 25'100);
    for (std::size_t i = 1; i < pings_ms.size(); ++i)
        EXPECT_EQ(pings_ms[i] - pings_ms[i - 1], 25'000);
}

TEST_F(HubPingTest, DoesNotPingTogetherWhoCameTogether) {
    std::vector<Peer*> peers;
    for (int i = 0; i < 20; ++i)
        peers.push_back(&sign_in("ann"));
    pass(base::Millis(18'750));
    const auto pinged =
        std::count_if(peers.begin(), peers.end(), [](Peer* peer) { return !peer->texts().empty(); });
    EXPECT_GT(pinged, 0);
    EXPECT_LT(pinged, 20);
}

TEST_F(HubPingTest, SendsNothingToWhoIsClosed) {
    Peer& ann = sign_in("ann");
    say(ann, "gibberish");
    ASSERT_EQ(ann.close_reason(), CloseReason::bad_message);
    ann.closing.reset();
    pass(base::Millis(60'000));
    EXPECT_THAT(ann.texts(), IsEmpty());
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubPingTest, DoesNotTakeANewcomerForWhoHadItsPlaceBefore) {
    lose(sign_in("ann"));
    pass(base::Millis(5'000));
    Peer& peer = open();
    pass(base::Millis(9'999));
    EXPECT_FALSE(peer.closing);
}

using HubRateTest = HubTest;

TEST_F(HubRateTest, AnswersACommandAboveTheLimitWithTheTimeToWait) {
    settings_.rate = {.per_second = 10, .burst = 2};
    Peer& ann = sign_in("ann");  // the first
    say(ann, R"({"id":2,"op":"leave"})"
             "\n"
             R"({"id":3,"op":"join","group":"g"})");
    const std::string left = R"({"id":2,"ok":{"group":null,"message":"Left realtime message group."}})";
    const std::string limited =
        R"({"id":3,"error":{"code":"ERROR","reason":"rate_limited","message":"Too many commands. Try again later.",)"
        R"("retry":true,"retry_after_ms":100}})";
    EXPECT_THAT(ann.texts(), ElementsAre(left, limited));
    EXPECT_EQ(hub().group_count(), 0u);
    EXPECT_FALSE(ann.closing);
    now_ += base::Millis(100);
    say(ann, R"({"id":2,"op":"leave"})");
    EXPECT_THAT(ann.texts(), ElementsAre(left));
}

TEST_F(HubRateTest, CountsCommandsThatAreRefusedButNoHeartbeats) {
    settings_.rate = {.per_second = 1, .burst = 3};
    Peer& ann = sign_in("ann");
    say(ann, "{}\n{}\n{}\n{}\n{ }");
    say(ann, R"({"id":2,"op":"dance"})"
             "\n"
             R"({"id":3,"op":"join"})"
             "\n"
             R"({"id":4,"op":"leave"})");
    EXPECT_THAT(ann.texts(),
                ElementsAre(testing::HasSubstr("unknown_command"), testing::HasSubstr("invalid_parameter"),
                            testing::HasSubstr("rate_limited")));
}

}  // namespace
}  // namespace pipit::core
