#include "net/push_engine.hpp"

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <latch>
#include <map>
#include <mutex>
#include <optional>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/base64url.hpp"
#include "net/push_lifetime.hpp"
#include "net/push_test_service.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr core::WorkerIndex kWorkers = 3;
constexpr std::chrono::seconds kDeadline{20};
constexpr base::Millis kForever = std::chrono::hours(1);

core::UserId user_id(const std::string& name) {
    return std::make_shared<const std::string>(name);
}

std::vector<core::UserId> user_ids(const std::vector<std::string>& names) {
    std::vector<core::UserId> ids;
    for (const std::string& name : names)
        ids.push_back(user_id(name));
    return ids;
}

/// The hubs: what the engine told them, until somebody takes it.
class Hubs {
 public:
    PushEngine::ToWorker receiver() {
        return [this](core::WorkerIndex to, std::vector<core::ShardMessage> messages) {
            const std::lock_guard lock(mutex_);
            for (core::ShardMessage& message : messages) {
                if (auto* answer = std::get_if<core::Answer>(&message)) {
                    EXPECT_EQ(to, answer->to.worker);
                    EXPECT_TRUE(answers_.emplace(answer->to.id, *answer).second) << "a second answer";
                } else {
                    auto& probe = std::get<core::ProbeUsers>(message);
                    for (const core::UserId& user : probe.users) {
                        EXPECT_EQ(to, core::home_hash(*user) % kWorkers);
                        probed_.emplace(*user, probe.notification);
                    }
                }
            }
            changed_.notify_all();
        };
    }

    core::Answer answer(std::uint64_t id) {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, kDeadline, [&] { return answers_.contains(id); });
        if (!came) throw std::runtime_error("no answer");
        return answers_.at(id);
    }
    /// The notification that this user was probed for.
    std::uint64_t probe(const std::string& user) {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, kDeadline, [&] { return probed_.contains(user); });
        if (!came) throw std::runtime_error("no probe");
        return probed_.at(user);
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, core::Answer> answers_;
    std::map<std::string, std::uint64_t> probed_;
};

