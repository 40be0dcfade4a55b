#include <algorithm>

#include "base/assert.hpp"
#include "store/history_log.hpp"

namespace pipit::store {

HistoryStatus HistoryLog::make_readable() {
    if (HistoryStatus ready = make_ready(); !ready) return ready;
    if (damage_) return HistoryError{HistoryFault::damaged, *damage_};
    return std::monostate{};
}

HistoryResult<HistoryStream*> HistoryLog::known(std::string_view group) {
    if (HistoryStatus ready = make_readable(); !ready) return ready.error();
    HistoryStream* stream = streams_->find(group);
    PIPIT_ASSERT(stream != nullptr);
    return stream;
}

HistoryResult<std::optional<HistoryPlace>> HistoryLog::find(std::string_view group) {
    if (HistoryStatus ready = make_readable(); !ready) return ready.error();
    const HistoryStream* stream = streams_->find(group);
    if (stream == nullptr) return std::optional<HistoryPlace>();
    return std::optional(HistoryPlace{stream->epoch, stream->marks.first, stream->marks.last});
}

void HistoryLog::hold(std::string_view group, bool held) {
    if (HistoryStream* stream = streams_->find(group)) streams_->set_open(*stream, held);
}

HistoryResult<NewestOfHistory> HistoryLog::newest(std::string_view group, std::uint64_t up_to,
                                                  const NewestWanted& wanted) {
    const auto stream = known(group);
    if (!stream) return stream.error();
    const HistoryMarks& marks = (*stream)->marks;
    up_to = std::min(up_to, marks.last);
    NewestOfHistory newest;
    if (up_to < marks.first) return newest;
    std::uint64_t bytes = 0;
    const auto take = [&](HistoryRecord record) {
        bytes += record.data.size();
        if (bytes > wanted.bytes_max || record.at < wanted.not_before) return false;
        newest.records.push_back(std::move(record));
        return newest.records.size() < wanted.records_max;
    };
    if (wanted.records_max > 0) {
        if (HistoryStatus done = tables_->read_records(**stream, up_to, marks.first, take); !done) {
            return note(done.error());
        }
    }
    std::reverse(newest.records.begin(), newest.records.end());
    if (wanted.keys_max > 0) {
        auto keys = tables_->read_keys(**stream, up_to, marks.first, wanted);
        if (!keys) return note(keys.error());
        newest.keys = std::move(*keys);
    }
    return newest;
}

HistoryResult<std::vector<HistoryRecord>> HistoryLog::read(std::string_view group, std::uint64_t after,
                                                           std::uint64_t up_to, std::uint64_t bytes_max) {
    const auto stream = known(group);
    if (!stream) return stream.error();
    const std::uint64_t from = std::max(after + 1, (*stream)->marks.first);
    up_to = std::min(up_to, (*stream)->marks.last);
    std::vector<HistoryRecord> records;
    std::uint64_t bytes = 0;
    if (from > up_to) return records;
    const HistoryStatus done = tables_->read_records(**stream, from, up_to, [&](HistoryRecord record) {
        bytes += record.data.size();
        if (!records.empty() && bytes > bytes_max) return false;
        records.push_back(std::move(record));
        return true;
    });
    if (!done) return note(done.error());
    return records;
}

HistoryResult<HistoryLog::Messages> HistoryLog::read_messages(std::string_view group, std::uint64_t before,
                                                              std::uint64_t up_to, std::uint64_t messages_max,
                                                              std::uint64_t bytes_max) {
    const auto stream = known(group);
    if (!stream) return stream.error();
    const HistoryMarks& marks = (*stream)->marks;
    const std::uint64_t newest = std::min({before > 0 ? before - 1 : 0, up_to, marks.last});
    Messages messages;
    std::uint64_t bytes = 0;
    if (newest < marks.first) return messages;
    const auto take = [&](HistoryRecord record) {
        if (record.kind != kHistoryMessage) return true;
        bytes += record.data.size();
        messages.more = messages.list.size() == messages_max || (!messages.list.empty() && bytes > bytes_max);
        if (!messages.more) messages.list.push_back(std::move(record));
        return !messages.more;
    };
    if (HistoryStatus done = tables_->read_records(**stream, newest, marks.first, take); !done) {
        return note(done.error());
    }
    std::reverse(messages.list.begin(), messages.list.end());
    return messages;
}

}  // namespace pipit::store
