// Several hubs, their messages delivered in random orders, and clients that come, post, join, leave and
// vanish at random moments. Every client checks the promises of PROTOCOL.md against everything that it sends
// and receives.

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/model_runs.hpp"
#include "core/testing/promise_checker.hpp"
#include "core/testing/push_desk.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"

namespace pipit::core {
namespace {

constexpr std::size_t kClientsMax = 12;
constexpr int kUsers = 4;
constexpr int kGroups = 3;

std::string user_name(std::uint64_t number) {
    return "u" + std::to_string(number);
}
std::string group_name(std::uint64_t number) {
    return "g" + std::to_string(number);
}

HubSettings model_settings() {
    HubSettings settings = test_settings();
    settings.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    settings.encoder.deflate_message_bytes_min = 150;
    settings.connections_per_user_max = 4;
    settings.push = true;
    // A group ends with its last member, so that it can be replayed from beginning to end.
    settings.history.age_max = settings.history.key_window = base::Millis(0);
    settings.is_user_id = [](std::string_view name) { return name.starts_with('u'); };
    return settings;
}

class Simulation {
 public:
    Simulation(std::uint64_t seed, WorkerIndex workers)
        : random_(seed), mesh_(settings_, workers, seed, test_keys()) {
        for (int user = 0; user < kUsers; ++user)
            tokens_.push_back(token_of(user_name(static_cast<std::uint64_t>(user))));
        mesh_.set_time({now_, kTestUnixTime});
    }

    /// Returns how many groups could be replayed from beginning to end.
    std::size_t play(int steps) {
        for (int step = 0; step < steps; ++step)
            act();
        settle();
        expect_counts_to_fit();
        join_again();
        vanish();
        return record_.check();
    }

 private:
    struct Client {
        Client(HubMesh& mesh, WorkerIndex on, bool deflate, SharedRecord& record, std::string user)
            : worker(on), end(mesh.touched(on), deflate), checker(record, std::move(user)) {}
        WorkerIndex worker;
        TestClient end;
        PromiseChecker checker;
        Session* session = nullptr;
        bool connect_sent = false;
        bool closing = false;
    };

    WorkerIndex any_worker() { return static_cast<WorkerIndex>(random_.below(mesh_.worker_count())); }
    Client* any_client() {
        return clients_.empty() ? nullptr : clients_[random_.below(clients_.size())].get();
    }

    void act() {
        const std::uint64_t choice = random_.below(100);
        Client* client = any_client();
        if (choice < 8) {
            open();
        } else if (choice < 45) {
            if (client != nullptr) talk(*client);
        } else if (choice < 72) {
            for (std::uint64_t i = 1 + random_.below(6); i > 0; --i)
                mesh_.deliver(any_worker(), any_worker());
        } else if (choice < 76) {
            push_desk_.grant_next();
        } else if (choice < 94) {
            end_turn(any_worker());
        } else if (choice < 97) {
            if (client != nullptr) lose(*client);
        } else if (choice < 98) {
            if (client != nullptr && !client->closing) close(*client);
        } else {
            now_ += base::Millis(1);
            mesh_.set_time({now_, kTestUnixTime});
            mesh_.hub(any_worker()).tick();
        }
    }

    void open() {
        if (clients_.size() == kClientsMax) return;
        const bool deflate = random_.one_in(2);
        auto client =
            std::make_unique<Client>(mesh_, any_worker(), deflate, record_, user_name(random_.below(kUsers)));
        client->session = &mesh_.hub(client->worker).open(client->end.outbox, deflate, std::nullopt);
        clients_.push_back(std::move(client));
    }

    /// One message of a few commands, the sign-in first.
    void talk(Client& client) {
        if (client.closing) return;
        std::string message;
        if (!std::exchange(client.connect_sent, true)) {
            message =
                client.checker.connect(tokens_[static_cast<std::size_t>(client.checker.user()[1] - '0')]);
        }
        for (std::uint64_t i = random_.below(5); i > 0 || message.empty(); i -= i > 0 ? 1 : 0) {
            if (!message.empty()) message += '\n';
            message += random_.one_in(20) ? "{}" : command(client);
        }
        mesh_.hub(client.worker).receive(*client.session, message);
    }

    std::string command(Client& client) {
        PromiseChecker& checker = client.checker;
        switch (random_.below(8)) {
            case 0:
            case 1:
                return checker.join(group_name(random_.below(kGroups)));
            case 2:
                return checker.leave();
            case 3:
                return post(checker, SharedRecord::Post::Kind::user, user_name(random_.below(kUsers)));
            case 4: {
                const std::string& cid = any_client()->checker.cid();
                if (!cid.empty()) return post(checker, SharedRecord::Post::Kind::cid, cid);
                [[fallthrough]];
            }
            default: {
                const bool own = !checker.group().empty() && !random_.one_in(10);
                return post(checker, SharedRecord::Post::Kind::group,
                            own ? checker.group() : group_name(random_.below(kGroups)));
            }
        }
    }
    std::string post(PromiseChecker& checker, SharedRecord::Post::Kind kind, const std::string& target) {
        const bool bare = kind != SharedRecord::Post::Kind::cid && random_.one_in(2);
        std::string command =
            checker.post(kind, target, bare, random_.one_in(10) ? random_.below(6000) : random_.below(60));
        if (random_.one_in(5))
            command.insert(command.size() - 1, R"(,"notification":{"title":"a","body":"b"})");
        return command;
    }

