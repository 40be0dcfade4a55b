#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "base/time.hpp"
#include "codec/pipit_v1.hpp"
#include "core/shard_message.hpp"
#include "core/stream.hpp"

namespace pipit::core {

/// How much of one stream is kept.
struct HistoryLimits {
    std::size_t events_max = 200;  ///< 0: nothing is
    std::size_t bytes_max = 1 << 20;
};

/// The histories and post keys of all streams of one worker: none is older than it may be, and all together
/// take no more memory than they may. When they would, the largest give way first, so that a loud group does
/// not push out the quiet ones; and before what is modest those in which nobody is and nothing was said, so
/// that many groups do not either. Owned by one worker.
class StreamKeeper {
 public:
    struct Settings {
        std::size_t bytes_max = 64 << 20;
        base::Millis age_max{300'000};
        base::Millis key_window{300'000};  ///< 0: no post may be sent again
        base::Millis grace{0};             ///< a stream that nobody is there of stays so long at least
    };
    /// Posts of one recipient that may be sent again.
    static constexpr std::size_t kKeysMax = 32'768;

    explicit StreamKeeper(const Settings& settings) : settings_(settings) {}

    /// Keeps the event at the stream's present offset.
    void keep(Stream& stream, const HistoryLimits& limits, History::Entry entry);
    /// Where the stream has come to, for one who has told no position.
    static StreamNews news(const Stream& stream) { return {stream.epoch(), stream.offset()}; }
    /// What follows a client's position: at most `bytes_max` bytes of frames, but at least one event, and
    /// only if nothing between is missing. What follows a position of another epoch is all of this one, or,
    /// if that is not kept or does not fit, nothing, from where the stream has come to. `encode(std::uint64_t
    /// offset, const History::Entry&)` makes the event of a notice.
    template <class Encode>
    StreamNews recover(Stream& stream, const codec::v1::Position& since, std::size_t bytes_max,
                       base::Instant now, Encode&& encode);
    /// What is kept of its events; null: nothing.
    const History* history(Stream& stream, base::Instant now);

    /// Whether posts can be remembered at all.
    bool keeps_keys() const { return settings_.key_window.count() > 0; }
    /// Or anything else.
    bool keeps_anything() const { return settings_.age_max.count() > 0 || keeps_keys(); }
    base::Millis key_window() const { return settings_.key_window; }
    base::Millis age_max() const { return settings_.age_max; }
    /// The post that was sent first under that key; null when it is not known.
    const PostKeys::Post* find_post(Stream& stream, std::string_view user, std::string_view key,
                                    base::Instant now);
    void keep_post(Stream& stream, PostKeys::Post post);

    /// Nobody is there any more. False: nothing is kept of the stream then. Otherwise it stays until
    /// `owner.forget_stream(name)` is called, or somebody comes. `name` must stay where it is.
    bool release(Stream& stream, StreamOwner& owner, std::string_view name, base::Instant now);
    /// The same for a stream that nobody has come to yet. When there is too much, those go before all others,
    /// the oldest first: anybody can have any number of them made.
    bool expect(Stream& stream, StreamOwner& owner, std::string_view name, base::Instant now);
    /// Something is sent to it; if nobody is there, its time begins anew.
    void prolong(Stream& stream, base::Instant now);
    static bool is_released(const Stream& stream) {
        return stream.kept != nullptr && stream.kept->owner != nullptr;
    }
    /// Somebody is there.
    void hold(Stream& stream);
    /// Whether somebody is there or not, nothing of the stream is kept any more.
    void clear(Stream& stream);
    /// To be called before a stream is destroyed.
    void drop(Stream& stream);

    /// Call when no reference to a stream is held: forgets what has become too much.
    void make_room();
    /// The same for what has become too old: all of it, but not all at once.
    void tick(base::Instant now);

    /// Memory that all of it takes, about.
    std::size_t bytes() const { return bytes_; }

 private:
    template <class Tag>
    using List = boost::intrusive::list<KeptStream, boost::intrusive::base_hook<KeptHook<Tag>>,
                                        boost::intrusive::constant_time_size<false>>;
    static constexpr std::size_t kClasses = 48;  // of sizes, by powers of two

    /// How long a stream stays that nobody is there of.
    base::Millis away_max() const {
        return std::max({settings_.age_max, settings_.key_window, settings_.grace});
    }
    /// All that is kept behind that offset, up to `bytes_max` bytes of frames, but at least one event.
    template <class Encode>
    std::vector<EncodedEventPtr> page_after(Stream& stream, std::uint64_t offset, std::size_t bytes_max,
                                            Encode&& encode);
    KeptStream& kept(Stream& stream);
    void count(KeptStream& kept);
    static std::size_t class_of(std::size_t bytes) { return static_cast<std::size_t>(std::bit_width(bytes)); }
    void drop_old(KeptStream& kept, base::Instant now) const;
    /// False: there was nothing but the stream itself.
    static bool drop_oldest(KeptStream& kept);
    static bool has_content(const KeptStream& kept) {
        return kept.history.has_messages() || kept.keys != nullptr;
    }
    void forget(KeptStream& kept);
    /// Takes from the largest, as long as there is too much, and from none of a smaller class than that.
    void shrink_down_to(std::size_t last_class);

    Settings settings_;
    std::size_t bytes_ = 0;
    std::array<List<InSizeClass>, kClasses> by_size_;
    List<InSweep> sweep_;
    List<InAway> away_;  // each is kept as long, so this is the order in which they are forgotten
    List<InFirstToGo> expected_;
    List<InFirstToGo> silent_;  // nothing was said when the last one left; it may have been since
};

template <class Encode>
std::vector<EncodedEventPtr> StreamKeeper::page_after(Stream& stream, std::uint64_t offset,
                                                      std::size_t bytes_max, Encode&& encode) {
    std::vector<EncodedEventPtr> page;
    std::size_t bytes = 0;
    History& history = stream.kept->history;
    while (++offset <= stream.offset()) {
        if (history.at(offset).event == nullptr)
            history.set_event(offset, encode(offset, history.at(offset)));
        const EncodedEventPtr& event = history.at(offset).event;
        bytes += event->plain.size();
        if (bytes > bytes_max && !page.empty()) break;
        page.push_back(event);
    }
    count(*stream.kept);
    return page;
}

template <class Encode>
StreamNews StreamKeeper::recover(Stream& stream, const codec::v1::Position& since, std::size_t bytes_max,
                                 base::Instant now, Encode&& encode) {
    using codec::v1::NotRecovered;
    using codec::v1::Replayed;
    StreamNews news = this->news(stream);
    const std::uint64_t last = news.offset;
    const History* const history = this->history(stream, now);
    const std::uint64_t first = history != nullptr ? history->first() : last + 1;  // that is kept
    if (since.epoch != news.epoch) {
        news.recovery = NotRecovered{NotRecovered::Reason::epoch};
        if (first > 1 || last == 0) return news;
        news.missed = page_after(stream, 0, bytes_max, encode);
        if (news.missed.size() == last) {
            news.offset = 0;
        } else {
            news.missed.clear();
        }
    } else if (since.offset > last) {
        news.recovery = NotRecovered{NotRecovered::Reason::epoch};
    } else if (since.offset == last) {
        news.recovery = Replayed{0};
    } else if (since.offset + 1 < first) {
        news.recovery = NotRecovered{NotRecovered::Reason::window, last - since.offset};
    } else {
        news.missed = page_after(stream, since.offset, bytes_max, encode);
        news.offset = since.offset;
        news.recovery = Replayed{news.missed.size(), since.offset + news.missed.size() < last};
    }
    return news;
}

}  // namespace pipit::core
