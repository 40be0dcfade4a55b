#include "core/testing/hub_calls_fixture.hpp"

namespace pipit::core {
namespace {

TEST_F(HubCallsTest, FindsNobodyWhoIsNotConnected) {
    Peer& ann = sign_in_to("tea room", "ann");
    refused(ann, to_user("bob"), ErrorReason::callee_not_found);
    refused(ann, R"({"cid":"cid:9fK2Zr0aQw_XcV1B"})", ErrorReason::callee_not_found);
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubCallsTest, DoesNotTellSomebodyInAnotherGroupFromNobody) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    Peer& eve = sign_in("eve");
    refused(ann, to_user("bob"), ErrorReason::callee_not_found);
    refused(ann, to_cid(bob), ErrorReason::callee_not_found);
    refused(ann, to_cid(eve), ErrorReason::callee_not_found);
    refused(eve, to_user("ann"), ErrorReason::callee_not_found);
    EXPECT_THAT(texts_of(bob), IsEmpty());
}

TEST_F(HubCallsTest, CallsNobodyWhenCallsAreOff) {
    settings_.call_access = CallAccess::nobody;
    Peer& ann = sign_in_to("tea room", "ann");
    sign_in_to("tea room", "bob");
    refused(ann, to_user("bob"), ErrorReason::not_permitted, "Calls are switched off on this server.");
    refused(ann, to_user("ann"), ErrorReason::not_permitted, "Calls are switched off on this server.");
}

TEST_F(HubCallsTest, CallsEveryoneWhoIsConnectedWhenThatIsSet) {
    settings_.call_access = CallAccess::everyone;
    Peer& ann = sign_in("ann");
    Peer& bob = sign_in_to("coffee house", "bob");
    const std::string id = call(ann, to_cid(bob));
    EXPECT_THAT(texts_of(bob), ElementsAre(R"({"ev":"ring","call":")" + id + R"(","user":"ann","cid":")" +
                                           ann.cid + R"(","expires_in_ms":30000,"data":"offer"})"));
}

TEST_F(HubCallsTest, RingsEveryDeviceOfAUserOfTheGroupAlsoThoseThatAreNotInIt) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& desk = sign_in_to("tea room", "bob");
    Peer& phone = sign_in("bob");
    ann.texts();
    send_call(ann, to_user("bob"));
    EXPECT_THAT(texts_of(ann), ElementsAre(HasSubstr(R"("devices":2,"ring_timeout_ms":30000}})")));
    EXPECT_THAT(texts_of(desk), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    EXPECT_THAT(texts_of(phone), ElementsAre(HasSubstr(R"({"ev":"ring")")));
}

