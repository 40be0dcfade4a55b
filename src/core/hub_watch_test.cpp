#include "core/testing/hub_test_fixture.hpp"
#include "core/testing/watched_list.hpp"

namespace pipit::core {
namespace {

using testing::AllOf;

constexpr const char* kGroups = R"("list":"groups")";
constexpr const char* kTeaRoom = R"("list":"users","group":"tea room")";

class HubWatchTest : public HubTest {
 protected:
    static std::string watch(const std::string& arguments) {
        return R"({"id":6,"op":"watch",)" + arguments + "}";
    }
    static std::string unwatch(const std::string& id) {
        return R"({"id":7,"op":"unwatch","watch":")" + id + "\"}";
    }
    static std::string refresh(const std::string& token) {
        return R"({"id":9,"op":"refresh","token":")" + token + "\"}";
    }
    static std::string unwatched(const WatchedList& list) {
        return R"({"ev":"unwatched","watch":")" + list.id() + "\"}";
    }

    /// A list as it is answered to `peer`, who has nothing else to read, when all changes so far are known.
    WatchedList begin(Peer& peer, const std::string& arguments) {
        pass(settings_.watch_interval);
        peer.texts();
        say(peer, watch(arguments));
        const auto objects = peer.client.take_objects();
        EXPECT_EQ(objects.size(), 1u);
        WatchedList list;
        list.begin(objects.at(0).at("ok").as_object());
        return list;
    }
    /// Why it is refused; "ok" when it is not.
    std::string refusal(Peer& peer, const std::string& arguments) {
        peer.texts();
        say(peer, watch(arguments));
        const auto objects = peer.client.take_objects();
        EXPECT_EQ(objects.size(), 1u);
        const auto* error = objects.at(0).if_contains("error");
        return error == nullptr ? "ok" : std::string(error->at("reason").as_string());
    }
    /// Applies the only text that has come.
    static void apply_one(Peer& peer, WatchedList& list) {
        const auto texts = peer.texts();
        ASSERT_EQ(texts.size(), 1u);
        EXPECT_EQ(list.apply(texts[0]), "");
    }
    /// What is asked for anew is what has been kept up to date.
    void expect_up_to_date(Peer& peer, const std::string& question, const WatchedList& list) {
        say(peer, question);
        const auto objects = peer.client.take_objects();
        ASSERT_EQ(objects.size(), 1u);
        const auto& ok = objects[0].at("ok").as_object();
        EXPECT_EQ(list.list(), ok.at("list").as_array());
        EXPECT_EQ(list.end_of_list(), ok.at("startKey") == boost::json::value("end"));
    }
    void leave(Peer& peer) {
        say(peer, R"({"id":3,"op":"leave"})");
        peer.texts();
    }

    /// "a 1|b 2", or the users; "…" behind it when more follow.
    static std::string rows(const WatchedList& list) {
        std::string text;
        for (const auto& row : list.list()) {
            const auto& cells = row.as_object();
            if (!text.empty()) text += "|";
            text += cells.contains("cid") ? std::string(cells.at("user_id").as_string())
                                          : std::string(cells.at("group").as_string()) + " " +
                                                std::to_string(cells.at("number_of_users").to_number<int>());
        }
        return list.end_of_list() ? text : text + "|…";
    }
};

TEST_F(HubWatchTest, RefusesWhatCannotBeWatched) {
    Peer& ann = sign_in("ann");
    for (const char* arguments :
         {R"("list":"rooms")", R"("list":"groups","limit":201)", R"("list":"groups","limit":0)",
          R"("list":"groups","startKey":{"cursor":"AUZ0ZWEgcm9vbQ"})", R"("list":"groups","condition":">")",
          R"("list":"users","group":"")", R"("group":"tea room")"})
        EXPECT_EQ(refusal(ann, arguments), "invalid_parameter") << arguments;
}

TEST_F(HubWatchTest, RefusesUsersOfNoGroupWhenThereIsNone) {
    Peer& ann = sign_in("ann");
    EXPECT_EQ(refusal(ann, R"("list":"users")"), "no_group");
    join(ann, "tea room");
    EXPECT_EQ(refusal(ann, R"("list":"users")"), "ok");
}

TEST_F(HubWatchTest, RefusesWhatTheTokenDoesNotAllow) {
    sign_in_to("tea room", "bob");
    sign_in_to("coffee house", "bob");
    Peer& ann = sign_in("ann", token_of("ann", 3600, {{"coffee*"}}));
    EXPECT_EQ(refusal(ann, kTeaRoom), "not_permitted");
    EXPECT_EQ(rows(begin(ann, kGroups)), "coffee house 1");
    Peer& root = sign_in("root", token_of("root", 3600, {{}}, true));
    EXPECT_EQ(rows(begin(root, kTeaRoom)), "bob");
    EXPECT_EQ(rows(begin(root, kGroups)), "coffee house 1|tea room 1");
}

