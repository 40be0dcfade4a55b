// How long the place of a connection that has ended is kept.

#include "core/testing/hub_resume_fixture.hpp"

namespace pipit::core {
namespace {

class HubGraceTest : public HubResumeTest {
 protected:
    /// Somebody who watches, and somebody who will go.
    void begin() {
        bob_ = &sign_in_to("tea room", "bob");
        ann_ = &sign_in_to("tea room", "ann");
        bob_->texts();
    }
    /// What has happened to ann's place: whether it goes at once, when the grace is over, or not even then.
    std::string fate() {
        if (!bob_->texts().empty()) return "ends at once";
        pass(kGrace - base::Millis(1));
        if (!bob_->texts().empty()) return "ends too early";
        pass(base::Millis(1));
        const auto texts = bob_->texts();
        if (texts.empty()) return "stays";
        if (texts.size() > 1 || texts[0].find(notice("USER_DISCONNECTED")) == std::string::npos)
            return texts[0];
        return "ends with the grace";
    }
    void expect_nothing_left() {
        EXPECT_EQ(hub().session_count(), 0u);
        EXPECT_EQ(hub().group_count(), 0u);
        EXPECT_EQ(hub().user_count(), 0u);
        EXPECT_EQ(hub().cid_count(), 0u);
    }

