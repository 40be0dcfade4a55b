#include "model.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::soak {
namespace {

namespace v1 = codec::v1;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using v1::NoticeCode;

// Plays a server by hand, so that it can break every promise. One epoch, "e", for all, unless said otherwise.
class ModelTest : public testing::Test {
 protected:
    struct Person {
        Serial serial;
        std::string user, cid;
    };

    Person sign_in(const std::string& user) {
        const Serial serial = model_.open(user);
        Person person{serial, user, "cid:" + std::string(15, '-') + static_cast<char>('a' + serial)};
        model_.say(serial, Connect{"token", {}});
        welcome(person, false);
        return person;
    }
    /// Whoever it was is lost, and comes back.
    Person come_back(const Person& person) {
        model_.leave(person.serial);
        const Serial serial = model_.open_again(person.serial);
        model_.say(serial, Connect{"token", person.cid});
        return {serial, person.user, person.cid};
    }
    void welcome(const Person& person, bool resumed) {
        std::string text;
        v1::append_welcome(text, 1,
                           {.user = person.user,
                            .cid = person.cid,
                            .resumed = resumed,
                            .server = "s",
                            .token_expires_in_ms = 1,
                            .ping_interval_ms = 1,
                            .pong_timeout_ms = 1,
                            .message_bytes = 1,
                            .commands_per_second = 1,
                            .commands_burst = 1,
                            .group_name_bytes = 1,
                            .user_id_bytes = 1,
                            .key_window_ms = 1});
        hear(person, text);
    }
    void hear(const Person& person, const std::string& object) {
        model_.hear(person.serial, object, soak::hear(object));
    }
    std::uint64_t say(const Person& person, const Command& command) {
        model_.say(person.serial, command);
        return model_.connection(person.serial).last_id;
    }
    void joined(const Person& person, std::uint64_t id, const std::string& group, std::uint64_t offset,
                const std::string& epoch = "e") {
        std::string text;
        v1::append_joined(text, id, group, {epoch, offset});
        hear(person, text);
    }
    void join(const Person& person, const std::string& group, std::uint64_t offset,
              const std::string& epoch = "e") {
        joined(person, say(person, Join{group}), group, offset, epoch);
    }
    void left(const Person& person, std::uint64_t id) {
        std::string text;
        v1::append_left(text, id);
        hear(person, text);
    }
    void posted(const Person& person, std::uint64_t id, std::uint64_t offset,
                const std::string& epoch = "e") {
        std::string text;
        v1::append_posted(text, id, offset == 0 ? "" : epoch, offset);
        hear(person, text);
    }
    void refused(const Person& person, std::uint64_t id, codec::ErrorReason reason) {
        std::string text;
        v1::append_error(text, id, reason);
        hear(person, text);
    }
    /// The `number`th post of `from`, to the group.
    void message(const Person& to, const std::string& group, std::uint64_t offset, const Person& from,
                 std::uint32_t number) {
        std::string text;
        const Target target{Target::Kind::group, group};
        v1::append_message(text, group, offset, {from.user, from.cid},
                           data_of({from.serial, number, target}));
        hear(to, text);
    }
    void privately(const Person& to, std::optional<std::uint64_t> offset, const Person& from,
                   std::uint32_t number, const Target& target) {
        std::string text;
        v1::append_private(text, offset, {from.user, from.cid}, data_of({from.serial, number, target}));
        hear(to, text);
    }
    void notice(const Person& to, const std::string& group, std::uint64_t offset, NoticeCode code,
                const Person& about) {
        std::string text;
        v1::append_notice(text, group, offset, code, {about.user, about.cid});
        hear(to, text);
    }
    std::uint64_t post(const Person& person, Target::Kind kind, const std::string& name) {
        return say(person, Post{{kind, name}});
    }

    /// Ann and Bob are in the tea room, which is at offset 1.
    void meet() {
        join(ann_, "tea", 0);
        join(bob_, "tea", 1);
        notice(ann_, "tea", 1, NoticeCode::user_joined, bob_);
    }
    /// Ann's first post is at offset 2, and she has it back.
    void ann_posts() {
        const auto id = post(ann_, Target::Kind::group, "tea");
        message(ann_, "tea", 2, ann_, 1);
        posted(ann_, id, 2);
    }

    std::vector<std::string> faults() const { return texts(model_.faults()); }
    std::vector<std::string> unsettled() const { return texts(model_.unsettled()); }
    static std::vector<std::string> texts(const std::vector<Fault>& faults) {
        std::vector<std::string> texts;
        for (const Fault& fault : faults)
            texts.push_back(fault.what);
        return texts;
    }