TEST_F(HubWatchTest, RefusesWhoeverIsNoAdminWhenOnlyAdminsMayAsk) {
    settings_.list_access = ListAccess::admins;
    Peer& ann = sign_in_to("tea room", "ann");
    EXPECT_EQ(refusal(ann, kGroups), "not_permitted");
    EXPECT_EQ(refusal(ann, kTeaRoom), "not_permitted");
    Peer& root = sign_in("root", admin_token_of("root"));
    EXPECT_EQ(rows(begin(root, kGroups)), "tea room 1");
    EXPECT_EQ(rows(begin(root, kTeaRoom)), "ann");
}

TEST_F(HubWatchTest, ShowsMembersTheirOwnGroupsWhenOnlyMembersMayAsk) {
    settings_.list_access = ListAccess::members;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    EXPECT_EQ(refusal(bob, kTeaRoom), "not_permitted");
    EXPECT_EQ(refusal(bob, R"("list":"users","group":"nowhere")"), "not_permitted");
    EXPECT_EQ(rows(begin(ann, kTeaRoom)), "ann");
    EXPECT_EQ(rows(begin(ann, kGroups)), "tea room 1");
    EXPECT_EQ(rows(begin(bob, kGroups)), "coffee house 1");
}

TEST_F(HubWatchTest, RefusesOneListTooManyAndCountsTheSameListOnce) {
    settings_.watches_per_connection_max = 2;
    Peer& ann = sign_in("ann");
    EXPECT_EQ(refusal(ann, kGroups), "ok");
    EXPECT_EQ(refusal(ann, kGroups), "ok");
    const WatchedList second = begin(ann, kTeaRoom);
    const std::string third = R"("list":"users","group":"coffee house")";
    EXPECT_EQ(refusal(ann, third), "too_many_watches");
    EXPECT_EQ(refusal(ann, kGroups), "ok");
    say(ann, unwatch(second.id()));
    EXPECT_EQ(refusal(ann, third), "ok");
}

TEST_F(HubWatchTest, RefusesAListMoreThanTheServerWatches) {
    settings_.watches_max = 1;
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    begin(ann, kGroups);
    EXPECT_EQ(refusal(bob, kTeaRoom), "unavailable");
    EXPECT_EQ(refusal(bob, kGroups), "ok");
}

TEST_F(HubWatchTest, AsksNobodyWhoHasTooMuchToDo) {
    Peer& ann = sign_in("ann");
    congested_ = {true};
    EXPECT_EQ(refusal(ann, kGroups), "unavailable");
    EXPECT_EQ(refusal(ann, kTeaRoom), "unavailable");
    congested_ = {};
    EXPECT_EQ(refusal(ann, kGroups), "ok");
}

TEST_F(HubWatchTest, EndsAWatchThatIsNotThere) {
    Peer& ann = sign_in("ann");
    say(ann, unwatch("Zk3QvX0aWc8"));
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":7,"ok":{}})"));
}

TEST_F(HubWatchTest, BeginsWithTheOwnJoin) {
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, watch(kGroups));
    EXPECT_THAT(
        ann.texts(),
        ElementsAre(AllOf(
            HasSubstr(R"({"id":6,"ok":{"watch":")"),
            HasSubstr(
                R"("version":1,"list":[{"group":"tea room","number_of_users":1}],"endOfList":true}})"))));
    EXPECT_EQ(rows(begin(ann, kTeaRoom)), "ann");
}

TEST_F(HubWatchTest, BeginsWithTheOwnJoinAlsoWhenTheListIsWatchedAlready) {
    Peer& bob = sign_in("bob");
    WatchedList bobs = begin(bob, kGroups);
    Peer& ann = sign_in_to("tea room", "ann");
    say(ann, watch(kGroups));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"("version":2,"list":[{"group":"tea room")")));
    apply_one(bob, bobs);
    EXPECT_EQ(rows(bobs), "tea room 1");
}

TEST_F(HubWatchTest, TellsTheChangesOfAnIntervalInOneEvent) {
    Peer& ann = sign_in("ann");
    sign_in_to("b", "bob");
    Peer& carl = sign_in_to("c", "carl");
    WatchedList list = begin(ann, kGroups);
    sign_in_to("a", "dora");
    sign_in_to("b", "emil");
    leave(carl);
    pass(settings_.watch_interval - base::Millis(1));
    EXPECT_THAT(ann.texts(), IsEmpty());
    pass(base::Millis(1));
    EXPECT_THAT(ann.texts(),
                ElementsAre(R"({"ev":"watch","watch":")" + list.id() +
                            R"(","version":2,"gone":["c"],"put":[[0,{"group":"a","number_of_users":1}],)" +
                            R"([1,{"group":"b","number_of_users":2}]],"endOfList":true})"));
}