    Peer* bob_ = nullptr;
    Peer* ann_ = nullptr;
};

TEST_F(HubGraceTest, KeepsNothingWhenThereIsNoGrace) {
    settings_.grace = base::Millis(0);
    begin();
    lose(*ann_);
    EXPECT_THAT(bob_->texts(), ElementsAre(HasSubstr(notice("USER_DISCONNECTED"))));
    come_back("ann", ann_->cid);
    EXPECT_FALSE(resumed());
    lose(*bob_);
    EXPECT_EQ(hub().group_count(), 0u);
}

TEST_F(HubGraceTest, EndsOnceAndExactlyWhenItIsOver) {
    begin();
    lose(*ann_);
    EXPECT_EQ(fate(), "ends with the grace");
    pass(kGrace);
    EXPECT_THAT(bob_->texts(), IsEmpty());
    come_back("ann", ann_->cid);
    EXPECT_FALSE(resumed());
}

TEST_F(HubGraceTest, IsNoneForAClientThatCannotResume) {
    begin();
    ann_->session->can_resume = false;
    lose(*ann_);
    EXPECT_EQ(fate(), "ends at once");
}

TEST_F(HubGraceTest, EndsAtOnceForAClientThatSaysGoodbye) {
    const std::optional<std::uint16_t> goodbyes[] = {std::nullopt, 1000, 1002, 1003, 1007, 1009};
    for (const auto code : goodbyes) {
        begin();
        client_closes(*ann_, code);
        EXPECT_EQ(fate(), "ends at once") << code.value_or(0);
        lose(*ann_);
        EXPECT_THAT(bob_->texts(), IsEmpty());
        come_back("ann", ann_->cid);
        EXPECT_FALSE(resumed());
    }
}

TEST_F(HubGraceTest, IsKeptForAClientThatDoesNotSayGoodbye) {
    for (const std::uint16_t code : {std::uint16_t{1001}, std::uint16_t{4007}, std::uint16_t{3000}}) {
        begin();
        client_closes(*ann_, code);
        lose(*ann_);
        EXPECT_EQ(fate(), "ends with the grace") << code;
    }
}

TEST_F(HubGraceTest, CountsFromWhenTheClientBeganToClose) {
    begin();
    client_closes(*ann_, 4007);
    pass(base::Millis(1'000));
    lose(*ann_);
    pass(base::Millis(1'999));
    EXPECT_THAT(bob_->texts(), IsEmpty());
    pass(base::Millis(1));
    EXPECT_THAT(bob_->texts(), ElementsAre(HasSubstr(notice("USER_DISCONNECTED"))));
}

TEST_F(HubGraceTest, IsKeptWhenTheServerClosesUnlessItSaysNotToComeBackOrHasWaitedLonger) {
    for (const codec::CloseInfo& close : codec::kCloses) {
        begin();
        turn([&] { hub().close(*ann_->session, close.reason); });
        lose(*ann_);
        const bool keeps = close.retry && close.reason != CloseReason::ping_timeout;
        EXPECT_EQ(fate(), keeps ? "ends with the grace" : "ends at once") << close.name;
    }
}

TEST_F(HubGraceTest, EndsAtOnceForWhoDoesNotAnswerAPing) {
    begin();
    for (int i = 0; i < 3; ++i) {
        pass(base::Millis(11'000));
        say(*bob_, "{}");
    }
    ASSERT_EQ(ann_->close_reason(), CloseReason::ping_timeout);
    EXPECT_THAT(bob_->texts(), testing::Contains(HasSubstr(notice("USER_DISCONNECTED"))));
}

TEST_F(HubGraceTest, CountsNoConnectionThatIsAwayAsOneOfTheUser) {
    settings_.connections_per_user_max = 1;
    begin();
    lose(*ann_);
    sign_in("ann");
    EXPECT_THAT(bob_->texts(), IsEmpty());
}

TEST_F(HubGraceTest, GivesAConnectionThatMayNotGoOnForNowAnotherGrace) {
    settings_.connections_per_user_max = 1;
    begin();
    lose(*ann_);
    Peer& other = sign_in("ann");
    pass(kGrace - base::Millis(1));
    Peer& refused = come_back("ann", ann_->cid);
    EXPECT_EQ(refused.close_reason(), CloseReason::too_many_connections);
    lose(refused);
    lose(other);
    come_back("ann", ann_->cid);
    EXPECT_TRUE(resumed());
    EXPECT_EQ(fate(), "ends with the grace");
}

TEST_F(HubGraceTest, LetsAConnectionBeTakenOverByTheOnlyOneThatTheUserMayHave) {
    settings_.connections_per_user_max = 1;
    begin();
    come_back("ann", ann_->cid);
    EXPECT_TRUE(resumed());
}

TEST_F(HubGraceTest, KeepsOfOneUserAsManyAsItMayHaveConnections) {
    settings_.connections_per_user_max = 2;
    begin();
    lose(*ann_);
    for (int i = 0; i < 2; ++i)
        lose(sign_in_to("tea room", "ann"));
    const auto texts = bob_->texts();
    const auto gone = std::count_if(texts.begin(), texts.end(), [](const std::string& text) {
        return text.find(notice("USER_DISCONNECTED")) != std::string::npos;
    });
    EXPECT_EQ(gone, 1);
}

TEST_F(HubGraceTest, KeepsNobodyWhoIsSentAway) {
    begin();
    turn([&] { hub().begin_drain(); });
    lose(*ann_);
    come_back("ann", ann_->cid);
    EXPECT_FALSE(resumed());
    EXPECT_THAT(bob_->texts(), IsEmpty());
}

TEST_F(HubGraceTest, EndsUnnoticedForWhoWasAwayWhenEverybodyIsSentAway) {
    begin();
    lose(*ann_);
    turn([&] { hub().begin_drain(); });
    pass(kGrace);
    EXPECT_THAT(bob_->texts(), IsEmpty());
    lose(*bob_);
    expect_nothing_left();
}

TEST_F(HubGraceTest, LeavesNothingWhenEverybodyIsGoneAndItIsOver) {
    begin();
    lose(*ann_);
    lose(*bob_);
    lose(come_back("ann", ann_->cid));
    lose(sign_in("carl"));
    EXPECT_EQ(hub().cid_count(), 3u);
    EXPECT_EQ(hub().group_count(), 1u);
    EXPECT_EQ(hub().user_count(), 0u);
    pass(kGrace);
    expect_nothing_left();
}

TEST_F(HubGraceTest, LeavesNothingOfASessionThatWasTakenOver) {
    begin();
    Peer& again = come_back("ann", ann_->cid);
    lose(again);
    lose(*ann_);
    lose(*bob_);
    pass(kGrace);
    expect_nothing_left();
}

}  // namespace
}  // namespace pipit::core
