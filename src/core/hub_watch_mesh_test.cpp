// Watched lists on several workers, what they tell each other delivered in random orders: whoever applies the
// events that come has in the end what is answered to the same question.

#include <algorithm>
#include <gmock/gmock.h>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/testing/hub_mesh.hpp"
#include "core/testing/model_runs.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"
#include "core/testing/watched_list.hpp"

namespace pipit::core {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Watcher {
    Watcher(HubMesh& mesh, WorkerIndex on, bool deflate) : worker(on), end(mesh.touched(on), deflate) {}
    WorkerIndex worker;
    TestClient end;
    Session* session = nullptr;
    std::map<std::uint64_t, std::string> outstanding;  ///< watch: the arguments; unwatch: "-" and the id
    std::map<std::string, std::pair<std::string, WatchedList>> lists;  ///< by id: arguments and rows
    std::uint64_t last_id = 1;
};

class WatchMesh {
 public:
    WatchMesh(const HubSettings& settings, WorkerIndex workers, std::uint64_t seed)
        : settings_(settings), random_(seed), mesh_(settings_, workers, seed, test_keys()) {
        pass(base::Millis(0));
    }

    Watcher& sign_in(WorkerIndex worker, const std::string& token, bool deflate) {
        Watcher& watcher = *watchers_.emplace_back(std::make_unique<Watcher>(mesh_, worker, deflate));
        watcher.session = &mesh_.hub(worker).open(watcher.end.outbox, deflate, std::nullopt);
        say(watcher, R"({"id":1,"op":"connect","token":")" + token + "\"}");
        return watcher;
    }
    void say(Watcher& watcher, const std::string& text) {
        mesh_.hub(watcher.worker).receive(*watcher.session, text);
    }
    void lose(Watcher& watcher) {
        mesh_.hub(watcher.worker).lost(*watcher.session);
        std::erase_if(watchers_, [&](const auto& each) { return each.get() == &watcher; });
    }
    /// Ticks come with it, when `ticking`.
    void pass(base::Millis time, bool ticking = true) {
        now_ += time;
        mesh_.set_time({now_, kTestUnixTime});
        for (WorkerIndex worker = 0; ticking && worker < mesh_.worker_count(); ++worker)
            mesh_.hub(worker).tick();
    }
    void settle() {
        do {
            for (WorkerIndex from = 0; from < mesh_.worker_count(); ++from) {
                for (WorkerIndex to = 0; to < mesh_.worker_count(); ++to) {
                    while (mesh_.deliver(from, to)) {
                    }
                }
            }
            for (WorkerIndex worker = 0; worker < mesh_.worker_count(); ++worker)
                mesh_.end_turn(worker);
        } while (mesh_.anything_under_way());
    }

 protected:
    const HubSettings& settings_;
    SeededRandom random_;
    HubMesh mesh_;
    std::vector<std::unique_ptr<Watcher>> watchers_;
    base::Instant now_{base::Millis(1'000'000)};
};

std::string watch(std::uint64_t id, const std::string& arguments) {
    return R"({"id":)" + std::to_string(id) + R"(,"op":"watch",)" + arguments + "}";
}

TEST(HubWatchMesh, AnswersAWatchThatWasAskedForBeforeTheTokenAllowedSomethingElse) {
    const HubSettings settings = test_settings();
    WatchMesh mesh(settings, 3, 1);
    Watcher& ann = mesh.sign_in(0, token_of("ann"), false);
    mesh.settle();
    ann.end.take_texts();
    mesh.say(ann, watch(6, R"("list":"groups")"));
    mesh.say(ann, R"({"id":9,"op":"refresh","token":")" + token_of("ann", 3600, {{"a*"}}) + "\"}");
    mesh.settle();
    EXPECT_THAT(ann.end.take_texts(),
                ElementsAre(HasSubstr(R"({"id":9,"ok")"),
                            AllOf(HasSubstr(R"({"id":6,"error")"), HasSubstr(R"("reason":"unavailable")"))));
    mesh.say(ann, R"({"id":2,"op":"join","group":"a"})");
    mesh.settle();
    ann.end.take_texts();
    mesh.pass(settings.watch_interval);
    mesh.settle();
    EXPECT_THAT(ann.end.take_texts(), testing::IsEmpty());
}

/// Users come to groups and go, and watch, until they have had enough.
class WatchModel : private WatchMesh {
 public:
    using WatchMesh::WatchMesh;

    /// Returns how many lists were compared at the end.
    std::size_t play(int steps) {
        for (int step = 0; step < steps; ++step)
            act();
        for (int i = 0; i < 4; ++i) {
            settle();
            read();
            pass(settings_.watch_interval);
        }
        settle();
        read();
        return compare();
    }

 private:
    WorkerIndex any_worker() { return static_cast<WorkerIndex>(random_.below(mesh_.worker_count())); }

    void act() {
        const std::uint64_t choice = random_.below(100);
        if (watchers_.empty() || (choice < 4 && watchers_.size() < 8)) {
            sign_in(any_worker(), token_of("u" + std::to_string(random_.below(4))), random_.one_in(2));
        } else if (choice < 40) {
            talk(*watchers_[random_.below(watchers_.size())]);
        } else if (choice < 75) {
            mesh_.deliver(any_worker(), any_worker());
        } else if (choice < 90) {
            mesh_.end_turn(any_worker());
            read();
        } else if (choice < 99) {
            pass(base::Millis(random_.below(120)), false);
            mesh_.hub(any_worker()).tick();
        } else {
            lose(*watchers_[random_.below(watchers_.size())]);
        }
    }

