#include "codec/skapi_call.hpp"

#include <string>

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::codec::skapi {
namespace {

constexpr std::string_view kService = "us31abcd1234";
constexpr unsigned kDepthMax = 16;

std::string body(const std::string& members) {
    return R"({"service":"us31abcd1234","owner":"5750ee2c-f7f7-43ff-b6a5-cce599d30101")" +
           (members.empty() ? "" : "," + members) + "}";
}
std::string refusal(Call call, std::string_view text) {
    const auto read = read_call(call, text, kService, kDepthMax);
    const auto* bad = std::get_if<BadCall>(&read);
    return bad != nullptr ? bad->json : "not refused";
}
std::string command(Call call, const std::string& members) {
    const auto read = read_call(call, body(members), kService, kDepthMax);
    const auto* question = std::get_if<Question>(&read);
    return question != nullptr ? question->command : "no question";
}
std::string direct(Call call, const std::string& members) {
    const auto read = read_call(call, body(members), kService, kDepthMax);
    const auto* answer = std::get_if<Direct>(&read);
    return answer != nullptr ? answer->json : "not answered";
}
std::string invalid(const std::string& message) {
    return R"({"code":"INVALID_PARAMETER","message":")" + message + "\"}";
}

const std::string kNothingMore = R"({"list":[],"startKey":"end","endOfList":true})";

TEST(SkapiCall, KnowsItsNames) {
    EXPECT_EQ(call_from_name(""), std::nullopt);
    EXPECT_EQ(call_from_name("get-ws-groups"), std::nullopt);
    EXPECT_EQ(call_from_name("Get-Ws-Group"), std::nullopt);
    EXPECT_EQ(call_from_name("get-ws-group"), Call::get_ws_group);
    EXPECT_EQ(call_from_name("get-users"), Call::get_users);
}

TEST(SkapiCall, RefusesABodyThatIsNoObject) {
    EXPECT_EQ(refusal(Call::get_ws_group, ""),
              invalid("The body must be a JSON object: expected a value at byte 0."));
    EXPECT_EQ(refusal(Call::get_ws_group, "[]"),
              invalid("The body must be a JSON object: expected an object at byte 0."));
    EXPECT_EQ(refusal(Call::get_ws_group, "\xff"), invalid("The body must be UTF-8."));
    EXPECT_EQ(refusal(Call::get_ws_group, body(R"("x":)" + std::string(16, '[') + std::string(16, ']'))),
              invalid("The body must be a JSON object: nested too deep at byte 92."));
}

TEST(SkapiCall, RefusesAnotherServiceThanThatOfTheToken) {
    const std::string refused = invalid(R"(\"service\" must be that of the token.)");
    EXPECT_EQ(refusal(Call::get_vapid_public_key, "{}"), refused);
    EXPECT_EQ(refusal(Call::get_vapid_public_key, R"({"service":null})"), refused);
    EXPECT_EQ(refusal(Call::get_vapid_public_key, R"({"service":["us31abcd1234"]})"), refused);
    EXPECT_EQ(refusal(Call::get_vapid_public_key, R"({"service":"us31abcd1234","service":"us31other"})"),
              refused);
    EXPECT_EQ(refusal(Call::get_vapid_public_key, R"({"service":"us31\u0061bcd1234"})"), "not refused");
}

TEST(SkapiCall, LetsNoNewlineEndTheCommand) {
    EXPECT_EQ(command(Call::get_ws_group, "\"group\"\n:\n\"g\"\n,\"startKey\":{\n\"cursor\"\n:\n\"c\"\n}"),
              R"({"id":1,"op":"users","startKey":{ "cursor" : "c" },"group":"g"})");
}

// get-ws-group, of groups

TEST(SkapiCall, AsksForAllGroupsByANameThatNoneHas) {
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":"group","value":" ","condition":">")"),
              R"({"id":1,"op":"groups"})");
    EXPECT_EQ(
        command(
            Call::get_ws_group,
            R"("limit":1000,"ascending":false,"startKey":{"cursor":"c"},"searchFor":"group","value":" ","condition":">")"),
        R"({"id":1,"op":"groups","limit":1000,"ascending":false,"startKey":{"cursor":"c"}})");
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":"group","value":" ","condition":">=")"),
              R"({"id":1,"op":"groups","searchFor":"group","value":" ","condition":">="})");
}

