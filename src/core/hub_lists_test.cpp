#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

class HubListsTest : public HubTest {
 protected:
    static std::string groups(const std::string& arguments = {}) {
        return R"({"id":4,"op":"groups")" + (arguments.empty() ? "" : "," + arguments) + "}";
    }
    static std::string users(const std::string& arguments = {}) {
        return R"({"id":5,"op":"users")" + (arguments.empty() ? "" : "," + arguments) + "}";
    }
    /// The rows of the answer, each in a line of its own, and whether more follow: "a 1|b 2|…".
    std::string ask(Peer& peer, const std::string& command) {
        say(peer, command);
        const auto objects = peer.client.take_objects();
        if (objects.size() != 1) return "answers: " + std::to_string(objects.size());
        if (!objects[0].contains("ok")) return std::string(objects[0].at("error").at("reason").as_string());
        const auto& ok = objects[0].at("ok").as_object();
        std::string text;
        for (const auto& row : ok.at("list").as_array()) {
            const auto& cells = row.as_object();
            if (!text.empty()) text += "|";
            text += cells.contains("cid") ? std::string(cells.at("user_id").as_string())
                                          : std::string(cells.at("group").as_string()) + " " +
                                                std::to_string(cells.at("number_of_users").to_number<int>());
        }
        start_key_ = boost::json::serialize(ok.at("startKey"));
        if (start_key_ != "\"end\"") text += "|…";
        return text;
    }
    std::string going_on() const { return R"("startKey":)" + start_key_; }

    std::string start_key_;  ///< of the last answer
};

TEST_F(HubListsTest, ListsNothingWhereNobodyIs) {
    Peer& ann = sign_in("ann");
    EXPECT_EQ(ask(ann, groups()), "");
    EXPECT_EQ(ask(ann, users(R"("group":"nowhere")")), "");
}

TEST_F(HubListsTest, AsksForAGroupWhenThereIsNone) {
    Peer& ann = sign_in("ann");
    EXPECT_EQ(ask(ann, users()), "no_group");
}

TEST_F(HubListsTest, ShowsTheOwnJoinAndTheOwnLeavingAtOnce) {
    Peer& ann = sign_in_to("tea room", "ann");
    EXPECT_EQ(ask(ann, groups()), "tea room 1");
    EXPECT_EQ(ask(ann, users()), "ann");
    say(ann, R"({"id":3,"op":"leave"})");
    ann.texts();
    EXPECT_EQ(ask(ann, groups()), "");
    EXPECT_EQ(ask(ann, users()), "no_group");
}

TEST_F(HubListsTest, AnswersAsTheProtocolWritesIt) {
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "ann");
    ann.texts();
    say(ann, groups());
    EXPECT_THAT(
        ann.texts(),
        ElementsAre(R"({"id":4,"ok":{"list":[{"group":"tea room","number_of_users":1}],"startKey":"end"}})"));
    say(ann, users(R"("limit":1,"user_id":"ann")"));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("list":[{"user_id":"ann","cid":"cid:)")));
}

TEST_F(HubListsTest, CountsAndShowsTheConnectionsOfOneUserSeparately) {
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "ann");
    sign_in_to("tea room", "bob");
    ann.texts();
    EXPECT_EQ(ask(ann, groups()), "tea room 2");
    EXPECT_EQ(ask(ann, users()), "ann|ann|bob");
    EXPECT_EQ(ask(ann, users(R"("user_id":"bob")")), "bob");
    EXPECT_EQ(ask(ann, users(R"("ascending":false,"limit":1)")), "bob|…");
    EXPECT_EQ(ask(ann, users(R"("ascending":false,"limit":1,)" + going_on())), "ann|…");
}

TEST_F(HubListsTest, RefusesAStartKeyOfAnotherQuestion) {
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("coffee house", "bob");
    ASSERT_EQ(ask(ann, groups(R"("limit":1)")), "coffee house 1|…");
    const std::string key = going_on();
    EXPECT_EQ(ask(ann, groups(R"("limit":1,"ascending":false,)" + key)), "invalid_parameter");
    EXPECT_EQ(ask(ann, groups(R"("searchFor":"number_of_users",)" + key)), "invalid_parameter");
    EXPECT_EQ(ask(ann, users(key)), "invalid_parameter");
    EXPECT_EQ(ask(ann, groups(R"("startKey":{"cursor":"AUZ0ZWEgcm9vbQ"})")), "invalid_parameter");
    EXPECT_EQ(ask(ann, groups(R"("limit":7,)" + key)), "tea room 1");
}

TEST_F(HubListsTest, GoesOnForAnotherClientThatAsksTheSame) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    ASSERT_EQ(ask(ann, groups(R"("limit":1)")), "coffee house 1|…");
    EXPECT_EQ(ask(bob, groups(R"("limit":1,)" + going_on())), "tea room 1");
}

TEST_F(HubListsTest, RefusesWhoeverIsNoAdminWhenOnlyAdminsMayAsk) {
    settings_.list_access = ListAccess::admins;
    Peer& ann = sign_in_to("tea room", "ann");
    EXPECT_EQ(ask(ann, groups()), "not_permitted");
    EXPECT_EQ(ask(ann, users()), "not_permitted");
    Peer& root = sign_in("root", admin_token_of("root"));
    EXPECT_EQ(ask(root, groups()), "tea room 1");
    EXPECT_EQ(ask(root, users(R"("group":"tea room")")), "ann");
}

