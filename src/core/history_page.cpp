#include "core/history_page.hpp"

#include <algorithm>
#include <utility>

namespace pipit::core {

void HistoryPage::take(const History& history, std::uint64_t before, base::Instant now) {
    if (history.empty()) return;
    for (std::uint64_t offset = std::min(before, history.first() + history.size());
         !full_ && offset-- > history.first();) {
        const History::Entry& entry = history.at(offset);
        if (entry.kind != History::Kind::message) continue;
        add(offset, entry.event, static_cast<std::uint64_t>((now - entry.at).count()));
    }
}

void HistoryPage::add(std::uint64_t offset, EncodedEventPtr message, std::uint64_t age_ms) {
    const std::string_view row = codec::v1::message_row(message->json());
    full_ = full_ || rows_.size() == messages_max_ || (!rows_.empty() && bytes_ + row.size() > bytes_max_);
    if (full_) return;
    bytes_ += row.size();
    oldest_ = offset;
    rows_.push_back({row, age_ms});
    messages_.push_back(std::move(message));
}

std::string HistoryPage::json(std::string_view epoch) const {
    std::string json;
    codec::v1::append_history(json, {rows_.rbegin(), rows_.rend()}, epoch,
                              full_ && !rows_.empty() ? std::optional(oldest_) : std::nullopt);
    return json;
}

}  // namespace pipit::core
