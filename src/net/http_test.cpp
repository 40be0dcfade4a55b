#include "net/http.hpp"

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

std::string value_in(std::string_view query, std::string_view name = "user") {
    HttpRequest request;
    request.query = query;
    return request.query_value(name);
}

TEST(HttpQuery, IsEmptyWhenTheParameterIsMissing) {
    for (const char* query : {"", "&", "=", "user", "users=a", "a=user", "User=a"})
        EXPECT_EQ(value_in(query), "") << query;
}

TEST(HttpQuery, TakesTheFirstValue) {
    EXPECT_EQ(value_in("user=a&user=b"), "a");
    EXPECT_EQ(value_in("a=1&&b&user=ann&c=2"), "ann");
    EXPECT_EQ(value_in("user=a=b"), "a=b");
}

TEST(HttpQuery, UndoesEscapes) {
    EXPECT_EQ(value_in("user=J%C3%bcrgen+%26"), "J\xc3\xbcrgen &");
}

HttpResponse response_of(std::string body) {
    HttpResponse response;
    response.body = std::move(body);
    return response;
}

TEST(HttpSerialize, LeavesTheBodyOutOfAnAnswerToHeadAndCountsIt) {
    EXPECT_EQ(serialize(response_of("hello"), true, true),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"
              "X-Content-Type-Options: nosniff\r\n\r\n");
}

TEST(HttpSerialize, TellsNoLengthOfAnAnswerThatHasNoBody) {
    HttpResponse response;
    response.status = 204;
    EXPECT_EQ(serialize(response, true, false),
              "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

TEST(HttpSerialize, SaysWhenTheConnectionEnds) {
    EXPECT_EQ(serialize(refusal(404, "no\n"), false, false),
              "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
              "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nno\n");
}

TEST(HttpSerialize, WritesItsHeadersInOrder) {
    HttpResponse response = response_of("{}");
    response.content_type = "application/json";
    response.headers = {{"Vary", "Origin"}, {"Cache-Control", "no-store"}};
    EXPECT_EQ(serialize(response, true, false),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              "X-Content-Type-Options: nosniff\r\nVary: Origin\r\nCache-Control: no-store\r\n\r\n{}");
}

}  // namespace
}  // namespace pipit::net
