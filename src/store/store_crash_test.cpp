#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "store/testing/databases.hpp"

namespace pipit::store {
namespace {

using StoreCrash = StoreTest;

/// The ids that the writer said before it died. A line without an end was not said.
std::vector<std::int64_t> write_and_kill_after(const std::string& url, std::size_t acknowledged_min) {
    Process writer({PIPIT_STORE_WRITER, url});
    std::vector<std::int64_t> ids;
    while (const auto line = writer.read_line()) {
        ids.push_back(std::atoll(line->c_str()));
        if (ids.size() == acknowledged_min) writer.send_signal(SIGKILL);
    }
    EXPECT_EQ(writer.wait(), -1);
    return ids;
}

TEST_P(StoreCrash, WhatWasAcknowledgedIsThereAfterKill9) {
    std::vector<std::int64_t> acknowledged;
    for (const std::size_t kill_after : {std::size_t{1}, std::size_t{100}, std::size_t{1'500}}) {
        const auto more = write_and_kill_after(database_.url(), kill_after);
        ASSERT_GE(more.size(), kill_after);
        acknowledged.insert(acknowledged.end(), more.begin(), more.end());
    }
    const auto store = open({}, "writer");
    for (const std::int64_t id : acknowledged) {
        const auto progress = ok(store->progress(id));
        ASSERT_TRUE(progress.has_value()) << id;
        ASSERT_EQ(progress->waiting, 1) << id;
    }
    // Whole notifications only, acknowledged or not.
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM notifications"),
              database_.number("SELECT COUNT(*) FROM deliveries"));
}

PIPIT_FOR_BOTH_DATABASES(StoreCrash);

}  // namespace
}  // namespace pipit::store
