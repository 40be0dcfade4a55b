#include "app/vapid_key_store.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <latch>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

class VapidKeyStore : public testing::Test {
 protected:
    VapidKeyStore() {
        std::string folder = testing::TempDir() + "pipit-vapid-XXXXXX";
        settings_.server.data_dir = fs::path(::mkdtemp(folder.data())) / "data";
    }
    ~VapidKeyStore() override { fs::remove_all(fs::path(settings_.server.data_dir).parent_path()); }

    void write(std::string_view text, mode_t mode = 0600) const {
        fs::create_directories(vapid_key_file(settings_).parent_path());
        std::ofstream(vapid_key_file(settings_)) << text;
        ::chmod(vapid_key_file(settings_).c_str(), mode);
    }
    std::string read() const {
        std::ifstream file(vapid_key_file(settings_));
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777;
    }
    std::string fault() const {
        const auto keys = open_vapid_keys(settings_);
        return keys ? "none" : keys.error().message;
    }

    Settings settings_;
};

TEST_F(VapidKeyStore, RefusesKeysThatOthersCanUse) {
    ASSERT_EQ(fault(), "none");
    ::chmod(vapid_key_file(settings_).c_str(), 0640);
    EXPECT_THAT(fault(), HasSubstr("who could then notify your users; run: chmod 600"));
}

TEST_F(VapidKeyStore, RefusesWhatIsNoKeyAndLeavesItAsItIs) {
    for (const char* text : {"", "\n", "no key\n", "AAAA\n"}) {
        write(text);
        EXPECT_THAT(fault(), StartsWith("the file of VAPID keys " + vapid_key_file(settings_).string()))
            << text;
        const auto rotated = rotate_vapid_keys(settings_);
        EXPECT_FALSE(rotated) << text;
        EXPECT_EQ(read(), text);
    }
}

TEST_F(VapidKeyStore, MakesKeysForItsOwnerAloneAndKeepsThem) {
    const auto first = open_vapid_keys(settings_);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(mode_of(vapid_key_file(settings_)), 0600u);
    EXPECT_EQ(mode_of(vapid_key_file(settings_).parent_path()), 0700u);
    const auto second = open_vapid_keys(settings_);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->current().public_text(), first->current().public_text());
}

TEST_F(VapidKeyStore, KeepsTheFormerKeysInARotation) {
    const std::string before = open_vapid_keys(settings_)->current().public_text();
    const auto rotated = rotate_vapid_keys(settings_);
    ASSERT_TRUE(rotated) << rotated.error().message;
    EXPECT_NE(rotated->current().public_text(), before);
    const auto again = open_vapid_keys(settings_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->current().public_text(), rotated->current().public_text());
    EXPECT_NE(again->find(before), nullptr);
    EXPECT_EQ(mode_of(vapid_key_file(settings_)), 0600u);
    for (const auto& entry : fs::directory_iterator(vapid_key_file(settings_).parent_path()))
        EXPECT_EQ(entry.path(), vapid_key_file(settings_));
}

TEST_F(VapidKeyStore, GivesTheSameKeysToAllWhoStartAtTheSameMoment) {
    constexpr int kProcesses = 8;
    std::vector<std::string> publics(kProcesses);
    std::latch start(kProcesses);
    std::vector<std::thread> threads;
    for (std::string& text : publics) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            const auto keys = open_vapid_keys(settings_);
            text = keys ? keys->current().public_text() : keys.error().message;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_THAT(publics, testing::Each(publics.front()));
}

}  // namespace
}  // namespace pipit::app
