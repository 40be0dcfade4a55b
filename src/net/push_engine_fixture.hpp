#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64url.hpp"
#include "net/push_engine.hpp"
#include "net/push_test_service.hpp"

namespace pipit::net {

inline constexpr core::WorkerIndex kWorkers = 3;
inline constexpr std::chrono::seconds kDeadline{20};
inline constexpr base::Millis kForever = std::chrono::hours(1);

inline core::UserId user_id(const std::string& name) {
    return std::make_shared<const std::string>(name);
}

inline std::vector<core::UserId> user_ids(const std::vector<std::string>& names) {
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

/// An engine with a database of its own and a push service on loopback.
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
    /// Whether nothing of the notification of a post is kept, in the end.
    bool is_forgotten(std::uint64_t notification) {
        const auto deadline = std::chrono::steady_clock::now() + kDeadline;
        while (std::chrono::steady_clock::now() < deadline) {
            const auto answer = ask(core::TellPushProgress{next_asker(), notification});
            if (answer.error == codec::ErrorReason::push_not_found) return true;
        }
        return false;
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

}  // namespace pipit::net
