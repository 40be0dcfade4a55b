#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/history_command.hpp"
#include "core/name_map.hpp"
#include "core/post_answers.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// Asks whoever keeps histories on disk.
class LogPort {
 public:
    virtual void ask_log(HistoryCommand command) = 0;
    /// So much waits there that nothing more should be asked.
    virtual bool is_log_congested() const = 0;

 protected:
    ~LogPort() = default;
};

/// What a durable group waits for: that its log is open, that records are on disk, that pages of it are read.
struct GroupLog {
    /// More commands do not wait for one log to be opened, nor do more bytes of them for all logs of a
    /// worker.
    static constexpr std::size_t kCommandsMax = 4'096;
    static constexpr std::size_t kWaitingBytesMax = 8 << 20;

    using Command = std::variant<JoinGroup, LeaveGroup, PostToGroup, ListHistory>;
    /// One that waits for its post to be on disk: who has sent it, or sends it again meanwhile.
    struct Poster {
        Caller caller;
        std::uint64_t command_id;
    };
    struct Appending {
        LogRecord record;
        std::vector<Poster> posters;   ///< none: it is a notice
        NotificationPtr notification;  ///< of the first of them
    };
    /// What a page is read for: all who have missed the same.
    using Reader = std::variant<std::vector<JoinGroup>, ListHistory>;

    enum class State : std::uint8_t {
        opening,
        open,
        shut,  ///< it could not be opened; the next command has it tried again
    };
    State state = State::shut;
    std::uint64_t opening = 0;  ///< the number of the last OpenLog
    bool was_damaged = false;   ///< an epoch before this one was lost
    std::uint64_t first = 1;    ///< what is older cannot be read any more
    std::deque<Command> waiting;
    std::size_t waiting_bytes = 0;
    std::deque<Appending> appending;
    std::map<std::uint64_t, Reader> reading;  ///< by the number of the read

    bool is_busy() const { return state == State::opening || !appending.empty() || !reading.empty(); }
    /// The post of that user and key that is on its way to the disk; null: there is none.
    Appending* find_appending(std::string_view user, std::string_view key) {
        if (keys.find(paired_name(user, key)) == keys.end()) return nullptr;
        for (Appending& each : appending) {
            if (each.record.key == key && *each.record.user == user) return &each;
        }
        return nullptr;
    }
    /// Those for whom is read what follows that offset; null: nobody.
    std::vector<JoinGroup>* find_reading(std::uint64_t after) {
        for (auto& [number, reader] : reading) {
            auto* joins = std::get_if<std::vector<JoinGroup>>(&reader);
            if (joins != nullptr && joins->front().since->offset == after) return joins;
        }
        return nullptr;
    }
    void append(Appending each) {
        if (!each.record.key.empty()) keys.emplace(paired_name(*each.record.user, each.record.key), true);
        appending.push_back(std::move(each));
    }
    Appending take_oldest() {
        Appending oldest = std::move(appending.front());
        appending.pop_front();
        if (!oldest.record.key.empty()) keys.erase(paired_name(*oldest.record.user, oldest.record.key));
        return oldest;
    }

 private:
    NameMap<bool> keys;  // of what is in `appending`
};

}  // namespace pipit::core