class PushEngineTest : public testing::Test {
 protected:
    PushEngineTest() {
        std::signal(SIGPIPE, SIG_IGN);
        std::string name = std::filesystem::temp_directory_path() / "pipit-engine-XXXXXX";
        PIPIT_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        settings_.sender.transfer.ca_file = service_.ca_file();
        settings_.sender.transfer.targets = push::TargetRules::admitting({service_.host()}).value();
        settings_.retry = {.backoff_first = base::Millis(20), .backoff_max = base::Millis(20)};
        settings_.confirm_timeout = kForever;
    }
    ~PushEngineTest() override {
        engine_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::string file() const { return folder_ / "push.db"; }
    std::unique_ptr<store::PushStore> open_store(const store::PushLimits& limits = {}) const {
        return store::PushStore::open("sqlite://" + file(), limits, "here").value();
    }
    /// Runs a statement as somebody else who has the database open.
    void execute(const std::string& statement) const {
        soci::session sql(soci::sqlite3, "dbname=" + file() + " timeout=10");
        sql << statement;
    }

    push::VapidKeys keys() const { return push::VapidKeys::from_texts({key_}).value(); }
    std::string vapid() const { return keys().current().public_text(); }

    void start(const store::PushLimits& limits = {}) {
        engine_ =
            std::make_unique<PushEngine>(settings_, open_store(limits), keys(), kWorkers, hubs_.receiver());
        engine_->start();
    }

    core::Asker next_asker() {
        ++asked_;
        return {.worker = static_cast<core::WorkerIndex>(asked_ % kWorkers), .session = {}, .id = asked_};
    }
    template <class Command>
    core::Answer ask(Command command) {
        const std::uint64_t id = command.asker.id;
        engine_->receive({std::move(command)});
        return hubs_.answer(id);
    }

    codec::v1::Subscribe subscription(const std::string& path) {
        return {.endpoint = service_.url(path),
                .p256dh = push::P256Key::generate(random_).public_text(),
                .auth = base::base64url_encode(base::as_bytes("0123456789abcdef")),
                .vapid = ""};
    }
    /// A browser of `user` at the path of the user's name.
    core::Answer subscribe(const std::string& user) {
        return ask(core::KeepSubscription{next_asker(), user_id(user), subscription("/" + user)});
    }

    static codec::Notification notification(std::int64_t ttl_s = 3'600) {
        codec::Notification notification{.payload = R"({"title":"t","body":"b"})", .delivery = {}};
        notification.delivery.ttl_s = ttl_s;
        return notification;
    }
    core::Answer push_to(std::optional<std::vector<std::string>> users, std::int64_t ttl_s = 3'600) {
        return ask(
            core::PushToUsers{next_asker(), user_id("admin"), {notification(ttl_s), std::move(users)}});
    }
    core::Answer post(const std::vector<std::string>& away, const std::vector<std::string>& here) {
        return ask(core::NotifyAddressed{next_asker(), "the answer", user_id("author"), notification(),
                                         user_ids(away), user_ids(here)});
    }
    std::string progress(std::uint64_t push) { return ask(core::TellPushProgress{next_asker(), push}).text; }
    /// The progress once it is finished.
    std::string finished(std::uint64_t push) {
        const auto deadline = std::chrono::steady_clock::now() + kDeadline;
        std::string known = progress(push);
        while (known.find("\"finished\":true") == known.npos && std::chrono::steady_clock::now() < deadline)
            known = progress(push);
        return known;
    }

    OsRandom random_;
    std::string key_ = push::P256Key::generate(random_).to_text();
    std::filesystem::path folder_;
    PushTestService service_;
    PushEngineSettings settings_;
    Hubs hubs_;
    std::uint64_t asked_ = 0;
    std::unique_ptr<PushEngine> engine_;
};

// Subscriptions.

TEST_F(PushEngineTest, RefusesABadSubscriptionAndSaysWhatIsWrong) {
    start();
    auto bad = subscription("/ann");
    bad.endpoint = "https://127.0.0.1/x";
    const auto answer = ask(core::KeepSubscription{next_asker(), user_id("ann"), bad});
    EXPECT_EQ(answer.error, ErrorReason::invalid_parameter);
    EXPECT_THAT(answer.text, HasSubstr("endpoint must"));
}

TEST_F(PushEngineTest, RefusesASubscriptionMadeWithAKeyThatIsNotOurs) {
    start();
    auto foreign = subscription("/ann");
    foreign.vapid = push::P256Key::generate(random_).public_text();
    const auto answer = ask(core::KeepSubscription{next_asker(), user_id("ann"), foreign});
    EXPECT_EQ(answer.error, ErrorReason::unknown_vapid_key);
}

TEST_F(PushEngineTest, TellsTheKeyOfNowAndTakesSubscriptionsMadeWithAFormerOne) {
    start();
    EXPECT_THAT(ask(core::TellVapidKey{next_asker()}).text, HasSubstr(vapid()));
    push::VapidKeys rotated = keys();
    rotated.rotate(push::P256Key::generate(random_));
    const std::string newer = rotated.current().public_text();
    engine_->set_keys(std::move(rotated));
    EXPECT_THAT(ask(core::TellVapidKey{next_asker()}).text, HasSubstr(newer));
    auto former = subscription("/ann");
    former.vapid = vapid();
    EXPECT_EQ(ask(core::KeepSubscription{next_asker(), user_id("ann"), former}).error, std::nullopt);
    push_to({{"ann"}});
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(service_.heads("/ann").at(0), HasSubstr("k=" + vapid()));
}

TEST_F(PushEngineTest, AnUnsubscribedBrowserIsReachedNoMoreAndThereNeedBeNone) {
    start();
    subscribe("ann");
    for (int times = 0; times < 2; ++times) {
        EXPECT_EQ(ask(core::DropSubscription{next_asker(), user_id("ann"), {service_.url("/ann")}}).text,
                  R"({"message":"SUCCESS: Unsubscribed from notifications."})");
    }
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineTest, ReplacesASubscriptionForWhoKnowsItAndNobodyElse) {
    start();
    const auto old = subscription("/old");
    ask(core::KeepSubscription{next_asker(), user_id("ann"), old});
    const auto replace = [&](const std::string& auth) {
        return ask(core::ReplaceSubscription{next_asker(), {old.endpoint, auth, subscription("/new")}});
    };
    EXPECT_EQ(replace("guessed").error, ErrorReason::subscription_not_found);
    EXPECT_EQ(replace(old.auth).error, std::nullopt);
    push_to({{"ann"}});
    EXPECT_TRUE(service_.was_asked("/new", 1));
}

// The names of their hosts.

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

// Pushes.

TEST_F(PushEngineTest, KnowsNothingOfAPushThatNeverWas) {
    start();
    for (const std::uint64_t push : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
        EXPECT_EQ(ask(core::TellPushProgress{next_asker(), push}).error, ErrorReason::push_not_found);
    }
}

TEST_F(PushEngineTest, SaysWhichLimitAPushExceeds) {
    start({.users_per_notification_max = 1, .notifications_per_author_max = 1});
    const auto many = push_to({{"ann", "ben"}});
    EXPECT_EQ(many.error, ErrorReason::invalid_parameter);
    EXPECT_THAT(many.text, HasSubstr("at most 1 users"));
    service_.answer("/ann", {"503 Later"});
    subscribe("ann");
    push_to({{"ann"}});
    EXPECT_EQ(push_to({{"ann"}}).error, ErrorReason::push_queue_full);
}

TEST_F(PushEngineTest, PushesToThoseNamedAndToEveryoneAndCounts) {
    start();
    for (const char* user : {"ann", "ben", "cid"})
        subscribe(user);
    EXPECT_THAT(push_to({{"ann", "ann", "nobody"}}).text, HasSubstr("\"push\":\"1\""));
    EXPECT_THAT(finished(1), AllOf(HasSubstr("\"reached\":1,"), HasSubstr("\"delivered\":1,")));
    EXPECT_THAT(push_to(std::nullopt).text, HasSubstr("\"push\":\"2\""));
    EXPECT_THAT(finished(2), AllOf(HasSubstr("\"reached\":3,"), HasSubstr("\"delivered\":3,")));
    EXPECT_EQ(service_.heads("/ann").size(), 2u);
}

TEST_F(PushEngineTest, ABrowserThatIsGoneIsForgotten) {
    start();
    service_.answer("/ann", {"410 Gone"});
    subscribe("ann");
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"gone\":1"));
    push_to({{"ann"}});
    EXPECT_THAT(finished(2), HasSubstr("\"reached\":0"));
}

