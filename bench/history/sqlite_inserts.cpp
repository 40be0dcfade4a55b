// What keeping messages on disk costs without anything clever: one insert, one transaction, one sync for
// each. Prints a JSON object. bench/run-history starts it; see bench/README.md.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "load/histogram.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kInsertsToCheckpoint =
    2'000;  // each writes a page at least, and SQLite's limit is 1,000

struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

void check(sqlite3* database, int result) {
    if (result != SQLITE_OK && result != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
}

void set_synchronous(sqlite3* database, std::string_view mode) {
    const auto pragma = fmt::format("PRAGMA synchronous={}", mode);
    check(database, sqlite3_exec(database, pragma.c_str(), nullptr, nullptr, nullptr));
}

Database open(const std::filesystem::path& folder) {
    sqlite3* raw = nullptr;
    const auto result = sqlite3_open((folder / "messages.db").c_str(), &raw);
    Database database(raw);
    check(raw, result);
    check(raw, sqlite3_exec(raw,
                            "PRAGMA journal_mode=WAL;"
                            "CREATE TABLE messages (stream INTEGER, offset INTEGER, message TEXT,"
                            " PRIMARY KEY (stream, offset)) WITHOUT ROWID",
                            nullptr, nullptr, nullptr));
    return database;
}

double cpu_s() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int run(int argc, char** argv) {
    CLI::App app("Inserts messages into SQLite, each in a transaction of its own.", "bench_sqlite_inserts");
    std::filesystem::path folder;
    double seconds = 5;
    std::size_t message_bytes = 290;
    app.add_option("--folder", folder, "where the database is made")->required();
    app.add_option("--seconds", seconds, "to measure, after a fifth of it to warm up");
    app.add_option("--message-bytes", message_bytes, "of each");
    CLI11_PARSE(app, argc, argv);

    const auto database = open(folder);
    sqlite3_stmt* raw = nullptr;
    check(database.get(),
          sqlite3_prepare_v2(database.get(), "INSERT INTO messages VALUES (1, ?, ?)", -1, &raw, nullptr));
    const Statement insert(raw);
    const std::string message(message_bytes, 'x');
    std::int64_t offset = 0;
    const auto insert_one = [&] {
        sqlite3_bind_int64(raw, 1, ++offset);
        sqlite3_bind_text(raw, 2, message.data(), static_cast<int>(message.size()), SQLITE_STATIC);
        check(database.get(), sqlite3_step(raw));
        check(database.get(), sqlite3_reset(raw));
    };
    // A log that has been through its first checkpoint is written over, which a disk does faster than making
    // it longer.
    set_synchronous(database.get(), "OFF");
    while (offset < kInsertsToCheckpoint)
        insert_one();
    set_synchronous(database.get(), "FULL");
    const auto insert_for = [&](double time_s, pipit::bench::Histogram& times) {
        const auto end = Clock::now() + std::chrono::duration<double>(time_s);
        for (auto before = Clock::now(); before < end;) {
            insert_one();
            const auto after = Clock::now();
            times.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(after - before).count()));
            before = after;
        }
    };
    pipit::bench::Histogram times;
    insert_for(seconds / 5, times);
    times.clear();
    const auto first = offset;
    const auto begin = Clock::now();
    const auto begin_cpu_s = cpu_s();
    insert_for(seconds, times);
    const auto took_s = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto count = static_cast<double>(offset - first);
    fmt::print(
        R"({{"posts_per_s":{:.1f},"answered_p50_us":{:.1f},"answered_p99_us":{:.1f},"cpu_us_per_post":{:.2f}}})"
        "\n",
        count / took_s, static_cast<double>(times.quantile_ns(0.5)) / 1e3,
        static_cast<double>(times.quantile_ns(0.99)) / 1e3, (cpu_s() - begin_cpu_s) * 1e6 / count);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_sqlite_inserts: %s\n", error.what());
        return 1;
    }
}
