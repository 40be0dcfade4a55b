#include "net/open_questions.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

using namespace std::chrono_literals;

class OpenQuestionsTest : public testing::Test {
 protected:
    std::uint64_t ask(std::string origin = {}) {
        return questions_.add([this](HttpResponse response) { responses_.push_back(std::move(response)); },
                              std::move(origin), now_);
    }
    std::vector<int> statuses() const {
        std::vector<int> all;
        for (const HttpResponse& response : responses_)
            all.push_back(response.status);
        return all;
    }

    OpenQuestions questions_;
    std::vector<HttpResponse> responses_;
    base::Instant now_{};
};

TEST_F(OpenQuestionsTest, HearsNoAnswerToAQuestionThatNobodyAsked) {
    questions_.answer(1, "{}");
    const auto id = ask();
    questions_.answer(id + 1, "{}");
    questions_.refuse(0, codec::ErrorReason::unavailable, "{}", 0);
    EXPECT_TRUE(responses_.empty());
    EXPECT_FALSE(questions_.empty());
}

TEST_F(OpenQuestionsTest, AnswersEachOnce) {
    const auto first = ask();
    const auto second = ask();
    ASSERT_NE(first, second);
    questions_.refuse(second, codec::ErrorReason::rate_limited, "{\"second\":0}", 0);
    questions_.answer(first, "{\"first\":0}");
    questions_.answer(first, "{}");
    EXPECT_EQ(statuses(), (std::vector{429, 200}));
    EXPECT_EQ(responses_[0].body, "{\"second\":0}");
    EXPECT_EQ(responses_[1].body, "{\"first\":0}");
    EXPECT_TRUE(questions_.empty());
}

TEST_F(OpenQuestionsTest, GivesUpAfterTheTimeoutAndDropsWhatComesThen) {
    const auto late = ask();
    now_ += 1ms;
    const auto in_time = ask();
    questions_.tick(base::Instant{} + OpenQuestions::kAnswerTimeout - 1ms);
    EXPECT_EQ(statuses(), std::vector<int>{});
    questions_.tick(base::Instant{} + OpenQuestions::kAnswerTimeout);
    EXPECT_EQ(statuses(), std::vector{503});
    questions_.answer(late, "{}");
    questions_.answer(in_time, "{}");
    EXPECT_EQ(statuses(), (std::vector{503, 200}));
}

TEST_F(OpenQuestionsTest, LetsThePageOfTheQuestionReadTheAnswer) {
    questions_.answer(ask("https://chat.example"), "{}");
    const auto expected =
        std::pair<std::string, std::string>("Access-Control-Allow-Origin", "https://chat.example");
    const auto& headers = responses_.at(0).headers;
    EXPECT_NE(std::find(headers.begin(), headers.end(), expected), headers.end());
}

TEST_F(OpenQuestionsTest, GivesUpAllWhenItStops) {
    ask();
    const auto second = ask();
    questions_.stop();
    EXPECT_EQ(statuses(), (std::vector{503, 503}));
    EXPECT_TRUE(responses_[0].close);
    questions_.answer(second, "{}");
    EXPECT_EQ(responses_.size(), 2u);
}

}  // namespace
}  // namespace pipit::net