TEST_F(PushEngineTest, TriesAgainWhatTheServiceCouldNotTakeAndOnlyThat) {
    start();
    service_.answer("/ann", {"503 Later", "500 Broken", "201 Created"});
    service_.answer("/ben", {"413 Too Large"});
    subscribe("ann");
    subscribe("ben");
    push_to({{"ann", "ben"}});
    EXPECT_THAT(finished(1), AllOf(HasSubstr("\"delivered\":1"), HasSubstr("\"refused\":1")));
    EXPECT_EQ(service_.heads("/ann").size(), 3u);
    EXPECT_EQ(service_.heads("/ben").size(), 1u);
}

TEST_F(PushEngineTest, WhatIsForNowOrNeverIsTriedOnce) {
    start();
    service_.answer("/ann", {"503 Later"});
    subscribe("ann");
    push_to({{"ann"}}, 0);
    EXPECT_THAT(finished(1), HasSubstr("\"expired\":1"));
    ASSERT_EQ(service_.heads("/ann").size(), 1u);
    EXPECT_THAT(service_.heads("/ann")[0], HasSubstr("TTL: 0\r\n"));
}

TEST_F(PushEngineTest, ASubscriptionWhoseKeyWasForgottenIsRefused) {
    start();
    subscribe("ann");
    engine_->set_keys(push::VapidKeys::generate(random_));
    push_to({{"ann"}});
    EXPECT_THAT(finished(1), HasSubstr("\"refused\":1"));
    EXPECT_TRUE(service_.heads("/ann").empty());
}

TEST_F(PushEngineTest, WhatADeadProcessHadInFlightIsSentAgain) {
    start();
    subscribe("ann");
    engine_.reset();
    {
        const auto dead = open_store();
        const auto now = unix_ms_now();
        const store::NotificationRecord record{.author = "admin",
                                               .payload = "{}",
                                               .urgency = "high",
                                               .topic = "tea",
                                               .ttl_s = 60,
                                               .deadline_at = deadline_of(60, now)};
        ASSERT_TRUE(dead->enqueue(record, std::vector<std::string>{"ann"}, now));
        ASSERT_EQ(dead->take_due({}, now)->size(), 1u);
    }
    start();
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(service_.heads("/ann")[0], AllOf(HasSubstr("Urgency: high"), HasSubstr("Topic: tea")));
}

// Notifications of posts.

TEST_F(PushEngineTest, ThoseAwayAreNotifiedAtOnceAndThoseHereAreProbed) {
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    const auto answer = post({"ann"}, {"ben"});
    EXPECT_EQ(answer.error, std::nullopt);
    EXPECT_EQ(answer.text, "the answer");
    EXPECT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_EQ(hubs_.probe("ben"), 1u);
    EXPECT_TRUE(service_.heads("/ben").empty());
}