    void end_turn(WorkerIndex worker) {
        for (const auto& client : clients_) {
            client->end.bytes_per_flush = random_.one_in(4) ? random_.below(3000) : SIZE_MAX;
        }
        const auto closings = mesh_.end_turn(worker);
        push_desk_.take_from(worker);
        // Sockets that were full may take more, whether their outbox was touched or not.
        for (const auto& client : clients_) {
            if (client->worker == worker && random_.one_in(3)) client->end.flush();
        }
        read(worker);
        for (const HubEffects::Closing& closing : closings) {
            const auto found = std::find_if(clients_.begin(), clients_.end(), [&](const auto& client) {
                return client->session->address == closing.address;
            });
            if (found == clients_.end()) continue;  // lost in the same turn
            expect((*found)->closing || closing.reason == codec::CloseReason::too_many_connections,
                   "nobody is closed");
            lose(**found);
        }
    }

    void read(WorkerIndex worker) {
        for (const auto& client : clients_) {
            if (client->worker != worker) continue;
            for (const std::string& text : client->end.take_texts())
                client->checker.received(text);
        }
    }

    void lose(Client& client) {
        mesh_.hub(client.worker).lost(*client.session);
        std::erase_if(clients_, [&](const auto& each) { return each.get() == &client; });
    }
    void close(Client& client) {
        client.closing = true;
        mesh_.hub(client.worker).close(*client.session, codec::CloseReason::slow_consumer);
    }

    /// Until nothing is under way any more.
    void settle() {
        do {
            for (WorkerIndex to = 0; to < mesh_.worker_count(); ++to) {
                for (WorkerIndex from = 0; from < mesh_.worker_count(); ++from) {
                    while (mesh_.deliver(from, to)) {
                    }
                }
            }
            for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker) {
                end_turn(worker);
                for (const auto& client : clients_) {
                    if (client->worker == worker) client->end.take(SIZE_MAX);
                }
                read(worker);
            }
        } while (push_desk_.grant_next() || mesh_.anything_under_way());
        for (const auto& client : clients_)
            expect(client->checker.outstanding() == 0, "every command is answered");
    }

    void join_again() {
        for (const auto& client : clients_) {
            PromiseChecker& checker = client->checker;
            if (checker.group().empty()) continue;
            mesh_.hub(client->worker).receive(*client->session, checker.join(checker.group()));
        }
        settle();
    }

    void vanish() {
        while (!clients_.empty())
            lose(*clients_.back());
        settle();
        expect_counts_to_fit();
    }

    void expect_counts_to_fit() {
        std::set<std::string> groups, users;
        std::size_t cids = 0;
        for (const auto& client : clients_) {
            if (client->checker.cid().empty()) continue;
            ++cids;
            users.insert(client->checker.user());
            if (!client->checker.group().empty()) groups.insert(client->checker.group());
        }
        expect(total(&Hub::session_count) == clients_.size(), "as many sessions as connections");
        expect(total(&Hub::cid_count) == cids, "as many connection ids as signed-in connections");
        expect(total(&Hub::user_count) == users.size(), "as many users as are connected");
        expect(total(&Hub::group_count) == groups.size(), "as many groups as have members");
    }
    std::size_t total(std::size_t (Hub::*count)() const) {
        std::size_t sum = 0;
        for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
            sum += (mesh_.hub(worker).*count)();
        return sum;
    }

    static void expect(bool kept, const char* what) {
        if (!kept) throw BrokenPromise(what);
    }

    SeededRandom random_;
    HubSettings settings_ = model_settings();
    HubMesh mesh_;
    PushDesk push_desk_{mesh_};
    SharedRecord record_;
    std::vector<std::string> tokens_;
    std::vector<std::unique_ptr<Client>> clients_;
    base::Instant now_{base::Millis(1'000'000)};
};

class HubModel : public testing::TestWithParam<WorkerIndex> {
 protected:
    const std::uint64_t first_seed_ = model_seed();
    const std::uint64_t runs_ = model_runs(30);
};

TEST_P(HubModel, KeepsEveryPromiseInEveryOrderOfDelivery) {
    std::size_t replayed = 0;
    for (std::uint64_t seed = first_seed_; seed < first_seed_ + runs_; ++seed) {
        try {
            replayed += Simulation(seed, GetParam()).play(800);
        } catch (const std::exception& broken) {
            FAIL() << "seed " << seed << ", " << GetParam() << " workers: " << broken.what();
        }
    }
    EXPECT_GT(replayed, runs_) << "hardly any group was seen from beginning to end";
}

INSTANTIATE_TEST_SUITE_P(Workers, HubModel, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace pipit::core
