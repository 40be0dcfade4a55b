#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "core/testing/fake_log.hpp"
#include "core/testing/hub_mesh.hpp"
#include "core/testing/promise_checker.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {

/// People on several hubs whose connections break at random moments, and who come back, say how far they
/// came, and send again what was not answered: the rules of PROTOCOL.md 2.14 from the client's side. Throws
/// BrokenPromise when one of them gets something twice, out of order, not at all, or without being told of
/// the gap.
class ReconnectingCrowd {
 public:
    struct Settings {
        Settings();
        HubSettings hub;
        std::size_t people = 6;
        std::size_t groups = 2;
        std::size_t padding_bytes_max = 300;  ///< of a post
        bool restarts = false;                ///< now and then all hubs die, and others take their place
        bool writes_fail = false;             ///< now and then there is no room on the disk
        bool keys_get_lost = false;  ///< with the streams: a post that is sent again may be in two epochs
        bool disk_breaks = false;    ///< now and then what is on the disk is damaged, or cannot be read
    };
    struct Totals {
        std::uint64_t deliveries = 0, cuts = 0, replayed = 0, pages = 0, sent_again = 0, refused = 0,
                      restarts = 0, answered_elsewhere = 0;
        std::uint64_t group_gaps = 0, private_gaps = 0;
        Totals& operator+=(const Totals& other);
    };

    ReconnectingCrowd(const Settings& settings, std::uint64_t seed, WorkerIndex workers);
    ~ReconnectingCrowd();

    /// So many random steps, and then until everybody is there and has everything.
    void play(int steps);
    const Totals& totals() const { return totals_; }

 private:
    struct Position {
        std::string epoch;
        std::uint64_t offset = 0;
    };
    /// Something that was sent and is not answered.
    struct Command {
        std::string op;
        std::uint64_t run = 0;               // join
        std::uint64_t serial = 0;            // post
        bool elsewhere = false;              // post: to a group that it does not want to be in
        std::optional<Position> since = {};  // join, connect
    };
    struct Post {
        std::string target;  // a group, or "user " and a user
        std::uint64_t serial;
    };
    struct Connection {
        Connection(HubMesh& mesh, WorkerIndex on, bool deflate)
            : worker(on), end(mesh.touched(on), deflate) {}
        WorkerIndex worker;
        TestClient end;
        Session* session = nullptr;
        std::deque<std::string> to_server;  // under way
        std::map<std::uint64_t, Command> outstanding;
        std::uint64_t last_id = 0;
        bool welcome = false;
        bool joined = false;   // the group that it wants to be in: the join is answered
        bool leaving = false;  // and may still hear of another one until then
        bool more = false;     // the answer to a join said so
        std::uint64_t replay_left = 0, private_replay_left = 0;
    };
    struct Person {
        std::string user, cid;
        std::string group;      // that it wants to be in
        std::uint64_t run = 0;  // counts changes of that
        std::optional<Position> private_at, group_at;
        std::deque<Post> unanswered;  // in the order in which they were posted
        std::unique_ptr<Connection> connection;
        std::map<std::string, std::uint64_t> last_serial_from;  // by sender and target, of what it has got
    };

    WorkerIndex any_worker() { return static_cast<WorkerIndex>(random_.below(mesh_->worker_count())); }
    Person& any_person() { return people_[random_.below(people_.size())]; }
    void act();
    void come(Person& person);
    void cut(Person& person);
    void want(Person& person, const std::string& group);
    void post(Person& person);
    void send(Person& person, Command command, boost::json::object arguments);
    void send_join(Person& person);
    void send_post(Person& person, const Post& post);
    void deliver_to_server(Person& person);
    void end_turn(WorkerIndex worker);
    void read(Person& person);
    void on_answer(Person& person, const boost::json::object& reply);
    void on_welcome(Person& person, const Command& command, const boost::json::object& ok);
    void on_joined(Person& person, const Command& command, const boost::json::object& ok);
    void on_event(Person& person, const boost::json::object& event, const std::string& text);
    void on_message(Person& person, const boost::json::object& event, const std::string& target,
                    const Position& at);
    void note_place(std::uint64_t serial, const std::string& target, const Position& at);
    static void check_gap(const Position& had, const Position& now, const boost::json::object& stream);
    void on_refused(Person& person, const Command& command, const std::string& reason);
    void restart();
    void upset_log();
    void pass(base::Millis time);
    void settle();
    void expect_all_to_have_all();

    Settings settings_;
    SeededRandom random_;
    FakeLog log_;
    std::unique_ptr<HubMesh> mesh_;
    SharedRecord record_;
    std::vector<Person> people_;
    std::map<std::string, std::string> place_of_;     // of a post, by its serial: target, epoch and offset
    std::map<std::string, std::uint64_t> serial_at_;  // the other way round
    std::set<std::uint64_t> may_be_late_;  // was perhaps refused while its sender was in another group
    std::uint64_t last_serial_ = 0;
    Totals totals_;
    base::Instant now_{base::Millis(1'000'000)};
};

}  // namespace pipit::core