TEST_F(HubCallsTest, CallsTheOtherDevicesOfTheCallerFromOutsideOfAnyGroup) {
    Peer& desk = sign_in("ann");
    Peer& phone = sign_in("ann");
    call(desk, to_user("ann"));
    EXPECT_THAT(texts_of(phone), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    EXPECT_THAT(texts_of(desk), IsEmpty());
    call(phone, to_cid(desk));
    EXPECT_THAT(texts_of(desk), ElementsAre(HasSubstr(R"({"ev":"ring")")));
}

TEST_F(HubCallsTest, DoesNotCallItself) {
    Peer& ann = sign_in_to("tea room", "ann");
    refused(ann, to_cid(ann), ErrorReason::invalid_parameter,
            "\"to.cid\" must be another connection than the caller's own.");
    refused(ann, to_user("ann"), ErrorReason::callee_not_found);
}

TEST_F(HubCallsTest, CountsACallAsTenCommands) {
    settings_.rate = {.per_second = 10, .burst = 12};
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    call(ann, to_cid(bob));
    const auto is_let_in = [&] {
        send_call(ann, to_cid(bob));
        return ann.texts().front().find("rate_limited") == std::string::npos;
    };
    EXPECT_FALSE(is_let_in());
    pass(base::Millis(100));
    ann.texts();
    EXPECT_TRUE(is_let_in());
    pass(base::Millis(999));
    EXPECT_FALSE(is_let_in());
    pass(base::Millis(1));
    EXPECT_TRUE(is_let_in());
}

TEST_F(HubCallsTest, TellsTheCallerThatAllAreBusy) {
    settings_.calls_per_connection_max = 1;
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& eve = sign_in_to("tea room", "eve");
    call(ann, to_cid(bob));
    bob.texts();
    send_call(eve, to_user("bob"));
    EXPECT_THAT(texts_of(eve), ElementsAre(HasSubstr(R"("devices":1)"), HasSubstr(R"("reason":"busy")")));
    EXPECT_THAT(texts_of(bob), IsEmpty());
    EXPECT_EQ(hub().call_count(), 1u);
    refused(ann, to_cid(eve), ErrorReason::too_many_calls);
}

TEST_F(HubCallsTest, LetsNobodyKeepAnotherFromCallingNorFromBeingCalled) {
    Peer& eve = sign_in_to("tea room", "eve");
    Peer& bob = sign_in_to("tea room", "bob");
    Peer& ann = sign_in_to("tea room", "ann");
    for (std::size_t i = 0; i < SessionCalls::kRingsOfOneUserMax; ++i)
        call(eve, to_cid(bob));
    bob.texts();
    send_call(eve, to_cid(bob));
    EXPECT_THAT(texts_of(eve), ElementsAre(HasSubstr(R"("devices":1)"), HasSubstr(R"("reason":"busy")")));
    EXPECT_THAT(texts_of(bob), IsEmpty());
    call(ann, to_cid(bob));
    EXPECT_THAT(texts_of(bob), ElementsAre(HasSubstr(R"({"ev":"ring")")));
    call(bob, to_cid(ann));
}

TEST_F(HubCallsTest, TakesNoCallWhileAWorkerThatIsConcernedHasTooMuchToDo) {
    Peer& ann = sign_in_to("tea room", "ann");
    Peer& bob = sign_in_to("tea room", "bob");
    congested_ = {true};
    refused(ann, to_cid(bob), ErrorReason::unavailable);
    EXPECT_EQ(hub().call_count(), 0u);
}

TEST_F(HubCallsTest, DoesNotLetOneConnectionTakeBothPartsOfACall) {
    Peer& desk = sign_in("ann");
    Peer& phone = sign_in("ann");
    const std::string id = call(desk, to_cid(phone));
    phone.texts();
    const auto [phones_ticket, desks_ticket] = accept(phone, desk, id);
    reattach(desk, phones_ticket);
    EXPECT_THAT(texts_of(desk), ElementsAre(error_reply(6, ErrorReason::not_in_call)));
    command(desk, "signal", id, "1");
    EXPECT_THAT(texts_of(phone), ElementsAre(signal_event(id, "1")));
}

TEST_F(HubCallsTest, TellsWhichServersIceIsToUse) {
    settings_.ice.stun_port = 3478;
    Peer& ann = sign_in("ann");
    say(ann, R"({"id":6,"op":"ice"})");
    EXPECT_THAT(texts_of(ann), ElementsAre(R"({"id":6,"ok":{"iceServers":[]}})"));
    const auto host = std::make_shared<const std::string>("chat.example.com");
    turn([&] { ann.session->host = host; });
    say(ann, R"({"id":6,"op":"ice"})");
    EXPECT_THAT(texts_of(ann),
                ElementsAre(R"({"id":6,"ok":{"iceServers":[{"urls":["stun:chat.example.com:3478"]}]}})"));
    turn([&] { hub().ask(1, token_of("ann"), R"({"id":1,"op":"ice"})", host); });
    ASSERT_EQ(hub().effects().answers.size(), 1u);
    EXPECT_EQ(hub().effects().answers[0].json, R"({"iceServers":[{"urls":["stun:chat.example.com:3478"]}]})");
}

}  // namespace
}  // namespace pipit::core
