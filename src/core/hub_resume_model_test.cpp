// Several hubs, their messages delivered in random orders, and clients that are lost, come back as whom they
// were, or as whom another one still is, and say things meanwhile. Whatever happens, nobody is two, the
// notices of a group tell who is in it, and in the end nothing is left.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/model_runs.hpp"
#include "core/testing/promise_checker.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {
namespace {

namespace json = boost::json;

constexpr std::size_t kClientsMax = 8;
constexpr std::uint64_t kUsers = 3, kGroups = 3;

HubSettings model_settings() {
    HubSettings settings = test_settings();
    settings.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    settings.grace = base::Millis(400);
    settings.ping_interval = base::Millis(100'000'000);
    settings.sign_in_timeout = base::Millis(100'000'000);
    // A group ends with its last member, so that it can be replayed from beginning to end.
    settings.history.age_max = settings.history.key_window = base::Millis(0);
    settings.is_user_id = [](std::string_view name) { return name.starts_with('u'); };
    return settings;
}

void expect(bool kept, const std::string& what) {
    if (!kept) throw BrokenPromise(what);
}

struct Client {
    Client(HubMesh& mesh, WorkerIndex on, std::string who, bool deflate)
        : worker(on), user(std::move(who)), end(mesh.touched(on), deflate) {}
    WorkerIndex worker;
    std::string user;
    TestClient end;
    Session* session = nullptr;
    std::string cid;      // empty: not welcome yet
    std::string resumes;  // what it asked to go on as
    bool resumed = false;
    std::string group;  // the last that it asked for
    bool is_closing = false;
    std::uint64_t run = 0;  // counts changes of that
    struct Command {
        std::string op, group;
        std::uint64_t run;
    };
    std::map<std::uint64_t, Command> outstanding;  // by id
    std::uint64_t last_id = 0;
    SharedRecord::Place had;    // the last of its group
    std::uint64_t had_run = 0;  // that it is of
};

class Simulation {
 public:
    Simulation(std::uint64_t seed, WorkerIndex workers)
        : random_(seed), mesh_(settings_, workers, seed, test_keys()) {
        pass(base::Millis(0));
    }

    void play(int steps) {
        for (int step = 0; step < steps; ++step)
            act();
        settle_for_good();
        expect_members_to_fit();
        break_for_a_moment();
        fight_for_one();
        vanish();
    }
    std::size_t resumed_count() const { return resumed_count_; }
    std::size_t taken_over_count() const { return taken_over_count_; }
    std::size_t replayed_count() const { return record_.check(); }

 private:
    WorkerIndex any_worker() { return static_cast<WorkerIndex>(random_.below(mesh_.worker_count())); }
    Client& any_client() { return *clients_[random_.below(clients_.size())]; }

    void act() {
        const std::uint64_t choice = random_.below(100);
        if (clients_.empty() || (choice < 12 && clients_.size() < kClientsMax)) {
            open_any();
        } else if (choice < 32) {
            talk(any_client());
        } else if (choice < 72) {
            for (std::uint64_t i = 1 + random_.below(8); i > 0; --i)
                deliver_any();
        } else if (choice < 86) {
            end_turn(any_worker());
        } else if (choice < 91) {
            lose(any_client());
        } else if (choice < 94) {
            say_goodbye(any_client());
        } else {
            now_ += base::Millis(random_.below(60));
            mesh_.set_time({now_, kTestUnixTime});
            mesh_.hub(any_worker()).tick();
        }
    }

    /// From time to time another worker's messages to another one are slow to arrive.
    void deliver_any() {
        if (random_.one_in(100)) slow_ = {any_worker(), any_worker()};
        const std::pair way{any_worker(), any_worker()};
        if (way != slow_) mesh_.deliver(way.first, way.second);
    }

    void open_any() {
        // Mostly as one of those who were here lately, and now and then as somebody else's.
        std::string user = "u" + std::to_string(random_.below(kUsers)), cid;
        if (!cids_.empty() && !random_.one_in(4)) {
            const std::size_t lately = std::min<std::size_t>(cids_.size(), 6);
            cid = cids_[cids_.size() - 1 - random_.below(lately)];
            if (!random_.one_in(8)) user = owner_.at(cid);
        }
        open(any_worker(), user, cid);
    }

