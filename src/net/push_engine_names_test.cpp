#include <gmock/gmock.h>
#include <latch>

#include "net/push_engine_fixture.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;
using testing::HasSubstr;

/// The names of the hosts of subscriptions.
class PushEngineNamesTest : public PushEngineTest {
 protected:
    static constexpr const char* kEndpoint = "https://push.example.net/ann";

    /// What the name server knows. Threads that nobody waits for may ask it when the test is over.
    struct Names {
        std::latch gate{1};  // before slow.example.net
        std::mutex mutex;
        std::vector<push::IpAddress> addresses;
        std::vector<std::string> looked_up;
    };

    PushEngineNamesTest() {
        settings_.names.timeout = kForever;
        settings_.names.resolve = [names = names_](const std::string& name) {
            if (name == "slow.example.net") names->gate.wait();
            const std::lock_guard lock(names->mutex);
            names->looked_up.push_back(name);
            return names->addresses;
        };
    }
    ~PushEngineNamesTest() override {
        if (!names_->gate.try_wait()) names_->gate.count_down();
    }

    void resolves_to(const std::vector<std::string>& addresses) {
        const std::lock_guard lock(names_->mutex);
        names_->addresses.clear();
        for (const std::string& address : addresses)
            names_->addresses.push_back(*push::IpAddress::parse(address));
    }
    std::vector<std::string> looked_up() {
        const std::lock_guard lock(names_->mutex);
        return names_->looked_up;
    }
    codec::v1::Subscribe subscription_at(const std::string& endpoint) {
        auto at = subscription("/ann");
        at.endpoint = endpoint;
        return at;
    }
    core::Answer keep(const std::string& endpoint) {
        return ask(core::KeepSubscription{next_asker(), user_id("ann"), subscription_at(endpoint)});
    }
    core::Asker next_asker_of(std::uint32_t slot) {
        core::Asker asker = next_asker();
        asker.session = core::SessionAddress{.slot = slot, .generation = 1, .worker = asker.worker};
        return asker;
    }

    const std::shared_ptr<Names> names_ = std::make_shared<Names>();
};

TEST_F(PushEngineNamesTest, RefuseASubscriptionWhenOneOfTheirAddressesIsNotPublic) {
    start();
    for (const auto& [address, what] : {std::pair{"127.0.0.1", "a loopback address"},
                                        {"::1", "a loopback address"},
                                        {"10.0.0.1", "a private address"},
                                        {"fd00::1", "a private address"},
                                        {"169.254.1.1", "a link-local address"},
                                        {"169.254.169.254", "a cloud's metadata address"}}) {
        resolves_to({"192.0.9.1", address});
        const auto refused = keep(kEndpoint);
        EXPECT_EQ(refused.error, ErrorReason::invalid_parameter) << address;
        EXPECT_EQ(
            refused.text,
            std::string("endpoint must have a host with a public address; \"push.example.net\" has ") + what);
    }
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineNamesTest, RefuseWhatWouldReplaceASubscription) {
    start();
    resolves_to({"10.0.0.1"});
    const auto old = subscription("/old");
    ask(core::KeepSubscription{next_asker(), user_id("ann"), old});
    const auto refused =
        ask(core::ReplaceSubscription{next_asker(), {old.endpoint, old.auth, subscription_at(kEndpoint)}});
    EXPECT_EQ(refused.error, ErrorReason::invalid_parameter);
    push_to({{"ann"}});
    EXPECT_TRUE(service_.was_asked("/old", 1));
}

TEST_F(PushEngineNamesTest, LetASubscriptionPassWithPublicAddressesOrWithNoneThatCanBeFound) {
    start();
    for (const std::vector<std::string>& addresses : {std::vector<std::string>{"192.0.9.1", "2600::1"}, {}}) {
        resolves_to(addresses);
        EXPECT_EQ(keep(kEndpoint).error, std::nullopt);
    }
    EXPECT_EQ(looked_up().size(), 2u);
}

TEST_F(PushEngineNamesTest, AreNotLookedUpWhenTheyAreAdmitted) {
    start();
    resolves_to({"10.0.0.1"});
    subscribe("ann");
    EXPECT_TRUE(looked_up().empty());
}

TEST_F(PushEngineNamesTest, HoldUpOnlyTheSessionThatWaitsForThemAndThatInItsOrder) {
    start();
    resolves_to({"192.0.9.1"});
    const std::string endpoint = "https://slow.example.net/ann";
    const core::Asker first = next_asker_of(1);
    const core::Asker second = {first.worker, first.session, next_asker().id};
    engine_->receive({core::KeepSubscription{first, user_id("ann"), subscription_at(endpoint)},
                      core::DropSubscription{second, user_id("ann"), {endpoint}}});
    EXPECT_EQ(ask(core::TellVapidKey{next_asker_of(2)}).error, std::nullopt);
    EXPECT_EQ(ask(core::TellVapidKey{next_asker()}).error, std::nullopt);
    names_->gate.count_down();
    EXPECT_EQ(hubs_.answer(first.id).error, std::nullopt);
    EXPECT_EQ(hubs_.answer(second.id).error, std::nullopt);
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineNamesTest, HaveOnlySoMuchOfASessionWaitForThem) {
    start();
    const core::Asker first = next_asker_of(1);
    const auto next = [&] { return core::Asker{first.worker, first.session, next_asker().id}; };
    std::vector<core::PushCommand> commands;
    commands.emplace_back(
        core::KeepSubscription{first, user_id("ann"), subscription_at("https://slow.example.net/ann")});
    for (std::size_t n = 0; n < PushDesk::kBehindMax; ++n)
        commands.emplace_back(core::TellVapidKey{next()});
    const std::uint64_t last_to_wait = asked_;
    const core::Asker too_much = next();
    const core::Asker too_much_of_posts = next();
    commands.emplace_back(core::TellVapidKey{too_much});
    commands.emplace_back(core::NotifyAddressed{
        too_much_of_posts, "the answer", user_id("ann"), notification(), user_ids({"ben"}), {}});
    engine_->receive(std::move(commands));
    EXPECT_EQ(hubs_.answer(too_much.id).error, ErrorReason::unavailable);
    EXPECT_EQ(hubs_.answer(too_much_of_posts.id).error, ErrorReason::notification_not_kept);
    names_->gate.count_down();
    EXPECT_EQ(hubs_.answer(last_to_wait).error, std::nullopt);
}

TEST_F(PushEngineNamesTest, AreNotWaitedForWhenTheEngineStops) {
    start();
    const core::Asker first = next_asker_of(1);
    const core::Asker second = {first.worker, first.session, next_asker().id};
    const auto slow = subscription_at("https://slow.example.net/ann");
    engine_->receive({core::KeepSubscription{first, user_id("ann"), slow},
                      core::KeepSubscription{second, user_id("ann"), slow}});
    engine_->stop();
    EXPECT_EQ(hubs_.answer(first.id).error, std::nullopt);
    EXPECT_EQ(hubs_.answer(second.id).error, std::nullopt);
}

}  // namespace
}  // namespace pipit::net
