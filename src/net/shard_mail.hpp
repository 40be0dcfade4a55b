#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "codec/codes.hpp"
#include "core/shard_message.hpp"

namespace pipit::net {

/// What somebody outside of the hubs has to tell them: gathered, and handed over in one go for each worker.
/// Owned by one thread.
class ShardMail {
 public:
    using ToWorker = std::function<void(core::WorkerIndex to, std::vector<core::ShardMessage> messages)>;

    ShardMail(core::WorkerIndex worker_count, ToWorker to_worker)
        : to_worker_(std::move(to_worker)), of_worker_(worker_count) {}

    void send(core::WorkerIndex to, core::ShardMessage message) {
        of_worker_.at(to).push_back(std::move(message));
    }
    /// To its asker.
    void send(core::Answer answer) { send(answer.to.worker, std::move(answer)); }
    /// An answer with `content` as that of `ok`.
    void answer(const core::Asker& asker, std::string content) {
        send({asker, std::nullopt, std::move(content)});
    }
    /// An empty message is the catalogue's.
    void refuse(const core::Asker& asker, codec::ErrorReason reason, std::string message = {}) {
        send({asker, reason, std::move(message)});
    }
    /// Asks the homes of the users.
    void probe(std::uint64_t notification, const std::vector<std::string>& users) {
        std::vector<std::vector<core::UserId>> of_home(of_worker_.size());
        for (const std::string& user : users) {
            of_home[core::home_hash(user) % of_worker_.size()].push_back(
                std::make_shared<const std::string>(user));
        }
        for (std::size_t home = 0; home < of_home.size(); ++home) {
            if (of_home[home].empty()) continue;
            send(static_cast<core::WorkerIndex>(home),
                 core::ProbeUsers{notification, std::move(of_home[home])});
        }
    }

    void hand_over() {
        for (std::size_t to = 0; to < of_worker_.size(); ++to) {
            if (of_worker_[to].empty()) continue;
            to_worker_(static_cast<core::WorkerIndex>(to), std::exchange(of_worker_[to], {}));
        }
    }

 private:
    const ToWorker to_worker_;
    std::vector<std::vector<core::ShardMessage>> of_worker_;
};

}  // namespace pipit::net
