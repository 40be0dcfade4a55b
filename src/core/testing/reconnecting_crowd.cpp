#include "core/testing/reconnecting_crowd.hpp"

#include <algorithm>
#include <set>

namespace pipit::core {
namespace {

namespace json = boost::json;

void promise(bool kept, const std::string& what) {
    if (!kept) throw BrokenPromise(what);
}
std::string text_at(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}
std::uint64_t number_at(const json::object& object, std::string_view name) {
    return object.at(name).to_number<std::uint64_t>();
}
std::string group_name(std::uint64_t number) {
    return "g" + std::to_string(number);
}
const std::string kToUser = "user ";

}  // namespace

ReconnectingCrowd::Settings::Settings() : hub(test_settings()) {
    hub.rate = {.per_second = 1'000'000, .burst = 1'000'000};
    hub.grace = base::Millis(400);
    hub.ping_interval = base::Millis(100'000'000);
    hub.sign_in_timeout = base::Millis(100'000'000);
    hub.encoder.deflate_message_bytes_min = 200;
    hub.history.of_group.events_max = 100'000;
    hub.history.of_user.events_max = 100'000;
    hub.is_user_id = [](std::string_view name) { return name.starts_with('u'); };
}

ReconnectingCrowd::Totals& ReconnectingCrowd::Totals::operator+=(const Totals& other) {
    deliveries += other.deliveries;
    cuts += other.cuts;
    replayed += other.replayed;
    pages += other.pages;
    sent_again += other.sent_again;
    refused += other.refused;
    restarts += other.restarts;
    answered_elsewhere += other.answered_elsewhere;
    group_gaps += other.group_gaps;
    private_gaps += other.private_gaps;
    return *this;
}

ReconnectingCrowd::ReconnectingCrowd(const Settings& settings, std::uint64_t seed, WorkerIndex workers)
    : settings_(settings),
      random_(seed),
      log_(seed),
      mesh_(std::make_unique<HubMesh>(settings_.hub, workers, seed, test_keys())) {
    for (std::size_t i = 0; i < settings_.people; ++i) {
        // Two of them are one user with two devices.
        Person& person = people_.emplace_back();
        person.user = "u" + std::to_string(i == 0 ? 1 : i);
        person.group = group_name(random_.below(settings_.groups));
    }
    pass(base::Millis(0));
}

ReconnectingCrowd::~ReconnectingCrowd() = default;

void ReconnectingCrowd::play(int steps) {
    for (int step = 0; step < steps; ++step)
        act();
    expect_all_to_have_all();
}

void ReconnectingCrowd::act() {
    const std::uint64_t choice = random_.below(100);
    Person& person = any_person();
    if (!person.connection) {
        if (random_.one_in(3)) come(person);
    } else if (choice < 5) {
        cut(person);
    } else if (choice < 7) {
        want(person, group_name(random_.below(settings_.groups)));
    } else if (choice < 25) {
        post(person);
    } else if (choice < 50) {
        deliver_to_server(person);
    } else if (choice < 80) {
        // With more workers there are more ways, and each of them is taken as often.
        for (std::uint64_t i = mesh_->worker_count() * (1 + random_.below(6)); i > 0; --i)
            mesh_->deliver(any_worker(), any_worker());
    } else if (choice < 88) {
        for (WorkerIndex i = 0; i < mesh_->worker_count(); ++i)
            end_turn(any_worker());
    } else if (choice < 95) {
        log_.carry_out(*mesh_, 1 + random_.below(6));
    } else if (choice == 95) {
        upset_log();
    } else {
        pass(base::Millis(random_.below(40)));
    }
}

// What people do

void ReconnectingCrowd::come(Person& person) {
    const bool deflate = random_.one_in(2);
    person.connection = std::make_unique<Connection>(*mesh_, any_worker(), deflate);
    Connection& connection = *person.connection;
    connection.end.bytes_per_flush = 2'000;
    connection.session = &mesh_->hub(connection.worker).open(connection.end.outbox, deflate, std::nullopt);
    json::object arguments{{"token", token_of(person.user)}};
    if (!person.cid.empty() && !random_.one_in(5)) arguments["session"] = person.cid;
    if (person.private_at)
        arguments["since"] = {{"epoch", person.private_at->epoch}, {"offset", person.private_at->offset}};
    send(person, {.op = "connect", .since = person.private_at}, std::move(arguments));
}

void ReconnectingCrowd::cut(Person& person) {
    ++totals_.cuts;
    const std::unique_ptr<Connection> connection = std::move(person.connection);
    mesh_->hub(connection->worker).lost(*connection->session);
}

void ReconnectingCrowd::want(Person& person, const std::string& group) {
    if (person.group == group) return;
    person.group = group;
    ++person.run;
    person.group_at.reset();
    person.connection->joined = false;
    person.connection->leaving = true;
    if (person.connection->welcome) send_join(person);
}

void ReconnectingCrowd::post(Person& person) {
    const bool to_user = random_.one_in(4);
    const Post post{to_user ? kToUser + any_person().user : person.group, ++last_serial_};
    person.unanswered.push_back(post);
    if (person.connection->welcome) send_post(person, post);
}

void ReconnectingCrowd::send(Person& person, Command command, json::object arguments) {
    Connection& connection = *person.connection;
    arguments["op"] = command.op;
    arguments["id"] = ++connection.last_id;
    connection.outstanding.emplace(connection.last_id, std::move(command));
    connection.to_server.push_back(json::serialize(arguments));
}

void ReconnectingCrowd::send_join(Person& person) {
    json::object arguments{{"group", person.group}};
    if (person.group_at)
        arguments["since"] = {{"epoch", person.group_at->epoch}, {"offset", person.group_at->offset}};
    send(person, {.op = "join", .run = person.run, .since = person.group_at}, std::move(arguments));
}

void ReconnectingCrowd::send_post(Person& person, const Post& post) {
    const bool to_user = post.target.starts_with(kToUser);
    json::value to(post.target);
    if (to_user) to = {{"user", post.target.substr(kToUser.size())}};
    // The padding is the same whenever it is sent.
    const std::string padding((post.serial * 37) % settings_.padding_bytes_max, '.');
    const bool elsewhere = !to_user && post.target != person.group;
    if (elsewhere) may_be_late_.insert(post.serial);
    send(person, {.op = "post", .serial = post.serial, .elsewhere = elsewhere},
         {{"to", to},
          {"key", std::to_string(post.serial)},
          {"data", {{"serial", post.serial}, {"padding", padding}}}});
}

// What happens to it

void ReconnectingCrowd::restart() {
    ++totals_.restarts;
    for (Person& person : people_)
        person.connection.reset();
    log_.crash();
    const WorkerIndex workers = mesh_->worker_count();
    mesh_.reset();
    mesh_ = std::make_unique<HubMesh>(settings_.hub, workers, random_.below(1'000'000), test_keys());
    pass(base::Millis(0));
}

void ReconnectingCrowd::upset_log() {
    if (settings_.restarts && random_.one_in(2)) restart();
    if (settings_.writes_fail) log_.fail_writes(random_.one_in(3) ? LogTrouble::full : LogTrouble::none);
    if (!settings_.disk_breaks) return;
    log_.fail_reads(random_.one_in(3) ? LogTrouble::unavailable : LogTrouble::none);
    if (random_.one_in(2)) log_.damage(*mesh_, group_name(random_.below(settings_.groups)));
}

void ReconnectingCrowd::deliver_to_server(Person& person) {
    Connection& connection = *person.connection;
    for (std::uint64_t i = 1 + random_.below(4); i > 0 && !connection.to_server.empty(); --i) {
        const std::string text = std::move(connection.to_server.front());
        connection.to_server.pop_front();
        mesh_->hub(connection.worker).receive(*connection.session, text);
    }
}

void ReconnectingCrowd::end_turn(WorkerIndex worker) {
    const auto closings = mesh_->end_turn(worker);
    log_.take_from(*mesh_, worker, now_);
    for (Person& person : people_) {
        if (person.connection && person.connection->worker == worker) read(person);
    }
    for (const HubEffects::Closing& closing : closings) {
        const bool may_be = closing.reason == codec::CloseReason::taken_over ||
                            (settings_.disk_breaks && closing.reason == codec::CloseReason::unavailable);
        promise(may_be, "nobody is closed");
        for (Person& person : people_) {
            if (person.connection && person.connection->session->address == closing.address) cut(person);
        }
    }
}

void ReconnectingCrowd::read(Person& person) {
    if (random_.one_in(3)) person.connection->end.take(SIZE_MAX);
    for (const std::string& text : person.connection->end.take_texts()) {
        const json::object object = json::parse(text).as_object();
        try {
            if (object.contains("id")) {
                on_answer(person, object);
            } else {
                on_event(person, object, text);
            }
        } catch (const BrokenPromise& broken) {
            throw BrokenPromise(std::string(broken.what()) + "\n  at " + person.user + " " + person.cid +
                                " which received " + text);
        }
    }
}

void ReconnectingCrowd::on_answer(Person& person, const json::object& reply) {
    Connection& connection = *person.connection;
    const auto found = connection.outstanding.find(number_at(reply, "id"));
    promise(found != connection.outstanding.end(), "one reply for one command");
    const Command command = std::move(found->second);
    connection.outstanding.erase(found);
    if (!reply.contains("ok")) {
        on_refused(person, command, text_at(reply.at("error").as_object(), "reason"));
        return;
    }
    const json::object& ok = reply.at("ok").as_object();
    if (command.op == "connect") {
        on_welcome(person, command, ok);
    } else if (command.op == "join") {
        on_joined(person, command, ok);
    } else {
        const auto post = std::ranges::find(person.unanswered, command.serial, &Post::serial);
        promise(post != person.unanswered.end(), "a post is answered once on each connection");
        if (command.elsewhere) ++totals_.answered_elsewhere;
        if (ok.contains("epoch"))
            note_place(post->serial, post->target, {text_at(ok, "epoch"), number_at(ok, "offset")});
        person.unanswered.erase(post);
    }
}

void ReconnectingCrowd::on_refused(Person& person, const Command& command, const std::string& reason) {
    const auto post = std::ranges::find(person.unanswered, command.serial, &Post::serial);
    if (command.op == "post" && command.elsewhere && reason == "not_joined") {
        person.unanswered.erase(post);  // the first never arrived
        return;
    }
    ++totals_.refused;
    const bool for_the_disk = (settings_.writes_fail && reason == "history_full") ||
                              (settings_.disk_breaks && reason == "history_unavailable");
    // Who is not let in is refused what it sends behind the join, too.
    const bool was_not_let_in = settings_.disk_breaks && command.op == "post" && reason == "not_joined";
    promise(for_the_disk || was_not_let_in, "nothing is refused: " + reason);
    if (command.op == "post") {
        person.unanswered.erase(post);
    } else if (command.run == person.run) {
        send_join(person);
    }
}

void ReconnectingCrowd::on_welcome(Person& person, const Command& command, const json::object& ok) {
    Connection& connection = *person.connection;
    connection.welcome = true;
    person.cid = text_at(ok, "cid");
    const json::object& stream = ok.at("stream").as_object();
    const Position at{text_at(stream, "epoch"), number_at(stream, "offset")};
    promise(stream.contains("recovered") == command.since.has_value(),
            "who tells a position hears of recovery");
    if (command.since && stream.at("recovered").as_bool()) {
        promise(at.epoch == command.since->epoch && at.offset == command.since->offset,
                "who has recovered goes on where it was");
        promise(!stream.contains("more"), "private messages come on one page");
        connection.private_replay_left = number_at(stream, "replayed");
        totals_.replayed += connection.private_replay_left;
    } else if (command.since) {
        ++totals_.private_gaps;
        check_gap(*command.since, at, stream);
    }
    person.private_at = at;
    send_join(person);
    for (const Post& post : person.unanswered) {
        ++totals_.sent_again;
        send_post(person, post);
    }
}

void ReconnectingCrowd::on_joined(Person& person, const Command& command, const json::object& ok) {
    Connection& connection = *person.connection;
    if (command.run != person.run) return;  // it wants to be elsewhere by now
    const Position at{text_at(ok, "epoch"), number_at(ok, "offset")};
    promise(ok.contains("recovered") == command.since.has_value(), "who tells a position hears of recovery");
    connection.joined = true;
    connection.leaving = false;
    connection.more = ok.contains("more");
    connection.replay_left = 0;
    if (command.since && ok.at("recovered").as_bool()) {
        promise(at.epoch == command.since->epoch && at.offset == command.since->offset,
                "who has recovered goes on where it was");
        connection.replay_left = number_at(ok, "replayed");
        totals_.replayed += connection.replay_left;
        if (connection.more) ++totals_.pages;
    } else if (command.since) {
        ++totals_.group_gaps;
        check_gap(*command.since, at, ok);
    }
    person.group_at = at;
    if (connection.more && connection.replay_left == 0) send_join(person);
}

void ReconnectingCrowd::check_gap(const Position& had, const Position& now, const json::object& stream) {
    const std::string reason = text_at(stream, "reason");
    if (reason == "window") {
        promise(had.epoch == now.epoch, "the window of one epoch");
        promise(number_at(stream, "missed") == now.offset - had.offset, "as much was missed as lies between");
        promise(now.offset > had.offset, "who has missed nothing has recovered");
    } else {
        promise(reason == "epoch" || reason == "damaged", "a reason that there is: " + reason);
        promise(had.epoch != now.epoch, "another epoch, or it could be told what was missed");
    }
}

void ReconnectingCrowd::on_event(Person& person, const json::object& event, const std::string& text) {
    Connection& connection = *person.connection;
    const bool is_private = event.at("ev") == "private";
    promise(connection.welcome, "events come after the welcome");
    if (!is_private && connection.leaving) return;
    ++totals_.deliveries;
    std::string target = kToUser + person.user;
    std::uint64_t& replay_left = is_private ? connection.private_replay_left : connection.replay_left;
    if (!is_private) {
        target = text_at(event, "group");
        promise(target == person.group && connection.joined, "nothing comes before the answer to the join");
        promise(!connection.more || replay_left > 0, "nothing comes between two pages");
    }
    if (replay_left > 0) --replay_left;
    Position& at = is_private ? *person.private_at : *person.group_at;
    promise(number_at(event, "offset") == at.offset + 1,
            "nothing is left out or comes twice: " + std::to_string(at.offset) + " was before");
    ++at.offset;
    record_.saw_event({target, at.epoch, at.offset}, text);
    if (event.at("ev") != "notice") on_message(person, event, target, at);
    if (!is_private && connection.more && replay_left == 0) send_join(person);
}

void ReconnectingCrowd::on_message(Person& person, const json::object& event, const std::string& target,
                                   const Position& at) {
    const std::uint64_t serial = number_at(event.at("data").as_object(), "serial");
    note_place(serial, target, at);
    std::uint64_t& last = person.last_serial_from[text_at(event, "cid") + " " + target + " " + at.epoch];
    // What was refused for a moment, while what stood behind it was not, comes later when it is sent again.
    promise(serial > last || may_be_late_.contains(serial) || settings_.writes_fail || settings_.disk_breaks,
            "what one sends to one recipient arrives in order, once");
    last = std::max(last, serial);
}

void ReconnectingCrowd::note_place(std::uint64_t serial, const std::string& target, const Position& at) {
    const std::string place = target + " " + at.epoch + " " + std::to_string(at.offset);
    const bool lost_with_epoch = settings_.keys_get_lost || settings_.disk_breaks ||
                                 (settings_.restarts && target.starts_with(kToUser));
    const std::string post = std::to_string(serial) + (lost_with_epoch ? " " + at.epoch : "");
    const std::string& first = place_of_.emplace(post, place).first->second;
    promise(first == place, "a post takes effect once: " + first + ", " + place);
    promise(serial_at_.emplace(place, serial).first->second == serial, "one post is in one place: " + place);
}

// Until the end

void ReconnectingCrowd::pass(base::Millis time) {
    now_ += time;
    mesh_->set_time({now_, kTestUnixTime});
    for (WorkerIndex worker = 0; worker < mesh_->worker_count(); ++worker)
        mesh_->hub(worker).tick();
}

void ReconnectingCrowd::settle() {
    log_.fail_writes(LogTrouble::none);
    log_.fail_reads(LogTrouble::none);
    for (bool busy = true; busy;) {
        for (WorkerIndex from = 0; from < mesh_->worker_count(); ++from) {
            for (WorkerIndex to = 0; to < mesh_->worker_count(); ++to) {
                while (mesh_->deliver(from, to))
                    continue;
            }
        }
        busy = false;
        for (Person& person : people_) {
            if (person.connection && !person.connection->to_server.empty()) {
                deliver_to_server(person);
                busy = true;
            }
        }
        for (WorkerIndex worker = 0; worker < mesh_->worker_count(); ++worker)
            end_turn(worker);
        for (const Person& person : people_) {
            if (!person.connection) continue;
            busy = busy || !person.connection->end.outbox.empty() || !person.connection->to_server.empty();
            person.connection->end.take(SIZE_MAX);
        }
        busy = log_.carry_out(*mesh_, SIZE_MAX) || busy || mesh_->anything_under_way();
    }
}

void ReconnectingCrowd::expect_all_to_have_all() {
    const auto is_cut = [](const Person& person) { return !person.connection; };
    do {
        for (Person& person : people_) {
            if (!person.connection) come(person);
        }
        settle();
    } while (std::ranges::any_of(people_, is_cut));
    std::map<std::string, std::string> end_of;
    for (const Person& person : people_) {
        promise(person.unanswered.empty() && person.connection->outstanding.empty(),
                "everything is answered");
        for (const auto& [stream, at] : {std::pair(person.group, person.group_at),
                                         std::pair(kToUser + person.user, person.private_at)}) {
            promise(at.has_value(), "everybody is somewhere");
            const std::string end = at->epoch + " " + std::to_string(at->offset);
            const std::string& first = end_of.emplace(stream, end).first->second;
            promise(first == end, "all of " + stream + " have come as far: " + first + ", " + end);
        }
    }
}

}  // namespace pipit::core
