#include "codec/notification.hpp"

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

std::string fault(std::string_view notification) {
    const auto parsed = parse_notification(notification);
    return parsed ? "none" : parsed.error().message;
}

std::string payload(std::string_view notification) {
    return parse_notification(notification).value().payload;
}

TEST(Notification, IsAJsonObject) {
    const std::string deep =
        R"({"title":"a","body":"b","c":)" + std::string(40, '[') + std::string(40, ']') + '}';
    for (const std::string_view text :
         {std::string_view(""), std::string_view("null"), std::string_view("[]"), std::string_view("\"a\""),
          std::string_view(R"({"title":"a","body":"b")"), std::string_view(R"({"title":"a","body":"b"}x)"),
          std::string_view("{\"title\":\"\xff\",\"body\":\"b\"}"), std::string_view(deep)}) {
        EXPECT_EQ(fault(text),
                  "\"notification\" must be an object, with values at most 32 deep inside each other.")
            << text;
    }
}

TEST(Notification, HasATitleAndABody) {
    for (const std::string_view text :
         {"{}", R"({"title":"a"})", R"({"body":"b"})", R"({"title":1,"body":"b"})",
          R"({"title":"a","body":null})", R"({"title":"a","body":"b","body":2})",
          R"({"Title":"a","body":"b"})", R"({"title":"\ud800","body":"b"})"}) {
        EXPECT_EQ(fault(text),
                  "\"notification\" must have a \"title\" and a \"body\", strings without lone surrogates.")
            << text;
    }
}

TEST(Notification, HasSomethingToShow) {
    EXPECT_EQ(fault(R"({"title":"","body":"","icon":"/tea.png"})"),
              "\"title\" and \"body\" of \"notification\" must not both be empty.");
    EXPECT_EQ(fault(R"({"title":"a","body":""})"), "none");
    EXPECT_EQ(fault(R"({"title":"","body":"b"})"), "none");
}

TEST(Notification, HasAtMost3072BytesOfTitleAndBodyTogether) {
    const auto with_body = [](const std::string& body) { return R"({"title":"12","body":")" + body + "\"}"; };
    EXPECT_EQ(fault(with_body(std::string(3'070, 'x'))), "none");
    EXPECT_EQ(
        fault(with_body(std::string(3'071, 'x'))),
        "\"title\" and \"body\" of \"notification\" must have at most 3072 bytes together; they have 3073.");
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
              "\"notification\" must have at most 3993 bytes as JSON; it has 3994.");
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

std::string with_config(const std::string& config) {
    return R"({"title":"a","body":"b","config":)" + config + "}";
}

TEST(Notification, IsNormalForADayAndNotForThoseWhoGetTheMessageUnlessToldOtherwise) {
    for (const std::string config : {"null", "{}", R"({"ttl":null,"always":null})"}) {
        const auto parsed = parse_notification(with_config(config));
        ASSERT_TRUE(parsed) << config;
        EXPECT_EQ(parsed->delivery.ttl_s, 86'400);
        EXPECT_EQ(parsed->delivery.urgency, Urgency::normal);
        EXPECT_EQ(parsed->delivery.topic, "");
        EXPECT_FALSE(parsed->always);
    }
}

TEST(Notification, TellsHowItIsToBeDelivered) {
    const auto parsed =
        parse_notification(with_config(R"({"always":true,"ttl":0,"urgency":"very-low","topic":"room_1"})"));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->always);
    EXPECT_EQ(parsed->delivery.ttl_s, 0);
    EXPECT_EQ(parsed->delivery.urgency, Urgency::very_low);
    EXPECT_EQ(parsed->delivery.topic, "room_1");
}

TEST(Notification, NamesAMemberOfItsConfigThatThereIsNot) {
    EXPECT_EQ(fault(with_config(R"({"tll":1})")),
              "\"tll\" is no member of \"notification.config\". Allowed: always, ttl, urgency, topic.");
    for (const std::string config :
         {R"({"ttl":1,"TTL":1})", R"({"later":null})", R"({"":1})", R"({"\ud800":1})"}) {
        EXPECT_NE(fault(with_config(config)).find("is no member of \"notification.config\""),
                  std::string::npos)
            << config;
    }
    EXPECT_EQ(fault(with_config(R"({"\u0074tl":1})")), "none");
    EXPECT_LT(fault(with_config("{\"" + std::string(3'000, 'x') + "\xc3\xbc\":1}")).size(), 200u);
}

TEST(Notification, RefusesAConfigThatMeansNothing) {
    EXPECT_EQ(fault(with_config("[]")), "\"notification.config\" must be an object.");
    for (const std::string always : {"1", "\"true\"", "{}"}) {
        EXPECT_EQ(fault(with_config("{\"always\":" + always + "}")),
                  "\"notification.config\": \"always\" must be true or false.");
    }
    for (const std::string ttl : {"-1", "1.5", "\"60\"", "2419201", "1e3", "true"}) {
        EXPECT_EQ(fault(with_config("{\"ttl\":" + ttl + "}")),
                  "\"notification.config\": \"ttl\" must be 0 to 2419200 seconds.");
    }
    for (const std::string urgency : {"1", "\"urgent\"", "\"\"", "\"\\ud800\""}) {
        EXPECT_EQ(
            fault(with_config("{\"urgency\":" + urgency + "}")),
            "\"notification.config\": \"urgency\" must be \"very-low\", \"low\", \"normal\" or \"high\".");
    }
    for (const std::string topic : {"1", "\"\"", "\"a b\"", "[]", "\"aaaaaaaaaabbbbbbbbbbccccccccccddd\""}) {
        EXPECT_EQ(fault(with_config("{\"topic\":" + topic + "}")),
                  "\"notification.config\": \"topic\" must have 1 to 32 characters, each of them one of A-Z "
                  "a-z 0-9 - _.");
    }
}

}  // namespace
}  // namespace pipit::codec