    Client& open(WorkerIndex worker, const std::string& user, const std::string& cid) {
        const bool deflate = random_.one_in(2);
        Client& client = *clients_.emplace_back(std::make_unique<Client>(mesh_, worker, user, deflate));
        client.session = &mesh_.hub(worker).open(client.end.outbox, deflate, std::nullopt);
        client.resumes = cid;
        const std::string session = cid.empty() ? "" : R"(,"session":")" + cid + "\"";
        send(client, "connect", R"("token":")" + token_of(user) + "\"" + session);
        return client;
    }

    void send(Client& client, const std::string& op, const std::string& arguments = {}) {
        const std::uint64_t id = ++client.last_id;
        client.outstanding.emplace(id, Client::Command{op, client.group, client.run});
        std::string text = R"({"id":)" + std::to_string(id) + R"(,"op":")" + op + "\"";
        if (!arguments.empty()) text += "," + arguments;
        mesh_.hub(client.worker).receive(*client.session, text + "}");
    }
    static void ask_for(Client& client, const std::string& group) {
        if (client.group == group) return;
        client.group = group;
        ++client.run;
    }
    void join(Client& client, const std::string& group) {
        ask_for(client, group);
        send(client, "join", R"("group":")" + group + "\"");
    }
    void talk(Client& client) {
        if (client.is_closing) return;
        const std::uint64_t choice = random_.below(8);
        if (choice < 3) {
            join(client, group_name(random_.below(kGroups)));
        } else if (choice == 3) {
            ask_for(client, {});
            send(client, "leave");
        } else if (choice == 4 && !client.group.empty()) {
            send(client, "post", R"("to":{"group":")" + client.group + "\"}");
        } else if (choice == 5) {
            send(client, "post", R"("to":{"user":")" + any_client().user + R"("},"data":"to a user")");
        } else if (choice == 6 && !cids_.empty()) {
            const std::string& cid = cids_[random_.below(cids_.size())];
            send(client, "post", R"("to":{"cid":")" + cid + R"("},"data":")" + cid + "\"");
        } else {
            send(client, "users", R"("group":"g0")");
        }
    }
    static std::string group_name(std::uint64_t number) { return "g" + std::to_string(number); }

    void lose(Client& client) {
        mesh_.hub(client.worker).lost(*client.session);
        std::erase_if(clients_, [&](const auto& each) { return each.get() == &client; });
    }
    void say_goodbye(Client& client) {
        client.is_closing = true;
        mesh_.hub(client.worker)
            .closing(*client.session, random_.one_in(2) ? std::optional<std::uint16_t>(4007) : std::nullopt);
    }

    void end_turn(WorkerIndex worker) {
        // Closed first: whoever is taken over must be gone before the other one is welcome.
        for (const HubEffects::Closing& closing : mesh_.end_turn(worker)) {
            expect(closing.reason == codec::CloseReason::taken_over,
                   "nobody is closed but who is taken over");
            ++taken_over_count_;
            for (const auto& client : clients_) {
                if (client->session->address == closing.address) client->is_closing = true;
            }
        }
        for (const auto& client : clients_) {
            if (client->worker != worker) continue;
            for (const json::object& object : client->end.take_objects())
                object.contains("ev") ? heard(*client, object) : answered(*client, object);
        }
    }

    void heard(Client& client, const json::object& event) {
        expect(!client.cid.empty(), "events come after the welcome");
        if (event.at("ev") == "private") {
            const json::value& data = event.at("data");
            expect(data == "to a user" || data.as_string() == client.cid, "what is for a cid comes to it");
            return;
        }
        expect(event.at("group").as_string() == client.had.group, "events are of the group that was joined");
        expect(event.at("offset").to_number<std::uint64_t>() == ++client.had.offset, "no event is left out");
        record_.saw_event(client.had, json::serialize(event));
    }

    void answered(Client& client, const json::object& reply) {
        const auto asked = client.outstanding.find(reply.at("id").to_number<std::uint64_t>());
        expect(asked != client.outstanding.end(), "one reply for one command");
        const Client::Command command = asked->second;
        client.outstanding.erase(asked);
        if (!reply.contains("ok")) {
            expect(command.op == "post", "only a post is refused: " + json::serialize(reply));
            return;
        }
        const json::object& ok = reply.at("ok").as_object();
        if (command.op == "connect") {
            welcomed(client, ok);
        } else if (command.op == "join" && command.run >= client.had_run) {
            const SharedRecord::Place at{command.group, std::string(ok.at("epoch").as_string()),
                                         ok.at("offset").to_number<std::uint64_t>()};
            const bool again = command.run == client.run && command.run == client.had_run;
            expect(!again || client.had == at, "who joins again has all until then");
            client.had = at;
            client.had_run = command.run;
            if (at.offset == 0) record_.saw_join(at, client.cid);
        } else if (&client == observer_) {
            for (const json::value& row : ok.at("list").as_array())
                listed_.insert(command.group + " " + std::string(row.at("cid").as_string()));
        }
    }

    void welcomed(Client& client, const json::object& ok) {
        client.cid = ok.at("cid").as_string();
        client.resumed = ok.at("resumed").as_bool();
        expect(client.resumed == (client.cid == client.resumes), "who goes on has the cid that it named");
        const auto [owner, is_new] = owner_.emplace(client.cid, client.user);
        expect(is_new != client.resumed, "a new cid for who is new, and an old one for who goes on");
        expect(owner->second == client.user, "nobody goes on as somebody else's connection");
        if (is_new) cids_.push_back(client.cid);
        if (client.resumed) ++resumed_count_;
        for (const auto& other : clients_) {
            expect(other.get() == &client || other->is_closing || other->cid != client.cid,
                   "nobody is two: " + client.cid);
        }
    }

    void pass(base::Millis time) {
        now_ += time;
        mesh_.set_time({now_, kTestUnixTime});
        for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
            mesh_.hub(worker).tick();
    }
    /// In random orders, until nothing is under way any more.
    void settle() {
        const std::uint64_t pairs = std::uint64_t{mesh_.worker_count()} * mesh_.worker_count();
        do {
            for (std::uint64_t i = 0; i < 20 * pairs; ++i)
                deliver_any();
            for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
                end_turn(worker);
        } while (mesh_.anything_under_way());
        for (std::size_t i = clients_.size(); i-- > 0;) {
            if (clients_[i]->is_closing) lose(*clients_[i]);
        }
        for (const auto& client : clients_)
            expect(client->outstanding.empty(), "every command is answered");
    }
    /// And until everybody who was lost is gone.
    void settle_for_good() {
        for (int i = 0; i < 3; ++i) {
            settle();
            pass(settings_.grace);
        }
        settle();
    }

    /// Everybody's place as the hubs list it: "group cid".
    std::set<std::string> listed() {
        listed_.clear();
        observer_ = &open(any_worker(), "u0", {});
        for (std::uint64_t group = 0; group < kGroups; ++group) {
            observer_->group = group_name(group);
            send(*observer_, "users", R"("group":")" + observer_->group + "\"");
        }
        settle();
        lose(*std::exchange(observer_, nullptr));
        return listed_;
    }
    std::set<std::string> places_of_clients() const {
        std::set<std::string> places;
        for (const auto& client : clients_) {
            if (!client->group.empty()) places.insert(client->group + " " + client->cid);
        }
        return places;
    }
    void expect_members_to_fit() {
        const std::set<std::string> places = places_of_clients();
        expect(listed() == places, "the lists show who is there");
    }

    /// One after the other is lost when nothing is under way, and comes back in time: nobody learns of it.
    void break_for_a_moment() {
        const std::set<std::string> before = places_of_clients();
        for (std::size_t count = clients_.size(); count > 0; --count) {
            const Client& first = *clients_[0];
            const std::string cid = first.cid, user = first.user, group = first.group;
            const SharedRecord::Place had = first.had;
            if (random_.one_in(2)) lose(*clients_[0]);
            if (random_.one_in(2)) settle();
            expect(listed() == before, "a short break changes no list");
            Client& again = open(any_worker(), user, cid);
            settle();
            expect(again.resumed, "whoever comes back in time goes on");
            if (!group.empty()) {
                join(again, group);
                settle();
                expect(again.had == had, "nobody is told of a short break");
            }
            expect(listed() == before, "whoever comes back is listed as before");
        }
    }

    /// Several want to go on as one.
    void fight_for_one() {
        if (clients_.empty()) return;
        Client& victim = any_client();
        const std::string cid = victim.cid, user = victim.user;
        if (random_.one_in(2)) lose(victim);
        for (int i = 0; i < 3; ++i)
            open(any_worker(), user, cid);
        settle();
        const auto winners =
            std::ranges::count_if(clients_, [&](const auto& client) { return client->cid == cid; });
        expect(winners == 1, "one goes on");
        const bool all_went_on = std::ranges::all_of(
            clients_, [&](const auto& client) { return client->resumes != cid || client->cid == cid; });
        expect(all_went_on, "and the others did before it took over");
    }

    void vanish() {
        while (!clients_.empty())
            lose(*clients_.back());
        settle_for_good();
        for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker) {
            const Hub& hub = mesh_.hub(worker);
            expect(hub.session_count() == 0, "no session is left");
            expect(hub.group_count() == 0, "no group is left");
            expect(hub.user_count() == 0, "no user is left");
            expect(hub.cid_count() == 0, "no connection id is left");
        }
    }

    SeededRandom random_;
    HubSettings settings_ = model_settings();
    HubMesh mesh_;
    SharedRecord record_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::string> cids_;             // in the order in which they were given
    std::map<std::string, std::string> owner_;  // of a cid
    std::pair<WorkerIndex, WorkerIndex> slow_;
    Client* observer_ = nullptr;
    std::set<std::string> listed_;
    std::size_t resumed_count_ = 0, taken_over_count_ = 0;
    base::Instant now_{base::Millis(1'000'000)};
};

class HubResumeModel : public testing::TestWithParam<WorkerIndex> {};

TEST_P(HubResumeModel, KeepsEverybodyOneInEveryOrderOfDelivery) {
    const std::uint64_t first = model_seed(), runs = model_runs(100);
    std::size_t resumed = 0, taken_over = 0, replayed = 0;
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        try {
            Simulation simulation(seed, GetParam());
            simulation.play(600);
            resumed += simulation.resumed_count();
            taken_over += simulation.taken_over_count();
            replayed += simulation.replayed_count();
        } catch (const std::exception& broken) {
            FAIL() << "seed " << seed << ", " << GetParam() << " workers: " << broken.what();
        }
    }
    EXPECT_GT(resumed, runs * 3) << "hardly anybody went on";
    EXPECT_GT(taken_over, runs) << "hardly anybody was taken over";
    EXPECT_GT(replayed, runs) << "hardly any group was seen from beginning to end";
}

INSTANTIATE_TEST_SUITE_P(Workers, HubResumeModel, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace pipit::core
