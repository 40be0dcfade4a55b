#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pipit::soak {

/// Where in which group something stands.
struct Place {
    std::string group, epoch;
    std::uint64_t offset = 0;
};

/// The one order of every group, put together from what all its members get and from what answers say. Both
/// functions return what contradicts what is known, or nothing.
class Chronicle {
 public:
    /// A member has got `text` there, which means `meaning`.
    std::optional<std::string> saw(const Place& place, const std::string& meaning, std::string_view text);

    /// An answer gives `meaning` that place.
    std::optional<std::string> told(const Place& place, const std::string& meaning);

    /// Somebody has joined and was told offset 0: the group has begun just now.
    std::optional<std::string> begun(const Place& place);

    /// The largest offset that anybody saw or was told.
    std::uint64_t last_offset(const std::string& group, const std::string& epoch) const;

 private:
    struct Entry {
        std::size_t text_hash = 0;  // 0: nobody has got it yet
        std::string meaning;        // empty: not known yet
    };
    struct Epoch {
        std::string name;
        std::uint64_t first_offset = 1;  // of entries
        std::deque<Entry> entries;
        bool begun = false;
    };

    /// Nothing when it lies so far back that it was forgotten.
    Entry* entry(const Place& place);
    Epoch& epoch(const Place& place);

    std::map<std::string, std::deque<Epoch>> groups_;  // the newest epoch of each in front
};

}  // namespace pipit::soak
