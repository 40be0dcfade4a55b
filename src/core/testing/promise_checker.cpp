#include "core/testing/promise_checker.hpp"

#include <algorithm>

namespace pipit::core {
namespace {

using Kind = SharedRecord::Post::Kind;

void promise(bool kept, std::string_view what, std::string_view text = {}) {
    if (!kept) throw BrokenPromise(std::string(what).append(": ").append(text));
}
std::string text_at(const boost::json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}
std::uint64_t number_at(const boost::json::object& object, std::string_view name) {
    return object.at(name).to_number<std::uint64_t>();
}
std::uint64_t serial_of(const boost::json::object& event) {
    return number_at(event.at("data").as_object(), "serial");
}

}  // namespace

std::uint64_t SharedRecord::add_post(Post post) {
    posts_.push_back(std::move(post));
    return posts_.size() - 1;
}

const SharedRecord::Post& SharedRecord::post(std::uint64_t serial) const {
    promise(serial < posts_.size(), "what arrives was posted");
    return posts_[serial];
}

void SharedRecord::saw_event(const Place& place, const std::string& text) {
    const auto [seen, first] = events_.emplace(place, text);
    promise(first || seen->second == text, "everybody sees the same at one offset", text);
}

void SharedRecord::replay(const std::string& founder, const Stream& events) {
    std::set<std::string> members{founder};
    for (const boost::json::object& event : events) {
        const std::string cid = text_at(event, "cid");
        if (event.at("ev") == "message") {
            promise(members.contains(cid), "who posts is a member", cid);
        } else if (event.at("code") == "USER_JOINED") {
            promise(members.insert(cid).second, "one notice for one who joins", cid);
        } else {
            promise(members.erase(cid) == 1, "one notice for one who goes", cid);
        }
    }
}

std::size_t SharedRecord::check() const {
    std::map<std::pair<std::string, std::string>, std::string> founders;
    for (const auto& [place, cid] : joins_) {
        if (place.offset == 0) {
            promise(founders.try_emplace({place.group, place.epoch}, cid).first->second == cid,
                    "a group begins once");
        } else if (const auto event = events_.find(place); event != events_.end()) {
            const bool is_its_own = event->second.find("USER_JOINED") != std::string::npos &&
                                    event->second.find(cid) != std::string::npos;
            promise(is_its_own, "the last thing before an answered join is its notice", event->second);
        }
    }
    for (const auto& [place, serial] : placed_) {
        const auto event = events_.find(place);
        if (event == events_.end()) continue;
        promise(serial_of(boost::json::parse(event->second).as_object()) == serial,
                "a post is where its reply says");
    }
    std::size_t replayed = 0;
    for (const auto& [name, founder] : founders) {
        Stream events;
        for (auto next = events_.find({name.first, name.second, 1}); next != events_.end(); ++next) {
            if (next->first != Place{name.first, name.second, events.size() + 1}) break;
            events.push_back(boost::json::parse(next->second).as_object());
        }
        const auto beyond = events_.upper_bound({name.first, name.second, events.size()});
        const bool complete = beyond == events_.end() || beyond->first.group != name.first ||
                              beyond->first.epoch != name.second;
        if (!complete) continue;
        replay(founder, events);
        ++replayed;
    }
    return replayed;
}

std::string PromiseChecker::send(Command command, boost::json::object arguments) {
    arguments["op"] = command.op;
    arguments["id"] = ++last_id_;
    outstanding_.emplace(last_id_, std::move(command));
    return boost::json::serialize(arguments);
}

std::string PromiseChecker::connect(const std::string& token) {
    return send({.op = "connect", .membership = {}}, {{"token", token}});
}

void PromiseChecker::ask_for(const std::string& group) {
    ++membership_.order;
    if (group.empty() || group != membership_.group) ++membership_.run;
    membership_.group = group;
}

std::string PromiseChecker::join(const std::string& group) {
    ask_for(group);
    return send({.op = "join", .membership = membership_}, {{"group", group}});
}

std::string PromiseChecker::leave() {
    ask_for({});
    return send({.op = "leave", .membership = membership_}, {});
}

std::string PromiseChecker::post(Kind kind, const std::string& target, bool bare, std::size_t padding_bytes) {
    constexpr std::string_view names[] = {"group", "user", "cid"};
    const std::uint64_t serial = record_.add_post({user_, cid_, kind, target});
    boost::json::value to(target);
    if (!bare) to = boost::json::object{{names[static_cast<std::size_t>(kind)], target}};
    return send({.op = "post", .membership = membership_, .serial = serial},
                {{"to", to}, {"data", {{"serial", serial}, {"padding", std::string(padding_bytes, '.')}}}});
}

void PromiseChecker::received(const std::string& text) try {
    const boost::json::object object = boost::json::parse(text).as_object();
    if (object.empty()) return;  // a heartbeat
    if (object.contains("id")) return on_reply(object);
    promise(!cid_.empty(), "events come after the sign-in", text);
    if (object.at("ev") == "private") return on_private(object);
    on_group_event(object, text);
} catch (const BrokenPromise& broken) {
    throw BrokenPromise(std::string(broken.what()) + "\n  at " + cid_ + " which received " + text);
}

void PromiseChecker::on_reply(const boost::json::object& reply) {
    const auto found = outstanding_.find(number_at(reply, "id"));
    promise(found != outstanding_.end(), "one reply for one command");
    const Command command = std::move(found->second);
    outstanding_.erase(found);
    promise(!cid_.empty() || command.op == "connect", "the sign-in is answered first");
    if (const boost::json::value* ok = reply.if_contains("ok")) {
        on_ok(command, ok->as_object());
    } else {
        on_error(command, text_at(reply.at("error").as_object(), "reason"));
    }
}

void PromiseChecker::on_ok(const Command& command, const boost::json::object& ok) {
    if (command.op == "connect") {
        promise(ok.at("user") == boost::json::string_view(user_), "the welcome names the user");
        cid_ = text_at(ok, "cid");
    } else if (command.op == "join") {
        on_joined(command.membership, ok);
    } else if (command.op == "leave") {
        // An answer to something older than what was answered already tells nothing new.
        if (command.membership.order > answered_.order) answered_ = command.membership;
    } else {
        on_placed(command, ok);
    }
}

void PromiseChecker::on_error(const Command& command, std::string_view reason) {
    if (command.op == "connect") {
        promise(reason == "too_many_connections", "a good token is accepted", reason);
        refused_ = true;
        return;
    }
    promise(command.op == "post", "joining and leaving always succeed", reason);
    const SharedRecord::Post& post = record_.post(command.serial);
    if (post.kind == Kind::group) {
        promise(reason == "not_joined" && command.membership.group != post.target, "a member may post",
                reason);
    } else {
        promise(reason == "recipient_not_found" && post.kind == Kind::cid, "a user can always be posted to",
                reason);
    }
}

void PromiseChecker::on_placed(const Command& command, const boost::json::object& ok) {
    const SharedRecord::Post& post = record_.post(command.serial);
    if (post.kind != Kind::group) return;
    promise(command.membership.group == post.target, "only a member may post");
    record_.saw_posted({post.target, text_at(ok, "epoch"), number_at(ok, "offset")}, command.serial);
}

void PromiseChecker::on_joined(const Membership& asked, const boost::json::object& ok) {
    promise(ok.at("group") == boost::json::string_view(asked.group), "a join is answered for its group");
    const std::string epoch = text_at(ok, "epoch");
    const std::uint64_t offset = number_at(ok, "offset");
    const bool again = asked.run == answered_.run;
    if (asked.order < answered_.order) return;
    if (again) {
        // Unless it has gone on already, and the server knows; then it is no member any more when this is
        // answered.
        const bool gone_on = membership_.run != asked.run;
        promise(epoch == epoch_, "a group is the same as long as one stays");
        promise(gone_on ? offset >= offset_ : offset == offset_,
                "a member that joins again has missed nothing");
    } else {
        record_.saw_join({asked.group, epoch, offset}, cid_);
    }
    answered_ = asked;
    epoch_ = epoch;
    offset_ = offset;
}

void PromiseChecker::on_group_event(const boost::json::object& event, const std::string& text) {
    const std::string group = text_at(event, "group");
    const std::uint64_t offset = number_at(event, "offset");
    promise(!answered_.group.empty() && group == answered_.group, "only members receive");
    promise(offset == offset_ + 1, "offsets rise by one from the join on");
    offset_ = offset;
    record_.saw_event({group, epoch_, offset}, text);
    if (event.at("ev") == "notice") {
        promise(text_at(event, "cid") != cid_, "no notice to the one it is about");
    } else {
        const SharedRecord::Post& post = check_sender(event);
        promise(post.kind == Kind::group && post.target == group, "a message is for its group");
    }
}

void PromiseChecker::on_private(const boost::json::object& event) {
    const SharedRecord::Post& post = check_sender(event);
    if (!event.contains("offset")) {
        promise(post.kind == Kind::cid && post.target == cid_, "what is for one connection reaches that one");
        return;
    }
    promise(post.kind == Kind::user && post.target == user_, "what is for one user reaches that one");
    const std::uint64_t offset = number_at(event, "offset");
    promise(!private_offset_ || offset == *private_offset_ + 1, "private offsets rise by one");
    private_offset_ = offset;
}

const SharedRecord::Post& PromiseChecker::check_sender(const boost::json::object& event) {
    const std::uint64_t serial = serial_of(event);
    const SharedRecord::Post& post = record_.post(serial);
    promise(text_at(event, "user") == post.sender_user, "the sender's user is told");
    promise(post.sender_cid.empty() || text_at(event, "cid") == post.sender_cid,
            "the sender's connection is told");
    auto& last = last_serial_[{post.kind, post.target, text_at(event, "cid")}];
    promise(serial >= last, "what one sends to one recipient arrives in order, once");
    last = serial + 1;
    return post;
}

}  // namespace pipit::core
