#include "core/watch_home.hpp"

#include <algorithm>
#include <iterator>

#include "base/base64url.hpp"
#include "core/list_change.hpp"

namespace pipit::core {

namespace v1 = codec::v1;

namespace {
constexpr std::size_t kIdBytes = 8;
// An asker who may see few of many groups gets what so many pages have shown.
constexpr int kSearchStepsMax = 4;
}  // namespace

std::string delivery_name_of(std::string_view watch) {
    return std::string(1, '\x01').append(watch);
}

void WatchHome::start(StartWatch&& message) {
    const auto found = by_key_.find(message.key);
    if (found == by_key_.end() && watches_.size() >= settings_.watches_max) {
        std::string json;
        v1::append_error(json, message.command_id, codec::ErrorReason::unavailable,
                         "The server watches as many lists as it may.");
        port_.send(message.caller.address.worker,
                   Watching{message.caller, message.command_id, message.key, self_, {}, std::move(json)});
        return;
    }
    Watch& watch = found == by_key_.end() ? make(message) : *found->second;
    ++watch.watchers_on[message.caller.address.worker];
    if (message.caller.deflate) ++watch.deflate_watchers;
    watch.unanswered.push_back({std::move(message), watch.looks + 1});
    if (!watch.searching) look(watch);
}

WatchHome::Watch& WatchHome::make(StartWatch& message) {
    std::array<std::uint8_t, kIdBytes> bytes;
    auto watch = std::make_unique<Watch>();
    do {
        random_.fill(bytes);
        watch->id = base::base64url_encode(bytes);
    } while (watches_.contains(watch->id));
    watch->key = message.key;
    watch->groups = message.groups;
    watch->members = message.members;
    if (!watch->groups) watch->rows = WatchedRows<v1::UserRow>{};
    watch->watchers_on.resize(worker_count_);
    Watch& made = *watch;
    by_key_.emplace(made.key, &made);
    if (!made.groups) by_group_[made.members.group].push_back(&made);
    watches_.emplace(made.id, std::move(watch));
    return made;
}

void WatchHome::answer(const Watch& watch, const StartWatch& to) {
    std::string json;
    std::visit(
        [&](const auto& rows) {
            v1::append_watching(json, to.command_id, {watch.id, watch.version, rows.end_of_list}, rows.list);
        },
        watch.rows);
    port_.send(to.caller.address.worker,
               Watching{to.caller, to.command_id, to.key, self_, watch.id, std::move(json)});
}

void WatchHome::stop(StopWatch&& message) {
    const auto found = watches_.find(message.watch);
    if (found == watches_.end()) return;
    Watch& watch = *found->second;
    --watch.watchers_on[message.caller.address.worker];
    if (message.caller.deflate) --watch.deflate_watchers;
}

void WatchHome::forget(const Watch& watch) {
    by_key_.erase(watch.key);
    if (!watch.groups) {
        const auto of_group = by_group_.find(watch.members.group);
        std::erase(of_group->second, &watch);
        if (of_group->second.empty()) by_group_.erase(of_group);
    }
    watches_.erase(std::string(watch.id));
}

void WatchHome::on_members_changed(std::string_view group) {
    if (by_group_.empty()) return;
    const auto found = by_group_.find(group);
    if (found == by_group_.end()) return;
    for (Watch* watch : found->second)
        watch->changed = true;
}

void WatchHome::on_groups_changed() {
    for (const auto& [id, watch] : watches_) {
        if (watch->groups) watch->changed = true;
    }
}

void WatchHome::tick(base::Instant now) {
    now_ = now;
    std::vector<Watch*> due;
    std::vector<Watch*> unwatched;
    for (const auto& [id, watch] : watches_) {
        if (std::ranges::all_of(watch->watchers_on, [](std::uint32_t count) { return count == 0; })) {
            unwatched.push_back(watch.get());
        } else if (watch->changed && !watch->searching && now >= watch->looked_at + settings_.interval &&
                   !is_congested(*watch)) {
            due.push_back(watch.get());
        }
    }
    // Only here, so that no watch goes while somebody is being answered.
    for (Watch* watch : unwatched)
        forget(*watch);
    // A look may end the watch that it is at, and no other.
    for (Watch* watch : due)
        look(*watch);
}

bool WatchHome::is_congested(const Watch& watch) const {
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (watch.watchers_on[worker] > 0 && port_.is_congested(worker)) return true;
    }
    return false;
}

