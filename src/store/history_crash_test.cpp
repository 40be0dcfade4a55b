// PIPIT_KILLS=200 makes it the long run; PIPIT_SEED=… repeats one that has failed.
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "store/testing/histories.hpp"
#include "store/testing/process.hpp"
#include "store/testing/written_data.hpp"

namespace pipit::store {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// By group and offset: the number of what was acknowledged there.
using Acknowledged = std::map<std::string, std::map<std::uint64_t, std::uint64_t>>;

class HistoryCrash : public testing::Test {
 protected:
    /// Lets a writer run and kills it at a random moment.
    void write_and_kill(std::uint64_t round) {
        // The numbers of a round are its own, whatever was acknowledged in another.
        Process writer({PIPIT_HISTORY_WRITER, folder_.text(), std::to_string(random_.below(1 << 30)),
                        std::to_string(round * 1'000'000)});
        const std::uint64_t lines_before = random_.below(1'500);
        const auto moment = std::chrono::microseconds(random_.below(5'000));
        std::uint64_t lines = 0;
        while (const auto line = writer.read_line()) {
            std::istringstream text(*line);
            std::string group;
            std::uint64_t offset = 0;
            std::uint64_t number = 0;
            ASSERT_TRUE(text >> group >> offset >> number) << "the writer said: " << *line;
            acknowledged_[group][offset] = number;
            ++acknowledged_count_;
            if (lines++ != lines_before) continue;
            std::this_thread::sleep_for(moment);  // somewhere within the commits to come
            writer.send_signal(SIGKILL);
        }
        EXPECT_GT(lines, lines_before);
        EXPECT_EQ(writer.wait(), -1) << "it ended by itself";
    }

    /// Everything acknowledged that should be kept is there, and is what was written.
    void check() {
        const auto log = ok(HistoryLog::open(
            {.folder = folder_.text(), .limits = {.records_max = kWrittenRecordsMax}}, random_, kHistoryNow));
        ASSERT_EQ(log->take_damage(), std::nullopt);
        for (auto& [group, numbers] : acknowledged_) {
            const auto place = ok(log->find(group));
            ASSERT_TRUE(place.has_value()) << group;
            std::string& epoch = epochs_[group];
            if (epoch.empty()) epoch = place->epoch;
            ASSERT_EQ(epoch, place->epoch) << group;
            const std::uint64_t last = numbers.rbegin()->first;
            ASSERT_GE(place->last, last) << group;
            ASSERT_TRUE(place->first == 1 || place->last + 1 - place->first >= kWrittenRecordsMax) << group;
            const auto records =
                ok(log->read(group, 0, place->last, std::numeric_limits<std::uint64_t>::max()));
            ASSERT_EQ(records.size(), place->last + 1 - place->first) << group;
            for (const HistoryRecord& record : records) {
                const auto number = numbers.find(record.offset);
                // What was not acknowledged may be there, whole.
                const std::uint64_t written = number != numbers.end()
                                                  ? number->second
                                                  : std::strtoull(record.data.c_str(), nullptr, 10);
                ASSERT_EQ(record.data, written_data(written)) << group << ' ' << record.offset;
            }
            numbers.erase(numbers.begin(), numbers.lower_bound(place->first));
        }
    }

    const std::uint64_t seed_ = setting("PIPIT_SEED", 1);
    SeededBytes random_{seed_};
    TestFolder folder_{TestFolder::Medium::disk};  // so that it is also killed while it waits for that
    Acknowledged acknowledged_;
    std::map<std::string, std::string> epochs_;
    std::uint64_t acknowledged_count_ = 0;
};

TEST_F(HistoryCrash, WhatWasAcknowledgedIsThereAfterKill9AtRandomMoments) {
    const std::uint64_t kills = setting("PIPIT_KILLS", 8);
    for (std::uint64_t round = 0; round < kills; ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed_) + ", kill " + std::to_string(round));
        ASSERT_NO_FATAL_FAILURE(write_and_kill(round));
        ASSERT_NO_FATAL_FAILURE(check());
    }
    std::printf("%llu kills, %llu records acknowledged, seed %llu\n", static_cast<unsigned long long>(kills),
                static_cast<unsigned long long>(acknowledged_count_), static_cast<unsigned long long>(seed_));
}

}  // namespace
}  // namespace pipit::store