TEST_F(HubWatchTest, LeadsFromEventToEventToWhatIsAnsweredAnew) {
    Peer& ann = sign_in("ann");
    WatchedList groups = begin(ann, kGroups);
    WatchedList members = begin(ann, kTeaRoom);
    std::vector<Peer*> others;
    for (const char* user : {"bob", "bob", "carl", "dora"}) {
        others.push_back(&sign_in_to("tea room", user));
        pass(settings_.watch_interval);
        for (const std::string& text : ann.texts())
            EXPECT_EQ((text.find(groups.id()) != std::string::npos ? groups : members).apply(text), "");
        expect_up_to_date(ann, R"({"id":4,"op":"groups"})", groups);
        expect_up_to_date(ann, R"({"id":5,"op":"users","group":"tea room"})", members);
    }
    EXPECT_EQ(rows(groups), "tea room 3");
    EXPECT_EQ(groups.version(), 4u) << "another connection of a user changes no number";
    EXPECT_EQ(rows(members), "bob|bob|carl|dora");
    EXPECT_EQ(members.version(), 5u);
}

TEST_F(HubWatchTest, TellsNothingWhenNothingHasChangedInTheEnd) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    begin(ann, kGroups);
    begin(ann, kTeaRoom);
    pass(settings_.watch_interval);
    join(bob, "tea room");
    leave(bob);
    for (int i = 0; i < 3; ++i)
        pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
}

TEST_F(HubWatchTest, TellsAllWhoWatchAListTheSame) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob", token_of("bob"), true);
    const WatchedList anns = begin(ann, kGroups);
    EXPECT_EQ(begin(bob, kGroups).id(), anns.id());
    sign_in_to("tea room", "carl");
    pass(settings_.watch_interval);
    const auto texts = ann.texts();
    EXPECT_THAT(texts, ElementsAre(HasSubstr(R"("version":2)")));
    EXPECT_EQ(bob.texts(), texts);
}

TEST_F(HubWatchTest, WatchesForEachWhatThatOneMaySee) {
    Peer& ann = sign_in("ann", token_of("ann", 3600, {{"coffee*"}}));
    Peer& bob = sign_in("bob");
    WatchedList anns = begin(ann, kGroups);
    WatchedList bobs = begin(bob, kGroups);
    EXPECT_NE(anns.id(), bobs.id());
    sign_in_to("tea room", "carl");
    pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
    apply_one(bob, bobs);
    EXPECT_EQ(rows(bobs), "tea room 1");
}

TEST_F(HubWatchTest, BeginsTheSameListAnewBehindWhatWasSentBefore) {
    Peer& ann = sign_in("ann");
    WatchedList list = begin(ann, kGroups);
    sign_in_to("tea room", "bob");
    say(ann, watch(kGroups));
    const auto texts = ann.texts();
    ASSERT_EQ(texts.size(), 2u);
    EXPECT_EQ(list.apply(texts[0]), "");
    EXPECT_THAT(texts[1], HasSubstr(R"({"id":6,"ok":{"watch":")" + list.id() + R"(","version":2)"));
    sign_in_to("tea room", "carl");
    pass(settings_.watch_interval);
    apply_one(ann, list);
    EXPECT_EQ(rows(list), "tea room 2");
}

TEST_F(HubWatchTest, TellsNothingMoreAfterUnwatch) {
    Peer& ann = sign_in("ann");
    const WatchedList list = begin(ann, kGroups);
    begin(ann, kGroups);
    sign_in_to("tea room", "bob");
    say(ann, unwatch(list.id()));
    EXPECT_THAT(ann.texts(), ElementsAre(R"({"id":7,"ok":{}})"));
    pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
}

TEST_F(HubWatchTest, ForgetsAListThatNobodyWatches) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in("bob");
    const std::string id = begin(ann, kGroups).id();
    begin(bob, kGroups);
    say(ann, unwatch(id));
    EXPECT_EQ(begin(ann, kGroups).id(), id) << "the other one watches it still";
    say(ann, unwatch(id));
    say(bob, unwatch(id));
    EXPECT_NE(begin(ann, kGroups).id(), id);
}

TEST_F(HubWatchTest, EndsTheWatchesOfALostConnection) {
    settings_.watches_max = 2;
    Peer& ann = sign_in("ann");
    begin(ann, kGroups);
    begin(ann, kTeaRoom);
    lose(ann);
    pass(settings_.watch_interval);
    Peer& bob = sign_in("bob");
    EXPECT_EQ(refusal(bob, R"("list":"groups","limit":1)"), "ok");
    EXPECT_EQ(refusal(bob, R"("list":"groups","limit":2)"), "ok");
}

