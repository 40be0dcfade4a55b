#include "store/file_lock.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <unistd.h>

#include <gtest/gtest.h>

namespace pipit::store {
namespace {

TEST(FileLock, IsHeldByOneAtATime) {
    const std::string path = testing::TempDir() + "file-lock-" + std::to_string(::getpid());
    {
        const auto first = FileLock::take(path);
        ASSERT_TRUE(first);
        EXPECT_EQ(FileLock::take(path).error(), EWOULDBLOCK);
    }
    EXPECT_TRUE(FileLock::take(path)) << "it was given back";
    std::filesystem::remove(path);
}

TEST(FileLock, IsTakenOnWithItsObject) {
    const std::string path = testing::TempDir() + "file-lock-" + std::to_string(::getpid());
    auto first = FileLock::take(path);
    ASSERT_TRUE(first);
    std::optional<FileLock> moved = std::move(first).value();
    EXPECT_EQ(FileLock::take(path).error(), EWOULDBLOCK);
    moved.reset();
    EXPECT_TRUE(FileLock::take(path));
    std::filesystem::remove(path);
}

TEST(FileLock, CannotBeTakenWhereThereIsNoFolder) {
    EXPECT_EQ(FileLock::take("/nowhere/at/all").error(), ENOENT);
}

}  // namespace
}  // namespace pipit::store
