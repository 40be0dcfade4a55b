#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pipit::net {

/// Values by name, of the names used last only: where strangers choose the names, one more takes the place
/// of the least recently used, and nothing else is lost. Every call but the walk is of constant time.
template <class Value>
class LruMap {
 public:
    using Entries = std::list<std::pair<const std::string, Value>>;

    /// At most so many, and at least one.
    explicit LruMap(std::size_t size_max) : size_max_(size_max) {}
    LruMap(const LruMap&) = delete;
    LruMap& operator=(const LruMap&) = delete;

    /// The value of this name, used now; a new one when there is none.
    Value& use(const std::string& name) {
        if (const auto found = places_.find(name); found != places_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return entries_.front().second;
        }
        if (entries_.size() >= size_max_) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(name, Value{});
        places_.emplace(entries_.front().first, entries_.begin());
        return entries_.front().second;
    }
    void erase(const std::string& name) {
        if (const auto found = places_.find(name); found != places_.end()) {
            const auto entry = found->second;
            places_.erase(found);
            entries_.erase(entry);
        }
    }

    /// The most recently used first.
    const Entries& entries() const { return entries_; }

 private:
    const std::size_t size_max_;
    Entries entries_;
    std::unordered_map<std::string_view, typename Entries::iterator>
        places_;  // the keys are those of entries_
};

}  // namespace pipit::net
