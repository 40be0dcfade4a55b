#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "store/history_error.hpp"

namespace pipit::store {

/// Names one log, so that files of two of them are not taken for one.
using HistoryLogId = std::array<char, 8>;

/// How many commits a log has had: what is written beside it after each of them, and so tells when something
/// was cut off its end. SQLite itself takes a WAL that ends early for one in which less was written.
struct HistoryWitness {
    HistoryLogId log{};
    std::uint64_t sequence = 0;  ///< of the last commit that is known to be on the disk
};

/// The file of it. It is not synced when it is written, and so costs next to nothing: after kill -9 it is
/// right, and after a power cut it may tell of an earlier commit, never of a later one.
class HistoryWitnessFile {
 public:
    explicit HistoryWitnessFile(std::string path) : path_(std::move(path)) {}
    ~HistoryWitnessFile() { close(); }
    HistoryWitnessFile(const HistoryWitnessFile&) = delete;
    HistoryWitnessFile& operator=(const HistoryWitnessFile&) = delete;

    /// Nothing when there is no file, or an empty one; HistoryFault::damaged when it does not have what was
    /// written to it.
    HistoryResult<std::optional<HistoryWitness>> read() const;
    /// Makes the file when it is missing, and then syncs it.
    HistoryStatus write(const HistoryWitness& witness);
    /// After the file was renamed.
    void close();

 private:
    HistoryStatus make();

    const std::string path_;
    int descriptor_ = -1;
};

}  // namespace pipit::store
