// Several hubs, their messages delivered in random orders, and clients that call each other, accept, reject,
// talk, hang up, are lost and come back with their tickets. Whenever nothing is under way, both sides of
// every call see the same: nobody rings for nobody, nobody talks to two, what was said has arrived in order.

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

constexpr std::size_t kClientsMax = 7;
constexpr std::uint64_t kUsers = 3;

HubSettings model_settings() {
    HubSettings settings = test_settings();
    settings.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    settings.ping_interval = base::Millis(100'000'000);
    settings.sign_in_timeout = base::Millis(100'000'000);
    settings.call_access = CallAccess::everyone;
    settings.ring_timeout = base::Millis(30'000);
    settings.calls_per_connection_max = 3;
    return settings;
}

void expect(bool kept, const std::string& what) {
    if (!kept) throw BrokenPromise(what);
}
std::string text(const json::object& object, const char* member) {
    return std::string(object.at(member).as_string());
}

/// A call as one client sees it.
struct View {
    enum class Phase : std::uint8_t { calls, rings, talks };
    Phase phase;
    bool is_caller;
    bool peer_here = false;
    bool is_fresh = true;  // since nothing was under way the last time
    int said = 0, heard = 0;
    std::set<int> passed_on = {}, arrived = {};  // since then
};

struct Client {
    Client(HubMesh& mesh, WorkerIndex on, std::string who)
        : worker(on), user(std::move(who)), end(mesh.touched(on), false) {}
    struct Command {
        std::string op, call;
        int number = 0;  // of what was said
        bool is_caller = false;
        int hangup_count = 0;  // of the call, when it was sent
    };
    WorkerIndex worker;
    std::string user;
    TestClient end;
    Session* session = nullptr;
    std::string cid;
    std::map<std::uint64_t, Command> outstanding;
    std::map<std::string, View> calls;
    std::set<std::string> left;  // it has hung up: what comes late may be anything
    std::map<std::string, int> hangup_count;
};

class Simulation {
 public:
    Simulation(std::uint64_t seed, WorkerIndex workers)
        : random_(seed), mesh_(settings_, workers, seed, test_keys()) {
        pass(base::Millis(0));
    }
    std::size_t talk_count() const { return talk_count_; }
    std::size_t reattached_count() const { return reattached_count_; }
    std::size_t heard_count() const { return heard_count_; }

    void play(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            if (random_.one_in(40)) {
                settle();
                expect_both_sides_to_see_the_same();
            }
        }
        settle();
        pass(settings_.ring_timeout);
        settle();
        for (const auto& client : clients_) {
            for (const auto& [id, view] : client->calls)
                expect(view.phase == View::Phase::talks, "nothing rings for ever");
        }
        expect_both_sides_to_see_the_same();
        while (!clients_.empty())
            lose(*clients_[0]);
        settle();
        pass(CallHome::kReattachWindow);
        for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
            expect(mesh_.hub(worker).call_count() == 0, "nothing is left");
    }

 private:
    Client& any_client() { return *clients_[random_.below(clients_.size())]; }
    WorkerIndex any_worker() { return static_cast<WorkerIndex>(random_.below(mesh_.worker_count())); }

    void step() {
        if (clients_.size() < 3 || (clients_.size() < kClientsMax && random_.one_in(12))) return open();
        const std::uint64_t choice = random_.below(100);
        Client& client = any_client();
        if (choice < 45) {
            mesh_.deliver(any_worker(), any_worker());
        } else if (choice < 60) {
            end_turn(any_worker());
        } else if (client.cid.empty()) {
            return;
        } else if (choice < 68) {
            call(client);
        } else if (choice < 70) {
            reattach(client);
        } else if (choice < 72) {
            lose(client);
        } else if (choice < 73) {
            pass(base::Millis(random_.below(10'000)));
        } else if (!client.calls.empty()) {
            auto at = client.calls.begin();
            std::advance(at, random_.below(client.calls.size()));
            go_on(client, at->first, at->second);
        }
    }

    void open() {
        const WorkerIndex worker = any_worker();
        auto& client = *clients_.emplace_back(
            std::make_unique<Client>(mesh_, worker, "u" + std::to_string(random_.below(kUsers))));
        client.session = &mesh_.hub(worker).open(client.end.outbox, false, std::nullopt);
        send(client, {.op = "connect", .call = {}}, R"("token":")" + token_of(client.user) + "\"");
    }
    void send(Client& client, Client::Command command, const std::string& members) {
        const std::uint64_t id = ++last_id_;
        const std::string message =
            R"({"id":)" + std::to_string(id) + R"(,"op":")" + command.op + "\"," + members + "}";
        client.outstanding.emplace(id, std::move(command));
        mesh_.hub(client.worker).receive(*client.session, message);
    }
    void send_in(Client& client, const std::string& op, const std::string& call, int number = 0) {
        send(client, {.op = op, .call = call, .number = number},
             R"("call":")" + call + R"(","data":)" + std::to_string(number));
    }

    void call(Client& client) {
        const Client& other = any_client();
        if (&other == &client) return;
        const std::string to = random_.one_in(2) || other.cid.empty() ? R"({"user":")" + other.user + "\"}"
                                                                      : R"({"cid":")" + other.cid + "\"}";
        send(client, {.op = "call", .call = {}}, R"("to":)" + to);
    }
    void go_on(Client& client, const std::string& id, View& view) {
        const std::string call = id;
        if (random_.one_in(6)) {
            hang_up(client, call);
        } else if (view.phase == View::Phase::rings) {
            send_in(client, "accept", call);
        } else {
            send_in(client, "signal", call, ++view.said);
        }
    }
    void hang_up(Client& client, const std::string& call) {
        client.left.insert(call);
        ++client.hangup_count[call];
        client.calls.erase(call);
        send_in(client, "hangup", call);
    }
    void reattach(Client& client) {
        if (tickets_.empty()) return;
        auto ticket = tickets_.begin();
        std::advance(ticket, random_.below(tickets_.size()));
        const auto& [call, is_caller] = ticket->first;
        if (ticket->second.first != client.user || client.calls.contains(call)) return;
        send(client, {"reattach", call, 0, is_caller, client.hangup_count[call]},
             R"("ticket":")" + ticket->second.second + "\"");
        if (random_.one_in(8)) hang_up(client, call);
    }
    void lose(Client& client) {
        mesh_.hub(client.worker).lost(*client.session);
        std::erase_if(clients_, [&](const auto& other) { return other.get() == &client; });
    }
    void pass(base::Millis time) {
        now_ += time;
        mesh_.set_time({now_, kTestUnixTime});
        for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
            mesh_.hub(worker).tick();
    }
    void end_turn(WorkerIndex worker) {
        expect(mesh_.end_turn(worker).empty(), "nobody is sent away");
        for (const auto& client : clients_) {
            if (client->worker != worker) continue;
            for (const json::object& object : client->end.take_objects()) {
                if (object.contains("id")) {
                    take_reply(*client, object);
                } else if (object.contains("ev")) {
                    take_event(*client, object);
                }
            }
        }
    }
    void settle() {
        do {
            for (int i = 0; i < 60; ++i)
                mesh_.deliver(any_worker(), any_worker());
            for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
                end_turn(worker);
        } while (mesh_.anything_under_way());
        for (const auto& client : clients_)
            expect(client->outstanding.empty(), "every command is answered");
    }

    void take_reply(Client& client, const json::object& reply) {
        const auto found = client.outstanding.find(reply.at("id").to_number<std::uint64_t>());
        expect(found != client.outstanding.end(), "a reply is to a command, and there is one");
        const Client::Command command = std::move(found->second);
        client.outstanding.erase(found);
        if (!reply.contains("ok")) {
            if (command.op == "accept" && client.calls.contains(command.call))
                expect(client.calls.at(command.call).phase == View::Phase::talks,
                       "who still rings can accept, once");
            return;
        }
        const json::object& ok = reply.at("ok").as_object();
        if (command.op == "connect") {
            client.cid = text(ok, "cid");
        } else if (command.op == "call") {
            client.calls.insert_or_assign(text(ok, "call"), View{View::Phase::calls, true});
        } else if (command.op == "accept") {
            expect(accepted_.insert(command.call).second, "only one accepts");
            tickets_[{command.call, false}] = {client.user, text(ok, "ticket")};
            if (client.left.contains(command.call)) return;
            expect(client.calls.contains(command.call), "nobody accepts what has ended for it");
            View& view = client.calls.at(command.call);
            view.phase = View::Phase::talks;
            view.peer_here = true;
            ++talk_count_;
        } else if (command.op == "signal") {
            if (View* view = find(client, command.call)) view->passed_on.insert(command.number);
        } else if (command.op == "reattach") {
            if (client.hangup_count[command.call] != command.hangup_count) return;
            client.left.erase(command.call);
            client.calls.insert_or_assign(
                command.call, View{View::Phase::talks, command.is_caller, !ok.at("peer").is_null()});
            ++reattached_count_;
        }
    }

    static View* find(Client& client, const std::string& call) {
        const auto found = client.calls.find(call);
        return found == client.calls.end() ? nullptr : &found->second;
    }

    void take_event(Client& client, const json::object& event) {
        const std::string name = text(event, "ev"), call = text(event, "call");
        View* view = find(client, call);
        if (name == "ring") {
            expect(view == nullptr, "a call rings once");
            // It may have taken another part in that call, and have hung up, before it could read this.
            if (!client.left.contains(call)) client.calls.emplace(call, View{View::Phase::rings, false});
            return;
        }
        if (view == nullptr) {
            expect(client.left.contains(call), name + " of a call that it is in");
            return;
        }
        if (name == "ended") {
            client.calls.erase(call);
        } else if (name == "accepted") {
            expect(view->phase == View::Phase::calls, "accepted while it called");
            tickets_[{call, true}] = {client.user, text(event, "ticket")};
            view->phase = View::Phase::talks;
            view->peer_here = true;
        } else if (name == "peer") {
            expect(view->phase == View::Phase::talks, "who talks has a peer");
            view->peer_here = text(event, "state") == "here";
            view->is_fresh = true;
            view->heard = 0;
        } else if (name == "signal") {
            expect(view->phase == View::Phase::talks, "who talks hears");
            const auto number = event.at("data").to_number<int>();
            expect(number > view->heard, "everything in its order, once");
            view->heard = number;
            view->arrived.insert(number);
            ++heard_count_;
        }
    }

    void expect_both_sides_to_see_the_same() {
        for (const auto& client : clients_) {
            for (auto& [id, view] : client->calls) {
                std::size_t talking = 0, ringing = 0, calling = 0;
                View* peer = nullptr;
                for (const auto& other : clients_) {
                    View* theirs = other == client ? nullptr : find(*other, id);
                    if (theirs == nullptr) continue;
                    talking += theirs->phase == View::Phase::talks;
                    ringing += theirs->phase == View::Phase::rings;
                    calling += theirs->phase == View::Phase::calls;
                    if (theirs->phase == View::Phase::talks) peer = theirs;
                }
                if (view.phase == View::Phase::calls)
                    expect(ringing > 0 && talking == 0, "it rings somewhere");
                if (view.phase == View::Phase::rings) expect(calling == 1 && talking == 0, "somebody calls");
                if (view.phase != View::Phase::talks) continue;
                expect(ringing == 0 && calling == 0, "what is answered does not ring");
                expect(talking == (view.peer_here ? 1 : 0), "it knows whether somebody is there");
                if (peer == nullptr || view.is_fresh || peer->is_fresh) continue;
                expect(peer->is_caller != view.is_caller, "one has called and the other has accepted");
                expect(std::ranges::includes(peer->arrived, view.passed_on),
                       "what was passed on has arrived");
            }
        }
        for (const auto& client : clients_) {
            for (auto& [id, view] : client->calls) {
                view.is_fresh = view.phase != View::Phase::talks;
                view.passed_on.clear();
                view.arrived.clear();
            }
        }
    }

    SeededRandom random_;
    HubSettings settings_ = model_settings();
    HubMesh mesh_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::map<std::pair<std::string, bool>, std::pair<std::string, std::string>>
        tickets_;  // by call and whether of the caller: user and ticket
    std::set<std::string> accepted_;
    std::uint64_t last_id_ = 0;
    std::size_t talk_count_ = 0, reattached_count_ = 0, heard_count_ = 0;
    base::Instant now_{base::Millis(1'000'000)};
};

class HubCallsModel : public testing::TestWithParam<WorkerIndex> {};

TEST_P(HubCallsModel, ShowsBothSidesTheSameInEveryOrderOfDelivery) {
    const std::uint64_t first = model_seed(), runs = model_runs(100);
    std::size_t talks = 0, reattached = 0, heard = 0;
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        try {
            Simulation simulation(seed, GetParam());
            simulation.play(1'200);
            talks += simulation.talk_count();
            reattached += simulation.reattached_count();
            heard += simulation.heard_count();
        } catch (const std::exception& broken) {
            FAIL() << "seed " << seed << ", " << GetParam() << " workers: " << broken.what();
        }
    }
    EXPECT_GT(talks, runs * 3) << "hardly anybody talked";
    EXPECT_GT(reattached, runs) << "hardly anybody came back";
    EXPECT_GT(heard, runs * 5) << "hardly anything was heard";
}

INSTANTIATE_TEST_SUITE_P(Workers, HubCallsModel, testing::Values(1, 2, 3));

}  // namespace
}  // namespace pipit::core
