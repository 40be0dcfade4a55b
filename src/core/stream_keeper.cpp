#include "core/stream_keeper.hpp"

#include "base/assert.hpp"

namespace pipit::core {
namespace {
// Streams that a tick looks at for what has become too old, and how often it looks at each.
constexpr std::size_t kSweptInATick = 64;
constexpr base::Millis kSweepInterval{1'000};
// What takes less is no loud group: room for some dozens of short messages.
constexpr std::size_t kModestBytes = 16 << 10;
}  // namespace

KeptStream& StreamKeeper::kept(Stream& stream) {
    if (!stream.kept) {
        stream.kept = std::make_unique<KeptStream>();
        stream.kept->stream = &stream;
        sweep_.push_back(*stream.kept);
    }
    return *stream.kept;
}

void StreamKeeper::count(KeptStream& kept) {
    const std::size_t bytes = kept.bytes();
    const std::size_t before = std::exchange(kept.counted_bytes, bytes);
    bytes_ += bytes - before;
    if (before != 0 && class_of(before) == class_of(bytes)) return;
    kept.KeptHook<InSizeClass>::unlink();
    by_size_[class_of(bytes)].push_back(kept);
}

void StreamKeeper::keep(Stream& stream, const HistoryLimits& limits, History::Entry entry) {
    if (limits.events_max == 0) return;
    KeptStream& kept = this->kept(stream);
    drop_old(kept, entry.at);
    kept.history.push(stream.offset(), std::move(entry));
    // One that is empty still has some room of its own, which may be more than it is allowed.
    while (!kept.history.empty() &&
           (kept.history.size() > limits.events_max || kept.history.bytes() > limits.bytes_max))
        kept.history.drop_oldest();
    count(kept);
}

const History* StreamKeeper::history(Stream& stream, base::Instant now) {
    if (!stream.kept) return nullptr;
    drop_old(*stream.kept, now);
    count(*stream.kept);
    return stream.kept->history.empty() ? nullptr : &stream.kept->history;
}

const PostKeys::Post* StreamKeeper::find_post(Stream& stream, std::string_view user, std::string_view key,
                                              base::Instant now) {
    if (!stream.kept || !stream.kept->keys) return nullptr;
    drop_old(*stream.kept, now);
    return stream.kept->keys ? stream.kept->keys->find(user, key) : nullptr;
}

void StreamKeeper::keep_post(Stream& stream, PostKeys::Post post) {
    KeptStream& kept = this->kept(stream);
    if (!kept.keys) kept.keys = std::make_unique<PostKeys>();
    if (kept.keys->size() == kKeysMax) kept.keys->drop_oldest();
    kept.keys->add(std::move(post));
    count(kept);
}

bool StreamKeeper::release(Stream& stream, StreamOwner& owner, std::string_view name, base::Instant now) {
    if (away_max().count() == 0) return false;
    KeptStream& kept = this->kept(stream);
    kept.owner = &owner;
    kept.name = name;
    kept.away_until = now + away_max();
    away_.push_back(kept);
    if (!has_content(kept)) silent_.push_back(kept);
    count(kept);
    return true;
}

bool StreamKeeper::expect(Stream& stream, StreamOwner& owner, std::string_view name, base::Instant now) {
    if (!keeps_anything() || !release(stream, owner, name, now)) return false;
    stream.kept->KeptHook<InFirstToGo>::unlink();
    expected_.push_back(*stream.kept);
    return true;
}

void StreamKeeper::prolong(Stream& stream, base::Instant now) {
    if (!is_released(stream) || !keeps_anything()) return;
    KeptStream& kept = *stream.kept;
    kept.away_until = now + away_max();
    kept.KeptHook<InAway>::unlink();
    away_.push_back(kept);
}

void StreamKeeper::hold(Stream& stream) {
    if (!stream.kept || stream.kept->owner == nullptr) return;
    stream.kept->owner = nullptr;
    stream.kept->KeptHook<InAway>::unlink();
    stream.kept->KeptHook<InFirstToGo>::unlink();
    count(*stream.kept);
}

void StreamKeeper::clear(Stream& stream) {
    if (!stream.kept) return;
    stream.kept->history = {};
    stream.kept->keys.reset();
    count(*stream.kept);
}

void StreamKeeper::drop(Stream& stream) {
    if (!stream.kept) return;
    bytes_ -= stream.kept->counted_bytes;
    stream.kept.reset();
}

void StreamKeeper::drop_old(KeptStream& kept, base::Instant now) const {
    while (!kept.history.empty() && kept.history.oldest().at + settings_.age_max <= now)
        kept.history.drop_oldest();
    if (!kept.keys) return;
    kept.keys->drop_until(now - settings_.key_window);
    if (kept.keys->empty()) kept.keys.reset();
}

bool StreamKeeper::drop_oldest(KeptStream& kept) {
    if (!kept.history.empty()) {
        kept.history.drop_oldest();
        return true;
    }
    // Last of all: a gap is announced, but nobody notices by himself what takes effect twice.
    if (!kept.keys) return false;
    kept.keys->drop_oldest();
    if (kept.keys->empty()) kept.keys.reset();
    return true;
}

void StreamKeeper::forget(KeptStream& kept) {
    if (kept.owner != nullptr) {
        kept.owner->forget_stream(kept.name);
    } else {
        drop(*kept.stream);
    }
}

void StreamKeeper::make_room() {
    while (!expected_.empty() && bytes_ > settings_.bytes_max)
        forget(expected_.front());
    shrink_down_to(class_of(kModestBytes) + 1);
    while (!silent_.empty() && bytes_ > settings_.bytes_max) {
        KeptStream& kept = silent_.front();
        if (has_content(kept)) {
            kept.KeptHook<InFirstToGo>::unlink();
        } else {
            forget(kept);
        }
    }
    shrink_down_to(0);
}

void StreamKeeper::shrink_down_to(std::size_t last_class) {
    for (std::size_t size_class = kClasses; size_class-- > last_class && bytes_ > settings_.bytes_max;) {
        auto& streams = by_size_[size_class];
        while (!streams.empty() && bytes_ > settings_.bytes_max) {
            KeptStream& kept = streams.front();
            if (!drop_oldest(kept)) {
                forget(kept);
                continue;
            }
            // Each in turn: those of one class are about as large.
            kept.KeptHook<InSizeClass>::unlink();
            streams.push_back(kept);
            count(kept);
        }
    }
}

void StreamKeeper::tick(base::Instant now) {
    while (!away_.empty() && away_.front().away_until <= now)
        forget(away_.front());
    for (std::size_t i = 0; i < kSweptInATick && !sweep_.empty(); ++i) {
        KeptStream& kept = sweep_.front();
        if (kept.swept_at + kSweepInterval > now) break;
        kept.swept_at = now;
        sweep_.splice(sweep_.end(), sweep_, sweep_.iterator_to(kept));
        drop_old(kept, now);
        if (kept.history.empty() && !kept.keys && kept.owner == nullptr) {
            forget(kept);
        } else {
            count(kept);
        }
    }
}

}  // namespace pipit::core
