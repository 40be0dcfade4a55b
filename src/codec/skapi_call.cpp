#include "codec/skapi_call.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/uuid.hpp"
#include "codec/json_members.hpp"
#include "codec/utf8.hpp"

namespace pipit::codec::skapi {
namespace {

using Outcome = std::variant<BadCall, Question, Direct>;

// As many as the client lets ask for at once.
constexpr std::size_t kUsersMax = 1'000;

BadCall bad(std::string_view why) {
    return {error_json("INVALID_PARAMETER", why)};
}

bool says(const Argument& member, std::string_view text) {
    return string_value(member) == text;
}

/// A command that is put together from members of the body, as they were written. A newline between tokens
/// would end it.
class CommandBuilder {
 public:
    explicit CommandBuilder(std::string_view op) : command_(fmt::format(R"({{"id":1,"op":"{}")", op)) {}

    CommandBuilder& add(std::string_view name, const Argument& member) {
        return is_missing(member) ? *this : add_json(name, member->value);
    }
    CommandBuilder& add_json(std::string_view name, std::string_view json) {
        command_.append(",\"").append(name).append("\":").append(json);
        return *this;
    }
    Question build(AnswerForm form) {
        command_ += '}';
        std::replace(command_.begin(), command_.end(), '\n', ' ');
        return {std::move(command_), form};
    }

