#include "net/open_questions.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using namespace std::chrono_literals;

class OpenQuestionsTest : public testing::Test {
 protected:
    std::uint64_t ask() {
        return questions_.add([this](HubAnswer answer) { answers_.push_back(std::move(answer)); }, now_);
    }
    /// The content of each answer.
    std::vector<std::string> contents() const {
        std::vector<std::string> all;
        for (const HubAnswer& answer : answers_)
            all.push_back(answer.json);
        return all;
    }

    OpenQuestions questions_;
    std::vector<HubAnswer> answers_;
    base::Instant now_{};
};

TEST_F(OpenQuestionsTest, HearsNoAnswerToAQuestionThatNobodyAsked) {
    questions_.answer(1, {});
    const auto id = ask();
    questions_.answer(id + 1, {});
    questions_.answer(0, {.error = codec::ErrorReason::unavailable});
    EXPECT_TRUE(answers_.empty());
    EXPECT_FALSE(questions_.empty());
}

TEST_F(OpenQuestionsTest, AnswersEachOnce) {
    const auto first = ask();
    const auto second = ask();
    ASSERT_NE(first, second);
    questions_.answer(second, {.error = codec::ErrorReason::rate_limited, .json = "second"});
    questions_.answer(first, {.json = "first"});
    questions_.answer(first, {.json = "again"});
    EXPECT_EQ(contents(), (std::vector<std::string>{"second", "first"}));
    EXPECT_EQ(answers_[0].error, codec::ErrorReason::rate_limited);
    EXPECT_FALSE(answers_[1].error);
    EXPECT_TRUE(questions_.empty());
}

TEST_F(OpenQuestionsTest, GivesUpAfterTheTimeoutAndDropsWhatComesThen) {
    const auto late = ask();
    now_ += 1ms;
    const auto in_time = ask();
    questions_.tick(base::Instant{} + OpenQuestions::kAnswerTimeout - 1ms);
    EXPECT_TRUE(answers_.empty());
    questions_.tick(base::Instant{} + OpenQuestions::kAnswerTimeout);
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(answers_[0].error, codec::ErrorReason::unavailable);
    EXPECT_FALSE(answers_[0].is_last);
    questions_.answer(late, {});
    questions_.answer(in_time, {.json = "in time"});
    ASSERT_EQ(answers_.size(), 2u);
    EXPECT_EQ(answers_[1].json, "in time");
}

TEST_F(OpenQuestionsTest, GivesUpAllWhenItStops) {
    ask();
    const auto second = ask();
    questions_.stop();
    ASSERT_EQ(answers_.size(), 2u);
    EXPECT_EQ(answers_[0].error, codec::ErrorReason::unavailable);
    EXPECT_TRUE(answers_[0].is_last);
    questions_.answer(second, {});
    EXPECT_EQ(answers_.size(), 2u);
}

}  // namespace
}  // namespace pipit::net
