#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

/// Posts while more waits for the only worker than should.
class HubCongestionTest : public HubTest {
 protected:
    static std::string post(const std::string& to) {
        return R"({"id":3,"op":"post","to":)" + to + R"(,"data":1})";
    }
    static std::string unavailable() {
        std::string json;
        codec::v1::append_error(json, 3, ErrorReason::unavailable);
        return json;
    }
};

TEST_F(HubCongestionTest, RefusesPostsToEveryKindOfRecipientAndDeliversNothing) {
    Peer& ann = sign_in_to("tea room", "user-ann");
    Peer& bob = sign_in_to("tea room", "user-bob");
    ann.texts();
    congested_ = {true};
    for (const std::string& to :
         {std::string(R"("tea room")"), std::string(R"("user-bob")"), R"({"cid":")" + bob.cid + "\"}"}) {
        say(ann, post(to));
        EXPECT_THAT(ann.texts(), ElementsAre(unavailable())) << to;
        EXPECT_THAT(bob.texts(), IsEmpty()) << to;
    }
}

TEST_F(HubCongestionTest, RefusesAtTheHomeWhatCameFromAnotherWorkerAndGivesItNoPlace) {
    Peer& ann = sign_in_to("tea room", "user-ann");
    const Caller caller = ann.session->caller();
    congested_ = {true};
    turn([&] {
        hub().handle(PostToGroup{caller, 3, "tea room", "1"});
        hub().handle(PostToUser{caller, 3, "user-ann", "1"});
        hub().handle(PostToCid{caller, 3, caller.cid, "1"});
    });
    EXPECT_THAT(ann.texts(), ElementsAre(unavailable(), unavailable(), unavailable()));

    congested_ = {};
    say(ann, post(R"("tea room")"));
    const auto objects = ann.client.take_objects();
    ASSERT_EQ(objects.size(), 2u);
    EXPECT_EQ(objects.at(0).at("offset").as_int64(), 1);
}

TEST(QueuedBytes, CountWhatAMessageCarriesOnTopOfItself) {
    const std::size_t empty = queued_bytes(PostToUser{});
    PostToUser post{};
    post.data.assign(1000, 'x');
    EXPECT_EQ(queued_bytes(std::move(post)), empty + 1000);
    PostToUser with_notification{};
    with_notification.notification = std::make_unique<codec::Notification>();
    with_notification.notification->payload.assign(500, 'x');
    EXPECT_EQ(queued_bytes(std::move(with_notification)), empty + 500);
    const auto event = std::make_shared<const EncodedEvent>(EncodedEvent{"four", "two"});
    EXPECT_EQ(queued_bytes(DeliverToSession{{}, event}), empty + 7);
    LogRead read{};
    read.records.push_back({.record = {.data = "\"data\"", .key = "key"}});
    EXPECT_EQ(queued_bytes(std::move(read)), empty + sizeof(LoggedRecord) + 9);
    LogOpened opened{};
    opened.keys.push_back({.user = {}, .key = "four"});
    EXPECT_EQ(queued_bytes(std::move(opened)), empty + sizeof(LoggedKey) + 4);
}

}  // namespace
}  // namespace pipit::core
