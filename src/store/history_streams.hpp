#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/history_records.hpp"

namespace pipit::store {

/// Stands in the place of every record on disk: 24 bits, above the 39 bits of an offset.
using HistoryStreamId = std::int64_t;

/// What changes of a group when something is written or deleted.
struct HistoryMarks {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    std::int64_t bytes = 0;  ///< of the records
    UnixMs oldest_at = 0;    ///< of the record `first`; without one, of the moment since when that is so
    std::uint64_t newest_message = 0;  ///< its offset, also when it is not kept any more; 0: there was none

    std::uint64_t count() const { return last + 1 - first; }
    bool has_messages() const { return newest_message >= first; }
    friend bool operator==(const HistoryMarks&, const HistoryMarks&) = default;
};

struct HistoryStream {
    HistoryStreamId id = 0;
    std::string name;
    std::string epoch;
    bool is_retired = false;  ///< damaged: nothing reads it, and it goes when its time has come
    HistoryMarks marks;
    // Not on disk.
    bool is_open = false;       ///< somebody goes by its epoch; HistoryStreams::set_open()
    std::uint32_t on_disk = 0;  ///< checksum() of what is committed; 0 when nothing is

    std::uint32_t checksum() const;
};

/// All groups that a log has, in memory, as the transaction leaves them that is on its way; and which of them
/// have to give something up.
class HistoryStreams {
 public:
    static constexpr HistoryStreamId kIdMax = (1 << 24) - 1;
    static constexpr std::uint64_t kOffsetMax = (1ULL << 39) - 1;
    /// What each group counts for besides its records: more than it takes on disk, and about what it takes in
    /// memory.
    static constexpr std::int64_t kStreamBytes = 1'024;

    explicit HistoryStreams(const HistoryLimits& limits)
        : records_max_(limits.records_max), bytes_max_(static_cast<std::int64_t>(limits.bytes_max)) {}

    /// Null when there is none, or only a retired one. Valid until it is removed.
    HistoryStream* find(std::string_view name);
    HistoryStream* at(HistoryStreamId id);

    /// Null when there are as many as there may be: those that are open count, besides their records, for
    /// half of all bytes at most.
    HistoryStream* add(std::string name, std::string epoch, UnixMs now);
    /// One that was read from disk.
    void load(HistoryStream stream);
    void remove(HistoryStream& stream);
    /// From now on there is no stream of that name, or (`is_retired` false) it is this one again.
    void set_retired(HistoryStream& stream, bool is_retired);
    void set_marks(HistoryStream& stream, const HistoryMarks& marks);
    /// In no transaction: it stays so when that is undone.
    void set_open(HistoryStream& stream, bool is_open);

    std::size_t size() const { return by_id_.size(); }
    std::int64_t bytes() const { return bytes_; }
    /// One number for all of them as they stand: with it, none can be lost or be an old one unnoticed.
    std::uint32_t digest() const;

    /// What has to go next, of the group whose turn it is.
    struct Excess {
        HistoryStream* stream = nullptr;
        std::uint64_t records = 0;  ///< that many of its oldest
        std::int64_t bytes = 0;     ///< but not more than make up so many
        UnixMs before = 0;          ///< and none that was written at this moment or later
        bool forget = false;        ///< the group goes, with whatever it has
    };
    /// If one of these is exceeded: the bytes of all; the records of one; the age of the oldest record, or of
    /// the moment since when there is none. For want of bytes, groups that are not open and have no messages
    /// go first; then, while groups count besides their records for more than half of what there is, those
    /// that are not open and have least; then the largest give something up.
    std::optional<Excess> excess(UnixMs not_before);
    static Excess everything(HistoryStream& stream);

    // The transaction on its way: those it has changed or added and not removed, and its end.
    const std::set<HistoryStreamId>& changed() const { return changed_; }
    void keep_changes();
    void undo_changes();

    template <class Visit>
    void each(Visit visit) {
        for (auto& [id, stream] : by_id_)
            visit(*stream);
    }

 private:
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };

    using StreamPtr = std::shared_ptr<HistoryStream>;

    HistoryStreamId free_id() const;
    bool is_crowded(const HistoryMarks& marks) const;
    std::optional<Excess> excess_of_bytes();
    void insert(const StreamPtr& stream);
    void take_out(const HistoryStream& stream);
    /// Does it to a stream of which it changes whether and where it stands in closed_.
    template <class Change>
    void change_closed(HistoryStream& stream, Change change);
    /// As set_retired() and set_marks(), for good.
    void replace_retired(HistoryStream& stream, bool is_retired);
    void replace_marks(HistoryStream& stream, const HistoryMarks& marks);

    /// In the order in which they are forgotten: by the power of two of their bytes, which is 0 for those
    /// without messages, then by age.
    using Closed = std::tuple<int, UnixMs, HistoryStreamId>;
    static Closed closed(const HistoryStream& stream);

    const std::uint64_t records_max_;
    const std::int64_t bytes_max_;
    std::unordered_map<std::string, HistoryStream*, NameHash, std::equal_to<>> by_name_;
    std::map<HistoryStreamId, StreamPtr> by_id_;
    std::set<HistoryStreamId> crowded_;                  // with so many that it is worth deleting some
    std::set<std::pair<int, HistoryStreamId>> by_size_;  // by the power of two of their bytes
    std::set<std::pair<UnixMs, HistoryStreamId>> by_age_;
    std::set<Closed> closed_;  // of which nobody goes by the epoch
    std::int64_t bytes_ = 0;
    HistoryStreamId last_shrunk_ = 0;

    std::set<HistoryStreamId> changed_;
    std::uint32_t digest_ = 0;          // of what is committed
    std::uint32_t removed_digest_ = 0;  // of what the transaction has removed of that
    std::vector<std::function<void()>> undo_;
};

}  // namespace pipit::store
