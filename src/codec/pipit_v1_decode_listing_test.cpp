#include <string>

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {
namespace {

using Filter = ListGroups::Filter;

Command command(std::string_view op, std::string_view members, const DecodeLimits& limits = {}) {
    std::string text = "{\"id\":1,\"op\":\"";
    text.append(op).append(1, '"').append(members.empty() ? "" : ",").append(members).append(1, '}');
    return std::get<Command>(decode(text, limits));
}

/// What the answer to a refused command says; empty when it is not refused.
std::string refusal(std::string_view op, std::string_view members, const DecodeLimits& limits = {}) {
    const Command refused = command(op, members, limits);
    const auto* why = std::get_if<Refused>(&refused.what);
    if (why == nullptr) return {};
    EXPECT_EQ(why->reason, ErrorReason::invalid_parameter);
    EXPECT_FALSE(why->is_connect);
    return why->message;
}
std::string groups_refusal(std::string_view members) {
    return refusal("groups", members);
}

ListGroups groups(std::string_view members) {
    return std::get<ListGroups>(command("groups", members).what);
}

TEST(PipitV1DecodeListing, SaysWhatCanBeSearchedFor) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"users")"),
              R"("searchFor" must be one of group, number_of_users.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":7)"), R"("searchFor" must be a string, not a number.)");
}

TEST(PipitV1DecodeListing, NeedsToKnowWhatAValueIsComparedWith) {
    EXPECT_EQ(groups_refusal(R"("value":"tea")"), R"("value" needs "searchFor".)");
    EXPECT_EQ(groups_refusal(R"("value":1,"searchFor":null)"), R"("value" needs "searchFor".)");
    EXPECT_EQ(groups_refusal(R"("condition":"=")"), R"("condition" needs "searchFor".)");
    EXPECT_EQ(groups_refusal(R"("range":"tea")"), R"("range" needs "searchFor".)");
}

TEST(PipitV1DecodeListing, RefusesAValueOfAnotherTypeThanWhatIsSearchedFor) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"number_of_users","value":"3")"),
              R"("value" must be a number when "searchFor" is "number_of_users", not a string.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":3)"),
              R"("value" must be a string when "searchFor" is "group", not a number.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":{})"),
              R"("value" must be a string when "searchFor" is "group", not an object.)");
}

TEST(PipitV1DecodeListing, RefusesTextThatIsTooLongOrNoUnicode) {
    const std::string why =
        R"("value" must be a string of at most 3 bytes of UTF-8, without lone surrogates.)";
    DecodeLimits limits;
    limits.group_name_bytes_max = 3;
    EXPECT_EQ(refusal("groups", R"("searchFor":"group","value":"abc")", limits), "");
    EXPECT_EQ(refusal("groups", R"("searchFor":"group","value":"abcd")", limits), why);
    EXPECT_EQ(refusal("groups", R"("searchFor":"group","value":"\ud800")", limits), why);
    EXPECT_EQ(refusal("groups", R"("searchFor":"group","value":"a","range":"abcd")", limits),
              R"("range" must be a string of at most 3 bytes of UTF-8, without lone surrogates.)");
}

TEST(PipitV1DecodeListing, RefusesNumbersThatNoDoubleHolds) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"number_of_users","value":1e999)"),
              R"("value" must be a number in the range of a double.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"number_of_users","value":1,"range":-1e999)"),
              R"("range" must be a number in the range of a double.)");
}

TEST(PipitV1DecodeListing, SaysWhichConditionsThereAre) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","condition":"~")"),
              R"("condition" must be one of =, !=, >, >=, <, <=, eq, ne, gt, gte, lt, lte.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","condition":false)"),
              R"("condition" must be a string, not a boolean.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","condition":"\ud800")"),
              R"("condition" must be one of =, !=, >, >=, <, <=, eq, ne, gt, gte, lt, lte.)");
}