TEST(SkapiCall, SearchesGroups) {
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":"group","value":"te\n","condition":"gte")"),
              R"({"id":1,"op":"groups","searchFor":"group","value":"te\n","condition":"gte"})");
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":"number_of_users","value":0,"condition":">")"),
              R"({"id":1,"op":"groups","searchFor":"number_of_users","value":0,"condition":">"})");
}

TEST(SkapiCall, LetsARangeWinOverACondition) {
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":"group","value":"a","range":"b")"),
              R"({"id":1,"op":"groups","searchFor":"group","value":"a","range":"b"})");
    EXPECT_EQ(
        command(Call::get_ws_group, R"("searchFor":"number_of_users","value":-1,"condition":"=","range":0)"),
        R"({"id":1,"op":"groups","searchFor":"number_of_users","value":-1,"range":0})");
}

TEST(SkapiCall, AnswersThatThereIsNothingBehindTheEnd) {
    EXPECT_EQ(direct(Call::get_ws_group, R"("group":"g","startKey":"end")"), kNothingMore);
    EXPECT_EQ(
        direct(Call::get_ws_group, R"("searchFor":"group","value":" ","condition":">","startKey":"end")"),
        kNothingMore);
}

TEST(SkapiCall, LeavesWrongArgumentsToTheHub) {
    EXPECT_EQ(command(Call::get_ws_group, R"("searchFor":7,"limit":-1,"startKey":"start")"),
              R"({"id":1,"op":"groups","limit":-1,"startKey":"start","searchFor":7})");
    EXPECT_EQ(command(Call::push_notification, R"("title":7)"),
              R"({"id":1,"op":"push","notification":{"title":null,"body":null}})");
}

// get-ws-group, of users

TEST(SkapiCall, AsksForTheUsersOfAGroup) {
    EXPECT_EQ(command(Call::get_ws_group, R"("group":"tea room")"),
              R"({"id":1,"op":"users","group":"tea room"})");
    EXPECT_EQ(
        command(
            Call::get_ws_group,
            R"("limit":1,"startKey":{"cursor":"c"},"group":"tea room","user_id":"5750ee2c-f7f7-43ff-b6a5-cce599d30101")"),
        R"({"id":1,"op":"users","limit":1,"startKey":{"cursor":"c"},"group":"tea room","user_id":"5750ee2c-f7f7-43ff-b6a5-cce599d30101"})");
}

// Notifications

TEST(SkapiCall, AsksForWhatNotificationsNeed) {
    EXPECT_EQ(command(Call::get_vapid_public_key, ""), R"({"id":1,"op":"vapid"})");
    const std::string subscription = R"("endpoint":"https://p.example/1","keys":{"p256dh":"k","auth":"a"})";
    EXPECT_EQ(command(Call::store_subscription, subscription),
              R"({"id":1,"op":"subscribe",)" + subscription + "}");
    EXPECT_EQ(command(Call::delete_subscription, subscription),
              R"({"id":1,"op":"unsubscribe",)" + subscription + "}");
}

TEST(SkapiCall, Pushes) {
    const std::string notification = R"("notification":{"title":"T","body":"B"})";
    EXPECT_EQ(command(Call::push_notification, R"("title":"T","body":"B","user_ids":["u","v"])"),
              R"({"id":1,"op":"push",)" + notification + R"(,"users":["u","v"]})");
    EXPECT_EQ(command(Call::push_notification, R"("title":"T","body":"B","user_ids":"all_users")"),
              R"({"id":1,"op":"push",)" + notification + R"(,"everyone":true})");
    // Nobody is everybody unless they say so.
    EXPECT_EQ(command(Call::push_notification, R"("title":"T","body":"B","user_ids":"all")"),
              R"({"id":1,"op":"push",)" + notification + R"(,"users":"all"})");
    EXPECT_EQ(command(Call::push_notification, R"("title":"T","body":"B")"),
              R"({"id":1,"op":"push",)" + notification + "}");
}

// get-users

