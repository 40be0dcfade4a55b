#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/history_command.hpp"
#include "net/shard_mail.hpp"
#include "store/history_log.hpp"

namespace pipit::net {

/// Carries out what hubs ask of the log of histories, many commands to a commit, and answers them. One
/// thread; calls block on the disk.
class HistoryDesk {
 public:
    /// `mail` must outlive it.
    HistoryDesk(std::unique_ptr<store::HistoryLog> log, ShardMail& mail);

    /// All that `commands` want written is one commit; those who wait for that are told of it before anything
    /// is read for others. Every answer is in the mail afterwards, or handed over: what is read takes memory.
    /// What one group is asked for happens and is answered in the order in which it stands here.
    void carry_out(std::vector<core::HistoryCommand> commands, store::UnixMs now);
    /// Deletes some of what exceeds a limit. False: nothing does, or it cannot be deleted now.
    bool expire(store::UnixMs now);

 private:
    struct OpenGroup {
        core::GroupName name;
        core::WorkerIndex home = 0;
        std::uint64_t number = 0;  // of the OpenLog
        // The appends to it that one LogAppended will answer: runs_[run], in the commit of that number.
        std::size_t run = 0;
        std::uint64_t run_commit = 0;
        std::uint64_t read_commit = 0;  // in that one it is read before it is written to
    };

    void plan(core::OpenLog&& command);
    void plan(core::AppendToLog&& command);
    void plan(core::ReadLog&& command);
    void plan(core::ReadLogBackwards&& command);
    void plan(core::CloseLog&& command);
    /// A read of a group, which sees what was asked for before it and nothing else. `read` gets the offset up
    /// to which that is.
    template <class Command, class Read>
    void plan_read(Command&& command, Read read);

    void open(const core::OpenLog& command, bool is_new);
    core::LogOpened opened(const core::OpenLog& command, const store::HistoryPlace& place,
                           store::NewestOfHistory newest) const;
    /// Its records are not what was written: it begins anew, without them. Nothing when that cannot be
    /// written down now.
    std::optional<store::HistoryPlace> begin_anew(const std::string& group);

    /// Sends what was read, and hands the mail over when that has become much.
    void send_read(core::WorkerIndex home, core::ShardMessage answer);

    /// Begins the transaction of the commands at hand if that has not been done or tried.
    void begin();
    void commit();
    void follow_up_damage();
    /// Not open any more: whoever asks about it opens it again.
    void close_damaged(const OpenGroup& group);

    core::LogTrouble trouble(const store::HistoryError& error);
    std::vector<core::LoggedRecord> logged(std::vector<store::HistoryRecord>&& records) const;
    std::uint64_t age_ms(store::UnixMs at) const;

    const std::unique_ptr<store::HistoryLog> log_;
    ShardMail& mail_;
    store::UnixMs now_ = 0;
    std::unordered_map<std::string, OpenGroup> open_;
    bool was_damaged_ = false;  // since the process began: groups may have had something before
    std::unordered_set<std::string> begun_anew_;  // whose hub has not opened them since
    bool fails_ = false;                          // which was said in the server's log
    store::UnixMs failed_at_ = 0;                 // the last time

    // Of the commands at hand.
    std::uint64_t commit_ = 0;
    bool has_begun_ = false;
    std::optional<store::HistoryError> refused_;  // why nothing of the transaction is kept
    std::vector<std::function<void()>> answers_;  // in their order, after the commit
    std::vector<std::function<void()>> reads_;  // likewise, after those, and what must be answered after them
    std::size_t bytes_read_ = 0;                // since the mail was handed over
    std::deque<core::LogAppended> runs_;
    std::vector<std::string> damaged_groups_;
};

}  // namespace pipit::net
