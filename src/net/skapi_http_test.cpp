#include "net/skapi_http.hpp"

#include <map>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

constexpr std::string_view kPage = "https://chat.example";

struct Asked {
    std::string method = "POST";
    std::string path = "/skapi/get-vapid-public-key";
    std::string query = {};
    std::string body = "{}";
    std::map<std::string, std::string, std::less<>> headers = {
        {"Host", "chat.example:8443"}, {"Authorization", "a.b.c"}, {"Origin", std::string(kPage)}};
    bool is_tls = false;
    bool is_body_too_large = false;
};

SkapiSettings settings() {
    SkapiSettings settings;
    settings.services = {
        {.id = "us31teahouse", .owner = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a", .name = "Tea"}};
    settings.upgrade.allowed_origins = {std::string(kPage)};
    return settings;
}

auto read(const Asked& asked, const SkapiSettings& rules = settings()) {
    HttpRequest request;
    request.method = asked.method;
    request.path = asked.path;
    request.query = asked.query;
    request.body = asked.body;
    request.is_tls = asked.is_tls;
    request.is_body_too_large = asked.is_body_too_large;
    request.header = [&](std::string_view name) {
        const auto found = asked.headers.find(name);
        return found == asked.headers.end() ? std::string() : found->second;
    };
    return read_skapi_request(request, rules);
}

HttpResponse response_to(const Asked& asked, const SkapiSettings& rules = settings()) {
    const auto outcome = read(asked, rules);
    const auto* response = std::get_if<HttpResponse>(&outcome);
    EXPECT_NE(response, nullptr) << "it is not answered at once";
    return response == nullptr ? HttpResponse{} : *response;
}

std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) return value;
    }
    return {};
}

Asked get(std::string path, std::string query = {}) {
    return {.method = "GET", .path = std::move(path), .query = std::move(query), .body = ""};
}

TEST(SkapiRequest, IsNoneForOtherPaths) {
    for (const char* path : {"/", "/skapix", "/Skapi/", "/v1/groups", "/x/skapi/"})
        EXPECT_TRUE(std::holds_alternative<std::monostate>(read(get(path)))) << path;
}

TEST(SkapiRequest, OfAPageThatMayNotConnectIsRefusedAndCannotBeRead) {
    Asked asked;
    asked.headers["Origin"] = "https://elsewhere.example";
    for (const char* path :
         {"/skapi/get-vapid-public-key", "/skapi/service", "/skapi/cognito/", "/skapi/x"}) {
        asked.path = path;
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, 403) << path;
        EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "") << path;
    }
}

TEST(SkapiRequest, IsRefusedWhereThePageCanReadIt) {
    Asked without_token;
    without_token.headers.erase("Authorization");
    Asked too_large;
    too_large.is_body_too_large = true;
    for (const auto& [status, asked] :
         std::vector<std::pair<int, Asked>>{{404, {.path = "/skapi/get-everything"}},
                                            {404, {.path = "/skapi/get-vapid-public-key/"}},
                                            {405, {.method = "GET"}},
                                            {405, {.method = "DELETE", .path = "/skapi/service"}},
                                            {405, {.path = "/skapi/"}},
                                            {401, without_token},
                                            {413, too_large},
                                            {400, {.path = "/skapi/cognito/"}}}) {
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, status) << asked.path;
        EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kPage) << asked.path;
        EXPECT_EQ(response.content_type, "application/json");
    }
}

TEST(SkapiRequest, IsPreflightedWithAllThatTheClientSends) {
    const HttpResponse response = response_to({.method = "OPTIONS"});
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), kPage);
    for (const char* name : {"authorization", "content-type", "content-meta", "x-amz-target"}) {
        EXPECT_NE(header(response, "Access-Control-Allow-Headers").find(name), std::string::npos) << name;
    }
}

TEST(SkapiRequest, IsACallWithTheTokenAsItIsOrOfTheBearerScheme) {
    for (const char* authorization : {"a.b.c", "Bearer a.b.c"}) {
        Asked asked{.body = "{\"x\":1}"};
        asked.headers["Authorization"] = authorization;
        const auto outcome = read(asked);
        const auto* call = std::get_if<SkapiCall>(&outcome);
        ASSERT_NE(call, nullptr);
        EXPECT_EQ(call->call, codec::skapi::Call::get_vapid_public_key);
        EXPECT_EQ(call->token, "a.b.c");
        EXPECT_EQ(call->body, "{\"x\":1}");
        EXPECT_EQ(call->host, "chat.example");
        EXPECT_EQ(call->origin, kPage);
    }
}