TEST(SkapiCall, RefusesToSearchUsers) {
    const auto refused = [](const std::string& members) { return refusal(Call::get_users, body(members)); };
    const std::string no_directory =
        invalid(R"(\"searchFor\" must be \"user_id\": this server keeps no directory of users.)");
    EXPECT_EQ(refused(""), no_directory);
    EXPECT_EQ(refused(R"("searchFor":"email","value":"a@b.example")"), no_directory);
    const std::string no_ids =
        invalid(R"(\"value\" must be a user id, a UUID, or an array of at most 1000.)");
    EXPECT_EQ(refused(R"("searchFor":"user_id")"), no_ids);
    EXPECT_EQ(refused(R"("searchFor":"user_id","value":"alice")"), no_ids);
    EXPECT_EQ(refused(R"("searchFor":"user_id","value":"5750ee2c-f7f7-43ff-b6a5-cce599d3010g")"), no_ids);
    EXPECT_EQ(refused(R"("searchFor":"user_id","value":["5750ee2c-f7f7-43ff-b6a5-cce599d30101",7])"), no_ids);
    std::string many;
    for (int i = 0; i < 1'001; ++i)
        many += std::string(i > 0 ? "," : "") + R"("5750ee2c-f7f7-43ff-b6a5-cce599d30101")";
    EXPECT_EQ(refused(R"("searchFor":"user_id","value":[)" + many + "]"), no_ids);
}

TEST(SkapiCall, TakesUsersThatAreAskedForToExist) {
    EXPECT_EQ(
        direct(Call::get_users,
               R"("searchFor":"user_id","value":"5750ee2c-f7f7-43ff-b6a5-cce599d30101","condition":"=")"),
        R"({"list":[{"user_id":"5750ee2c-f7f7-43ff-b6a5-cce599d30101"}],"startKey":"end","endOfList":true})");
    EXPECT_EQ(
        direct(
            Call::get_users,
            R"("searchFor":"user_id","value":["5750ee2c-f7f7-43ff-b6a5-cce599d30101","00000000-0000-4000-8000-00000000000F"])"),
        R"({"list":[{"user_id":"5750ee2c-f7f7-43ff-b6a5-cce599d30101"},{"user_id":"00000000-0000-4000-8000-00000000000F"}],"startKey":"end","endOfList":true})");
    EXPECT_EQ(direct(Call::get_users, R"("searchFor":"user_id","value":[])"), kNothingMore);
    EXPECT_EQ(direct(Call::get_users, R"("searchFor":"user_id","startKey":"end")"), kNothingMore);
}

// Answers

TEST(SkapiAnswer, ShowsGroupsUnderTheirService) {
    std::string page;
    v1::append_page(page, v1::GroupRows{{"tea room", 5}, {"50% \"#1\"", 1}}, "abc");
    EXPECT_EQ(
        answer_json(AnswerForm::groups, kService, page),
        R"({"list":[{"rid":"us31abcd1234#tea room","cnt":5},{"rid":"us31abcd1234#50% \"#1\"","cnt":1}],"startKey":{"cursor":"abc"},"endOfList":false})");
}

TEST(SkapiAnswer, ShowsUsersWithTheirBareConnectionIds) {
    std::string page;
    v1::append_page(page, v1::UserRows{{"u", "cid:AAAAAAAAAAAAAAAA"}, {"u", "cid:cid_BBBBBBBBBBBB"}}, "");
    EXPECT_EQ(
        answer_json(AnswerForm::users, kService, page),
        R"({"list":[{"uid":"us31abcd1234#u","cid":"AAAAAAAAAAAAAAAA"},{"uid":"us31abcd1234#u","cid":"cid_BBBBBBBBBBBB"}],"startKey":"end","endOfList":true})");
}

// Two empty pages without one would break the client.
TEST(SkapiAnswer, AlwaysHasAStartKey) {
    std::string page;
    v1::append_page(page, v1::GroupRows(), "");
    EXPECT_EQ(answer_json(AnswerForm::groups, kService, page), kNothingMore);
}

TEST(SkapiAnswer, IsABareTextWhereTheClientWrapsIt) {
    std::string json;
    v1::append_vapid_key(json, "BP4z");
    EXPECT_EQ(answer_json(AnswerForm::vapid_key, kService, json), R"("BP4z")");
    json.clear();
    v1::append_subscribed(json);
    EXPECT_EQ(answer_json(AnswerForm::done, kService, json),
              R"("SUCCESS: Subscribed to receive notifications.")");
}

TEST(SkapiAnswer, HasTheCodeAndTheMessageOfAnError) {
    std::string error;
    v1::append_error_content(error, ErrorReason::not_permitted, "No \"access\".", 100);
    EXPECT_EQ(error_json(error), R"({"code":"INVALID_REQUEST","message":"No \"access\"."})");
    EXPECT_EQ(error_json("ERROR", "50%\n"), R"({"code":"ERROR","message":"50%\n"})");
}

}  // namespace
}  // namespace pipit::codec::skapi