    Model model_;
    Person ann_ = sign_in("ann");
    Person bob_ = sign_in("bob");
};

TEST_F(ModelTest, ReportsAMessageThatNeverCame) {
    meet();
    ann_posts();
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("offset 2 of group tea is next for it")));
    EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ModelTest, ReportsAGap) {
    meet();
    ann_posts();
    post(ann_, Target::Kind::group, "tea");
    message(bob_, "tea", 3, ann_, 2);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes at offset 3 of group tea, where 2 is next")));
}

TEST_F(ModelTest, ReportsAMessageThatComesTwice) {
    meet();
    ann_posts();
    message(bob_, "tea", 2, ann_, 1);
    message(bob_, "tea", 2, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes at offset 2 of group tea, where 3 is next")));
}

TEST_F(ModelTest, ReportsAMessageThatComesTwiceAtTwoOffsets) {
    meet();
    ann_posts();
    message(ann_, "tea", 3, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes after post 1 of the same sender")));
}

TEST_F(ModelTest, ReportsTwoPostsOfOneSenderThatChangedPlaces) {
    meet();
    post(ann_, Target::Kind::group, "tea");
    post(ann_, Target::Kind::group, "tea");
    message(bob_, "tea", 2, ann_, 2);
    message(bob_, "tea", 3, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("post 1 of #1 to group tea comes after post 2")));
}

TEST_F(ModelTest, ReportsTwoMembersThatGetAnotherOrder) {
    meet();
    post(ann_, Target::Kind::group, "tea");
    post(bob_, Target::Kind::group, "tea");
    message(ann_, "tea", 2, ann_, 1);
    message(bob_, "tea", 2, bob_, 1);
    EXPECT_THAT(faults(),
                ElementsAre(HasSubstr("offset 2 of group tea (epoch e) is post 1 of #1 to group tea to "
                                      "another member, with other bytes")));
}

TEST_F(ModelTest, ReportsAnAnswerThatGivesAnotherPlace) {
    meet();
    const auto id = post(ann_, Target::Kind::group, "tea");
    notice(ann_, "tea", 2, NoticeCode::user_disconnected, bob_);
    posted(ann_, id, 2);
    EXPECT_THAT(faults(), Contains(HasSubstr("is both USER_DISCONNECTED")));
}

TEST_F(ModelTest, ReportsEventsOfAGroupToOneThatIsNotIn) {
    const Person eve = sign_in("eve");
    meet();
    ann_posts();
    message(eve, "tea", 2, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("of group tea comes to one that is in no group")));
}

TEST_F(ModelTest, ReportsEventsAfterTheAnswerToLeave) {
    meet();
    const auto id = say(bob_, Leave{});
    ann_posts();
    message(bob_, "tea", 2, ann_, 1);
    EXPECT_THAT(faults(), IsEmpty());
    left(bob_, id);
    post(ann_, Target::Kind::group, "tea");
    message(bob_, "tea", 3, ann_, 2);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes to one that is in no group")));
}

TEST_F(ModelTest, ReportsEventsOfTheGroupThatWasLeftForAnother) {
    meet();
    join(bob_, "den", 0, "d");
    ann_posts();
    message(bob_, "tea", 2, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes to one that is in group den")));
}

TEST_F(ModelTest, ReportsAnOwnPostThatDidNotComeBackBeforeTheLeave) {
    meet();
    posted(bob_, post(bob_, Target::Kind::group, "tea"), 2);
    EXPECT_THAT(faults(), IsEmpty());
    left(bob_, say(bob_, Leave{}));
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("its own post at offset 2 of group tea has not come back")));
}

TEST_F(ModelTest, ReportsPostsUnderAnotherName) {
    meet();
    post(ann_, Target::Kind::group, "tea");
    const Person forger{ann_.serial, "bob", bob_.cid};
    message(bob_, "tea", 2, forger, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes as if from")));
}

TEST_F(ModelTest, ReportsPostsThatNobodySent) {
    meet();
    message(bob_, "tea", 2, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("nobody posted these data")));
}

TEST_F(ModelTest, ReportsDataWithOneOtherByte) {
    meet();
    post(ann_, Target::Kind::group, "tea");
    std::string data = data_of({ann_.serial, 1, {Target::Kind::group, "tea"}});
    data.insert(data.find(':') + 1, " ");
    std::string text;
    v1::append_message(text, "tea", 2, {ann_.user, ann_.cid}, data);
    hear(bob_, text);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("nobody posted these data")));
}

