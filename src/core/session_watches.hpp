#pragma once

#include <algorithm>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/local_groups.hpp"

namespace pipit::core {

/// The lists that one session watches. Owned by one worker.
class SessionWatches {
 public:
    struct Watch {
        std::uint64_t command_id;
        std::string key;  ///< of the list
        WorkerIndex home;
        std::string id = {};              ///< empty: not answered yet
        LocalMembership membership = {};  ///< what it receives
    };

    /// Lists, each counted once.
    std::size_t count_without(std::string_view key) const {
        std::vector<std::string_view> keys;
        for (const Watch& watch : watches_) {
            if (watch.key != key && std::ranges::find(keys, watch.key) == keys.end())
                keys.push_back(watch.key);
        }
        return keys.size();
    }
    void add(Watch watch) { watches_.push_back(std::move(watch)); }
    /// Both, since clients may give one id to several commands.
    Watch* find_unanswered(std::uint64_t command_id, std::string_view key) {
        return find_if([&](const Watch& watch) {
            return watch.id.empty() && watch.command_id == command_id && watch.key == key;
        });
    }
    Watch* find(std::string_view id) {
        return find_if([&](const Watch& watch) { return watch.id == id; });
    }
    void remove(const Watch& gone) {
        watches_.remove_if([&](const Watch& watch) { return &watch == &gone; });
    }
    /// Of those that are answered.
    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        for (const Watch& watch : watches_) {
            if (!watch.id.empty()) ids.push_back(watch.id);
        }
        return ids;
    }
    bool empty() const { return watches_.empty(); }
    Watch& front() { return watches_.front(); }

 private:
    template <class Is>
    Watch* find_if(Is&& is) {
        const auto found = std::ranges::find_if(watches_, is);
        return found == watches_.end() ? nullptr : &*found;
    }

    std::list<Watch> watches_;  // their memberships must stay where they are
};

}  // namespace pipit::core
