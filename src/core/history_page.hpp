#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "codec/pipit_v1.hpp"
#include "core/history.hpp"

namespace pipit::core {

/// Messages of one group, gathered from the newest to the oldest until the page is full.
class HistoryPage {
 public:
    /// At least one message fits, however long it is.
    HistoryPage(std::size_t messages_max, std::size_t bytes_max)
        : messages_max_(messages_max), bytes_max_(bytes_max) {}

    /// Takes the messages whose offset is less than `before`.
    void take(const History& history, std::uint64_t before, base::Instant now);
    /// Takes one that is older than those before it.
    void add(std::uint64_t offset, EncodedEventPtr message, std::uint64_t age_ms);
    /// There are older ones that it was not given.
    void set_more() { full_ = true; }

    /// Whether there are older ones that are not on it.
    bool is_full() const { return full_; }
    /// The content of the answer.
    std::string json(std::string_view epoch) const;

 private:
    std::size_t messages_max_, bytes_max_;
    std::size_t bytes_ = 0;
    bool full_ = false;
    std::uint64_t oldest_ = 0;
    std::vector<EncodedEventPtr> messages_;    // what `rows_` shows
    std::vector<codec::v1::HistoryRow> rows_;  // from the newest to the oldest
};

}  // namespace pipit::core