TEST_F(ModelTest, ReportsANoticeAboutOneself) {
    meet();
    notice(bob_, "tea", 2, NoticeCode::user_joined, bob_);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("a notice tells it of itself")));
}

TEST_F(ModelTest, ReportsANoticeThatComesTwice) {
    meet();
    notice(ann_, "tea", 2, NoticeCode::user_joined, bob_);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("comes to the group twice")));
}

TEST_F(ModelTest, ReportsANoticeWithoutAChange) {
    const Person eve = sign_in("eve");
    meet();
    notice(ann_, "tea", 2, NoticeCode::user_joined, eve);
    notice(ann_, "tea", 3, NoticeCode::user_disconnected, bob_);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("#3 has done nothing to cause USER_JOINED"),
                                      HasSubstr("#2 has done nothing to cause USER_DISCONNECTED")));
}

TEST_F(ModelTest, ReportsAJoinWithoutANotice) {
    join(ann_, "tea", 0);
    join(bob_, "tea", 1);
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("offset 1 of group tea is next for it, others know 1")));
    post(ann_, Target::Kind::group, "tea");
    message(ann_, "tea", 1, ann_, 1);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("is both USER_JOINED " + bob_.cid)));
}

TEST_F(ModelTest, ReportsADropWithoutANotice) {
    meet();
    EXPECT_THAT(unsettled(), IsEmpty());
    model_.leave(bob_.serial);
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("is in group tea, which is not so")));
    notice(ann_, "tea", 2, NoticeCode::user_disconnected, bob_);
    EXPECT_THAT(unsettled(), IsEmpty());
}

TEST_F(ModelTest, ReportsOneThatCannotGoOnThoughItIsInTime) {
    Person again = come_back(bob_);
    again.cid.back() = '+';
    welcome(again, false);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("it came back in time, but cannot go on as " + bob_.cid)));
    Person late = come_back(ann_);
    model_.excuse(late.serial);
    late.cid.back() = '*';
    welcome(late, false);
    EXPECT_THAT(faults(), SizeIs(1));
}

TEST_F(ModelTest, ReportsOneThatGoesOnAsAnother) {
    Person again = come_back(bob_);
    again.cid = ann_.cid;
    welcome(again, true);
    EXPECT_THAT(faults(),
                Contains(HasSubstr("it asked to go on as \"" + bob_.cid + "\", and is " + ann_.cid)));
    EXPECT_THAT(faults(), Contains(HasSubstr(ann_.cid + " is the name of #1 already")));
}

TEST_F(ModelTest, ReportsOneThatGoesOnWithoutHavingAsked) {
    welcome(come_back(bob_), false);
    EXPECT_THAT(faults(), Contains(HasSubstr("and is " + bob_.cid + " with resumed = false")));
}

TEST_F(ModelTest, ReportsANoticeOfTheLossOfOneThatHasItsPlaceAgain) {
    meet();
    const Person again = come_back(bob_);
    welcome(again, true);
    join(again, "tea", 1);
    EXPECT_THAT(unsettled(), IsEmpty());
    notice(ann_, "tea", 2, NoticeCode::user_disconnected, again);
    EXPECT_THAT(unsettled(), Contains(HasSubstr(bob_.cid + " is out of group tea, which is not so")));
}

TEST_F(ModelTest, ReportsOneThatIsBackAndIsKeptInAGroupThatItDoesNotJoin) {
    meet();
    const Person again = come_back(bob_);
    welcome(again, true);
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr(bob_.cid + " is in group tea, which is not so")));
    join(again, "den", 0, "d");
    notice(ann_, "tea", 2, NoticeCode::user_left, again);
    EXPECT_THAT(unsettled(), IsEmpty());
    EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ModelTest, ReportsTwoGroupsOfOneName) {
    join(ann_, "tea", 0);
    join(bob_, "tea", 0, "other");
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("it is in epoch other of group tea, others in e")));
    join(sign_in("eve"), "tea", 0);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("began a second time")));
}

TEST_F(ModelTest, ReportsARepeatedJoinThatIsAnsweredOutOfPlace) {
    meet();
    join(bob_, "tea", 2);
    EXPECT_THAT(faults(),
                ElementsAre(HasSubstr("it is in the group already and expects offset 2 of epoch e next")));
}

TEST_F(ModelTest, ReportsCommandsWithoutAnswerOrWithTwo) {
    const auto id = say(ann_, Refresh{"token"});
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("1 commands are not answered")));
    std::string text;
    v1::append_refreshed(text, id, 1);
    hear(ann_, text);
    EXPECT_THAT(unsettled(), IsEmpty());
    EXPECT_THAT(faults(), IsEmpty());
    hear(ann_, text);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("was not sent or was answered before")));
}