TEST(PipitV1DecodeListing, RefusesAConditionOrRangeThatHasNothingToCompare) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","condition":">")"), R"("condition" needs a "value".)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","range":"b")"), R"("range" needs a "value".)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","range":"b","value":null)"),
              R"("range" needs a "value".)");
}

TEST(PipitV1DecodeListing, RefusesARangeThatDoesNotFit) {
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","range":"b","condition":"=")"),
              R"("range" cannot be used with "condition".)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","range":5)"),
              R"("range" must be a string like "value", not a number.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"group","value":"a","range":true)"),
              R"("range" must be a string like "value", not a boolean.)");
    EXPECT_EQ(groups_refusal(R"("searchFor":"number_of_users","value":1,"range":"5")"),
              R"("range" must be a number like "value", not a string.)");
}

TEST(PipitV1DecodeListing, SaysHowManyRowsMayBeAskedFor) {
    for (const std::string limit : {"0", "1001", "-1", "1.0", "1e1"}) {
        EXPECT_EQ(groups_refusal("\"limit\":" + limit),
                  R"("limit" must be a whole number from 1 to 1000, not )" + limit + ".");
    }
    EXPECT_EQ(groups_refusal(R"("limit":"10")"),
              R"("limit" must be a whole number from 1 to 1000, not a string.)");
    EXPECT_EQ(groups_refusal("\"limit\":" + std::string(25, '9')),
              R"("limit" must be a whole number from 1 to 1000, not a number.)");
    EXPECT_EQ(refusal("watch", R"("list":"users","limit":201)"),
              R"("limit" must be a whole number from 1 to 200, not 201.)");
    EXPECT_EQ(refusal("watch", R"("list":"groups","limit":201)"),
              R"("limit" must be a whole number from 1 to 200, not 201.)");
}

TEST(PipitV1DecodeListing, RefusesAnOrderThatIsNoBoolean) {
    EXPECT_EQ(groups_refusal(R"("ascending":"false")"),
              R"("ascending" must be true or false, not a string.)");
}

TEST(PipitV1DecodeListing, RefusesAStartKeyThatNoAnswerHad) {
    for (const char* start_key :
         {"{}", R"({"cursor":""})", R"({"cursor":5})", R"({"cursor":"a","b":1})",
          R"({"cursor":"a","cursor":"b"})", R"({"group":"a"})", R"({"cursor":"\ud800"})"}) {
        EXPECT_EQ(groups_refusal(std::string("\"startKey\":") + start_key),
                  R"("startKey" must be an object from an earlier answer.)")
            << start_key;
    }
    EXPECT_EQ(groups_refusal(R"("startKey":"end")"),
              R"("startKey" must be an object from an earlier answer, not a string.)");
    const auto cursor_of = [](std::size_t bytes) {
        return R"("startKey":{"cursor":")" + std::string(bytes, 'c') + "\"}";
    };
    EXPECT_EQ(groups_refusal(cursor_of(2048)), "");
    EXPECT_NE(groups_refusal(cursor_of(2049)), "");
}

TEST(PipitV1DecodeListing, NamesTheWrongArgumentOfUsers) {
    EXPECT_EQ(refusal("users", R"("group":5)"), R"("group" must be a string, not a number.)");
    EXPECT_EQ(refusal("users", R"("group":"")"),
              R"("group" must have 1 to 255 bytes of UTF-8 without control characters.)");
    EXPECT_EQ(refusal("users", R"("user_id":[])"), R"("user_id" must be a string, not an array.)");
    DecodeLimits limits;
    limits.user_id_bytes_max = 5;
    EXPECT_EQ(refusal("users", R"("user_id":"abcdef")", limits),
              R"("user_id" must have 1 to 5 bytes of UTF-8 without control characters.)");
}

