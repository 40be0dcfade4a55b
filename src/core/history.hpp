#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/time.hpp"
#include "core/encoded_event.hpp"
#include "core/growing_ring.hpp"
#include "core/log_record.hpp"

namespace pipit::core {

/// The newest events of one stream, without a hole between them. Owned by one worker.
class History {
 public:
    using Kind = LogRecord::Kind;
    struct Entry {
        EncodedEventPtr event =
            {};            ///< shared with whoever still has to send it; null: a notice nobody has missed
        UserId user = {};  ///< of a notice: whom it is about, and likewise `cid`
        Cid cid = {};
        Kind kind = Kind::message;
        base::Instant at{};
    };

    bool empty() const { return entries_.empty(); }
    bool has_messages() const { return messages_ > 0; }
    std::size_t size() const { return entries_.size(); }
    /// The offset of the oldest; there must be one.
    std::uint64_t first() const { return first_; }
    const Entry& oldest() const { return entries_.front(); }
    /// The entry with that offset, which must be kept.
    const Entry& at(std::uint64_t offset) const {
        PIPIT_ASSERT(offset >= first_ && offset - first_ < entries_.size());
        return entries_[static_cast<std::size_t>(offset - first_)];
    }

    /// `offset` must follow the last one, unless nothing is kept.
    void push(std::uint64_t offset, Entry entry) {
        if (entries_.empty()) first_ = offset;
        PIPIT_ASSERT(offset == first_ + entries_.size());
        event_bytes_ += bytes_of(entry.event);
        messages_ += entry.kind == Kind::message;
        entries_.push_back(std::move(entry));
    }
    void drop_oldest() {
        event_bytes_ -= bytes_of(entries_.front().event);
        messages_ -= entries_.front().kind == Kind::message;
        entries_.pop_front();
        ++first_;
    }
    /// From now on the notice with that offset has its event.
    void set_event(std::uint64_t offset, EncodedEventPtr event) {
        PIPIT_ASSERT(at(offset).event == nullptr);
        event_bytes_ += bytes_of(event);
        entries_[static_cast<std::size_t>(offset - first_)].event = std::move(event);
    }

    /// About how much memory it takes. The names of users are shared with others and not counted.
    std::size_t bytes() const { return event_bytes_ + entries_.bytes(); }

 private:
    static std::size_t bytes_of(const EncodedEventPtr& event) {
        constexpr std::size_t kAllocations =
            3 * 16;  // what the allocator takes for itself, the count included
        if (event == nullptr) return 0;
        return sizeof(EncodedEvent) + event->plain.capacity() + event->deflated.capacity() + kAllocations;
    }

    GrowingRing<Entry> entries_;
    std::uint64_t first_ = 0;
    std::size_t event_bytes_ = 0;
    std::size_t messages_ = 0;
};

}  // namespace pipit::core
