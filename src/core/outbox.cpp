#include "core/outbox.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace pipit::core {
namespace {
// A range that is less than this part of its batch is copied when it has to wait.
constexpr std::size_t kSharesToKeep = 4;
}  // namespace

void TouchedOutboxes::flush_all() {
    // Owners may close connections while they flush, but nothing that a flush does adds to an outbox of this
    // turn.
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        Outbox* outbox = touched_[i];
        if (outbox == nullptr) continue;
        outbox->is_touched_ = false;
        outbox->owner_.flush();
    }
    touched_.clear();
}

Outbox::~Outbox() {
    if (is_touched_)
        std::replace(touched_.touched_.begin(), touched_.touched_.end(), this, static_cast<Outbox*>(nullptr));
}

void Outbox::touch() {
    if (is_touched_) return;
    is_touched_ = true;
    touched_.touched_.push_back(this);
}

void Outbox::open_range(const BatchPtr& batch) {
    if (open_ != nullptr && find_open(*batch) != ranges_.rend()) return;
    open_ = batch.get();
    ranges_.push_back({batch, static_cast<std::uint32_t>(batch->size()), kOpen});
    touch();
}

void Outbox::close_range(const Batch& batch) {
    if (open_ == nullptr) return;
    const auto range = find_open(batch);
    if (range == ranges_.rend()) return;
    range->end = static_cast<std::uint32_t>(batch.size());
    const auto other =
        std::find_if(ranges_.rbegin(), ranges_.rend(), [](const Range& r) { return r.end == kOpen; });
    open_ = other == ranges_.rend() ? nullptr : other->batch.get();
}

Outbox::Ranges::reverse_iterator Outbox::find_open(const Batch& batch) {
    return std::find_if(ranges_.rbegin(), ranges_.rend(), [&](const Range& range) {
        return range.end == kOpen && range.batch.get() == &batch;
    });
}

void Outbox::push_range(const BatchPtr& batch, std::size_t begin) {
    const auto from = static_cast<std::uint32_t>(begin);
    const auto to = static_cast<std::uint32_t>(batch->size());
    if (!ranges_.empty() && ranges_.back().batch == batch && ranges_.back().end == from) {
        ranges_.back().end = to;
    } else {
        ranges_.push_back({batch, from, to});
    }
    touch();
}

std::size_t Outbox::bytes() const {
    std::size_t total = settled_bytes_;
    for (std::size_t i = settled_; i < ranges_.size(); ++i)
        total += ranges_[i].size();
    return total;
}

std::string_view Outbox::front(std::span<char> scratch) const {
    if (ranges_.empty()) return {};
    const std::string_view first = ranges_.front().view();
    if (ranges_.size() == 1 || first.size() >= scratch.size()) return first;
    std::size_t filled = 0;
    for (const Range& range : ranges_) {
        const std::size_t count = std::min(range.size(), scratch.size() - filled);
        std::memcpy(scratch.data() + filled, range.view().data(), count);
        filled += count;
        if (filled == scratch.size()) break;
    }
    return {scratch.data(), filled};
}

void Outbox::consume(std::size_t count) {
    PIPIT_ASSERT(may_end_ranges());
    std::size_t done = 0;
    std::size_t left = count;
    while (done < ranges_.size() && left >= ranges_[done].size())
        left -= ranges_[done++].size();
    open_ = nullptr;  // its batch is sealed, like all of a turn, and may go with the last range on it
    if (done == ranges_.size()) {
        PIPIT_ASSERT(left == 0);
    } else {
        ranges_[done].begin += static_cast<std::uint32_t>(left);
    }
    settled_bytes_ -= static_cast<std::uint32_t>(std::min<std::size_t>(count, settled_bytes_));
    settled_ -= static_cast<std::uint32_t>(std::min<std::size_t>(done, settled_));
    ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(done));
}

void Outbox::retain() {
    PIPIT_ASSERT(may_end_ranges());
    for (; settled_ < ranges_.size(); ++settled_) {
        Range& range = ranges_[settled_];
        if (range.size() < range.batch->size() / kSharesToKeep) {
            // Otherwise a few waiting bytes could hold the traffic of everyone else in memory.
            BatchPtr own(new Batch);
            own->bytes() = range.view();
            own->seal();
            range = {own, 0, static_cast<std::uint32_t>(own->size())};
        } else if (range.end == kOpen) {
            range.end = static_cast<std::uint32_t>(range.batch->size());
        }
        settled_bytes_ += static_cast<std::uint32_t>(range.size());
    }
    open_ = nullptr;
}

}  // namespace pipit::core
