#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json.hpp>

namespace pipit::core {

/// A promise of PROTOCOL.md was broken.
struct BrokenPromise : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What all clients of a run have said and seen together: events have one text at one place, whoever sees
/// them.
class SharedRecord {
 public:
    struct Post {
        enum class Kind { group, user, cid };
        std::string sender_user, sender_cid;
        Kind kind;
        std::string target;
    };
    struct Place {
        std::string group, epoch;
        std::uint64_t offset;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    /// The serial number that stands in the post's data.
    std::uint64_t add_post(Post post);
    const Post& post(std::uint64_t serial) const;

    void saw_event(const Place& place, const std::string& text);
    void saw_join(const Place& place, const std::string& cid) { joins_.emplace_back(place, cid); }
    void saw_posted(const Place& place, std::uint64_t serial) { placed_[place] = serial; }

    /// At the end: every join, post and notice has left exactly one event at its place. Returns how many
    /// groups were seen from their first event to their last, and so could be replayed.
    std::size_t check() const;

 private:
    using Stream = std::vector<boost::json::object>;
    static void replay(const std::string& founder, const Stream& events);

    std::vector<Post> posts_;
    std::map<Place, std::string> events_;
    std::vector<std::pair<Place, std::string>> joins_;
    std::map<Place, std::uint64_t> placed_;
};

/// One client that knows the protocol and trusts nothing: it is told what it sends and what it receives, and
/// throws BrokenPromise.
class PromiseChecker {
 public:
    PromiseChecker(SharedRecord& record, std::string user) : record_(record), user_(std::move(user)) {}

    // Each returns the command to send.
    std::string connect(const std::string& token);
    std::string join(const std::string& group);
    std::string leave();
    std::string post(SharedRecord::Post::Kind kind, const std::string& target, bool bare,
                     std::size_t padding_bytes);

    void received(const std::string& text);

    const std::string& user() const { return user_; }
    /// Empty until it is signed in.
    const std::string& cid() const { return cid_; }
    /// As the commands sent so far leave it; empty: none.
    const std::string& group() const { return membership_.group; }
    bool is_refused() const { return refused_; }
    std::size_t outstanding() const { return outstanding_.size(); }

 private:
    /// What the last join or leave asked for. Repeated joins of one group are one run.
    struct Membership {
        std::uint64_t order = 0;
        std::uint64_t run = 0;
        std::string group;
    };
    struct Command {
        std::string op;
        Membership membership;     // join, leave: what it asks for; post: what was asked for before
        std::uint64_t serial = 0;  // post
    };
    std::string send(Command command, boost::json::object arguments);
    void ask_for(const std::string& group);
    void on_reply(const boost::json::object& reply);
    void on_ok(const Command& command, const boost::json::object& ok);
    void on_error(const Command& command, std::string_view reason);
    void on_placed(const Command& command, const boost::json::object& ok);
    void on_joined(const Membership& asked, const boost::json::object& ok);
    void on_group_event(const boost::json::object& event, const std::string& text);
    void on_private(const boost::json::object& event);
    const SharedRecord::Post& check_sender(const boost::json::object& event);

    SharedRecord& record_;
    std::string user_, cid_;
    bool refused_ = false;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Command> outstanding_;
    Membership membership_;     // asked for
    Membership answered_;       // the newest that was answered
    std::string epoch_;         // of the group in `answered_`
    std::uint64_t offset_ = 0;  // of the last event, or of the join
    std::optional<std::uint64_t> private_offset_;
    std::map<std::tuple<SharedRecord::Post::Kind, std::string, std::string>, std::uint64_t> last_serial_;
};

}  // namespace pipit::core
