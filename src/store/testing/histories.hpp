#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "store/history_log.hpp"

namespace pipit::store {

/// The same bytes in every run.
class SeededBytes final : public base::Random {
 public:
    explicit SeededBytes(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out)
            byte = static_cast<std::uint8_t>(engine_());
    }

 private:
    std::mt19937_64 engine_;
};

/// An empty folder for one test.
class TestFolder {
 public:
    enum class Medium : std::uint8_t {
        memory,  ///< where there is such a place: nothing waits for a disk
        disk,
    };
    explicit TestFolder(Medium medium = Medium::memory);
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::string text() const { return path_.string(); }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    /// Names of files that begin so.
    std::vector<std::string> files(const std::string& prefix) const;

 private:
    std::filesystem::path path_;
};

/// The moment at which tests of histories happen.
inline constexpr UnixMs kHistoryNow = 1'800'000'000'000;

template <class T>
T ok(HistoryResult<T> result) {
    if (!result) throw std::runtime_error("the log said: " + result.error().message);
    return std::move(result).value();
}

template <class T>
HistoryFault fault(const HistoryResult<T>& result) {
    if (result) throw std::runtime_error("the log accepted what it must refuse");
    return result.error().fault;
}

HistoryDraft message(std::string_view data, std::string_view key = {});
inline constexpr std::uint8_t kNotice = 1;

/// Writes one message in a commit of its own, to a group that is made if it is not known; its offset.
HistoryResult<std::uint64_t> say(HistoryLog& log, const std::string& group, const std::string& data,
                                 UnixMs now = kHistoryNow);

/// The data of all that is kept of a group.
HistoryResult<std::vector<std::string>> all(HistoryLog& log, const std::string& group);

}  // namespace pipit::store