TEST(PipitV1DecodeListing, SaysWhatCanBeWatched) {
    EXPECT_EQ(refusal("watch", ""), R"("list" is missing: "groups" or "users" is needed.)");
    EXPECT_EQ(refusal("watch", R"("list":null)"), R"("list" is missing: "groups" or "users" is needed.)");
    EXPECT_EQ(refusal("watch", R"("list":"rooms")"), R"("list" must be one of groups, users.)");
    EXPECT_EQ(refusal("watch", R"("list":["users"])"), R"("list" must be a string, not an array.)");
    EXPECT_EQ(refusal("watch", R"("list":"users","startKey":{"cursor":"a"})"),
              R"("startKey" cannot be used with "watch", which keeps the first page.)");
    EXPECT_EQ(refusal("watch", R"("list":"groups","searchFor":"group","value":3)"),
              R"("value" must be a string when "searchFor" is "group", not a number.)");
}

TEST(PipitV1DecodeListing, NamesTheWrongArgumentOfUnwatch) {
    EXPECT_EQ(refusal("unwatch", ""), R"("watch" is missing: a string of 1 to 64 bytes is needed.)");
    EXPECT_EQ(refusal("unwatch", R"("watch":null)"),
              R"("watch" is missing: a string of 1 to 64 bytes is needed.)");
    EXPECT_EQ(refusal("unwatch", R"("watch":7)"), R"("watch" must be a string, not a number.)");
}

TEST(PipitV1DecodeListing, SaysTheFirstOfSeveralFaults) {
    EXPECT_EQ(groups_refusal(R"("limit":0,"ascending":1,"searchFor":"x","value":[])"),
              R"("searchFor" must be one of group, number_of_users.)");
}

TEST(PipitV1DecodeListing, ListsEverythingWhenNothingIsAsked) {
    const ListGroups all = groups("");
    EXPECT_EQ(all.by, ListGroups::By::name);
    EXPECT_EQ(all.filter, Filter::all);
    EXPECT_EQ(all.paging.limit, 50u);
    EXPECT_TRUE(all.paging.ascending);
    EXPECT_EQ(all.paging.cursor, "");
}

TEST(PipitV1DecodeListing, UnderstandsConditionsAsSignsAndAsWords) {
    const auto filter_of = [](std::string_view condition) {
        return groups(R"("searchFor":"group","value":"a","condition":")" + std::string(condition) + "\"")
            .filter;
    };
    for (const auto& [sign, word, filter] : {std::tuple("=", "eq", Filter::equal),
                                             {"!=", "ne", Filter::not_equal},
                                             {">", "gt", Filter::greater},
                                             {">=", "gte", Filter::at_least},
                                             {"<", "lt", Filter::less},
                                             {"<=", "lte", Filter::at_most}}) {
        EXPECT_EQ(filter_of(sign), filter) << sign;
        EXPECT_EQ(filter_of(word), filter) << word;
    }
}

TEST(PipitV1DecodeListing, ComparesForEqualityWithoutACondition) {
    EXPECT_EQ(groups(R"("searchFor":"group","value":"")").filter, Filter::equal);
    EXPECT_EQ(groups(R"("searchFor":"number_of_users","value":0,"condition":null)").filter, Filter::equal);
}

TEST(PipitV1DecodeListing, TakesAnyFiniteNumber) {
    const auto number_of = [](std::string_view number) {
        return groups(R"("searchFor":"number_of_users","value":)" + std::string(number)).number;
    };
    EXPECT_EQ(number_of("-0.5"), -0.5);
    EXPECT_EQ(number_of("25E-1"), 2.5);
    EXPECT_EQ(number_of("1.7976931348623157e+308"), 1.7976931348623157e308);
    EXPECT_EQ(number_of("0e999"), 0);
}

TEST(PipitV1DecodeListing, TakesARangeThatEndsBeforeItBegins) {
    const ListGroups names = groups(R"("searchFor":"group","value":"b","range":"a")");
    EXPECT_EQ(names.filter, Filter::range);
    EXPECT_EQ(names.name, "b");
    EXPECT_EQ(names.name_to, "a");
    const ListGroups numbers = groups(R"("searchFor":"number_of_users","value":7,"range":3)");
    EXPECT_EQ(numbers.number, 7);
    EXPECT_EQ(numbers.number_to, 3);
}

}  // namespace
}  // namespace pipit::codec::v1