TEST_F(ModelTest, ReportsPostsThatWereWronglyAcceptedOrRefused) {
    meet();
    posted(ann_, post(ann_, Target::Kind::group, "den"), 7);
    refused(ann_, post(ann_, Target::Kind::group, "tea"), codec::ErrorReason::not_joined);
    EXPECT_THAT(faults(),
                ElementsAre(HasSubstr("must be refused: not_joined"), HasSubstr("must get a place")));
}

TEST_F(ModelTest, ReportsAConnectionThatTheServerEnds) {
    model_.lose(ann_.serial, "it closed with 1002");
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("the server ended the connection: it closed with 1002")));
}

TEST_F(ModelTest, ReportsAPrivateMessageThatNeverCame) {
    const Target bob{Target::Kind::user, "bob"};
    const Person bobs_phone = sign_in("bob");
    posted(ann_, post(ann_, bob.kind, bob.name), 1);
    privately(bob_, 1, ann_, 1, bob);
    EXPECT_THAT(unsettled(),
                ElementsAre(AllOf(HasSubstr("#3"), HasSubstr("private offset 1 was not received"))));
    posted(ann_, post(ann_, bob.kind, bob.name), 2);
    privately(bobs_phone, 2, ann_, 2, bob);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("private offset 1 never came: the first is 2")));
}

TEST_F(ModelTest, ReportsAPrivateMessageThatComesTwice) {
    const Target bob{Target::Kind::user, "bob"};
    post(ann_, bob.kind, bob.name);
    privately(bob_, 1, ann_, 1, bob);
    privately(bob_, 1, ann_, 1, bob);
    EXPECT_THAT(faults(), Contains(HasSubstr("private offset 1 comes where 2 is next")));
}

TEST_F(ModelTest, ReportsAPrivateMessageInAnotherPlaceForAnotherConnection) {
    const Target bob{Target::Kind::user, "bob"};
    const Person bobs_phone = sign_in("bob");
    post(ann_, bob.kind, bob.name);
    privately(bob_, 1, ann_, 1, bob);
    privately(bobs_phone, 2, ann_, 1, bob);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("is at private offset 1 and at 2")));
}

TEST_F(ModelTest, ReportsPrivateMessagesToOthers) {
    post(ann_, Target::Kind::user, "ann");
    post(ann_, Target::Kind::cid, ann_.cid);
    privately(bob_, 1, ann_, 1, {Target::Kind::user, "ann"});
    privately(bob_, std::nullopt, ann_, 2, {Target::Kind::cid, ann_.cid});
    EXPECT_THAT(faults(),
                ElementsAre(HasSubstr("to user ann comes to user bob"), HasSubstr("comes to " + bob_.cid)));
}

TEST_F(ModelTest, ReportsAUserWhoIsTakenForGone) {
    posted(ann_, post(ann_, Target::Kind::user, "bob"), 0);
    refused(ann_, post(ann_, Target::Kind::cid, bob_.cid), codec::ErrorReason::recipient_not_found);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("#2 of that user was connected throughout"),
                                      HasSubstr("but it was connected throughout")));
}

TEST_F(ModelTest, ReportsAMessageToACidThatNeverCame) {
    posted(ann_, post(ann_, Target::Kind::cid, bob_.cid), 0);
    EXPECT_THAT(unsettled(), ElementsAre(HasSubstr("post 1 of #1 to it alone was not received")));
    privately(bob_, std::nullopt, ann_, 1, {Target::Kind::cid, bob_.cid});
    EXPECT_THAT(unsettled(), IsEmpty());
    EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ModelTest, FindsNothingWrongWithWhatTheProtocolAllows) {
    meet();
    ann_posts();
    message(bob_, "tea", 2, ann_, 1);
    // On through another group and back, quicker than the answers come, and these in another order.
    const auto den = say(bob_, Join{"den"});
    const auto tea = say(bob_, Join{"tea"});
    notice(ann_, "tea", 3, NoticeCode::user_left, bob_);
    notice(ann_, "tea", 4, NoticeCode::user_joined, bob_);
    joined(bob_, tea, "tea", 4);
    joined(bob_, den, "den", 0, "d");
    posted(ann_, post(ann_, Target::Kind::group, "tea"), 5);
    message(bob_, "tea", 5, ann_, 2);
    message(ann_, "tea", 5, ann_, 2);
    EXPECT_THAT(faults(), IsEmpty());
    EXPECT_THAT(unsettled(), IsEmpty());
}

}  // namespace
}  // namespace pipit::soak
