#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pipit::codec::skapi {

// The HTTP calls of skapi-js, which POST a JSON object each: what they ask of the hub, and how its answers
// look to that client.

enum class Call : std::uint8_t {
    get_ws_group,
    get_vapid_public_key,
    store_subscription,
    delete_subscription,
    push_notification,
    get_users
};

/// By the last segment of the path; nothing when there is no such call.
std::optional<Call> call_from_name(std::string_view name);

/// What the answer to a question is made into.
enum class AnswerForm : std::uint8_t { groups, users, vapid_key, done };

/// For the hub: a command of pipit.v1 with the id 1, in one line.
struct Question {
    std::string command;
    AnswerForm form = AnswerForm::done;
};
/// Needs no hub: the answer.
struct Direct {
    std::string json;
};
/// A body that is no good: the answer, of status 400.
struct BadCall {
    std::string json;
};

/// `body` is not trusted to be UTF-8 or JSON; objects and arrays may be nested `json_depth_max` deep.
/// `service` is the id of the service that the caller's token is for: a body that names another, or none, is
/// refused. Wrong arguments of a question are left to the hub, which names them.
std::variant<BadCall, Question, Direct> read_call(Call call, std::string_view body, std::string_view service,
                                                  unsigned json_depth_max);

/// From the content of `ok`.
std::string answer_json(AnswerForm form, std::string_view service, std::string_view ok);
/// From the content of `error`: `{"code":…,"message":…}`.
std::string error_json(std::string_view error);
/// One of our own. `code` is one of those that the client knows, such as INVALID_REQUEST; both are UTF-8.
std::string error_json(std::string_view code, std::string_view message);

}  // namespace pipit::codec::skapi
