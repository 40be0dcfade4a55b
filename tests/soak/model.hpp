#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "chronicle.hpp"
#include "connection.hpp"
#include "heard.hpp"

namespace pipit::soak {

/// A promise of protocol/PROTOCOL.md that was broken.
struct Fault {
    std::string what;
    std::vector<std::string> history;  ///< what the connection said (>) and heard (<) last, oldest first
};

struct Counts {
    std::uint64_t connections = 0, resumed = 0, commands = 0, posts = 0, messages = 0, privates = 0,
                  notices = 0;
};

/// Knows what every client said and heard, and holds the server to its promises: each command answered once,
/// no stranger's events, no gap, one order for all, one notice for each change. Knows no sockets and no
/// clock; it is told in the order in which things happened to the process that plays all clients.
class Model {
 public:
    /// A client begins a connection, for `user`.
    Serial open(std::string user);

    /// A client begins a connection to go on as `earlier`, which was signed in and which it has lost.
    Serial open_again(Serial earlier);

    /// Until now it had to be granted that; from now on the grace time may have been over when it asked.
    void excuse(Serial serial) { at(serial).must_resume = false; }

    /// It says `command`, next. Returns the text to send.
    std::string say(Serial serial, const Command& command);

    /// It has received one object, of which `heard` is the meaning.
    void hear(Serial serial, std::string_view object, const Heard& heard);

    /// The client has ended it, in whatever way, or has sent all it will: nothing is owed to it any more.
    void leave(Serial serial);

    /// The server has ended it, which it never may of its own accord.
    void lose(Serial serial, std::string_view how);

    /// Everything that must come to pass when nobody says anything for a while and has not yet. Empty: all is
    /// well.
    std::vector<Fault> unsettled() const;

    const Connection& connection(Serial serial) const { return *connections_.at(serial); }
    const std::vector<Fault>& faults() const { return faults_; }
    const Counts& counts() const { return counts_; }
    std::size_t unanswered_count() const { return unanswered_count_; }

 private:
    struct Known {
        std::string cid, user;
        Serial serial = 0;  // 0: its sign-in was not answered as far as we have read
    };

    Connection& at(Serial serial) { return *connections_.at(serial); }
    Peer peer(const std::string& cid, const std::string& user);
    static Fault describe_fault(const Connection& connection, std::string what);
    void fault(const Connection& connection, std::string what);

    // Commands: model_commands.cpp
    void prepare(Connection&, const Connect&, Unanswered&) {}
    void prepare(Connection&, const Refresh&, Unanswered&) {}
    void prepare(Connection& connection, const Join& join, Unanswered& waiting);
    void prepare(Connection& connection, const Leave&, Unanswered& waiting);
    void prepare(Connection& connection, const Post& post, Unanswered& waiting);
    void on_reply(Connection& connection, const Reply& reply);
    void answer(Connection& connection, const Connect&, const Unanswered&, const Reply& reply);
    void answer(Connection& connection, const Refresh&, const Unanswered&, const Reply& reply);
    void answer(Connection& connection, const Join& join, const Unanswered& waiting, const Reply& reply);
    void answer(Connection& connection, const Leave&, const Unanswered& waiting, const Reply& reply);
    void answer(Connection& connection, const Post&, const Unanswered& waiting, const Reply& reply);
    void answer_group_post(Connection& connection, const Unanswered& waiting, const Reply& reply);
    void answer_user_post(Connection& connection, const Unanswered& waiting, const Reply& reply);
    void answer_cid_post(Connection& connection, const Unanswered& waiting, const Reply& reply);
    void end_membership(Connection& connection);
    void go_on(Connection& connection, Unanswered& waiting, const std::string& group);

    // Events: model_events.cpp
    void on_event(Connection& connection, const Event& event, std::string_view text);
    void on_message(Connection& connection, const Event& event, std::string_view text);
    void on_private(Connection& connection, const Event& event);
    void on_notice(Connection& connection, const Event& event, std::string_view text);
    /// The event stands in the group that the connection is in, where it should; false and a fault otherwise.
    bool take_place(Connection& connection, const Event& event, const std::string& meaning,
                    std::string_view text);
    /// The posting in the event, if it is from who it says; nothing and a fault otherwise.
    std::optional<Posting> take_posting(const Connection& connection, const Event& event);
    void keep_order(const Connection& connection, LastFrom& last_from, const Posting& posting);
    void note_private_place(Connection& witness, const Posting& posting, std::uint64_t offset);

    // Rest: model_rest.cpp
    static std::vector<std::string> debts(const Connection& connection);
    static std::vector<std::string> group_debts(const Connection& connection);
    std::vector<std::string> group_discord(const Connection& connection) const;

    std::vector<std::unique_ptr<Connection>> connections_{1};  // by serial; there is no 0
    std::vector<Known> peers_;
    std::unordered_map<std::string, Peer> peers_by_cid_;
    std::unordered_map<std::string, std::vector<Serial>> signed_in_by_user_;
    std::unordered_set<std::string>
        users_gone_unseen_;  // had a connection that went before its sign-in was answered
    Chronicle chronicle_;
    std::vector<Fault> faults_;
    Counts counts_;
    std::size_t unanswered_count_ = 0;
};

}  // namespace pipit::soak