TEST_F(PushEngineTest, WhoConfirmsIsNotNotified) {
    start();
    subscribe("ann");
    post({}, {"ann"});
    EXPECT_THAT(progress(1), HasSubstr("\"finished\":false"));
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    EXPECT_THAT(finished(1), AllOf(HasSubstr("\"finished\":true"), HasSubstr("\"reached\":0")));
}

TEST_F(PushEngineTest, WhoDoesNotConfirmInTimeIsNotified) {
    settings_.confirm_timeout = base::Millis(50);
    start();
    subscribe("ann");
    post({}, {"ann"});
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, NobodyIsAskedAboutAPostToWhomNothingCouldBePushed) {
    start();
    EXPECT_EQ(post({"ann"}, {"ben"}).text, "the answer");
    EXPECT_EQ(post({}, {}).text, "the answer");
    EXPECT_EQ(ask(core::TellPushProgress{next_asker(), 1}).error, ErrorReason::push_not_found);
}

TEST_F(PushEngineTest, WhoeverADeadProcessWaitedForIsNotified) {
    start();
    subscribe("ann");
    engine_.reset();
    {
        const auto dead = open_store();
        const auto now = unix_ms_now();
        const store::NotificationRecord record{.author = "author",
                                               .payload = "{}",
                                               .urgency = "normal",
                                               .topic = "",
                                               .ttl_s = 60,
                                               .deadline_at = deadline_of(60, now)};
        const std::vector<std::string> here{"ann"};
        ASSERT_TRUE(dead->enqueue_addressed(record, {}, here, now + kForever.count(), now));
    }
    start();
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, WhoHasNotConfirmedWhenItStopsIsNotifiedByTheNextOne) {
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    post({}, {"ann", "ben"});
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    engine_.reset();
    start();
    EXPECT_TRUE(service_.was_asked("/ben", 1));
    EXPECT_THAT(finished(1), HasSubstr("\"reached\":1"));
}

TEST_F(PushEngineTest, RefusesToWaitForMoreUsersThanItsLimit) {
    settings_.users_held_max = 1;
    start();
    for (const char* user : {"ann", "ben"})
        subscribe(user);
    const auto refused = post({}, {"ann", "ben"});
    EXPECT_EQ(refused.error, ErrorReason::notification_not_kept);
    EXPECT_THAT(refused.text, HasSubstr("too many users"));
    post({}, {"ann"});
    EXPECT_EQ(post({}, {"ben"}).error, ErrorReason::notification_not_kept);
    engine_->receive({core::MessageArrived{hubs_.probe("ann"), user_id("ann")}});
    EXPECT_EQ(post({}, {"ben"}).error, std::nullopt);
}

TEST_F(PushEngineTest, SaysWhyANotificationCouldNotBeWrittenDownAndGoesOnOnceItCan) {
    start();
    subscribe("ann");
    execute(
        "CREATE TRIGGER no_room BEFORE INSERT ON notifications "
        "BEGIN SELECT RAISE(ABORT, 'no room today'); END");
    const auto lost = post({"ann"}, {});
    EXPECT_EQ(lost.error, ErrorReason::notification_not_kept);
    EXPECT_THAT(lost.text, HasSubstr("the database has failed"));
    EXPECT_EQ(push_to({{"ann"}}).error, ErrorReason::unavailable);
    execute("DROP TRIGGER no_room");
    EXPECT_EQ(post({"ann"}, {}).error, std::nullopt);
    EXPECT_TRUE(service_.was_asked("/ann", 1));
}

TEST_F(PushEngineTest, HowADeliveryEndedIsWrittenDownOnceThatIsPossible) {
    start();
    subscribe("ann");
    execute("CREATE TRIGGER no_end BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'not now'); END");
    push_to({{"ann"}});
    ASSERT_TRUE(service_.was_asked("/ann", 1));
    EXPECT_THAT(progress(1), HasSubstr("\"finished\":false"));
    execute("DROP TRIGGER no_end");
    EXPECT_THAT(finished(1), HasSubstr("\"delivered\":1"));
    EXPECT_EQ(service_.heads("/ann").size(), 1u);
}

// Its end.

TEST_F(PushEngineTest, AnswersWhatItWasAskedBeforeItStops) {
    start();
    std::vector<core::PushCommand> commands;
    for (int n = 0; n < 100; ++n)
        commands.emplace_back(core::KeepSubscription{next_asker(), user_id("ann"), subscription("/ann")});
    engine_->receive(std::move(commands));
    engine_->stop();
    engine_->stop();
    for (std::uint64_t id = 1; id <= 100; ++id)
        EXPECT_EQ(hubs_.answer(id).error, std::nullopt);
}

}  // namespace
}  // namespace pipit::net
