#include "store/testing/histories.hpp"

#include <algorithm>
#include <limits>
#include <stdlib.h>

#include "base/assert.hpp"

namespace pipit::store {

namespace fs = std::filesystem;

TestFolder::TestFolder(Medium medium) {
    const fs::path memory = "/dev/shm";
    const bool is_in_memory = medium == Medium::memory && fs::is_directory(memory);
    std::string name = (is_in_memory ? memory : fs::temp_directory_path()) / "pipit-history-XXXXXX";
    PIPIT_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::vector<std::string> TestFolder::files(const std::string& prefix) const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(path_)) {
        const std::string name = file.path().filename().string();
        if (name.starts_with(prefix)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

HistoryDraft message(std::string_view data, std::string_view key) {
    return {.user = "ann", .cid = "cid-of-ann", .data = data, .key = key};
}

HistoryResult<std::uint64_t> say(HistoryLog& log, const std::string& group, const std::string& data,
                                 UnixMs now) {
    if (HistoryStatus begun = log.begin(now); !begun) return begun.error();
    const auto found = log.find(group);
    if (found && !*found) {
        // The transaction keeps what goes wrong.
        (void)log.create(group);
    }
    const auto offset = log.append(group, message(data));
    if (HistoryStatus committed = log.commit(); !committed) return committed.error();
    return offset;
}

HistoryResult<std::vector<std::string>> all(HistoryLog& log, const std::string& group) {
    std::vector<std::string> list;
    const auto place = log.find(group);
    if (!place) return place.error();
    if (!*place) return list;
    const auto records = log.read(group, 0, (*place)->last, std::numeric_limits<std::uint64_t>::max());
    if (!records) return records.error();
    for (const HistoryRecord& record : *records)
        list.push_back(record.data);
    return list;
}

}  // namespace pipit::store
