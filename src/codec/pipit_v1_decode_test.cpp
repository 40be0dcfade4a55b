#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {
namespace {

using namespace std::literals;

/// Why the whole text cannot be answered; empty when it can.
std::string undecodable(std::string_view text, const DecodeLimits& limits = {}) {
    const Decoded decoded = decode(text, limits);
    const auto* fault = std::get_if<Undecodable>(&decoded);
    return fault != nullptr ? fault->why : "";
}

/// What the answer to a refused command says; empty when it is not refused.
std::string refusal(std::string_view text, const DecodeLimits& limits = {}) {
    const Decoded decoded = decode(text, limits);
    const auto* command = std::get_if<Command>(&decoded);
    const auto* refused = command != nullptr ? std::get_if<Refused>(&command->what) : nullptr;
    return refused != nullptr ? refused->message : "";
}

template <class What>
What understood(std::string_view text) {
    return std::get<What>(std::get<Command>(decode(text, {})).what);
}

TEST(PipitV1Decode, SaysWhereTextStopsBeingAJsonObject) {
    EXPECT_EQ(undecodable(R"({"id":1,"op":"leave",})"), "not a JSON object: expected a key at byte 21");
    EXPECT_EQ(undecodable("[]"), "not a JSON object: expected an object at byte 0");
}

TEST(PipitV1Decode, SaysWhichMemberMakesACommandUnanswerable) {
    EXPECT_EQ(undecodable(R"({"op":"leave"})"), "\"id\" must be a whole number from 1 to 2^53-1");
    EXPECT_EQ(undecodable(R"({"id":9})"), "\"op\" must be a string");
}

TEST(PipitV1Decode, RefusesNestingBeyondItsLimit) {
    DecodeLimits limits;
    limits.json_depth_max = 3;
    EXPECT_EQ(undecodable(R"({"id":1,"op":"post","to":"g","data":[[]]})", limits), "");
    EXPECT_NE(undecodable(R"({"id":1,"op":"post","to":"g","data":[[[]]]})", limits), "");
}

TEST(PipitV1Decode, NamesTheArgumentAndWhatIsAllowed) {
    EXPECT_EQ(refusal(R"({"id":1,"op":"join"})"),
              "\"group\" is missing: a string of 1 to 255 bytes is needed.");
    EXPECT_EQ(refusal(R"({"id":1,"op":"join","group":{}})"), "\"group\" must be a string, not an object.");
    EXPECT_EQ(refusal(R"({"id":1,"op":"refresh","token":""})"),
              "\"token\" must have 1 to 8192 bytes of UTF-8 without control characters.");
    EXPECT_EQ(refusal(R"({"id":1,"op":"post","to":{"user":"a","cid":"b"}})"),
              "\"to\" must be a string, or an object with exactly one of \"group\", \"user\" and \"cid\".");
    EXPECT_EQ(refusal(R"({"id":1,"op":"post","to":{"user":7}})"),
              "\"to.user\" must be a string, not a number.");
}

TEST(PipitV1Decode, NamesTheItemThatIsWrong) {
    const auto to_users = [](std::string_view users) {
        return refusal(fmt::format(
            R"({{"id":1,"op":"push","notification":{{"title":"a","body":"b"}},"users":{}}})", users));
    };
    EXPECT_EQ(to_users(R"(["ann",7])"), "\"users[1]\" must be a string, not a number.");
    EXPECT_EQ(to_users(R"([""])"),
              "\"users[0]\" must have 1 to 255 bytes of UTF-8 without control characters.");
    EXPECT_EQ(to_users("[]"), "\"users\" must be an array of at least one user id.");
    EXPECT_EQ(to_users("\"ann\""), "\"users\" must be an array of at least one user id.");
}

TEST(PipitV1Decode, TakesNoSilenceAboutWhomAPushIsForAsEveryone) {
    for (const std::string_view whom :
         {"", R"(,"user":["ann"])", R"(,"user_ids":["ann"])", R"(,"users":null)", R"(,"everyone":false)",
          R"(,"everyone":null)", R"(,"everyone":1)", R"(,"users":["ann"],"everyone":true)"}) {
        EXPECT_EQ(refusal(fmt::format(R"({{"id":1,"op":"push","notification":{{"title":"a","body":"b"}}{}}})",
                                      whom)),
                  "Whom \"push\" is for must be said by exactly one of \"users\", an array of at least one "
                  "user id, and \"everyone\": true.")
            << whom;
    }
}

TEST(PipitV1Decode, LimitsNamesAsItIsTold) {
    DecodeLimits limits;
    limits.group_name_bytes_max = 3;
    limits.user_id_bytes_max = 5;
    EXPECT_EQ(refusal(R"({"id":1,"op":"join","group":"abc"})", limits), "");
    EXPECT_NE(refusal(R"({"id":1,"op":"join","group":"abcd"})", limits), "");
    EXPECT_EQ(refusal(R"({"id":1,"op":"post","to":{"user":"abcde"}})", limits), "");
    EXPECT_NE(refusal(R"({"id":1,"op":"post","to":{"user":"abcdef"}})", limits), "");
    EXPECT_NE(refusal(R"({"id":1,"op":"post","to":{"group":"abcd"}})", limits), "");
}

TEST(PipitV1Decode, RefusesAReservedKeyOfTheWrongSize) {
    const auto post = [](const std::string& key) {
        return R"({"id":1,"op":"post","to":"g","key":")" + key + "\"}";
    };
    EXPECT_NE(refusal(post("")), "");
    EXPECT_EQ(refusal(post(std::string(64, 'k'))), "");
    EXPECT_NE(refusal(post(std::string(65, 'k'))), "");
}