TEST_F(HubWatchTest, EndsTheWatchesWhenTheTokenAllowsSomethingElse) {
    Peer& ann = sign_in("ann");
    const WatchedList groups = begin(ann, kGroups);
    const WatchedList members = begin(ann, kTeaRoom);
    say(ann, refresh(token_of("ann", 7200)));
    EXPECT_THAT(ann.texts(), ElementsAre(HasSubstr(R"({"id":9,"ok")"))) << "the same is allowed";
    say(ann, refresh(token_of("ann", 3600, {{"coffee*"}})));
    EXPECT_THAT(ann.texts(),
                UnorderedElementsAre(unwatched(groups), unwatched(members), HasSubstr(R"({"id":9,"ok")")));
    sign_in_to("tea room", "bob");
    pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
    EXPECT_EQ(rows(begin(ann, kGroups)), "");
}

TEST_F(HubWatchTest, EndsTheWatchOfWhoIsNoMemberAnyMore) {
    settings_.list_access = ListAccess::members;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& other_ann = sign_in("ann");
    Peer& bob = sign_in_to("tea room", "bob");
    const WatchedList anns = begin(other_ann, kTeaRoom);
    WatchedList bobs = begin(bob, kTeaRoom);
    leave(ann);
    bob.texts();
    pass(settings_.watch_interval);
    EXPECT_THAT(other_ann.texts(), ElementsAre(unwatched(anns)));
    apply_one(bob, bobs);
    EXPECT_EQ(rows(bobs), "bob");
    join(ann, "tea room");
    pass(settings_.watch_interval);
    EXPECT_THAT(other_ann.texts(), IsEmpty());
}

TEST_F(HubWatchTest, TellsOfAListAndOfTheOwnGroupInOneTurn) {
    for (const bool deflate : {false, true}) {
        Peer& ann = sign_in_to("tea room", "ann", deflate);
        Peer& bob = sign_in_to("tea room", "bob");
        WatchedList list = begin(ann, kGroups);
        Peer& carl = sign_in_to("chess", "carl");
        const std::string post = R"({"id":3,"op":"post","to":"tea room","data":")";
        now_ += settings_.watch_interval;
        turn([&] {
            hub().receive(*bob.session, post + "before\"}");
            hub().tick();
            hub().receive(*bob.session, post + "after\"}");
        });
        const auto texts = ann.texts();
        EXPECT_THAT(texts, UnorderedElementsAre(HasSubstr("\"before\""), HasSubstr("\"after\""),
                                                HasSubstr(R"("put":[[0,{"group":"chess")")));
        lose(carl);
        lose(bob);
        lose(ann);
    }
}

TEST_F(HubWatchTest, MovesRowsInFromBehindTheEndOfThePage) {
    Peer& ann = sign_in("ann");
    Peer& first = sign_in_to("a", "bob");
    sign_in_to("b", "carl");
    sign_in_to("c", "dora");
    WatchedList list = begin(ann, R"("list":"groups","limit":2)");
    EXPECT_EQ(rows(list), "a 1|b 1|…");
    leave(first);
    pass(settings_.watch_interval);
    apply_one(ann, list);
    EXPECT_EQ(rows(list), "b 1|c 1");
    join(first, "d");
    pass(settings_.watch_interval);
    apply_one(ann, list);
    EXPECT_EQ(rows(list), "b 1|c 1|…") << "only the end has changed";
}

TEST_F(HubWatchTest, MovesAGroupThatGrowsPastOthers) {
    Peer& ann = sign_in("ann");
    sign_in_to("a", "bob");
    sign_in_to("b", "carl");
    WatchedList list =
        begin(ann, R"("list":"groups","searchFor":"number_of_users","ascending":false,"limit":2)");
    EXPECT_EQ(rows(list), "b 1|a 1");
    sign_in_to("a", "dora");
    pass(settings_.watch_interval);
    apply_one(ann, list);
    EXPECT_EQ(rows(list), "a 2|b 1");
}

TEST_F(HubWatchTest, WaitsForWhoHasTooMuchToDo) {
    Peer& ann = sign_in("ann");
    WatchedList list = begin(ann, kGroups);
    sign_in_to("a", "bob");
    congested_ = {true};
    pass(settings_.watch_interval);
    sign_in_to("b", "carl");
    pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
    congested_ = {};
    pass(settings_.watch_interval);
    apply_one(ann, list);
    EXPECT_EQ(rows(list), "a 1|b 1");
}

TEST_F(HubWatchTest, TellsNothingWhileEverybodyIsSentAway) {
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in_to("tea room", "bob");
    begin(ann, kGroups);
    begin(ann, kTeaRoom);
    turn([&] { hub().begin_drain(); });
    lose(bob);
    pass(settings_.watch_interval);
    pass(settings_.watch_interval);
    EXPECT_THAT(ann.texts(), IsEmpty());
}

}  // namespace
}  // namespace pipit::core
