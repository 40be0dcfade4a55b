#include "codec/http_command.hpp"

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::codec {
namespace {

std::string groups(std::string_view query) {
    return query_command("groups", query);
}
std::string users(std::string_view query) {
    return query_command("users", query);
}

TEST(QueryCommand, KeepsAsTextWhatHasNotTheTypeOfItsArgument) {
    EXPECT_EQ(groups("limit=ten"), R"({"id":1,"op":"groups","limit":"ten"})");
    EXPECT_EQ(groups("limit="), R"({"id":1,"op":"groups","limit":""})");
    EXPECT_EQ(groups("limit"), R"({"id":1,"op":"groups","limit":""})");
    EXPECT_EQ(groups("limit=01"), R"({"id":1,"op":"groups","limit":"01"})");
    EXPECT_EQ(groups("limit=+1"), R"({"id":1,"op":"groups","limit":" 1"})");
    EXPECT_EQ(groups("limit=1%0A"), R"({"id":1,"op":"groups","limit":"1\n"})");
    EXPECT_EQ(groups("limit=1,2"), R"({"id":1,"op":"groups","limit":"1,2"})");
    EXPECT_EQ(groups("limit=null"), R"({"id":1,"op":"groups","limit":"null"})");
    EXPECT_EQ(groups("ascending=yes"), R"({"id":1,"op":"groups","ascending":"yes"})");
    EXPECT_EQ(groups("searchFor=number_of_users&value=many"),
              R"({"id":1,"op":"groups","searchFor":"number_of_users","value":"many"})");
    EXPECT_EQ(groups("startKey=end"), R"({"id":1,"op":"groups","startKey":"end"})");
    EXPECT_EQ(groups("startKey={\"cursor\":"), R"({"id":1,"op":"groups","startKey":"{\"cursor\":"})");
    EXPECT_EQ(groups("startKey=[1]"), R"({"id":1,"op":"groups","startKey":"[1]"})");
    EXPECT_EQ(groups("startKey={\"a\":{}}"), R"({"id":1,"op":"groups","startKey":"{\"a\":{}}"})");
}

TEST(QueryCommand, LetsNoParameterBreakOutOfItsPlace) {
    EXPECT_EQ(groups("id=7&op=leave&searchFor\",\"op=leave"), R"({"id":1,"op":"groups"})");
    EXPECT_EQ(groups("value=a\",\"op\":\"leave"), R"({"id":1,"op":"groups","value":"a\",\"op\":\"leave"})");
    EXPECT_EQ(groups("limit=1,\"id\":2"), R"({"id":1,"op":"groups","limit":"1,\"id\":2"})");
    EXPECT_EQ(groups("startKey={},\"id\":{}"), R"({"id":1,"op":"groups","startKey":"{},\"id\":{}"})");
    EXPECT_EQ(groups("startKey={%0A}"), R"({"id":1,"op":"groups","startKey":"{\n}"})");
}

TEST(QueryCommand, ReplacesBytesThatAreNoCharacter) {
    EXPECT_EQ(users("group=a%FFb"), "{\"id\":1,\"op\":\"users\",\"group\":\"a\xef\xbf\xbd\x62\"}");
    EXPECT_EQ(users("group=%E2%82"), "{\"id\":1,\"op\":\"users\",\"group\":\"\xef\xbf\xbd\xef\xbf\xbd\"}");
    EXPECT_EQ(users("group=%ED%A0%80%C3%A9"),
              "{\"id\":1,\"op\":\"users\",\"group\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\"}");
    EXPECT_EQ(users("group=\xc3"), "{\"id\":1,\"op\":\"users\",\"group\":\"\xef\xbf\xbd\"}");
}

TEST(QueryCommand, TakesAMalformedEscapeForItself) {
    EXPECT_EQ(users("group=100%"), R"({"id":1,"op":"users","group":"100%"})");
    EXPECT_EQ(users("group=%4"), R"({"id":1,"op":"users","group":"%4"})");
    EXPECT_EQ(users("group=%zz%-1%4g"), R"({"id":1,"op":"users","group":"%zz%-1%4g"})");
    EXPECT_EQ(users("group=%%41"), R"({"id":1,"op":"users","group":"%A"})");
}

TEST(QueryCommand, AsksForEverythingWithoutAQuery) {
    EXPECT_EQ(groups(""), R"({"id":1,"op":"groups"})");
    EXPECT_EQ(users("&&=&=x"), R"({"id":1,"op":"users"})");
}

TEST(QueryCommand, GivesNoMemberToWhatTakesNone) {
    EXPECT_EQ(query_command("ice", "limit=1&push=7"), R"({"id":1,"op":"ice"})");
    EXPECT_EQ(query_command("vapid", "op=leave"), R"({"id":1,"op":"vapid"})");
}

TEST(QueryCommand, NamesAPushByATextThatLooksLikeANumber) {
    EXPECT_EQ(query_command("pushed", "push=417&limit=1"), R"({"id":1,"op":"pushed","push":"417"})");
}

