// Writes to histories as fast as the log acknowledges them, many posts to a commit, and says each on a line
// of its own once it is acknowledged, for tests that kill it: GROUP OFFSET NUMBER. What it writes is
// written_data() of its number.
//     pipit_history_writer FOLDER SEED FIRST_NUMBER
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "store/testing/histories.hpp"
#include "store/testing/written_data.hpp"

namespace pipit::store {
namespace {

UnixMs now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

int write(const std::string& folder, std::uint64_t seed, std::uint64_t number) {
    SeededBytes random(seed);
    // So small that a run of a moment sees the WAL go into the database, and records go.
    auto opened = HistoryLog::open(
        {.folder = folder, .limits = {.records_max = kWrittenRecordsMax}, .wal_pages = 100}, random, now());
    if (!opened) give_up(opened.error().message);
    HistoryLog& log = **opened;
    if (const auto damage = log.take_damage()) give_up(*damage);
    for (;;) {
        std::string said;
        if (auto begun = log.begin(now()); !begun) give_up(begun.error().message);
        for (std::uint64_t left = 1 + random.below(64); left > 0; --left, ++number) {
            const std::string group = "group-" + std::to_string(random.below(10));
            if (!ok(log.find(group))) ok(log.create(group));
            const auto offset = log.append(group, message(written_data(number)));
            if (!offset) give_up(offset.error().message);
            said += group + ' ' + std::to_string(*offset) + ' ' + std::to_string(number) + '\n';
        }
        if (auto committed = log.commit(); !committed) give_up(committed.error().message);
        for (std::string_view left = said; !left.empty();) {
            const ssize_t count = ::write(STDOUT_FILENO, left.data(), left.size());
            if (count <= 0) return 0;
            left.remove_prefix(static_cast<std::size_t>(count));
        }
    }
}

}  // namespace
}  // namespace pipit::store

int main(int count, char** arguments) {
    if (count < 4) return 2;
    return pipit::store::write(arguments[1], std::strtoull(arguments[2], nullptr, 10),
                               std::strtoull(arguments[3], nullptr, 10));
}
