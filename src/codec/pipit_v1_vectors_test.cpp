// What this server understands and writes, against the messages that every implementation shares. How it
// refuses the commands that are wrong is a matter of the whole hub: core/hub_vectors_test.cpp.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"
#include "codec/testing/golden_vectors.hpp"

namespace pipit::codec::v1 {
namespace {

namespace json = boost::json;

/// A command in the notation of the vectors' `expect`.
struct Describe {
    json::object& out;

    void operator()(const Refused& refused) const { out["refused"] = refused.message; }
    void operator()(const Connect& connect) const {
        out["op"] = "connect";
        out["token"] = connect.token ? json::value(*connect.token) : json::value(nullptr);
        out["client"] = connect.client.empty() ? json::value(nullptr) : json::value(connect.client);
        out["session"] = connect.session.empty() ? json::value(nullptr) : json::value(connect.session);
        describe_position("since", connect.since);
    }
    void operator()(const Refresh& refresh) const {
        out["op"] = "refresh";
        out["token"] = refresh.token;
    }
    void operator()(const Join& join) const {
        out["op"] = "join";
        out["group"] = join.group;
        describe_position("since", join.since);
    }
    void operator()(const Leave&) const { out["op"] = "leave"; }
    void operator()(const Post& post) const {
        out["op"] = "post";
        describe_recipient(post.to);
        out["data"] = post.data;
        if (post.notification) out["notification"] = described(*post.notification);
        if (!post.key.empty()) out["key"] = post.key;
    }
    void operator()(const Call& call) const {
        out["op"] = "call";
        describe_recipient(call.to);
        out["data"] = call.data;
    }
    void operator()(const Accept& accept) const {
        out["op"] = "accept";
        out["call"] = accept.call;
        out["data"] = accept.data;
    }
    void operator()(const Signal& signal) const {
        out["op"] = "signal";
        out["call"] = signal.call;
        out["data"] = signal.data;
    }
    void operator()(const Hangup& hangup) const {
        out["op"] = "hangup";
        out["call"] = hangup.call;
    }
    void operator()(const Reattach& reattach) const {
        out["op"] = "reattach";
        out["ticket"] = reattach.ticket;
    }
    void operator()(const Ice&) const { out["op"] = "ice"; }
    void operator()(const VapidKey&) const { out["op"] = "vapid"; }
    void operator()(const Subscribe& subscribe) const {
        out["op"] = "subscribe";
        describe_subscription(subscribe);
    }
    void operator()(const Unsubscribe& unsubscribe) const {
        out["op"] = "unsubscribe";
        out["endpoint"] = unsubscribe.endpoint;
    }
    void operator()(const Resubscribe& resubscribe) const {
        out["op"] = "resubscribe";
        out["old"] = {{"endpoint", resubscribe.old_endpoint}, {"auth", resubscribe.old_auth}};
        describe_subscription(resubscribe.subscription);
    }
    void operator()(const Push& push) const {
        out["op"] = "push";
        out["notification"] = described(push.notification);
        out["users"] = push.users ? json::value_from(*push.users) : json::value(nullptr);
    }
    void operator()(const Pushed& pushed) const {
        out["op"] = "pushed";
        out["push"] = std::to_string(pushed.push);
    }
    void operator()(const ListGroups& groups) const {
        out["op"] = "groups";
        describe_list(groups);
    }
    void operator()(const ListUsers& users) const {
        out["op"] = "users";
        describe_list(users);
    }
    void operator()(const Watch& watch) const {
        out["op"] = "watch";
        out["list"] = std::holds_alternative<ListGroups>(watch.list) ? "groups" : "users";
        std::visit([this](const auto& list) { describe_list(list); }, watch.list);
    }
    void operator()(const ReadHistory& history) const {
        out["op"] = "history";
        if (!history.group.empty()) out["group"] = history.group;
        out["limit"] = history.limit;
        describe_position("before", history.before);
    }
    void operator()(const Unwatch& unwatch) const {
        out["op"] = "unwatch";
        out["watch"] = unwatch.watch;
    }