TEST_F(HubListsTest, ShowsMembersTheirOwnGroupsWhenOnlyMembersMayAsk) {
    settings_.list_access = ListAccess::members;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& other_ann = sign_in("ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    EXPECT_EQ(ask(ann, groups()), "tea room 1");
    EXPECT_EQ(ask(other_ann, groups()), "tea room 1");
    EXPECT_EQ(ask(other_ann, users(R"("group":"tea room")")), "ann");
    EXPECT_EQ(ask(bob, groups()), "coffee house 1");
    EXPECT_EQ(ask(bob, users(R"("group":"tea room")")), "not_permitted");
    EXPECT_EQ(ask(bob, users(R"("group":"nowhere")")), "not_permitted");
    Peer& root = sign_in("root", admin_token_of("root"));
    EXPECT_EQ(ask(root, groups()), "coffee house 1|tea room 1");
    EXPECT_EQ(ask(root, users(R"("group":"nowhere")")), "");
}

TEST_F(HubListsTest, ShowsNobodyButAdminsWhatTheTokenDoesNotAllow) {
    sign_in_to("tea room", "ann");
    sign_in_to("coffee house", "bob");
    Peer& carl = sign_in("carl", token_of("carl", 3600, {{"coffee*"}}));
    EXPECT_EQ(ask(carl, groups()), "coffee house 1");
    EXPECT_EQ(ask(carl, users(R"("group":"tea room")")), "not_permitted");
    EXPECT_EQ(ask(carl, users(R"("group":"coffee house")")), "bob");
    Peer& nobody = sign_in("dora", token_of("dora", 3600, {{}}));
    EXPECT_EQ(ask(nobody, groups()), "");
    Peer& root = sign_in("root", token_of("root", 3600, {{}}, true));
    EXPECT_EQ(ask(root, groups()), "coffee house 1|tea room 1");
}

TEST_F(HubListsTest, ShowsOtherGroupsAsSoonAsTheTokenAllowsThem) {
    sign_in_to("tea room", "bob");
    Peer& ann = sign_in("ann", token_of("ann", 3600, {{"none"}}));
    EXPECT_EQ(ask(ann, groups()), "");
    say(ann, R"({"id":9,"op":"refresh","token":")" + token_of("ann") + "\"}");
    ann.texts();
    EXPECT_EQ(ask(ann, groups()), "tea room 1");
}

TEST_F(HubListsTest, AsksNobodyWhoHasTooMuchToDo) {
    Peer& ann = sign_in_to("tea room", "ann");
    congested_ = {true};
    EXPECT_EQ(ask(ann, groups()), "unavailable");
    EXPECT_EQ(ask(ann, users()), "unavailable");
    congested_ = {};
    EXPECT_EQ(ask(ann, groups()), "tea room 1");
}

TEST_F(HubListsTest, CutsAPageThatWouldBeTooLongAndGoesOnBehindIt) {
    settings_.page_bytes_max = 250;
    for (const std::string name : {"a", "b", "c", "d", "e"})
        sign_in_to(name, "user-" + name);
    sign_in_to("f" + std::string(200, 'x'), "user-f");
    Peer& ann = sign_in("ann");
    EXPECT_EQ(ask(ann, groups()), "a 1|b 1|c 1|…");
    EXPECT_EQ(ask(ann, groups(going_on())), "d 1|e 1|…");
    EXPECT_EQ(ask(ann, groups(going_on())), "f" + std::string(200, 'x') + " 1");
}

TEST_F(HubListsTest, ShowsARowThatIsTooLongForAPageOnAPageOfItsOwn) {
    settings_.page_bytes_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "bob");
    ann.texts();
    EXPECT_EQ(ask(ann, users()), "ann|…");
    EXPECT_EQ(ask(ann, users(going_on())), "bob");
}

TEST_F(HubListsTest, GivesNoFurtherPageToWhoHasNotReadTheOneBefore) {
    settings_.page_bytes_max = 100;
    sign_in_to(std::string(100, 'n'), "bob");
    Peer& ann = sign_in("ann");
    ann.client.bytes_per_flush = 0;
    for (int i = 0; i < 3; ++i)
        say(ann, groups());
    EXPECT_THAT(ann.texts(), IsEmpty());
    ann.client.bytes_per_flush = SIZE_MAX;
    turn([&] { ann.client.flush(); });
    const std::string unavailable = error_reply(4, ErrorReason::unavailable);
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr("\"ok\""), unavailable, unavailable));
    EXPECT_THAT(ask(ann, groups()), HasSubstr("nnn 1"));
    EXPECT_FALSE(ann.closing);
}

TEST_F(HubListsTest, CountsAListAsACommand) {
    settings_.rate = {.per_second = 1, .burst = 2};
    Peer& ann = sign_in("ann");
    EXPECT_EQ(ask(ann, groups()), "");
    EXPECT_EQ(ask(ann, groups()), "rate_limited");
}

}  // namespace
}  // namespace pipit::core
