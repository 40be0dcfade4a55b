#include "net/question_http.hpp"

#include <map>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

constexpr std::string_view kOwnOrigin = "https://chat.example";
constexpr unsigned kJsonDepthMax = 4;
constexpr std::size_t kBodyBytesMax = 1'000;

struct Asked {
    std::string method = "GET";
    std::string path = "/v1/groups";
    std::string body = {};
    std::map<std::string, std::string, std::less<>> headers = {{"Host", "chat.example"},
                                                               {"Authorization", "Bearer a.b.c"}};
};

Asked with(std::string name, std::string value) {
    Asked asked;
    asked.headers[std::move(name)] = std::move(value);
    return asked;
}

auto read(const Asked& asked, const UpgradeRules& rules = {}) {
    HttpRequest request;
    request.method = asked.method;
    request.path = asked.path;
    request.body = asked.body;
    request.is_body_too_large = asked.body.size() > kBodyBytesMax;
    request.header = [&](std::string_view name) {
        const auto found = asked.headers.find(name);
        return found == asked.headers.end() ? std::string() : found->second;
    };
    return read_question(request, rules, kJsonDepthMax);
}

/// What asks at a path that takes a body, and is let through to the hub.
Asked posted(std::string path, std::string body = "{}") {
    Asked asked{.method = "POST", .path = std::move(path), .body = std::move(body)};
    asked.headers["Content-Type"] = "application/json";
    return asked;
}

HttpResponse response_to(const Asked& asked, const UpgradeRules& rules = {}) {
    const auto outcome = read(asked, rules);
    const auto* response = std::get_if<HttpResponse>(&outcome);
    EXPECT_NE(response, nullptr) << "the hub would be asked";
    return response == nullptr ? HttpResponse{} : *response;
}

std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) return value;
    }
    return {};
}

TEST(Question, IsNoneForOtherPaths) {
    UpgradeRules rules;
    rules.path = "/v1/realtime";
    for (const char* path : {"/", "/v1", "/V1/groups", "/healthz", "/v1/realtime"}) {
        Asked asked;
        asked.path = path;
        EXPECT_TRUE(std::holds_alternative<std::monostate>(read(asked, rules))) << path;
    }
}

TEST(Question, IsRefusedInJsonWherePathsBelowV1LeadNowhere) {
    for (const char* path : {"/v1/", "/v1/group", "/v1/groups/", "/v1/groupsx", "/v1/ices", "/v1/push",
                             "/v1/push/", "/v1/push/vapid", "/v1/push/send/"}) {
        for (const char* method : {"GET", "POST", "OPTIONS", "DELETE"}) {
            Asked asked = with("Origin", std::string(kOwnOrigin));
            asked.headers["Host"] = "chat.example";
            asked.path = path;
            asked.method = method;
            const HttpResponse response = response_to(asked);
            EXPECT_EQ(response.status, 404) << path;
            EXPECT_EQ(response.content_type, "application/json");
            EXPECT_NE(response.body.find("\"reason\":\"unknown_command\""), std::string::npos)
                << response.body;
            EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
        }
    }
}

TEST(Question, NeedsATokenOfTheBearerScheme) {
    for (const char* authorization : {"", "Bearer", "Bearer ", "Bearer   ", "Basic YTpi", "Bearera.b.c"}) {
        const HttpResponse response = response_to(with("Authorization", authorization));
        EXPECT_EQ(response.status, 401) << authorization;
        EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
        EXPECT_EQ(response.content_type, "application/json");
        EXPECT_NE(response.body.find("\"reason\":\"token_refused\""), std::string::npos) << response.body;
    }
}

TEST(Question, AsksForIceServersByTheNameThatTheClientUsed) {
    Asked asked;
    asked.path = "/v1/ice";
    asked.headers["Host"] = "chat.example:8080";
    const auto outcome = read(asked);
    const auto* question = std::get_if<HttpQuestion>(&outcome);
    ASSERT_NE(question, nullptr);
    EXPECT_EQ(question->command, R"({"id":1,"op":"ice"})");
    EXPECT_EQ(question->host, "chat.example");
}

TEST(Question, TakesTheSchemeInAnyCase) {
    for (const char* authorization : {"Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c"}) {
        const auto question = read(with("Authorization", authorization));
        ASSERT_TRUE(std::holds_alternative<HttpQuestion>(question)) << authorization;
        EXPECT_EQ(std::get<HttpQuestion>(question).token, "a.b.c");
        EXPECT_EQ(std::get<HttpQuestion>(question).origin, "");
    }
}

TEST(Question, IsAskedWithGetOrHeadOnly) {
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "get"}) {
        Asked asked = with("Origin", std::string(kOwnOrigin));
        asked.method = method;
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, 405) << method;
        EXPECT_EQ(header(response, "Allow"), "GET, HEAD, OPTIONS");
        EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
    }
    Asked head;
    head.method = "HEAD";
    EXPECT_TRUE(std::holds_alternative<HttpQuestion>(read(head)));
}