 private:
    void describe_position(std::string_view name, const std::optional<Position>& position) const {
        if (position) out[name] = {{"epoch", position->epoch}, {"offset", position->offset}};
    }
    static json::object described(const Notification& notification) {
        const DeliveryOptions& delivery = notification.delivery;
        return {{"payload", notification.payload},
                {"config",
                 {{"always", notification.always},
                  {"ttl", delivery.ttl_s},
                  {"urgency", urgency_name(delivery.urgency)},
                  {"topic", delivery.topic}}}};
    }
    void describe_subscription(const Subscribe& subscribe) const {
        out["endpoint"] = subscribe.endpoint;
        out["keys"] = {{"p256dh", subscribe.p256dh}, {"auth", subscribe.auth}};
        out["vapid"] = subscribe.vapid.empty() ? json::value(nullptr) : json::value(subscribe.vapid);
    }
    void describe_recipient(const Recipient& to) const {
        constexpr std::array<std::string_view, 4> kinds{"text", "group", "user", "cid"};
        out["to"] = json::object{{kinds[static_cast<std::size_t>(to.kind)], to.name}};
    }
    void describe_list(const ListGroups& groups) const {
        using Filter = ListGroups::Filter;
        constexpr std::array<std::string_view, 8> conditions{"", "=", "!=", ">", ">=", "<", "<=", ""};
        const std::string_view condition = conditions[static_cast<std::size_t>(groups.filter)];
        const bool by_name = groups.by == ListGroups::By::name;
        out["searchFor"] = by_name ? "group" : "number_of_users";
        if (groups.filter != Filter::all)
            out["value"] = by_name ? json::value(groups.name) : json::value(groups.number);
        if (!condition.empty()) out["condition"] = condition;
        if (groups.filter == Filter::range)
            out["range"] = by_name ? json::value(groups.name_to) : json::value(groups.number_to);
        describe_paging(groups.paging);
    }
    void describe_list(const ListUsers& users) const {
        if (!users.group.empty()) out["group"] = users.group;
        if (!users.user_id.empty()) out["user_id"] = users.user_id;
        describe_paging(users.paging);
    }
    void describe_paging(const Paging& paging) const {
        out["limit"] = paging.limit;
        out["ascending"] = paging.ascending;
        if (!paging.cursor.empty()) out["startKey"] = json::object{{"cursor", paging.cursor}};
    }
};

/// What the server understands where `expect` has only what was given.
void add_defaults(json::object& wanted) {
    if (json::value* notification = wanted.if_contains("notification")) {
        json::object config{{"always", false}, {"ttl", 86'400}, {"urgency", "normal"}, {"topic", ""}};
        if (const json::value* given = notification->as_object().if_contains("config")) {
            for (const auto& [name, value] : given->as_object())
                config[name] = value;
        }
        notification->as_object()["config"] = std::move(config);
    }
    const auto is = [&](std::string_view member, std::string_view text) {
        const json::value* value = wanted.if_contains(member);
        return value != nullptr && *value == json::value(text);
    };
    const bool lists_groups = is("op", "groups") || is("list", "groups");
    if (is("op", "history")) wanted.emplace("limit", 50);
    if (!lists_groups && !is("op", "users") && !is("list", "users")) return;
    wanted.emplace("limit", 50);
    wanted.emplace("ascending", true);
    if (!lists_groups) return;
    wanted.emplace("searchFor", "group");
    if (wanted.contains("value") && !wanted.contains("range")) wanted.emplace("condition", "=");
    for (const char* operand : {"value", "range"}) {
        json::value* number = wanted.if_contains(operand);
        if (number != nullptr && number->is_number()) *number = number->to_number<double>();
    }
}

json::object describe(const Decoded& decoded) {
    json::object out;
    if (std::holds_alternative<Heartbeat>(decoded)) {
        out["heartbeat"] = true;
    } else if (const auto* undecodable = std::get_if<Undecodable>(&decoded)) {
        out["undecodable"] = undecodable->why;
    } else {
        const auto& command = std::get<Command>(decoded);
        out["id"] = command.id;
        std::visit(Describe{out}, command.what);
    }
    return out;
}

TEST(PipitV1Vectors, UnderstandsEveryCommandAsExpected) {
    std::size_t understood = 0;
    for (const json::value& vector : golden_vectors("commands")) {
        const json::object* expect =
            vector.as_object().contains("expect") ? &vector.at("expect").as_object() : nullptr;
        if (expect == nullptr) continue;
        json::object wanted = *expect;
        add_defaults(wanted);
        EXPECT_EQ(describe(decode(text_of(vector.as_object(), "text"), {})), wanted) << vector.at("name");
        ++understood;
    }
    EXPECT_GT(understood, 0u);
}

TEST(PipitV1Vectors, CutsMessagesIntoObjectsAtEachNewline) {
    for (const json::value& vector : golden_vectors("frames")) {
        json::array objects;
        for_each_object(text_of(vector.as_object(), "text"), [&](std::string_view object) {
            objects.emplace_back(object);
            return true;
        });
        EXPECT_EQ(objects, vector.at("objects")) << vector.at("name");
    }
}

std::string_view view(const json::value& value) {
    return value.as_string();
}
std::uint64_t number(const json::value& value) {
    return value.to_number<std::uint64_t>();
}

Sender read_sender(const json::object& means) {
    return {view(means.at("user")), view(means.at("cid"))};
}

std::string write_error(std::uint64_t id, const json::object& error) {
    const auto* found = std::find_if(kErrors.begin(), kErrors.end(), [&](const ErrorInfo& known) {
        return known.reason == view(error.at("reason"));
    });
    EXPECT_NE(found, kErrors.end()) << error.at("reason");
    if (found == kErrors.end()) return {};
    const std::string_view message = view(error.at("message"));
    const json::value* retry_after_ms = error.if_contains("retry_after_ms");
    const auto reason = static_cast<ErrorReason>(found - kErrors.begin());
    std::string out;
    if (error.contains("group")) {
        append_join_refused(out, id, reason);
        return out;
    }
    append_error(out, id, reason, message == found->message ? std::string_view() : message,
                 retry_after_ms != nullptr ? number(*retry_after_ms) : 0);
    return out;
}

GroupRow group_row(const json::value& row) {
    return {text_of(row.as_object(), "group"), number(row.at("number_of_users"))};
}
UserRow user_row(const json::value& row) {
    return {text_of(row.as_object(), "user_id"), text_of(row.as_object(), "cid")};
}
template <class ReadRow>
auto read_rows(const json::object& ok, ReadRow&& read_row) {
    std::vector<decltype(read_row(json::value()))> rows;
    for (const json::value& row : ok.at("list").as_array())
        rows.push_back(read_row(row));
    return rows;
}
WatchState read_watch(const json::object& means) {
    return {view(means.at("watch")), number(means.at("version")), means.at("endOfList").as_bool()};
}

template <class ReadRow>
std::string write_rows(std::uint64_t id, const json::object& ok, ReadRow&& read_row) {
    const auto rows = read_rows(ok, read_row);
    std::string out;
    if (ok.contains("watch")) {
        append_watching(out, id, read_watch(ok), rows);
    } else {
        const json::value& start_key = ok.at("startKey");
        std::string page;
        append_page(page, rows, start_key.is_object() ? view(start_key.at("cursor")) : "");
        append_ok(out, id, page);
    }
    return out;
}

template <class ReadRow>
std::string write_watch_event(const json::object& means, ReadRow&& read_row) {
    ListChange<decltype(read_row(json::value()))> change;
    for (const json::value& key : means.at("gone").as_array())
        change.gone.emplace_back(view(key));
    for (const json::value& put : means.at("put").as_array())
        change.put.emplace_back(number(put.at(0)), read_row(put.at(1)));
    std::string out;
    append_watch_event(out, read_watch(means), change);
    return out;
}

NotRecovered::Reason read_reason(std::string_view reason) {
    using Reason = NotRecovered::Reason;
    return reason == "window" ? Reason::window : reason == "epoch" ? Reason::epoch : Reason::damaged;
}
StreamState read_stream(const json::object& means) {
    StreamState stream{view(means.at("epoch")), number(means.at("offset"))};
    const json::value* recovered = means.if_contains("recovered");
    if (recovered == nullptr) return stream;
    if (recovered->as_bool()) {
        stream.recovery = Replayed{number(means.at("replayed")), means.contains("more")};
    } else {
        const json::value* missed = means.if_contains("missed");
        stream.recovery = NotRecovered{read_reason(view(means.at("reason"))),
                                       missed != nullptr ? std::optional(number(*missed)) : std::nullopt};
    }
    return stream;
}

std::string write_history(std::uint64_t id, const json::object& ok) {
    std::vector<std::string> messages;
    std::vector<HistoryRow> rows;
    const json::array& list = ok.at("list").as_array();
    messages.reserve(list.size());
    for (const json::value& row : list) {
        std::string& message = messages.emplace_back();
        append_message(message, "the \"tea\",\"offset\": room", number(row.at("offset")),
                       read_sender(row.as_object()), json::serialize(row.at("data")));
        rows.push_back({message_row(message), number(row.at("age_ms"))});
    }
    const json::value& start_key = ok.at("startKey");
    std::string page, out;
    append_history(page, rows, view(ok.at("epoch")),
                   start_key.is_object() ? std::optional(number(start_key.at("offset"))) : std::nullopt);
    append_ok(out, id, page);
    return out;
}

/// What stands in answers about notifications; "" when it is none of those.
std::string write_push_content(const json::object& ok) {
    std::string out;
    if (ok.contains("VAPIDPublicKey")) {
        append_vapid_key(out, view(ok.at("VAPIDPublicKey")));
    } else if (ok.contains("push")) {
        append_push_started(out, std::stoull(text_of(ok, "push")));
    } else if (ok.contains("reached")) {
        append_push_progress(out,
                             {number(ok.at("reached")), number(ok.at("waiting")), number(ok.at("delivered")),
                              number(ok.at("gone")), number(ok.at("refused")), number(ok.at("expired")),
                              ok.at("finished").as_bool()});
    } else if (ok.size() == 1 && ok.contains("message")) {
        view(ok.at("message")).find("Unsubscribed") != std::string_view::npos ? append_unsubscribed(out)
                                                                              : append_subscribed(out);
    }
    return out;
}

std::string write_ok(std::uint64_t id, const json::object& ok) {
    if (const json::value* list = ok.if_contains("list")) {
        if (ok.contains("epoch")) return write_history(id, ok);
        const bool of_users = !list->as_array().empty() && list->at(0).as_object().contains("cid");
        return of_users ? write_rows(id, ok, user_row) : write_rows(id, ok, group_row);
    }
    std::string out;
    if (const std::string content = write_push_content(ok); !content.empty()) {
        append_ok(out, id, content);
    } else if (ok.contains("limits")) {
        const json::object& limits = ok.at("limits").as_object();
        append_welcome(out, id,
                       {.user = view(ok.at("user")),
                        .cid = view(ok.at("cid")),
                        .resumed = ok.at("resumed").as_bool(),
                        .server = view(ok.at("server")),
                        .token_expires_in_ms = number(ok.at("token_expires_in_ms")),
                        .ping_interval_ms = number(ok.at("ping_interval_ms")),
                        .pong_timeout_ms = number(ok.at("pong_timeout_ms")),
                        .message_bytes = number(limits.at("message_bytes")),
                        .commands_per_second = number(limits.at("commands_per_second")),
                        .commands_burst = number(limits.at("commands_burst")),
                        .group_name_bytes = number(limits.at("group_name_bytes")),
                        .user_id_bytes = number(limits.at("user_id_bytes")),
                        .key_window_ms = number(limits.at("key_window_ms")),
                        .stream = read_stream(ok.at("stream").as_object())});
    } else if (ok.contains("devices")) {
        append_calling(out, id, view(ok.at("call")), number(ok.at("devices")),
                       number(ok.at("ring_timeout_ms")));
    } else if (ok.contains("ticket")) {
        append_call_accepted(out, id, view(ok.at("ticket")));
    } else if (const json::value* peer = ok.if_contains("peer")) {
        append_reattached(out, id, view(ok.at("call")),
                          peer->is_null() ? std::nullopt : std::optional(read_sender(peer->as_object())));
    } else if (ok.contains("token_expires_in_ms")) {
        append_refreshed(out, id, number(ok.at("token_expires_in_ms")));
    } else if (!ok.contains("group")) {
        const bool placed = ok.contains("epoch");
        append_posted(out, id, placed ? view(ok.at("epoch")) : "", placed ? number(ok.at("offset")) : 0);
    } else if (ok.at("group").is_null()) {
        append_left(out, id);
    } else {
        append_joined(out, id, view(ok.at("group")), read_stream(ok));
    }
    return out;
}

TEST(PipitV1Vectors, WritesEveryReplyExactly) {
    for (const json::value& vector : golden_vectors("replies")) {
        const json::object& means = vector.at("means").as_object();
        const std::uint64_t id = number(means.at("id"));
        const json::value* error = means.if_contains("error");
        EXPECT_EQ(
            error != nullptr ? write_error(id, error->as_object()) : write_ok(id, means.at("ok").as_object()),
            view(vector.at("text")))
            << vector.at("name");
    }
}

CallEnd read_call_end(std::string_view reason) {
    constexpr std::array<std::pair<std::string_view, CallEnd>, 9> names{
        {{"answered_elsewhere", CallEnd::answered_elsewhere},
         {"rejected", CallEnd::rejected},
         {"cancelled", CallEnd::cancelled},
         {"timeout", CallEnd::timeout},
         {"unreachable", CallEnd::unreachable},
         {"busy", CallEnd::busy},
         {"lost", CallEnd::lost},
         {"hung_up", CallEnd::hung_up},
         {"moved", CallEnd::moved}}};
    const auto* found = std::ranges::find(names, reason, &std::pair<std::string_view, CallEnd>::first);
    EXPECT_NE(found, names.end()) << reason;
    return found->second;
}

std::string write_event(const json::object& means) {
    if (means.contains("heartbeat")) return "{}";
    const std::string_view event = view(means.at("ev"));
    const auto sender = [&] { return read_sender(means); };
    std::string out;
    if (event == "message") {
        append_message(out, view(means.at("group")), number(means.at("offset")), sender(),
                       view(means.at("data")));
    } else if (event == "private") {
        const json::value* offset = means.if_contains("offset");
        append_private(out, offset != nullptr ? std::optional(number(*offset)) : std::nullopt, sender(),
                       view(means.at("data")));
    } else if (event == "notice") {
        const std::string_view code = view(means.at("code"));
        append_notice(out, view(means.at("group")), number(means.at("offset")),
                      code == "USER_JOINED" ? NoticeCode::user_joined
                      : code == "USER_LEFT" ? NoticeCode::user_left
                                            : NoticeCode::user_disconnected,
                      sender());
    } else if (event == "watch") {
        const json::array& put = means.at("put").as_array();
        const bool of_users = !put.empty() && put.at(0).at(1).as_object().contains("cid");
        return of_users ? write_watch_event(means, user_row) : write_watch_event(means, group_row);
    } else if (event == "unwatched") {
        append_unwatched_event(out, view(means.at("watch")));
    } else if (event == "ring") {
        append_ring_event(out, view(means.at("call")), sender(), number(means.at("expires_in_ms")),
                          view(means.at("data")));
    } else if (event == "accepted") {
        append_accepted_event(out, view(means.at("call")), sender(), view(means.at("ticket")),
                              view(means.at("data")));
    } else if (event == "signal") {
        append_signal_event(out, view(means.at("call")), view(means.at("data")));
    } else if (event == "peer") {
        append_peer_event(out, view(means.at("call")),
                          means.contains("user") ? std::optional(sender()) : std::nullopt);
    } else if (event == "ended") {
        append_ended_event(out, view(means.at("call")), read_call_end(view(means.at("reason"))));
    } else if (event == "token") {
        append_token_event(out, number(means.at("expires_in_ms")));
    } else if (event == "drain") {
        append_drain_event(out, number(means.at("reconnect_in_ms")));
    }
    return out;
}

TEST(PipitV1Vectors, WritesEveryEventExactly) {
    for (const json::value& vector : golden_vectors("events")) {
        EXPECT_EQ(write_event(vector.at("means").as_object()), view(vector.at("text"))) << vector.at("name");
    }
}

}  // namespace
}  // namespace pipit::codec::v1