 private:
    std::string command_;
};

Direct last_page(std::string_view rows) {
    return {fmt::format(R"({{"list":[{}],"startKey":"end","endOfList":true}})", rows)};
}

/// The page behind the last one is asked for by the startKey of the last one.
bool is_behind_the_end(const Argument& start_key) {
    return says(start_key, "end");
}

Outcome read_get_ws_group(std::string_view body, unsigned json_depth_max) {
    const auto [group, user_id, search_for, value, condition, range, limit, ascending, start_key] =
        find_members(body, json_depth_max,
                     {"group", "user_id", "searchFor", "value", "condition", "range", "limit", "ascending",
                      "startKey"});
    if (is_behind_the_end(start_key)) return last_page({});
    const bool of_users = !is_missing(group);
    CommandBuilder builder(of_users ? "users" : "groups");
    builder.add("limit", limit).add("ascending", ascending).add("startKey", start_key);
    if (of_users) return builder.add("group", group).add("user_id", user_id).build(AnswerForm::users);
    // Of groups whatever their name the client asks by one that none has.
    const bool of_all =
        !says(search_for, "number_of_users") && says(value, " ") && says(condition, ">") && is_missing(range);
    if (of_all) return builder.build(AnswerForm::groups);
    builder.add("searchFor", search_for).add("value", value).add("range", range);
    // The client means to send only one of the two, and sends both with a range of 0.
    if (is_missing(range)) builder.add("condition", condition);
    return builder.build(AnswerForm::groups);
}

Outcome read_subscription(std::string_view op, std::string_view body, unsigned json_depth_max) {
    const auto [endpoint, keys] = find_members(body, json_depth_max, {"endpoint", "keys"});
    return CommandBuilder(op).add("endpoint", endpoint).add("keys", keys).build(AnswerForm::done);
}

Outcome read_push(std::string_view body, unsigned json_depth_max) {
    const auto [title, text, users] = find_members(body, json_depth_max, {"title", "body", "user_ids"});
    const auto json_of = [](const Argument& member) {
        return member && member->kind == JsonKind::string ? member->value : "null";
    };
    CommandBuilder builder("push");
    builder.add_json("notification",
                     fmt::format(R"({{"title":{},"body":{}}})", json_of(title), json_of(text)));
    if (says(users, "all_users")) {
        builder.add_json("everyone", "true");
    } else {
        builder.add("users", users);
    }
    return builder.build(AnswerForm::done);
}

/// There is no directory of users here: those that are asked for are taken to exist.
Outcome read_get_users(std::string_view body, unsigned json_depth_max) {
    const auto [search_for, value, start_key] =
        find_members(body, json_depth_max, {"searchFor", "value", "startKey"});
    if (is_behind_the_end(start_key)) return last_page({});
    if (!says(search_for, "user_id"))
        return bad("\"searchFor\" must be \"user_id\": this server keeps no directory of users.");
    std::string list;
    std::size_t count = 0;
    bool all_are_ids = true;
    const auto take = [&](const JsonMember& id) {
        ++count;
        if (id.kind != JsonKind::string || !base::is_uuid(id.string_content())) {
            all_are_ids = false;
        } else if (count <= kUsersMax) {
            list.append(list.empty() ? R"({"user_id":)" : R"(,{"user_id":)").append(id.value).append("}");
        }
    };
    if (value && value->kind == JsonKind::array) {
        scan_array(value->value, json_depth_max, take);
    } else if (value) {
        take(*value);
    }
    if (!value || !all_are_ids || count > kUsersMax) {
        return bad(fmt::format("\"value\" must be a user id, a UUID, or an array of at most {}.", kUsersMax));
    }
    return last_page(list);
}

std::string_view inside(const JsonMember& string) {
    return string.kind == JsonKind::string ? string.string_content() : std::string_view();
}

/// `"name":"<service>#<value>"`; the client shows what stands behind the first `#`.
void append_keyed(std::string& out, std::string_view name, std::string_view service, const Argument& value) {
    std::string key;
    append_json_string(key, service);
    key.pop_back();
    out.append("\"").append(name).append("\":").append(key).append("#");
    if (value) out += inside(*value);
    out += '"';
}

void append_row(std::string& out, AnswerForm form, std::string_view service, std::string_view row) {
    const auto [group, number_of_users, user_id, cid] =
        find_members(row, kJsonDepthLimit, {"group", "number_of_users", "user_id", "cid"});
    out += out.back() == '[' ? "{" : ",{";
    if (form == AnswerForm::groups) {
        append_keyed(out, "rid", service, group);
        out.append(",\"cnt\":").append(number_of_users ? number_of_users->value : "0");
    } else {
        append_keyed(out, "uid", service, user_id);
        constexpr std::string_view prefix = "cid:";
        std::string_view bare = cid ? inside(*cid) : std::string_view();
        if (bare.starts_with(prefix)) bare.remove_prefix(prefix.size());
        out.append(",\"cid\":\"").append(bare).append("\"");
    }
    out += '}';
}

/// Without a startKey two calls that overlap break the client.
std::string page_json(AnswerForm form, std::string_view service, std::string_view ok) {
    const auto [list, start_key] = find_members(ok, kJsonDepthLimit, {"list", "startKey"});
    std::string page = "{\"list\":[";
    if (list)
        scan_array(list->value, kJsonDepthLimit,
                   [&](const JsonMember& row) { append_row(page, form, service, row.value); });
    const bool is_last = is_missing(start_key) || is_behind_the_end(start_key);
    page.append("],\"startKey\":").append(is_last ? "\"end\"" : start_key->value);
    page.append(",\"endOfList\":").append(is_last ? "true" : "false").append("}");
    return page;
}

}  // namespace

std::optional<Call> call_from_name(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, Call>, 6> names{{
        {"get-ws-group", Call::get_ws_group},
        {"get-vapid-public-key", Call::get_vapid_public_key},
        {"store-subscription", Call::store_subscription},
        {"delete-subscription", Call::delete_subscription},
        {"push-notification", Call::push_notification},
        {"get-users", Call::get_users},
    }};
    for (const auto& [known, call] : names) {
        if (known == name) return call;
    }
    return std::nullopt;
}

std::variant<BadCall, Question, Direct> read_call(Call call, std::string_view body, std::string_view service,
                                                  unsigned json_depth_max) {
    if (!is_valid_utf8(body)) return bad("The body must be UTF-8.");
    std::array<Argument, 1> named;
    const JsonVerdict verdict = scan_for_members(body, json_depth_max, {"service"}, named);
    if (!verdict)
        return bad(
            fmt::format("The body must be a JSON object: {} at byte {}.", verdict.reason, verdict.position));
    if (!says(named[0], service)) return bad("\"service\" must be that of the token.");
    switch (call) {
        case Call::get_ws_group:
            return read_get_ws_group(body, json_depth_max);
        case Call::get_vapid_public_key:
            return CommandBuilder("vapid").build(AnswerForm::vapid_key);
        case Call::store_subscription:
            return read_subscription("subscribe", body, json_depth_max);
        case Call::delete_subscription:
            return read_subscription("unsubscribe", body, json_depth_max);
        case Call::push_notification:
            return read_push(body, json_depth_max);
        case Call::get_users:
            break;
    }
    return read_get_users(body, json_depth_max);
}

std::string answer_json(AnswerForm form, std::string_view service, std::string_view ok) {
    switch (form) {
        case AnswerForm::groups:
        case AnswerForm::users:
            return page_json(form, service, ok);
        case AnswerForm::vapid_key: {
            const auto [key] = find_members(ok, kJsonDepthLimit, {"VAPIDPublicKey"});
            return key ? std::string(key->value) : "null";
        }
        case AnswerForm::done:
            break;
    }
    const auto [message] = find_members(ok, kJsonDepthLimit, {"message"});
    return message ? std::string(message->value) : R"("SUCCESS")";
}

std::string error_json(std::string_view error) {
    const auto [code, message] = find_members(error, kJsonDepthLimit, {"code", "message"});
    return fmt::format(R"({{"code":{},"message":{}}})", code ? code->value : R"("ERROR")",
                       message ? message->value : R"("")");
}

std::string error_json(std::string_view code, std::string_view message) {
    std::string json = "{\"code\":";
    append_json_string(json, code);
    json += ",\"message\":";
    append_json_string(json, message);
    json += '}';
    return json;
}

}  // namespace pipit::codec::skapi