    void talk(Watcher& watcher) {
        const std::uint64_t id = ++watcher.last_id;
        const std::string number = std::to_string(id);
        const std::string group = "g" + std::to_string(random_.below(4));
        switch (random_.below(6)) {
            case 0:
                say(watcher, R"({"id":)" + number + R"(,"op":"leave"})");
                break;
            case 1: {
                const std::string& arguments = watcher.outstanding[id] = question(group);
                say(watcher, watch(id, arguments));
                break;
            }
            case 2:
                if (!watcher.lists.empty()) unwatch(watcher, id);
                break;
            default:
                say(watcher, R"({"id":)" + number + R"(,"op":"join","group":")" + group + "\"}");
                break;
        }
    }
    std::string question(const std::string& group) {
        static constexpr const char* kOfGroups[] = {
            "", R"(,"limit":2)", R"(,"searchFor":"number_of_users","ascending":false,"limit":3)",
            R"(,"searchFor":"number_of_users","value":1,"condition":">")"};
        static constexpr const char* kOfUsers[] = {"", R"(,"ascending":false,"limit":2)",
                                                   R"(,"user_id":"u1")"};
        if (random_.one_in(2)) return R"("list":"groups")" + std::string(kOfGroups[random_.below(4)]);
        return R"("list":"users","group":")" + group + "\"" + kOfUsers[random_.below(3)];
    }
    void unwatch(Watcher& watcher, std::uint64_t id) {
        auto list = watcher.lists.begin();
        std::advance(list, static_cast<std::ptrdiff_t>(random_.below(watcher.lists.size())));
        watcher.outstanding[id] = "-" + list->first;
        say(watcher, R"({"id":)" + std::to_string(id) + R"(,"op":"unwatch","watch":")" + list->first + "\"}");
    }

    void read() {
        for (const auto& watcher : watchers_) {
            for (const auto& object : watcher->end.take_objects()) {
                if (object.contains("ev")) {
                    on_event(*watcher, object);
                } else if (object.contains("id")) {
                    on_reply(*watcher, object);
                }
            }
        }
    }
    static void on_event(Watcher& watcher, const boost::json::object& event) {
        const auto& kind = event.at("ev").as_string();
        if (kind != "watch" && kind != "unwatched") return;
        const auto list = watcher.lists.find(std::string(event.at("watch").as_string()));
        if (list == watcher.lists.end()) throw std::runtime_error("an event of what is not watched");
        if (kind == "unwatched") {
            watcher.lists.erase(list);
        } else if (const std::string wrong = list->second.second.apply(event); !wrong.empty()) {
            throw std::runtime_error(wrong);
        }
    }
    static void on_reply(Watcher& watcher, const boost::json::object& reply) {
        const auto asked = watcher.outstanding.extract(reply.at("id").to_number<std::uint64_t>());
        if (asked.empty()) return;
        const std::string& arguments = asked.mapped();
        if (arguments.starts_with('-')) {
            watcher.lists.erase(arguments.substr(1));
        } else if (const auto* ok = reply.if_contains("ok")) {
            WatchedList list;
            list.begin(ok->as_object());
            watcher.lists.insert_or_assign(list.id(), std::pair(arguments, list));
        } else if (const auto& reason = reply.at("error").at("reason").as_string();
                   reason != "too_many_watches" && reason != "not_permitted") {
            throw std::runtime_error("refused: " + std::string(reason));
        }
    }

    std::size_t compare() {
        std::size_t compared = 0;
        for (const auto& watcher : watchers_) {
            if (!watcher->outstanding.empty()) throw std::runtime_error("a command is not answered");
            for (const auto& [id, watched] : watcher->lists) {
                const auto& [arguments, list] = watched;
                const std::string op = arguments.starts_with(R"("list":"users")") ? "users" : "groups";
                say(*watcher, R"({"id":1,"op":")" + op + "\"," + arguments + "}");
                settle();
                const auto objects = watcher->end.take_objects();
                const auto& ok = objects.at(0).at("ok").as_object();
                if (list.list() != ok.at("list").as_array() ||
                    list.end_of_list() != (ok.at("startKey") == boost::json::value("end")))
                    throw std::runtime_error(arguments + ": " + boost::json::serialize(list.list()) +
                                             " is kept, and answered is " + boost::json::serialize(ok));
                ++compared;
            }
        }
        return compared;
    }
};

class HubWatchModel : public testing::TestWithParam<WorkerIndex> {};

TEST_P(HubWatchModel, KeepsEveryListUpToDateInEveryOrderOfDelivery) {
    const std::uint64_t runs = model_runs(40);
    std::size_t compared = 0;
    for (std::uint64_t seed = model_seed(); seed < model_seed() + runs; ++seed) {
        HubSettings settings = test_settings();
        settings.rate = {.per_second = 1'000'000, .burst = 1'000'000};
        settings.list_access = seed % 2 == 0 ? ListAccess::everyone : ListAccess::members;
        try {
            compared += WatchModel(settings, GetParam(), seed).play(800);
        } catch (const std::exception& broken) {
            FAIL() << "seed " << seed << ", " << GetParam() << " workers: " << broken.what();
        }
    }
    EXPECT_GT(compared, runs) << "hardly anything was watched to the end";
}

INSTANTIATE_TEST_SUITE_P(Workers, HubWatchModel, testing::Values(1, 2, 3));

}  // namespace
}  // namespace pipit::core