TEST(SkapiRequest, AsksForNewTokensWithTheOldOne) {
    const auto outcome =
        read({.path = "/skapi/cognito/",
              .body = R"({"AuthFlow":"REFRESH_TOKEN_AUTH","AuthParameters":{"REFRESH_TOKEN":"r"}})"});
    const auto* refresh = std::get_if<SkapiRefresh>(&outcome);
    ASSERT_NE(refresh, nullptr);
    EXPECT_EQ(refresh->token, "r");
}

TEST(SkapiDiscovery, TellsEveryPageTheWayThatItHasCome) {
    Asked asked = get("/skapi/", ".cloudfront.net/us31/admin-v2.json");
    asked.headers["Origin"] = "https://elsewhere.example";
    for (const bool is_tls : {false, true}) {
        asked.is_tls = is_tls;
        const HttpResponse response = response_to(asked);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");
        const std::string s = is_tls ? "s" : "";
        EXPECT_NE(response.body.find("\"http" + s + "://chat.example:8443/skapi/\""), std::string::npos)
            << response.body;
        EXPECT_NE(response.body.find("\"ws" + s + "://chat.example:8443/skapi/realtime\""), std::string::npos)
            << response.body;
    }
}

TEST(SkapiDiscovery, TellsTheUrlOfTheSettingsWhateverTheHost) {
    SkapiSettings rules = settings();
    rules.url = "https://a.example";
    Asked asked = get("/skapi");
    asked.headers["Host"] = "\"";
    EXPECT_NE(response_to(asked, rules).body.find("\"wss://a.example/skapi/realtime\""), std::string::npos);
    EXPECT_EQ(response_to(asked).status, 400);
}

TEST(SkapiDiscovery, PutsNothingIntoAUrlThatIsNoHost) {
    for (const char* host : {"", "a b", "a\"b", "a:", "a:80/x", "a:123456", "a:8x", "[::1]x", "a@b"}) {
        Asked asked = get("/skapi/");
        asked.headers["Host"] = host;
        EXPECT_EQ(response_to(asked).status, 400) << host;
    }
    Asked asked = get("/skapi/");
    asked.headers["Host"] = "[::1]:80";
    EXPECT_EQ(response_to(asked).status, 200);
}

TEST(SkapiServiceInfo, IsForWhoKnowsItsOwner) {
    const auto status_of_query = [](std::string query) {
        return response_to(get("/skapi/service", std::move(query))).status;
    };
    EXPECT_EQ(status_of_query("service=us31teahouse&owner=0B6E7EE8-7a5c-4f0e-9a8b-6f2f4d1c2b3a"), 200);
    EXPECT_EQ(status_of_query("service=us31teahouse&owner=0b6e7ee8-7a5c-4f0e-9a8b-000000000000"), 404);
    EXPECT_EQ(status_of_query("service=us31nowhere&owner=0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a"), 404);
    EXPECT_EQ(status_of_query(""), 404);
}

TEST(SkapiResponse, SaysWhatTheHubSaidAndWhenToComeBack) {
    const HubAnswer limited{.error = codec::ErrorReason::rate_limited,
                            .retry_after_ms = 1'500,
                            .json = R"({"code":"ERROR","reason":"rate_limited","message":"Too many."})"};
    const HttpResponse response =
        skapi_response(limited, codec::skapi::AnswerForm::done, "us31teahouse", std::string(kPage));
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(header(response, "Retry-After"), "2");
    EXPECT_EQ(header(response, "Access-Control-Expose-Headers"), "Retry-After");
    EXPECT_EQ(response.body, R"({"code":"ERROR","message":"Too many."})");
    EXPECT_TRUE(skapi_response(HubAnswer::while_stopping(), codec::skapi::AnswerForm::done, {}, {}).close);
}

}  // namespace
}  // namespace pipit::net
