#include "store/history_log.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/base64url.hpp"

namespace pipit::store {
namespace {

// Deleting takes its turn with writing: twice as much is deleted as comes, and some if nothing comes.
constexpr std::uint64_t kExpiredMin = 256;
constexpr std::uint64_t kExpiredPerAppended = 2;

std::string new_epoch(base::Random& random) {
    std::array<std::uint8_t, 6> bytes;
    random.fill(bytes);
    return base::base64url_encode(bytes);
}

HistoryLogId new_log_id(base::Random& random) {
    std::array<std::uint8_t, 8> bytes;
    random.fill(bytes);
    HistoryLogId id;
    std::copy(bytes.begin(), bytes.end(), id.begin());
    return id;
}

HistoryPlace place_of(const HistoryStream& stream) {
    return {stream.epoch, stream.marks.first, stream.marks.last};
}

HistoryError damaged(std::string message) {
    return {HistoryFault::damaged, std::move(message)};
}

}  // namespace

HistoryLog::HistoryLog(Settings settings, std::unique_ptr<HistoryFolder> folder, base::Random& random)
    : settings_(std::move(settings)),
      folder_(std::move(folder)),
      random_(random),
      witness_(folder_->witness()),
      streams_(std::make_unique<HistoryStreams>(settings_.limits)) {}

HistoryLog::~HistoryLog() {
    if (tables_ && broken_) tables_->connection().abandon();
}

HistoryResult<std::unique_ptr<HistoryLog>> HistoryLog::open(Settings settings, base::Random& random,
                                                            UnixMs now) {
    auto folder = HistoryFolder::lock(settings.folder);
    if (!folder) return folder.error();
    std::unique_ptr<HistoryLog> log(new HistoryLog(std::move(settings), std::move(*folder), random));
    log->now_ = now;
    const HistoryStatus ready = log->make_ready();
    if (!ready && ready.error().fault != HistoryFault::disk_full) return ready.error();
    return log;
}

std::optional<std::string> HistoryLog::take_damage() {
    return std::exchange(damage_, std::nullopt);
}

// The database.

HistoryStatus HistoryLog::make_ready() {
    if (tables_) return std::monostate{};
    if (must_put_aside_) {
        if (HistoryStatus done = put_aside(); !done) return done;
    }
    HistoryStatus opened = open_database();
    if (!opened && opened.error().fault == HistoryFault::damaged) {
        // An empty one is ready at once.
        const HistoryError error = note(opened.error());
        if (must_put_aside_) return error;
        opened = open_database();
    }
    if (!opened) {
        drop_connection();
        return note(opened.error());
    }
    return std::monostate{};
}

HistoryStatus HistoryLog::open_database() {
    if (!folder_->has_database() && folder_->has_rest()) return damaged("the database is missing");
    auto tables = HistoryTables::open(folder_->database(), settings_.vfs);
    if (!tables) return tables.error();
    tables_ = std::move(*tables);

    auto found = std::make_unique<HistoryStreams>(settings_.limits);
    HistoryHead head{.log = new_log_id(random_)};
    if (tables_->is_new()) {
        const auto witness = witness_.read();
        if (!witness) return witness.error();
        if (*witness) return damaged("its tables are missing");
        if (HistoryStatus made = tables_->create(head); !made) return made;
    } else {
        const auto loaded = tables_->load(*found);
        if (!loaded) return loaded.error();
        head = *loaded;
    }
    if (HistoryStatus fits = check_witness(head); !fits) return fits;

    is_on_disk_ = false;
    const HistoryStatus on_disk = see_to_disk();
    // A full disk can be read.
    if (!on_disk && (has_state_ || on_disk.error().fault != HistoryFault::disk_full)) return on_disk;
    if (has_state_) {
        if (HistoryStatus back = take_back(*found, head); !back) return back;
    }
    // Made, the first time, before anything is acknowledged.
    if (HistoryStatus written = witness_.write({head.log, head.sequence}); !written) return written;
    head_ = head;
    streams_ = std::move(found);
    has_state_ = true;
    return std::monostate{};
}

HistoryStatus HistoryLog::check_witness(const HistoryHead& head) const {
    const auto witness = witness_.read();
    if (!witness) return witness.error();
    if (!*witness) {
        if (head.sequence == 0) return std::monostate{};
        return damaged("the file that counts the commits is missing");
    }
    if ((*witness)->log != head.log)
        return damaged("the file that counts the commits is that of another log");
    if ((*witness)->sequence <= head.sequence) return std::monostate{};
    return damaged(std::to_string((*witness)->sequence - head.sequence) + " commits are missing at its end");
}

HistoryStatus HistoryLog::take_back(HistoryStreams& found, HistoryHead& head) {
    if (head.log != head_.log || head.sequence < head_.sequence)
        return damaged("commits are missing at its end");
    found.each([&](HistoryStream& stream) {
        const HistoryStream* known = streams_->at(stream.id);
        found.set_open(stream, known != nullptr && known->epoch == stream.epoch && known->is_open);
    });
    if (head.sequence == head_.sequence) return std::monostate{};

    if (HistoryStatus begun = tables_->begin(); !begun) return begun;
    std::vector<HistoryStream*> streams;
    found.each([&](HistoryStream& stream) { streams.push_back(&stream); });
    // First those that were made: one that was retired for them gets its name back.
    const auto is_known = [this](const HistoryStream* stream) {
        const HistoryStream* known = streams_->at(stream->id);
        return known != nullptr && known->epoch == stream->epoch;
    };
    const auto known = std::partition(streams.begin(), streams.end(), std::not_fn(is_known));
    for (auto made = streams.begin(); made != known; ++made) {
        if (HistoryStatus done = cut(found, **made, {}); !done) return done;
        if (HistoryStatus done = tables_->delete_stream(**made); !done) return done;
        found.remove(**made);
    }
    for (auto stream = known; stream != streams.end(); ++stream) {
        const HistoryStream& before = *streams_->at((*stream)->id);
        if (HistoryStatus done = cut(found, **stream, before.marks); !done) return done;
        if ((*stream)->is_retired != before.is_retired) found.set_retired(**stream, before.is_retired);
    }
    for (const HistoryStreamId id : found.changed()) {
        if (HistoryStatus done = tables_->write_stream(*found.at(id)); !done) return done;
    }
    const HistoryHead next{head.log, head.sequence + 1, found.size(), found.digest()};
    if (HistoryStatus done = tables_->commit(next); !done) return done;
    found.keep_changes();
    head = next;
    return std::monostate{};
}

HistoryStatus HistoryLog::cut(HistoryStreams& streams, HistoryStream& stream, const HistoryMarks& before) {
    HistoryMarks marks = stream.marks;
    const std::uint64_t last = before.last;
    if (marks.last <= last) return std::monostate{};
    const std::uint64_t from = std::max(last + 1, marks.first);
    const auto measured = tables_->measure(HistoryStreams::everything(stream), from, now_);
    if (!measured) return measured.error();
    if (HistoryStatus done = tables_->delete_records(stream, from, marks.last); !done) return done;
    marks.bytes -= measured->bytes;
    marks.first = std::min(marks.first, last + 1);
    marks.last = last;
    marks.newest_message = before.newest_message;
    streams.set_marks(stream, marks);
    return std::monostate{};
}

// What a sync has not confirmed may be in the WAL all the same, and reading it back proves nothing: the
// kernel gives what it could not write, too. So it is written once more, to the database, and synced there.
HistoryStatus HistoryLog::see_to_disk() {
    if (is_on_disk_) return std::monostate{};
    const HistoryStatus done = tables_->connection().checkpoint(true);
    is_on_disk_ = bool(done);
    return done;
}

HistoryError HistoryLog::note(const HistoryError& error) {
    switch (error.fault) {
        case HistoryFault::disk_full:
            // Without its state the database is not open yet.
            if (!has_state_ || !tables_ || !tables_->roll_back()) drop_connection();
            break;
        case HistoryFault::group_damaged:
            break;
        case HistoryFault::damaged:
            drop_connection();
            must_put_aside_ = error.message;
            if (HistoryStatus done = put_aside(); !done) return done.error();
            break;
        default:
            drop_connection();
    }
    return error;
}

void HistoryLog::drop_connection() {
    if (tables_) tables_->connection().abandon();
    tables_.reset();
}

HistoryStatus HistoryLog::put_aside() {
    witness_.close();
    const auto name = folder_->put_aside(now_);
    if (!name) return name.error();
    damage_ = "the log of the histories is damaged: " + *must_put_aside_ + "; it is now " + *name +
              ", and all histories begin anew";
    must_put_aside_.reset();
    streams_ = std::make_unique<HistoryStreams>(settings_.limits);
    has_state_ = false;
    return std::monostate{};
}

// Writing.

HistoryStatus HistoryLog::begin(UnixMs now) {
    now_ = now;
    if (HistoryStatus ready = make_readable(); !ready) return ready;
    if (HistoryStatus done = see_to_disk(); !done) return note(done.error());
    if (tables_->connection().wal_pages() >= 16 * settings_.wal_pages) {
        if (HistoryStatus done = tables_->connection().checkpoint(false); !done) return note(done.error());
    }
    if (HistoryStatus begun = tables_->begin(); !begun) return note(begun.error());
    broken_.reset();
    appended_ = 0;
    return std::monostate{};
}

HistoryError HistoryLog::note_in_transaction(const HistoryError& error) {
    broken_ = error;
    return error;
}

HistoryResult<HistoryPlace> HistoryLog::create(std::string_view group) {
    if (broken_) return *broken_;
    return add(group);
}

HistoryResult<HistoryPlace> HistoryLog::begin_anew(std::string_view group) {
    if (broken_) return *broken_;
    if (HistoryStream* stream = streams_->find(group)) streams_->set_retired(*stream, true);
    return add(group);
}

HistoryResult<HistoryPlace> HistoryLog::add(std::string_view group) {
    const HistoryStream* stream = streams_->add(std::string(group), new_epoch(random_), now_);
    if (stream == nullptr) return HistoryError{HistoryFault::disk_full, "there are too many groups"};
    return place_of(*stream);
}

HistoryResult<std::uint64_t> HistoryLog::append(std::string_view group, const HistoryDraft& draft) {
    if (broken_) return *broken_;
    HistoryStream* stream = streams_->find(group);
    PIPIT_ASSERT(stream != nullptr);
    HistoryMarks marks = stream->marks;
    PIPIT_ASSERT(marks.last < HistoryStreams::kOffsetMax);  // reached after 17 years of a thousand a second
    if (marks.count() == 0) marks.oldest_at = now_;
    ++marks.last;
    marks.bytes += HistoryTables::bytes_of(draft);
    if (draft.kind == kHistoryMessage) marks.newest_message = marks.last;
    if (HistoryStatus done = tables_->write_record(*stream, marks.last, now_, draft); !done) {
        return note_in_transaction(done.error());
    }
    streams_->set_marks(*stream, marks);
    ++appended_;
    return marks.last;
}

HistoryStatus HistoryLog::commit() {
    if (!broken_) {
        if (HistoryStatus written = write_commit(); !written) note_in_transaction(written.error());
    }
    if (broken_) {
        const HistoryError error = *std::exchange(broken_, std::nullopt);
        streams_->undo_changes();
        return note(error);
    }
    streams_->keep_changes();
    // If it cannot be written it only tells of less; the next commit tries again.
    (void)witness_.write({head_.log, head_.sequence});
    checkpoint_if_long();
    return std::monostate{};
}

HistoryStatus HistoryLog::write_commit() {
    HistoryStatus expired = expire_some(std::max(kExpiredMin, kExpiredPerAppended * appended_));
    if (!expired) return expired;
    for (const HistoryStreamId id : streams_->changed()) {
        if (HistoryStatus done = tables_->write_stream(*streams_->at(id)); !done) return done;
    }
    const HistoryHead next{head_.log, head_.sequence + 1, streams_->size(), streams_->digest()};
    if (HistoryStatus done = tables_->commit(next); !done) return done;
    head_ = next;
    return std::monostate{};
}

void HistoryLog::checkpoint_if_long() {
    if (tables_->connection().wal_pages() < settings_.wal_pages) return;
    const HistoryStatus done = tables_->connection().checkpoint(false);
    // What was committed is on the disk in the WAL. On a full one that grows, up to a limit.
    if (!done && done.error().fault != HistoryFault::disk_full) note(done.error());
}

// Deleting.

HistoryResult<bool> HistoryLog::expire(UnixMs now) {
    now_ = now;
    if (HistoryStatus ready = make_readable(); !ready) return ready.error();
    if (!next_excess()) return false;
    if (HistoryStatus begun = begin(now); !begun) return begun.error();
    if (HistoryStatus committed = commit(); !committed) return committed.error();
    return deleted_ > 0;
}

std::optional<HistoryStreams::Excess> HistoryLog::next_excess() {
    return streams_->excess(now_ - settings_.limits.age_max.count());
}

HistoryStatus HistoryLog::expire_some(std::uint64_t records_max) {
    deleted_ = 0;
    for (std::uint64_t steps = 0; steps + deleted_ < records_max; ++steps) {
        const auto excess = next_excess();
        if (!excess) break;
        if (HistoryStatus done = excess->forget ? forget(*excess->stream) : expire_piece(*excess); !done) {
            return done;
        }
    }
    return std::monostate{};
}

HistoryStatus HistoryLog::forget(HistoryStream& stream) {
    const HistoryMarks& marks = stream.marks;
    if (marks.count() > 0) {
        if (HistoryStatus done = tables_->delete_records(stream, marks.first, marks.last); !done) return done;
    }
    if (HistoryStatus done = tables_->delete_stream(stream); !done) return done;
    deleted_ += marks.count() + 1;
    streams_->remove(stream);
    return std::monostate{};
}

HistoryStatus HistoryLog::expire_piece(const HistoryStreams::Excess& excess) {
    HistoryStream& stream = *excess.stream;
    HistoryMarks marks = stream.marks;
    const auto measured = tables_->measure(excess, marks.first, now_);
    if (!measured) return measured.error();
    if (measured->count > 0) {
        const std::uint64_t to = marks.first + measured->count - 1;
        if (HistoryStatus done = tables_->delete_records(stream, marks.first, to); !done) return done;
    }
    marks.first += measured->count;
    marks.bytes = marks.count() == 0 ? 0 : std::max<std::int64_t>(0, marks.bytes - measured->bytes);
    marks.oldest_at = measured->next_at;
    streams_->set_marks(stream, marks);
    deleted_ += measured->count;
    return std::monostate{};
}

}  // namespace pipit::store
