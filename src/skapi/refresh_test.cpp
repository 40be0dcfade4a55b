#include "skapi/refresh.hpp"

#include <gtest/gtest.h>

namespace pipit::skapi {
namespace {

TEST(Refresh, RefusesWhatAsksForSomethingElse) {
    for (const char* body :
         {"", "[]", "{}", R"({"AuthFlow":"USER_SRP_AUTH","AuthParameters":{"REFRESH_TOKEN":"t"}})",
          R"({"AuthFlow":"REFRESH_TOKEN_AUTH"})", R"({"AuthFlow":"REFRESH_TOKEN_AUTH","AuthParameters":"t"})",
          R"({"AuthFlow":"REFRESH_TOKEN_AUTH","AuthParameters":{"REFRESH_TOKEN":null}})"}) {
        EXPECT_FALSE(refresh_token_of(body)) << body;
    }
}

TEST(Refresh, FindsTheTokenInWhatTheClientSends) {
    EXPECT_EQ(refresh_token_of(R"({"ClientId":"pipit","AuthFlow":"REFRESH_TOKEN_AUTH",)"
                               R"("AuthParameters":{"REFRESH_TOKEN":"a.b.c","DEVICE_KEY":null}})"),
              "a.b.c");
}

TEST(Refresh, AnswersInTheShapeThatTheClientReads) {
    EXPECT_EQ(refreshed_json({.id = "i", .access = "a", .refresh = "r"}),
              R"({"AuthenticationResult":{"IdToken":"i","AccessToken":"a","TokenType":"Bearer"}})");
    EXPECT_EQ(refresh_refused_json("The token has expired."),
              R"({"__type":"NotAuthorizedException","message":"The token has expired."})");
}

}  // namespace
}  // namespace pipit::skapi