TEST(Question, IsRefusedToPagesThatMayNotConnect) {
    UpgradeRules listed;
    listed.allowed_origins = {"https://other.example"};
    for (const char* method : {"GET", "OPTIONS", "POST"}) {
        for (const char* origin : {"https://evil.example", "null", "https://chat.example.evil.example"}) {
            Asked asked = with("Origin", origin);
            asked.method = method;
            for (const UpgradeRules& rules : {UpgradeRules{}, listed}) {
                const HttpResponse response = response_to(asked, rules);
                EXPECT_EQ(response.status, 403) << origin;
                EXPECT_NE(response.body.find("\"reason\":\"not_permitted\""), std::string::npos);
                EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
            }
        }
    }
    EXPECT_EQ(response_to(with("Origin", std::string(kOwnOrigin)), listed).status, 403);
}

TEST(Question, OfAPageThatMayConnectKeepsItsOrigin) {
    UpgradeRules rules;
    rules.allowed_origins = {"*"};
    const auto question = read(with("Origin", "https://other.example"), rules);
    ASSERT_TRUE(std::holds_alternative<HttpQuestion>(question));
    EXPECT_EQ(std::get<HttpQuestion>(question).origin, "https://other.example");
}

TEST(Question, AnswersPreflightsWithoutAToken) {
    Asked asked;
    asked.method = "OPTIONS";
    asked.headers = {{"Host", "chat.example"}, {"Origin", std::string(kOwnOrigin)}};
    const HttpResponse response = response_to(asked);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
    EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "GET");
    EXPECT_EQ(header(response, "Access-Control-Allow-Headers"), "authorization");
    EXPECT_EQ(header(response, "Access-Control-Max-Age"), "600");
    EXPECT_EQ(header(response, "Vary"), "Origin");
}

TEST(Question, AboutPushIsTheCommandOfItsPath) {
    const auto command = [](const Asked& asked) {
        const auto outcome = read(asked);
        const auto* question = std::get_if<HttpQuestion>(&outcome);
        return question == nullptr ? std::to_string(response_to(asked).status) : question->command;
    };
    EXPECT_EQ(command({.path = "/v1/push/key"}), R"({"id":1,"op":"vapid"})");
    EXPECT_EQ(command({.path = "/v1/push/sent"}), R"({"id":1,"op":"pushed"})");
    for (const auto& [path, op] : {std::pair{"/v1/push/subscribe", "subscribe"},
                                   {"/v1/push/unsubscribe", "unsubscribe"},
                                   {"/v1/push/send", "push"},
                                   {"/v1/push/resubscribe", "resubscribe"}}) {
        EXPECT_EQ(command(posted(path, R"({"endpoint":"x"})")),
                  std::string(R"({"endpoint":"x","id":1,"op":")") + op + "\"}");
    }
}

TEST(PostedQuestion, NeedsATokenUnlessItSaysItselfWhoMayAskIt) {
    for (const char* path : {"/v1/push/subscribe", "/v1/push/unsubscribe", "/v1/push/send"}) {
        Asked asked = posted(path);
        EXPECT_EQ(std::get<HttpQuestion>(read(asked)).token, "a.b.c");
        asked.headers.erase("Authorization");
        EXPECT_EQ(response_to(asked).status, 401) << path;
    }
    EXPECT_EQ(std::get<HttpQuestion>(read(posted("/v1/push/resubscribe"))).token, std::nullopt);
}

TEST(PostedQuestion, IsAskedWithPostOnly) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
        Asked asked = posted("/v1/push/send");
        asked.method = method;
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, 405) << method;
        EXPECT_EQ(header(response, "Allow"), "POST, OPTIONS");
    }
}

TEST(PostedQuestion, IsJsonInItsContentTypeAndNotPacked) {
    for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                             "application/json, text/plain", "json"}) {
        Asked asked = posted("/v1/push/send");
        asked.headers["Content-Type"] = type;
        EXPECT_EQ(response_to(asked).status, 415) << type;
    }
    for (const char* type : {"application/json;charset=utf-8", "Application/JSON ; charset=\"utf-8\""}) {
        Asked asked = posted("/v1/push/send");
        asked.headers["Content-Type"] = type;
        EXPECT_TRUE(std::holds_alternative<HttpQuestion>(read(asked))) << type;
        asked.headers["Content-Encoding"] = "gzip";
        EXPECT_EQ(response_to(asked).status, 415);
    }
}

TEST(PostedQuestion, IsAJsonObject) {
    for (const char* body : {"", "[]", "{", "{}{}", "\"\xff\"", R"({"a":[[[[1]]]]})"}) {
        const HttpResponse response = response_to(posted("/v1/push/send", body));
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_NE(response.body.find("\"reason\":\"bad_message\""), std::string::npos) << response.body;
        EXPECT_NE(response.body.find("The body must be"), std::string::npos) << response.body;
    }
}