void WatchHome::look(Watch& watch) {
    watch.changed = false;
    watch.looked_at = now_;
    ++watch.looks;
    if (watch.groups) {
        watch.searching = true;
        look_for_groups(watch, {}, std::nullopt, kSearchStepsMax);
    } else {
        look_at_members(watch);
    }
}

void WatchHome::look_at_members(Watch& watch) {
    const MemberQuery& query = watch.members;
    const Group* group = groups_.find(query.group);
    if (query.only_for_member && (group == nullptr || !group->members.has_user(*query.only_for_member))) {
        end(watch);
        return;
    }
    MemberPage page;
    if (group != nullptr) page = page_of(group->members, query, nullptr);
    show(watch, WatchedRows<v1::UserRow>{std::move(page.rows), !page.last.has_value()});
}

void WatchHome::look_for_groups(Watch& watch, v1::GroupRows found, std::optional<GroupPlace> after,
                                int steps_left) {
    search_.begin(watch.groups, std::move(after), steps_left > 1 && !watch.groups->visibility.everything,
                  [this, id = watch.id, found = std::move(found), steps_left](
                      GroupPage page, std::vector<std::uint64_t> as_of) mutable {
                      const auto place = watches_.find(id);
                      if (place == watches_.end()) return;
                      Watch& wanted = *place->second;
                      found.insert(found.end(), page.rows.begin(), page.rows.end());
                      const std::size_t limit = wanted.groups->limit;
                      if (page.looked_at_until && found.size() < limit && steps_left > 1) {
                          look_for_groups(wanted, std::move(found),
                                          GroupPlace{std::move(*page.looked_at_until), std::move(as_of)},
                                          steps_left - 1);
                          return;
                      }
                      wanted.searching = false;
                      const bool end_of_list = !page.looked_at_until && found.size() <= limit;
                      if (found.size() > limit) found.resize(limit);
                      show(wanted, WatchedRows<v1::GroupRow>{std::move(found), end_of_list});
                  });
}

template <class Row>
void WatchHome::show(Watch& watch, WatchedRows<Row> rows) {
    tell_change(watch, std::move(rows));
    // To answer may stop a watch, but it goes with the next tick only.
    const auto late =
        std::stable_partition(watch.unanswered.begin(), watch.unanswered.end(),
                              [&](const Starter& starter) { return starter.look <= watch.looks; });
    std::vector<Starter> answered(std::make_move_iterator(watch.unanswered.begin()),
                                  std::make_move_iterator(late));
    watch.unanswered.erase(watch.unanswered.begin(), late);
    for (const Starter& starter : answered)
        answer(watch, starter.message);
    if (!watch.unanswered.empty() && !watch.searching) look(watch);
}

template <class Row>
void WatchHome::tell_change(Watch& watch, WatchedRows<Row> rows) {
    auto& shown = std::get<WatchedRows<Row>>(watch.rows);
    const auto change = change_between(shown.list, rows.list);
    if (watch.version > 0 && change.gone.empty() && change.put.empty() &&
        shown.end_of_list == rows.end_of_list)
        return;
    shown = std::move(rows);
    ++watch.version;
    if (watch.version == 1) return;  // nobody has it yet
    json_.clear();
    v1::append_watch_event(json_, {watch.id, watch.version, shown.end_of_list}, change);
    deliver(watch);
}

void WatchHome::deliver(const Watch& watch) {
    const EncodedEventPtr event = encoder_.encode(json_, watch.deflate_watchers > 0);
    const auto name = std::make_shared<const std::string>(delivery_name_of(watch.id));
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (watch.watchers_on[worker] > 0) port_.send(worker, DeliverToGroup{name, event});
    }
}

void WatchHome::end(const Watch& watch) {
    for (const auto& [start, look] : watch.unanswered) {
        std::string json;
        v1::append_error(json, start.command_id, codec::ErrorReason::not_permitted);
        port_.send(start.caller.address.worker,
                   Watching{start.caller, start.command_id, start.key, self_, {}, std::move(json)});
    }
    for (WorkerIndex worker = 0; worker < worker_count_; ++worker) {
        if (watch.watchers_on[worker] > 0) port_.send(worker, WatchEnded{watch.id});
    }
    forget(watch);
}

}  // namespace pipit::core
