#include "app/key_store.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <latch>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace pipit::app {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

class KeyStore : public testing::Test {
 protected:
    KeyStore() {
        std::string folder = testing::TempDir() + "pipit-keys-XXXXXX";
        folder_ = ::mkdtemp(folder.data());
        settings_.server.data_dir = folder_ / "data";
    }
    ~KeyStore() override { fs::remove_all(folder_); }

    fs::path write(std::string_view text, mode_t mode = 0600) const {
        const fs::path file = folder_ / "secret";
        std::ofstream(file) << text;
        ::chmod(file.c_str(), mode);
        return file;
    }

    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777;
    }

    static std::string text_of(const base::Result<auth::Secret>& secret) {
        return secret ? std::string(base::as_text(secret->bytes())) : secret.error().message;
    }

    fs::path default_file() const { return fs::path(settings_.server.data_dir) / "keys" / "token.secret"; }

    fs::path folder_;
    Settings settings_;
};

TEST_F(KeyStore, RefusesASecretThatOthersCanUse) {
    for (const mode_t mode : {0640u, 0620u, 0604u, 0602u, 0644u, 0777u}) {
        const fs::path file = write(kText, mode);
        const auto secret = read_secret(file);
        ASSERT_FALSE(secret) << std::oct << mode;
        EXPECT_THAT(secret.error().message, HasSubstr("chmod 600 " + file.string()));
    }
}

TEST_F(KeyStore, RefusesWhatIsNotASecretOfEnoughBytes) {
    const std::string long_text(5'000, 'A');
    for (const std::string_view text :
         {std::string_view(""), std::string_view("\n"), kText.substr(0, 42),
          std::string_view("not base64url, but words"), std::string_view(long_text)}) {
        const auto secret = read_secret(write(text));
        ASSERT_FALSE(secret) << text;
        EXPECT_THAT(secret.error().message,
                    AllOf(HasSubstr((folder_ / "secret").string()), HasSubstr("32 bytes")));
    }
}

TEST_F(KeyStore, RefusesAFileThatIsNotThereOrNoFile) {
    EXPECT_THAT(read_secret(folder_ / "none").error().message, HasSubstr("No such file"));
    fs::create_directory(folder_ / "directory");
    fs::permissions(folder_ / "directory", fs::perms::owner_all);
    EXPECT_THAT(read_secret(folder_ / "directory").error().message, HasSubstr("is not a file"));
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(read_secret(folder_ / "pipe").error().message, HasSubstr("is not a file"));
}

TEST_F(KeyStore, NeverMakesASecretThatTheOperatorNames) {
    settings_.auth.secret_file = folder_ / "named";
    EXPECT_FALSE(open_token_secret(settings_));
    EXPECT_FALSE(fs::exists(folder_ / "named"));
    EXPECT_FALSE(fs::exists(settings_.server.data_dir));
}

TEST_F(KeyStore, SaysWhyNoFolderCanBeMade) {
    settings_.server.data_dir = write("a file where a folder belongs");
    EXPECT_THAT(open_token_secret(settings_).error().message, HasSubstr(settings_.server.data_dir));
}

TEST_F(KeyStore, ReadsASecretWithOrWithoutALineFeed) {
    std::string expected;
    for (char byte = 0; byte < 32; ++byte)
        expected += byte;
    EXPECT_EQ(text_of(read_secret(write(kText))), expected);
    EXPECT_EQ(text_of(read_secret(write(std::string(kText) + '\n'))), expected);
    EXPECT_EQ(text_of(read_secret(write(std::string(kText) + "\r\n", 0400))), expected);
    settings_.auth.secret_file = folder_ / "secret";
    EXPECT_EQ(text_of(open_token_secret(settings_)), expected);
}

TEST_F(KeyStore, MakesASecretForItsOwnerAloneAndKeepsIt) {
    const std::string made = text_of(open_token_secret(settings_));
    EXPECT_EQ(made.size(), auth::Secret::kBytesMin);
    EXPECT_EQ(mode_of(default_file()), 0600);
    EXPECT_EQ(mode_of(default_file().parent_path()), 0700);
    EXPECT_EQ(text_of(open_token_secret(settings_)), made);
    const fs::directory_iterator files(default_file().parent_path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "a draft was left behind";

    settings_.server.data_dir = folder_ / "other";
    EXPECT_NE(text_of(open_token_secret(settings_)), made);
}

TEST_F(KeyStore, RefusesATurnSecretThatOthersCanUseOrThatIsShort) {
    settings_.turn.secret_file = write("sixteen bytes ok", 0640);
    EXPECT_THAT(open_turn_secret(settings_).error().message,
                AllOf(HasSubstr("use your TURN servers"), HasSubstr("chmod 600")));
    const std::string long_text(5'000, 'A');
    for (const std::string_view text :
         {std::string_view(""), std::string_view(" fifteen bytes. \n"),
          std::string_view("two lines\nof sixteen"), std::string_view(long_text)}) {
        settings_.turn.secret_file = write(text);
        EXPECT_THAT(open_turn_secret(settings_).error().message,
                    AllOf(HasSubstr((folder_ / "secret").string()), HasSubstr("16 bytes")))
            << text;
    }
    settings_.turn.secret_file = folder_ / "none";
    EXPECT_THAT(open_turn_secret(settings_).error().message, HasSubstr("No such file"));
}

TEST_F(KeyStore, ReadsATurnSecretWithoutTheSpaceAroundIt) {
    settings_.turn.secret_file = write(" sixteen bytes ok\r\n");
    auto secret = open_turn_secret(settings_);
    ASSERT_TRUE(secret);
    EXPECT_EQ(base::as_text(*secret), "sixteen bytes ok");
}

TEST_F(KeyStore, HasNoTurnSecretWhenNoneIsNamed) {
    auto secret = open_turn_secret(settings_);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(secret->empty());
}

TEST_F(KeyStore, GivesAllWhoStartTogetherTheSameSecret) {
    constexpr std::size_t kStarters = 8;
    std::vector<std::string> secrets(kStarters);
    std::latch start(kStarters);
    std::vector<std::thread> starters;
    for (std::string& secret : secrets) {
        starters.emplace_back([this, &start, &secret] {
            start.arrive_and_wait();
            secret = text_of(open_token_secret(settings_));
        });
    }
    for (std::thread& starter : starters)
        starter.join();
    EXPECT_EQ(secrets.front().size(), auth::Secret::kBytesMin);
    EXPECT_THAT(secrets, testing::Each(secrets.front()));
}

}  // namespace
}  // namespace pipit::app
