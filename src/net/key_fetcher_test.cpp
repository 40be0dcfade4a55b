#include "net/key_fetcher.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <mutex>
#include <optional>

#include <gtest/gtest.h>

#include "net/key_source_test_server.hpp"

namespace pipit::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Ring = std::shared_ptr<const auth::KeyRing>;

const std::string kIssuer = "https://id.example";

/// What a fetcher said, in order.
class Rounds {
 public:
    struct Round {
        Ring ring;
        bool fetched;
        std::thread::id thread;
    };

    KeyFetcher::OnKeys recorder() {
        return [this](Ring ring, bool fetched) {
            const std::lock_guard lock(mutex_);
            rounds_.push_back({std::move(ring), fetched, std::this_thread::get_id()});
            changed_.notify_all();
        };
    }

    /// The next round that nobody has taken yet; nothing when the deadline passes first.
    std::optional<Round> next() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, kTestDeadline, [&] { return !rounds_.empty(); })) return std::nullopt;
        Round round = std::move(rounds_.front());
        rounds_.pop_front();
        return round;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Round> rounds_;
};

/// The key ids of the only issuer of that name.
std::string kids_of(const Ring& ring, std::string_view iss = kIssuer) {
    const auto issuers = ring->issuers_for(iss);
    if (issuers.size() != 1) return "not one issuer";
    std::string kids;
    for (const auth::VerificationKey& key : *issuers.front()->keys)
        kids += key.kid();
    return kids;
}

/// What the next round said: the key ids and whether they are the issuers' latest word.
std::pair<std::string, bool> next_of(Rounds& rounds) {
    const auto round = rounds.next();
    if (!round) return {"no round", false};
    return {kids_of(round->ring), round->fetched};
}

const std::pair<std::string, bool> kBlueFetched{"blue", true};
const std::pair<std::string, bool> kGreenFetched{"green", true};
const std::pair<std::string, bool> kBlueKept{"blue", false};

std::vector<auth::Issuer> local() {
    return {auth::local_issuer(auth::Secret::from_bytes(std::string(32, 's')).value())};
}

KeySource url_source(const std::string& url, base::Millis refresh = 1h) {
    return {.issuer = kIssuer, .audiences = {"app"}, .url = url, .refresh = refresh};
}

class KeyFile {
 public:
    explicit KeyFile(const std::string& text) { write(text); }
    ~KeyFile() { std::filesystem::remove(path_); }
    void write(const std::string& text) const { std::ofstream(path_) << text; }
    const std::string& path() const { return path_; }
    KeySource source() const {
        return {.issuer = kIssuer, .audiences = {"app"}, .file = path_, .refresh = 1h};
    }

 private:
    const std::string path_ =
        ::testing::TempDir() + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json";
};

std::string load_failure(const KeySource& source) {
    KeyFetcher fetcher(local(), {source}, [](const Ring&, bool) {});
    const auto ring = fetcher.load_files();
    return ring ? "no failure" : ring.error().message;
}

TEST(KeyFetcher, RefusesToLoadAFileThatIsMissingOrNotAKeySetAndNamesIt) {
    const KeyFile file("{}");
    EXPECT_THAT(load_failure(file.source()), HasSubstr("issuer \"" + kIssuer + "\": " + file.path() + ": "));
    file.write(std::string((256 << 10) + 1, ' '));
    EXPECT_THAT(load_failure(file.source()), HasSubstr(file.path() + " has more than 262144 bytes"));
    EXPECT_THAT(load_failure({.issuer = kIssuer, .file = "/nowhere/keys.json"}),
                HasSubstr("/nowhere/keys.json cannot be read: No such file"));
    EXPECT_THAT(load_failure({.issuer = kIssuer, .file = "/"}), HasSubstr("/ is not a file"));
    EXPECT_THAT(load_failure({.issuer = kIssuer, .file = "/dev/zero"}), HasSubstr("/dev/zero is not a file"));
}

TEST(KeyFetcher, LoadsFilesBeforeItStartsAndKnowsNoKeysOfUrlsYet) {
    const KeyFile file(key_set("blue"));
    KeyFetcher fetcher(local(),
                       {file.source(), {.issuer = "https://other.example", .url = "https://other.example"}},
                       [](const Ring&, bool) {});
    const auto ring = fetcher.load_files();
    ASSERT_TRUE(ring) << ring.error().message;
    EXPECT_EQ(kids_of(*ring), "blue");
    EXPECT_EQ((*ring)->issuers_for(kIssuer).front()->audiences, std::vector<std::string>{"app"});
    EXPECT_EQ(kids_of(*ring, "https://other.example"), "");
    EXPECT_EQ((*ring)->issuers_for(auth::kLocalIssuer).front()->keys->size(), 1U);
}