TEST(QueryCommand, GivesEachArgumentItsType) {
    EXPECT_EQ(groups("searchFor=number_of_users&value=2&condition=%3E%3D&limit=10&ascending=false"),
              R"({"id":1,"op":"groups","searchFor":"number_of_users","value":2,"condition":">=",)"
              R"("limit":10,"ascending":false})");
    EXPECT_EQ(groups("searchFor=number_of_users&value=-0.5&range=1e3"),
              R"({"id":1,"op":"groups","searchFor":"number_of_users","value":-0.5,"range":1e3})");
    EXPECT_EQ(groups("searchFor=group&value=2&range=10"),
              R"({"id":1,"op":"groups","searchFor":"group","value":"2","range":"10"})");
    EXPECT_EQ(groups("ascending=true&startKey=%7B%22cursor%22%3A%22AUZ0%22%7D"),
              R"({"id":1,"op":"groups","ascending":true,"startKey":{"cursor":"AUZ0"}})");
    EXPECT_EQ(users("group=7&user_id=true&limit=3"),
              R"({"id":1,"op":"users","group":"7","user_id":"true","limit":3})");
}

TEST(QueryCommand, AsksForHistory) {
    EXPECT_EQ(query_command("history",
                            "group=tea+room&limit=2&before=%7B%22epoch%22%3A%22e%22%2C%22offset%22%3A7%7D"),
              R"({"id":1,"op":"history","group":"tea room","limit":2,"before":{"epoch":"e","offset":7}})");
    EXPECT_EQ(query_command("history", "before=end&startKey=7&limit=x"),
              R"({"id":1,"op":"history","limit":"x","before":"end"})");
}

TEST(QueryCommand, DecidesTheTypeOfAValueWhereverSearchForStands) {
    EXPECT_EQ(groups("value=2&searchFor=number_of_users"),
              R"({"id":1,"op":"groups","searchFor":"number_of_users","value":2})");
    EXPECT_EQ(groups("searchFor=number_of_users&value=2&searchFor=group"),
              R"({"id":1,"op":"groups","searchFor":"group","value":"2"})");
}

TEST(QueryCommand, ReadsNamesAndValuesAsAUrlWritesThem) {
    EXPECT_EQ(users("%67roup=tea+room%2B1%3D%26+%F0%9F%8D%B5"),
              "{\"id\":1,\"op\":\"users\",\"group\":\"tea room+1=& \xf0\x9f\x8d\xb5\"}");
    EXPECT_EQ(users("group=a=b"), R"({"id":1,"op":"users","group":"a=b"})");
    EXPECT_EQ(users("group=the+%22tea%22%5C"), R"({"id":1,"op":"users","group":"the \"tea\"\\"})");
}

TEST(QueryCommand, TakesTheLastOfARepeatedParameter) {
    EXPECT_EQ(users("group=a&limit=1&group=b"), R"({"id":1,"op":"users","group":"b","limit":1})");
}

std::string body(std::string_view body, unsigned json_depth_max = 8) {
    const auto command = body_command("push", body, json_depth_max);
    return command ? *command : command.error().message;
}

TEST(BodyCommand, IsRefusedWhenItIsNoJsonObject) {
    EXPECT_EQ(body(""), "The body must be a JSON object: expected a value at byte 0.");
    for (const char* other : {"[]", "7", "null", "{", "{}}", "{} {}", "{,}", R"({"a":1,})",
                              R"({"a":1},{"b":2})", R"({"a":"})", R"({"a":{"b":1})", "a=1"})
        EXPECT_TRUE(body(other).starts_with("The body must be a JSON object: "))
            << other << ": " << body(other);
}

TEST(BodyCommand, IsRefusedWhenItIsNotUtf8OrTooDeep) {
    EXPECT_EQ(body("{\"a\":\"\xff\"}"), "The body must be UTF-8.");
    EXPECT_TRUE(body(R"({"a":[[1]]})", 2).starts_with("The body must be a JSON object: ")) << body("{}");
    EXPECT_TRUE(body(R"({"a":[[1]]})", 3).starts_with("{"));
}

TEST(BodyCommand, HasTheMembersAsTheyCame) {
    EXPECT_EQ(body("{}"), R"({"id":1,"op":"push"})");
    EXPECT_EQ(body(" {\n \"a\" : {} }\r\n"), " {\n \"a\" : {} ,\"id\":1,\"op\":\"push\"}");
}

TEST(BodyCommand, IsTheOneOfItsPathWhateverTheMembersSay) {
    const v1::Decoded decoded = v1::decode(
        body(
            R"({"op":"unsubscribe","id":9,"\u006fp":"leave","endpoint":"x","everyone":true,"notification":{"title":"a","body":"b"}})"),
        {});
    const auto* command = std::get_if<v1::Command>(&decoded);
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->id, 1u);
    EXPECT_TRUE(std::holds_alternative<v1::Push>(command->what));
}

}  // namespace
}  // namespace pipit::codec
