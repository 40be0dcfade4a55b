#include "core/history_page.hpp"

#include <algorithm>

namespace pipit::core {

void HistoryPage::take(const History& history, std::uint64_t before, base::Instant now) {
    if (history.empty()) return;
    for (std::uint64_t offset = std::min(before, history.first() + history.size());
         !full_ && offset-- > history.first();) {
        const History::Entry& entry = history.at(offset);
        if (entry.kind != History::Kind::message) continue;
        add(offset, entry.event->json(), static_cast<std::uint64_t>((now - entry.at).count()));
    }
}

void HistoryPage::add(std::uint64_t offset, std::string_view message, std::uint64_t age_ms) {
    const std::string_view row = codec::v1::message_row(message);
    full_ = rows_.size() == messages_max_ || (!rows_.empty() && bytes_ + row.size() > bytes_max_);
    if (full_) return;
    bytes_ += row.size();
    oldest_ = offset;
    rows_.push_back({row, age_ms});
}

std::string HistoryPage::json(std::string_view epoch) const {
    std::string json;
    codec::v1::append_history(json, {rows_.rbegin(), rows_.rend()}, epoch,
                              full_ ? std::optional(oldest_) : std::nullopt);
    return json;
}

}  // namespace pipit::core
