#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

/// Questions that come without a session.
class HubQuestionsTest : public HubTest {
 protected:
    static constexpr const char* kGroups = R"({"id":1,"op":"groups"})";

    std::vector<HubEffects::Answer> ask(std::uint64_t id, const std::string& token,
                                        const std::string& command = kGroups) {
        turn([&] { hub().ask(id, token, command); });
        return take_answers();
    }
    std::vector<HubEffects::Answer> take_answers() { return std::exchange(hub().effects().answers, {}); }

    void expect_refused(const std::vector<HubEffects::Answer>& answers, ErrorReason reason) {
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_EQ(answers[0].error, reason);
        EXPECT_THAT(answers[0].json, HasSubstr(R"("code":")"));
    }
    static std::string only_json(const std::vector<HubEffects::Answer>& answers) {
        return answers.size() == 1 ? answers[0].json : std::to_string(answers.size()) + " answers";
    }
};

TEST_F(HubQuestionsTest, RefusesWhoHasNoTokenThatCounts) {
    expect_refused(ask(1, ""), ErrorReason::token_refused);
    expect_refused(ask(2, "gibberish"), ErrorReason::token_refused);
    expect_refused(ask(3, token_of("ann", -60)), ErrorReason::token_expired);
    EXPECT_FALSE(hub().effects().keys_wanted);
}

TEST_F(HubQuestionsTest, RefusesWhatIsNoQuestionForAList) {
    const std::string token = token_of("ann");
    expect_refused(ask(1, token, R"({"id":1,"op":"leave"})"), ErrorReason::unknown_command);
    expect_refused(ask(2, token, R"({"id":1,"op":"watch","list":"groups"})"), ErrorReason::unknown_command);
    expect_refused(ask(3, token, R"({"id":1,"op":"dance"})"), ErrorReason::unknown_command);
    expect_refused(ask(4, token, "gibberish"), ErrorReason::bad_message);
    expect_refused(ask(5, token, "{}"), ErrorReason::bad_message);
}

TEST_F(HubQuestionsTest, RefusesWrongArgumentsAndSaysWhich) {
    const auto answers = ask(1, token_of("ann"), R"({"id":1,"op":"groups","limit":0})");
    expect_refused(answers, ErrorReason::invalid_parameter);
    EXPECT_THAT(only_json(answers), HasSubstr("limit"));
}

TEST_F(HubQuestionsTest, AsksForAGroupSinceItIsInNone) {
    sign_in_to("tea room", "ann");
    expect_refused(ask(1, token_of("ann"), R"({"id":1,"op":"users"})"), ErrorReason::no_group);
}

TEST_F(HubQuestionsTest, RefusesWhoMayNotSee) {
    settings_.list_access = ListAccess::admins;
    expect_refused(ask(1, token_of("ann")), ErrorReason::not_permitted);
    EXPECT_EQ(only_json(ask(2, admin_token_of("root"))), R"({"list":[],"startKey":"end"})");
}

TEST_F(HubQuestionsTest, AnswersUnderTheNumberOfTheQuestion) {
    sign_in_to("tea room", "ann");
    const auto answers = ask(77, token_of("bob"));
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].id, 77u);
    EXPECT_FALSE(answers[0].error);
    EXPECT_EQ(answers[0].json, R"({"list":[{"group":"tea room","number_of_users":1}],"startKey":"end"})");
    EXPECT_THAT(only_json(ask(78, token_of("bob"), R"({"id":1,"op":"users","group":"tea room"})")),
                HasSubstr(R"([{"user_id":"ann","cid":"cid:)"));
}

TEST_F(HubQuestionsTest, OpensNothingForWhoAsks) {
    ask(1, token_of("ann"));
    EXPECT_EQ(hub().session_count() + hub().user_count() + hub().cid_count(), 0u);
}

TEST_F(HubQuestionsTest, AsksNobodyWhoHasTooMuchToDo) {
    congested_ = {true};
    expect_refused(ask(1, token_of("ann")), ErrorReason::unavailable);
}

TEST_F(HubQuestionsTest, LetsOneUserAskSoOftenAndNoMoreWhateverTheOthersDo) {
    settings_.rate = {.per_second = 10, .burst = 2};
    EXPECT_FALSE(ask(1, token_of("ann"))[0].error);
    EXPECT_FALSE(ask(2, token_of("ann"))[0].error);
    const auto answers = ask(3, token_of("ann"));
    expect_refused(answers, ErrorReason::rate_limited);
    EXPECT_EQ(answers[0].retry_after_ms, 100u);
    EXPECT_THAT(only_json(answers), HasSubstr(R"("retry_after_ms":100)"));
    EXPECT_FALSE(ask(4, token_of("bob"))[0].error);
    now_ += base::Millis(100);
    EXPECT_FALSE(ask(5, token_of("ann"))[0].error);
}

TEST_F(HubQuestionsTest, RemembersWhoHasAskedTooOftenHoweverManyOthersAsk) {
    settings_.rate = {.per_second = 1, .burst = 1};
    EXPECT_FALSE(ask(1, token_of("ann"))[0].error);
    for (std::uint64_t i = 0; i < 1'100; ++i)
        ask(i, token_of("user-" + std::to_string(i)));
    expect_refused(ask(2, token_of("ann")), ErrorReason::rate_limited);
}

class HubQuestionsAndKeysTest : public HubQuestionsTest {
 protected:
    HubQuestionsAndKeysTest() { keys_ = no_keys(); }
};

TEST_F(HubQuestionsAndKeysTest, WaitsForTheKeysAndThenAnswers) {
    EXPECT_THAT(ask(1, token_of("ann")), IsEmpty());
    EXPECT_TRUE(hub().effects().keys_wanted);
    keys_arrive(test_keys(), true);
    EXPECT_EQ(only_json(take_answers()), R"({"list":[],"startKey":"end"})");
    keys_arrive(test_keys(), true);
    EXPECT_THAT(take_answers(), IsEmpty());
}

TEST_F(HubQuestionsAndKeysTest, RefusesWhenThereIsNoSuchKey) {
    ask(1, token_of("ann"));
    keys_arrive(no_keys(), true);
    expect_refused(take_answers(), ErrorReason::token_refused);
}

TEST_F(HubQuestionsAndKeysTest, IsUnavailableWhenTheKeysCannotBeHad) {
    ask(1, token_of("ann"));
    keys_arrive(no_keys(), false);
    expect_refused(take_answers(), ErrorReason::unavailable);
}

TEST_F(HubQuestionsAndKeysTest, RefusesATokenThatRanOutMeanwhile) {
    ask(1, token_of("ann", 10));
    now_ += base::Millis(16'000);
    keys_arrive(test_keys(), true);
    expect_refused(take_answers(), ErrorReason::token_expired);
}

}  // namespace
}  // namespace pipit::core