TEST(PipitV1Decode, RefusesASessionOfTheWrongKindOrSize) {
    const auto connect = [](const std::string& session) {
        return R"({"id":1,"op":"connect","session":)" + session + "}";
    };
    EXPECT_EQ(refusal(connect("7")), "\"session\" must be a string, not a number.");
    EXPECT_NE(refusal(connect("null")), "");
    EXPECT_NE(refusal(connect("\"\"")), "");
    EXPECT_EQ(refusal(connect('"' + std::string(64, 's') + '"')), "");
    EXPECT_NE(refusal(connect('"' + std::string(65, 's') + '"')), "");
}

TEST(PipitV1Decode, TellsAConnectThatIsRefusedFromAnotherCommand) {
    const auto is_connect = [](std::string_view text) { return understood<Refused>(text).is_connect; };
    EXPECT_TRUE(is_connect(R"({"id":1,"op":"connect","token":7})"));
    EXPECT_FALSE(is_connect(R"({"id":1,"op":"join","group":7})"));
    EXPECT_FALSE(is_connect(R"({"id":1,"op":"dance"})"));
}

TEST(PipitV1Decode, ReadsEscapesInNamesOfMembersToo) {
    EXPECT_EQ(understood<Post>(R"({"id":1,"op":"post","to":{"\u0075ser":"ann"}})").to.kind,
              Recipient::Kind::user);
    EXPECT_EQ(understood<Refused>(R"({"id":1,"op":"\ud800"})").reason, ErrorReason::unknown_command);
    EXPECT_NE(refusal(R"({"id":1,"op":"post","to":{"\ud800":"ann"}})"), "");
}

TEST(PipitV1Decode, TakesTheLastOfARepeatedMember) {
    EXPECT_EQ(understood<Join>(R"({"id":1,"op":"leave","group":7,"op":"join","group":"g"})").group, "g");
}

TEST(PipitV1Decode, LooksAtNoMembersOfOtherCommands) {
    EXPECT_EQ(understood<Join>(R"({"id":1,"op":"join","group":"g","token":7,"to":[],"limit":0})").group, "g");
    EXPECT_EQ(understood<Post>(R"({"id":1,"op":"post","to":"g","group":7,"session":7,"list":7})").to.name,
              "g");
}

TEST(PipitV1Decode, ForwardsDataAsASliceOfWhatWasSent) {
    const std::string text = R"({"id":1,"op":"post","to":"g","data": [ 1.0 ,"\u0061" ] })";
    const Post post = understood<Post>(text);
    EXPECT_EQ(post.data, R"([ 1.0 ,"\u0061" ])");
    EXPECT_EQ(post.data.data(), text.data() + text.find("[ 1"));
}

}  // namespace
}  // namespace pipit::codec::v1