TEST(KeyFetcher, AnswersOnTheCallingThreadWhenThereIsNothingToRead) {
    Rounds rounds;
    KeyFetcher fetcher(local(), {}, rounds.recorder());
    fetcher.start();
    fetcher.fetch_soon();
    const auto round = rounds.next();
    ASSERT_TRUE(round);
    EXPECT_EQ(round->thread, std::this_thread::get_id());
    EXPECT_TRUE(round->fetched);
    EXPECT_EQ(round->ring->issuers().size(), 1U);
}

TEST(KeyFetcher, SaysThatNothingWasFetchedWhileASourceFailsAndTriesAgainSoon) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("503 Service Unavailable", ""));
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"))}, rounds.recorder(), {.retry_after = 1ms});
    fetcher.start();
    EXPECT_EQ(next_of(rounds), (std::pair<std::string, bool>("", false)));
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    auto round = next_of(rounds);
    while (round.first.empty())
        round = next_of(rounds);
    EXPECT_EQ(round, kBlueFetched);
}

TEST(KeyFetcher, KeepsTheKeysItHasWhenASourceFails) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"))}, rounds.recorder());
    fetcher.start();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    for (const std::string& answer :
         {http_answer("404 Not Found", ""), http_answer("200 OK", "<html>"), http_answer("200 OK", "{}"),
          http_answer("200 OK", std::string((256 << 10) + 1, ' ')), std::string("garbage\r\n\r\n")}) {
        server.answer("/keys", answer);
        fetcher.reload();
        EXPECT_EQ(next_of(rounds), kBlueKept) << answer.substr(0, 80);
    }
}

TEST(KeyFetcher, TakesUpRotatedKeysWithoutBeingAsked) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"), 1ms)}, rounds.recorder());
    fetcher.start();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    server.answer("/keys", http_answer("200 OK", key_set("green")));
    auto round = next_of(rounds);
    while (round.first == "blue")
        round = next_of(rounds);
    EXPECT_EQ(round, kGreenFetched);
}

TEST(KeyFetcher, ReadsFilesAgainWhenToldTo) {
    const KeyFile file(key_set("blue"));
    Rounds rounds;
    KeyFetcher fetcher(local(), {file.source()}, rounds.recorder());
    fetcher.start();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    file.write("half a fi");
    fetcher.reload();
    EXPECT_EQ(next_of(rounds), kBlueKept);
    file.write(key_set("green"));
    fetcher.reload();
    EXPECT_EQ(next_of(rounds), kGreenFetched);
}

TEST(KeyFetcher, FetchesForAnUnknownKey) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"))}, rounds.recorder(),
                       {.read_again_after = 0ms});
    fetcher.start();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    server.answer("/keys", http_answer("200 OK", key_set("green")));
    fetcher.fetch_soon();
    EXPECT_EQ(next_of(rounds), kGreenFetched);
}

TEST(KeyFetcher, AnswersAtOnceWithWhatItFetchedAMomentAgo) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"))}, rounds.recorder());
    fetcher.start();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    fetcher.fetch_soon();
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    EXPECT_EQ(server.heads("/keys").size(), 1U);
}

TEST(KeyFetcher, AnswersAllWhoAskDuringARoundWithThatRound) {
    KeySourceTestServer server;
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/keys"))}, rounds.recorder());
    fetcher.start();
    ASSERT_TRUE(server.was_asked("/keys", 1));
    std::vector<std::thread> askers;
    for (int i = 0; i < 4; ++i)
        askers.emplace_back([&] { fetcher.fetch_soon(); });
    for (std::thread& asker : askers)
        asker.join();
    server.answer("/keys", http_answer("200 OK", key_set("blue")));
    EXPECT_EQ(next_of(rounds), kBlueFetched);
    EXPECT_EQ(server.heads("/keys").size(), 1U);
}

TEST(KeyFetcher, WaitsForTheSlowestSourceOfARound) {
    const KeyFile file(key_set("blue"));
    KeySourceTestServer server;
    Rounds rounds;
    KeySource slow = url_source(server.url("/keys"));
    slow.issuer = "https://slow.example";
    KeyFetcher fetcher(local(), {file.source(), slow}, rounds.recorder());
    fetcher.start();
    ASSERT_TRUE(server.was_asked("/keys", 1));
    server.answer("/keys", http_answer("200 OK", key_set("green")));
    const auto round = rounds.next();
    ASSERT_TRUE(round);
    EXPECT_EQ(kids_of(round->ring), "blue");
    EXPECT_EQ(kids_of(round->ring, "https://slow.example"), "green");
    EXPECT_TRUE(round->fetched);
}

TEST(KeyFetcher, BreaksATransferOffToStop) {
    KeySourceTestServer server;
    Rounds rounds;
    KeyFetcher fetcher(local(), {url_source(server.url("/never"))}, rounds.recorder());
    fetcher.start();
    ASSERT_TRUE(server.was_asked("/never", 1));
    const auto begin = std::chrono::steady_clock::now();
    fetcher.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s) << "the transfer's own limit is 10 s";
    fetcher.stop();
}

}  // namespace
}  // namespace pipit::net
