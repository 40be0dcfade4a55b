#include "store/history_streams.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "store/history_checksum.hpp"

namespace pipit::store {
namespace {

// Deleted of one group before the next has its turn.
constexpr std::uint64_t kPieceMax = 64;

int size_class(std::int64_t bytes) {
    return bytes <= 0 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(bytes)));
}

/// The one after `last` in a cycle through those from `begin` to `end`, of which there is one at least.
template <class Set, class Value>
auto next_in_turn(const Set& set, const Value& begin, const Value& last, const Value& end) {
    const auto next = set.upper_bound(last);
    return next != set.end() && *next < end ? next : set.lower_bound(begin);
}

}  // namespace

std::uint32_t HistoryStream::checksum() const {
    return HistoryChecksum()
        .add(id)
        .add(std::string_view(name))
        .add(std::string_view(epoch))
        .add(is_retired)
        .add(marks.first)
        .add(marks.last)
        .add(marks.bytes)
        .add(marks.oldest_at)
        .add(marks.newest_message)
        .value();
}

HistoryStream* HistoryStreams::find(std::string_view name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

HistoryStream* HistoryStreams::at(HistoryStreamId id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.get();
}

HistoryStreamId HistoryStreams::free_id() const {
    if (by_id_.empty()) return 1;
    if (by_id_.rbegin()->first < kIdMax) return by_id_.rbegin()->first + 1;
    HistoryStreamId id = 1;
    for (const auto& [taken, stream] : by_id_) {
        if (taken != id) break;
        ++id;
    }
    return id;
}

HistoryStream* HistoryStreams::add(std::string name, std::string epoch, UnixMs now) {
    const HistoryStreamId id = free_id();
    const auto open = static_cast<std::int64_t>(by_id_.size() - closed_.size());
    if (id > kIdMax || open >= bytes_max_ / 2 / kStreamBytes) return nullptr;
    const auto stream = std::make_shared<HistoryStream>();
    stream->id = id;
    stream->name = std::move(name);
    stream->epoch = std::move(epoch);
    stream->marks.oldest_at = now;
    insert(stream);
    changed_.insert(id);
    undo_.push_back([this, stream] { take_out(*stream); });
    return stream.get();
}

void HistoryStreams::load(HistoryStream stream) {
    const auto loaded = std::make_shared<HistoryStream>(std::move(stream));
    loaded->on_disk = loaded->checksum();
    digest_ ^= loaded->on_disk;
    insert(loaded);
}

void HistoryStreams::remove(HistoryStream& stream) {
    const StreamPtr kept = by_id_.at(stream.id);
    take_out(stream);
    removed_digest_ ^= stream.on_disk;
    changed_.erase(stream.id);
    undo_.push_back([this, kept] { insert(kept); });
}

void HistoryStreams::set_retired(HistoryStream& stream, bool is_retired) {
    changed_.insert(stream.id);
    // With its marks: set_marks() takes what has changed already for remembered.
    undo_.push_back([this, kept = by_id_.at(stream.id), before = stream.is_retired, marks = stream.marks] {
        replace_retired(*kept, before);
        replace_marks(*kept, marks);
    });
    replace_retired(stream, is_retired);
}

void HistoryStreams::replace_retired(HistoryStream& stream, bool is_retired) {
    if (!stream.is_retired) by_name_.erase(stream.name);
    change_closed(stream, [&] { stream.is_retired = is_retired; });
    if (!is_retired) by_name_.emplace(stream.name, &stream);
}

void HistoryStreams::set_open(HistoryStream& stream, bool is_open) {
    change_closed(stream, [&] { stream.is_open = is_open; });
}

HistoryStreams::Closed HistoryStreams::closed(const HistoryStream& stream) {
    const HistoryMarks& marks = stream.marks;
    return {marks.has_messages() ? size_class(marks.bytes) : 0, marks.oldest_at, stream.id};
}

template <class Change>
void HistoryStreams::change_closed(HistoryStream& stream, Change change) {
    closed_.erase(closed(stream));
    change();
    if (!stream.is_open || stream.is_retired) closed_.insert(closed(stream));
}

void HistoryStreams::set_marks(HistoryStream& stream, const HistoryMarks& marks) {
    if (changed_.insert(stream.id).second) {
        undo_.push_back(
            [this, kept = by_id_.at(stream.id), before = stream.marks] { replace_marks(*kept, before); });
    }
    replace_marks(stream, marks);
}

void HistoryStreams::replace_marks(HistoryStream& stream, const HistoryMarks& marks) {
    const HistoryMarks before = stream.marks;
    change_closed(stream, [&] { stream.marks = marks; });
    bytes_ += marks.bytes - before.bytes;
    // Nearly always none of them changes.
    if (is_crowded(before) != is_crowded(marks)) {
        if (is_crowded(marks)) {
            crowded_.insert(stream.id);
        } else {
            crowded_.erase(stream.id);
        }
    }
    if (size_class(before.bytes) != size_class(marks.bytes)) {
        by_size_.erase({size_class(before.bytes), stream.id});
        by_size_.emplace(size_class(marks.bytes), stream.id);
    }
    if (before.oldest_at != marks.oldest_at) {
        by_age_.erase({before.oldest_at, stream.id});
        by_age_.emplace(marks.oldest_at, stream.id);
    }
}

void HistoryStreams::insert(const StreamPtr& stream) {
    const HistoryMarks& marks = stream->marks;
    by_id_.emplace(stream->id, stream);
    if (!stream->is_retired) by_name_.emplace(stream->name, stream.get());
    if (is_crowded(marks)) crowded_.insert(stream->id);
    by_size_.emplace(size_class(marks.bytes), stream->id);
    by_age_.emplace(marks.oldest_at, stream->id);
    if (!stream->is_open || stream->is_retired) closed_.insert(closed(*stream));
    bytes_ += kStreamBytes + marks.bytes;
}

void HistoryStreams::take_out(const HistoryStream& stream) {
    const HistoryMarks& marks = stream.marks;
    crowded_.erase(stream.id);
    by_size_.erase({size_class(marks.bytes), stream.id});
    by_age_.erase({marks.oldest_at, stream.id});
    closed_.erase(closed(stream));
    bytes_ -= kStreamBytes + marks.bytes;
    if (!stream.is_retired) by_name_.erase(stream.name);
    by_id_.erase(stream.id);
}

std::uint32_t HistoryStreams::digest() const {
    std::uint32_t digest = digest_ ^ removed_digest_;
    for (const HistoryStreamId id : changed_) {
        const HistoryStream& stream = *by_id_.at(id);
        digest ^= stream.on_disk ^ stream.checksum();
    }
    return digest;
}

bool HistoryStreams::is_crowded(const HistoryMarks& marks) const {
    return marks.count() > records_max_ + std::clamp<std::uint64_t>(records_max_ / 8, 1, kPieceMax);
}

HistoryStreams::Excess HistoryStreams::everything(HistoryStream& stream) {
    return {.stream = &stream,
            .records = std::numeric_limits<std::uint64_t>::max(),
            .bytes = std::numeric_limits<std::int64_t>::max(),
            .before = std::numeric_limits<UnixMs>::max()};
}

std::optional<HistoryStreams::Excess> HistoryStreams::excess(UnixMs not_before) {
    if (by_id_.empty()) return std::nullopt;
    if (bytes_ > bytes_max_) {
        // Nothing, when all of them are open and have no records: there were more bytes before.
        if (auto excess = excess_of_bytes()) return excess;
    }
    Excess excess;
    if (!crowded_.empty()) {
        last_shrunk_ = *next_in_turn(crowded_, HistoryStreamId{0}, last_shrunk_, kIdMax + 1);
        excess = everything(*at(last_shrunk_));
        excess.records = std::min(kPieceMax, excess.stream->marks.count() - records_max_);
        return excess;
    }
    if (by_age_.begin()->first >= not_before) return std::nullopt;
    excess = everything(*at(by_age_.begin()->second));
    excess.records = kPieceMax;
    excess.before = not_before;
    excess.forget = excess.stream->marks.count() == 0 && closed_.contains(closed(*excess.stream));
    return excess;
}

std::optional<HistoryStreams::Excess> HistoryStreams::excess_of_bytes() {
    if (!closed_.empty()) {
        const auto& [size, at_time, id] = *closed_.begin();
        const auto streams_bytes = static_cast<std::int64_t>(by_id_.size()) * kStreamBytes;
        if (size == 0 || streams_bytes > bytes_max_ / 2) {
            Excess excess = everything(*at(id));
            excess.forget = true;
            return excess;
        }
    }
    const int largest = by_size_.rbegin()->first;
    if (largest == 0) return std::nullopt;
    const std::pair begin(largest, HistoryStreamId{0});
    const std::pair end(largest + 1, HistoryStreamId{0});
    last_shrunk_ = next_in_turn(by_size_, begin, std::pair(largest, last_shrunk_), end)->second;
    Excess excess = everything(*at(last_shrunk_));
    excess.records = kPieceMax;
    excess.bytes = bytes_ - bytes_max_;
    return excess;
}

void HistoryStreams::keep_changes() {
    digest_ = digest();
    removed_digest_ = 0;
    for (const HistoryStreamId id : changed_) {
        HistoryStream& stream = *by_id_.at(id);
        stream.on_disk = stream.checksum();
    }
    changed_.clear();
    undo_.clear();
}

void HistoryStreams::undo_changes() {
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step)
        (*step)();
    changed_.clear();
    removed_digest_ = 0;
    undo_.clear();
}

}  // namespace pipit::store
