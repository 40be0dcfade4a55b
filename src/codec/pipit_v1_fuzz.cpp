// Whatever a client sends is understood or refused, and what is forwarded of it is JSON that lies within it.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/json_scan.hpp"
#include "codec/names.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/utf8.hpp"

using namespace pipit::codec;

namespace {

constexpr v1::DecodeLimits kLimits{
    .group_name_bytes_max = 20, .user_id_bytes_max = 30, .token_bytes_max = 40, .json_depth_max = 8};

void check(const Notification& notification) {
    PIPIT_ASSERT(notification.payload.size() <= kNotificationBytesMax);
    PIPIT_ASSERT(validate_json(notification.payload, kNotificationNestingMax));
    PIPIT_ASSERT(check_options(notification.delivery));
}

void check(const v1::Position& position) {
    PIPIT_ASSERT(is_valid_name(position.epoch, 64) && position.offset < std::uint64_t{1} << 53);
}

/// What is written must be a text that the client can read, in one line.
void check_written(std::string_view json) {
    PIPIT_ASSERT(is_valid_utf8(json) && validate_json(json, kLimits.json_depth_max));
    PIPIT_ASSERT(json.find('\n') == std::string_view::npos);
}

/// Whatever a group and its messages are called and say, a page of history shows all of the message.
void check_row(const v1::Post& post) {
    std::string message, page;
    v1::append_message(message, post.to.name, 7, {post.to.name, "cid"}, "0");
    const std::string_view row = v1::message_row(message);
    PIPIT_ASSERT(row.starts_with("\"offset\":7,\"user\":") && row.ends_with(",\"cid\":\"cid\",\"data\":0}"));
    v1::append_history(page, {{row, 1}}, "epoch", 7);
    check_written(page);
}

void check(std::string_view text, const v1::Post& post) {
    constexpr std::string_view left_out = "null";
    PIPIT_ASSERT(validate_json(post.data, kLimits.json_depth_max));
    const bool within =
        post.data.data() > text.data() && post.data.data() + post.data.size() < text.data() + text.size();
    PIPIT_ASSERT(within || post.data == left_out);
    const bool is_group = post.to.kind == v1::Recipient::Kind::group;
    if (post.notification) check(*post.notification);
    PIPIT_ASSERT(post.key.empty() || is_valid_name(post.key, 64));
    check_row(post);
    PIPIT_ASSERT(
        is_valid_name(post.to.name, is_group ? kLimits.group_name_bytes_max : kLimits.user_id_bytes_max));
}

void check(const v1::Paging& paging, std::uint32_t limit_max) {
    PIPIT_ASSERT(paging.limit >= 1 && paging.limit <= limit_max);
    PIPIT_ASSERT(paging.cursor.size() <= 1024 && is_valid_utf8(paging.cursor));
}

void check(const v1::ListGroups& groups, std::uint32_t limit_max) {
    using Filter = v1::ListGroups::Filter;
    const bool by_name = groups.by == v1::ListGroups::By::name;
    for (const std::string& name : {groups.name, groups.name_to}) {
        PIPIT_ASSERT(is_valid_utf8(name) && name.size() <= kLimits.group_name_bytes_max);
        PIPIT_ASSERT(by_name || name.empty());
    }
    for (const double number : {groups.number, groups.number_to})
        PIPIT_ASSERT(std::isfinite(number) && (!by_name || number == 0));
    if (groups.filter == Filter::all) PIPIT_ASSERT(groups.name.empty() && groups.number == 0);
    if (groups.filter != Filter::range) PIPIT_ASSERT(groups.name_to.empty() && groups.number_to == 0);
    check(groups.paging, limit_max);

    const v1::GroupRow row{groups.name, 1};
    std::string page;
    v1::append_page(page, v1::GroupRows{row, row}, groups.paging.cursor);
    check_written(page);
    std::string event;
    v1::append_watch_event(event, {groups.name_to, 1, true}, {{groups.name, groups.name_to}, {{0, row}}});
    check_written(event);
}

void check(const v1::ListUsers& users, std::uint32_t limit_max) {
    PIPIT_ASSERT(users.group.empty() || is_valid_name(users.group, kLimits.group_name_bytes_max));
    PIPIT_ASSERT(users.user_id.empty() || is_valid_name(users.user_id, kLimits.user_id_bytes_max));
    check(users.paging, limit_max);

    std::string reply;
    v1::append_watching(reply, 1, {users.group, 1, false}, v1::UserRows{{users.user_id, users.group}});
    check_written(reply);
}

void check(const v1::Watch& watch) {
    std::visit(
        [](const auto& list) {
            PIPIT_ASSERT(list.paging.cursor.empty());
            check(list, v1::Watch::kLimitMax);
        },
        watch.list);
}

void check(std::string_view text, const v1::Command& command) {
    PIPIT_ASSERT(command.id >= 1 && command.id < std::uint64_t{1} << 53);
    if (const auto* refused = std::get_if<v1::Refused>(&command.what)) {
        std::string json;
        v1::append_error(json, command.id, refused->reason, refused->message);
        check_written(json);
    } else if (const auto* connect = std::get_if<v1::Connect>(&command.what)) {
        PIPIT_ASSERT(connect->session.empty() || is_valid_name(connect->session, 64));
        if (connect->since) check(*connect->since);
    } else if (const auto* join = std::get_if<v1::Join>(&command.what)) {
        PIPIT_ASSERT(is_valid_name(join->group, kLimits.group_name_bytes_max));
        std::string json;
        const v1::Position at = join->since.value_or(v1::Position{"epoch", 1});
        check(at);
        v1::append_joined(json, command.id, join->group,
                          {at.epoch, at.offset, v1::NotRecovered{v1::NotRecovered::Reason::window, 1}});
        check_written(json);
    } else if (const auto* post = std::get_if<v1::Post>(&command.what)) {
        check(text, *post);
    } else if (const auto* groups = std::get_if<v1::ListGroups>(&command.what)) {
        check(*groups, v1::Paging::kLimitMax);
    } else if (const auto* users = std::get_if<v1::ListUsers>(&command.what)) {
        check(*users, v1::Paging::kLimitMax);
    } else if (const auto* history = std::get_if<v1::ReadHistory>(&command.what)) {
        PIPIT_ASSERT(history->group.empty() || is_valid_name(history->group, kLimits.group_name_bytes_max));
        PIPIT_ASSERT(history->limit >= 1 && history->limit <= v1::Paging::kLimitMax);
        if (history->before) check(*history->before);
    } else if (const auto* watch = std::get_if<v1::Watch>(&command.what)) {
        check(*watch);
    } else if (const auto* push = std::get_if<v1::Push>(&command.what)) {
        check(push->notification);
        PIPIT_ASSERT(!push->users || !push->users->empty());
        for (const std::string& user : push->users.value_or(std::vector<std::string>()))
            PIPIT_ASSERT(is_valid_name(user, kLimits.user_id_bytes_max));
    } else if (const auto* subscribe = std::get_if<v1::Subscribe>(&command.what)) {
        PIPIT_ASSERT(!subscribe->endpoint.empty() && !subscribe->p256dh.empty() && !subscribe->auth.empty());
    } else if (const auto* unwatch = std::get_if<v1::Unwatch>(&command.what)) {
        PIPIT_ASSERT(is_valid_name(unwatch->watch, 64));
        std::string event;
        v1::append_unwatched_event(event, unwatch->watch);
        check_written(event);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view message = pipit::base::as_text({data, size});
    if (!is_valid_utf8(message)) return 0;
    v1::for_each_object(message, [](std::string_view text) {
        const v1::Decoded decoded = v1::decode(text, kLimits);
        if (const auto* command = std::get_if<v1::Command>(&decoded)) check(text, *command);
        if (const auto* undecodable = std::get_if<v1::Undecodable>(&decoded))
            PIPIT_ASSERT(!undecodable->why.empty());
        return true;
    });
    return 0;
}
