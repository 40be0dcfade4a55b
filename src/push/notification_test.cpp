#include "push/notification.hpp"

#include <gtest/gtest.h>

namespace pipit::push {
namespace {

std::string fault(std::string_view notification) {
    const auto payload = notification_payload(notification);
    return payload ? "none" : payload.error().message;
}

std::string payload(std::string_view notification) {
    return notification_payload(notification).value();
}

TEST(Notification, IsAJsonObject) {
    const std::string deep =
        R"({"title":"a","body":"b","c":)" + std::string(40, '[') + std::string(40, ']') + '}';
    for (const std::string_view text :
         {std::string_view(""), std::string_view("null"), std::string_view("[]"), std::string_view("\"a\""),
          std::string_view(R"({"title":"a","body":"b")"), std::string_view(R"({"title":"a","body":"b"}x)"),
          std::string_view("{\"title\":\"\xff\",\"body\":\"b\"}"), std::string_view(deep)}) {
        EXPECT_EQ(fault(text), "a notification must be a JSON object") << text;
    }
}

TEST(Notification, HasATitleAndABody) {
    for (const std::string_view text :
         {"{}", R"({"title":"a"})", R"({"body":"b"})", R"({"title":1,"body":"b"})",
          R"({"title":"a","body":null})", R"({"title":"a","body":"b","body":2})",
          R"({"Title":"a","body":"b"})", R"({"title":"\ud800","body":"b"})"}) {
        EXPECT_EQ(fault(text),
                  "a notification must have a title and a body, both of them strings without lone surrogates")
            << text;
    }
}

TEST(Notification, HasAtMost3072BytesOfTitleAndBodyTogether) {
    const auto with_body = [](const std::string& body) { return R"({"title":"12","body":")" + body + "\"}"; };
    EXPECT_EQ(fault(with_body(std::string(3'070, 'x'))), "none");
    EXPECT_EQ(fault(with_body(std::string(3'071, 'x'))),
              "title and body of a notification must have at most 3072 bytes together; they have 3073");
    // Each of these letters has two bytes, and as an escape six.
    std::string letters;
    std::string escapes;
    for (int i = 0; i < 1'536; ++i)
        letters += "\xc3\xbc";
    for (int i = 0; i < 600; ++i)
        escapes += "\\u00fc";
    EXPECT_NE(fault(with_body(letters)), "none");
    EXPECT_EQ(fault(with_body(escapes)), "none");
    EXPECT_NE(fault(R"({"\u0074itle":")" + std::string(3'073, 'x') + R"(","body":""})"), "none");
}

TEST(Notification, HasAtMost3993BytesInAll) {
    const std::string front = R"({"title":"a","body":"b","c":")";
    EXPECT_EQ(fault(front + std::string(3'993 - front.size() - 2, 'x') + "\"}"), "none");
    EXPECT_EQ(fault(front + std::string(3'994 - front.size() - 2, 'x') + "\"}"),
              "a notification must have at most 3993 bytes as JSON; it has 3994");
}

TEST(Notification, BringsWhatItsAuthorAdded) {
    EXPECT_EQ(payload(R"({"title":"a","body":"b"})"), R"({"title":"a","body":"b"})");
    EXPECT_EQ(payload(R"( { "body" : "b" , "data" : { "n" : 1.50 } , "title" : "a\n" } )"),
              R"({"body":"b","data":{ "n" : 1.50 },"title":"a\n"})");
}

TEST(Notification, KeepsToUsWhatIsMeantForUs) {
    EXPECT_EQ(payload(R"({"config":{"always":true},"title":"a","body":"b"})"), R"({"title":"a","body":"b"})");
    EXPECT_EQ(payload(R"({"title":"a","body":"b","data":{"config":1}})"),
              R"({"title":"a","body":"b","data":{"config":1}})");
}

}  // namespace
}  // namespace pipit::push