TEST(PostedQuestion, ThatIsTooLargeIsRefusedSoThatItsPageCanReadWhy) {
    Asked asked = posted("/v1/push/send", std::string(kBodyBytesMax + 1, ' '));
    asked.headers["Origin"] = kOwnOrigin;
    const HttpResponse response = response_to(asked);
    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
    EXPECT_NE(response.body.find("limits.message_bytes_max"), std::string::npos) << response.body;
}

TEST(PostedQuestion, IsAnnouncedByPreflightsWithTheHeadersThatItNeeds) {
    for (const auto& [path, headers] : {std::pair{"/v1/push/send", "authorization, content-type"},
                                        {"/v1/push/resubscribe", "content-type"}}) {
        Asked asked{.method = "OPTIONS", .path = path};
        asked.headers = {{"Host", "chat.example"}, {"Origin", std::string(kOwnOrigin)}};
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, 204);
        EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "POST");
        EXPECT_EQ(header(response, "Access-Control-Allow-Headers"), headers);
    }
}

TEST(QuestionAnswer, IsJsonThatNobodyKeeps) {
    const HttpResponse response = question_response({.json = "{\"list\":[]}"}, std::string(kOwnOrigin));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{\"list\":[]}");
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
    EXPECT_EQ(header(response, "Vary"), "Origin");
    EXPECT_EQ(header(question_response({.json = "{}"}, {}), "Access-Control-Allow-Origin"), "");
}

HttpResponse question_error(codec::ErrorReason reason, std::string json, std::uint64_t retry_after_ms) {
    return question_response({.error = reason, .retry_after_ms = retry_after_ms, .json = std::move(json)},
                             {});
}

TEST(QuestionError, HasTheStatusOfItsReason) {
    using enum codec::ErrorReason;
    const std::map<codec::ErrorReason, int> statuses{{token_refused, 401},     {token_expired, 401},
                                                     {not_permitted, 403},     {group_not_allowed, 403},
                                                     {invalid_parameter, 400}, {bad_message, 400},
                                                     {no_group, 400},          {rate_limited, 429},
                                                     {unavailable, 503},       {too_many_connections, 500},
                                                     {push_disabled, 501},     {push_queue_full, 503},
                                                     {push_not_found, 404},    {subscription_not_found, 404},
                                                     {unknown_vapid_key, 400}};
    for (const auto& [reason, status] : statuses) {
        EXPECT_EQ(question_error(reason, "{}", 0).status, status) << codec::info(reason).reason;
    }
}

TEST(QuestionError, SaysThatTheTokenWasNotValid) {
    const HttpResponse response = question_error(codec::ErrorReason::token_expired, "{}", 0);
    EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer error=\"invalid_token\"");
    EXPECT_EQ(response.body, "{}");
}

TEST(QuestionError, SaysInWholeSecondsWhenToComeBack) {
    const auto retry_after = [](std::uint64_t ms) {
        return header(question_error(codec::ErrorReason::rate_limited, "{}", ms), "Retry-After");
    };
    EXPECT_EQ(retry_after(0), "1");
    EXPECT_EQ(retry_after(1), "1");
    EXPECT_EQ(retry_after(1'000), "1");
    EXPECT_EQ(retry_after(1'001), "2");
    EXPECT_EQ(header(question_error(codec::ErrorReason::not_permitted, "{}", 9), "Retry-After"), "");
}

TEST(QuestionError, SaysToWhoAsksTooMuchWithoutATokenWhenToComeBack) {
    const HttpResponse response = question_response(HubAnswer::too_soon(), std::string(kOwnOrigin));
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(header(response, "Retry-After"), "1");
    EXPECT_NE(response.body.find("\"retry_after_ms\":1000"), std::string::npos) << response.body;
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kOwnOrigin);
}

TEST(QuestionError, LetsPagesOfOtherOriginsSeeWhenToComeBack) {
    const auto exposed = [](const std::string& origin) {
        return header(question_response(HubAnswer::timed_out(), origin), "Access-Control-Expose-Headers");
    };
    EXPECT_EQ(exposed(std::string(kOwnOrigin)), "Retry-After");
    EXPECT_EQ(exposed({}), "");
}

TEST(QuestionError, AsksForTheGroupInsteadOfAJoin) {
    const HttpResponse response = question_error(codec::ErrorReason::no_group, "{\"x\":1}", 0);
    EXPECT_NE(response.body.find("\"reason\":\"no_group\""), std::string::npos) << response.body;
    EXPECT_NE(response.body.find("\\\"group\\\" is needed"), std::string::npos) << response.body;
}

TEST(QuestionError, OfAStoppingServerEndsTheConnection) {
    EXPECT_TRUE(question_response(HubAnswer::while_stopping(), {}).close);
    EXPECT_EQ(question_response(HubAnswer::while_stopping(), {}).status, 503);
    EXPECT_EQ(header(question_response(HubAnswer::while_stopping(), {}), "Retry-After"), "5");
    EXPECT_FALSE(question_response(HubAnswer::timed_out(), {}).close);
}

}  // namespace
}  // namespace pipit::net
