#include "net/skapi_service.hpp"

#include <memory>
#include <semaphore>
#include <string>

#include <gtest/gtest.h>

#include "auth/token_signer.hpp"
#include "base/uuid.hpp"
#include "net/socket_test_peer.hpp"
#include "net/worker.hpp"
#include "skapi/tokens.hpp"

namespace pipit::net {
namespace {

using namespace std::chrono_literals;

constexpr base::UnixSeconds kTtlS = 600;
constexpr std::size_t kEndpoint = 1;
constexpr std::size_t kHeldOfUnknownBytesMax = 1'000;
const std::string kAnn = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a";
const std::string kProvider = "https://id.example/pool";

auth::Secret secret_of(char fill) {
    return *auth::Secret::from_bytes(std::string(32, fill));
}

class NobodyCounts final : public Admissions {
 public:
    void release(std::uint32_t) override {}
};

/// The public client on a real socket.
class PublicClient final : public SocketTestPeer {
 public:
    using SocketTestPeer::SocketTestPeer;

    /// The status of the answer.
    int open(const std::string& token) {
        write("GET /skapi/realtime?token=" + token +
              " HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        const std::size_t end = read_head();
        if (end == std::string::npos) return 0;
        const int status = std::stoi(received_.substr(9, 3));
        received_.erase(0, end + 4);
        return status;
    }
    static std::string frame(codec::Opcode opcode, std::string_view payload) {
        std::string bytes;
        codec::append_masked_frame(bytes, opcode, false, payload, {1, 2, 3, 4});
        return bytes;
    }
    void say(std::string_view text) { write(frame(codec::Opcode::text, text)); }

    /// The next frame's payload; of a close frame "closed" and its code.
    std::string next() {
        for (;;) {
            const auto parsed = codec::parse_frame_header(base::as_bytes(received_));
            const std::size_t size =
                parsed.header_bytes + static_cast<std::size_t>(parsed.header.payload_bytes);
            if (parsed.outcome == codec::ParsedHeader::Outcome::complete && received_.size() >= size) {
                const std::string payload = received_.substr(parsed.header_bytes, size - parsed.header_bytes);
                received_.erase(0, size);
                if (parsed.header.opcode != codec::Opcode::close) return payload;
                const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(payload[at]); };
                return "closed " + std::to_string(byte(0) * 256 + byte(1));
            }
            if (!read_more()) return "end";
        }
    }
};

/// One worker with one application, and one service in it that has an identity provider.
class SkapiServiceTest : public testing::Test {
 protected:
    SkapiServiceTest() {
        worker_settings_.endpoints.resize(kEndpoint + 1);
        UpgradeRules& upgrade = worker_settings_.endpoints[kEndpoint].upgrade;
        upgrade.path = kSkapiSocketPath;
        upgrade.token_parameter = "token";
        settings_.services = {{.id = "us31teahouse", .owner = kAnn, .issuer = kProvider}};
        settings_.service_secrets = {secret_of('t')};
        settings_.applications = {0};
        settings_.client.held_bytes_max = 10'000;
        settings_.client.held_of_unknown_bytes_max = kHeldOfUnknownBytesMax;
        hub_settings_.is_user_id = base::is_uuid;
        hub_settings_.cursor_key = std::string(32, 'c');
        worker_ = std::make_unique<Worker>(worker_settings_, [this](Worker& worker) {
            const RealtimeService::Links links{
                .send =
                    [this](core::WorkerIndex, std::vector<core::ShardMessage> messages) {
                        worker_->post([this, messages = std::move(messages)]() mutable {
                            realtime_->receive(std::move(messages));
                        });
                    },
                .queues = {&queue_},
                .want_keys = [] {},
                .push = [](auto) {},
                .is_push_congested = [] { return false; },
                .history = [](auto) {},
                .is_history_congested = [] { return false; }};
            const auto native =
                std::make_shared<const auth::KeyRing>(std::vector{auth::local_issuer(secret_of('n'))});
            auto realtime = std::make_unique<RealtimeService>(
                hub_settings_, RealtimeService::QuestionRules{worker_settings_.endpoints[0].upgrade, {}}, 0,
                1, worker.arena(), native, links);
            realtime_ = realtime.get();
            std::vector<SkapiApplications::Application> applications;
            applications.push_back({std::move(realtime), secret_of('n'), ""});
            auto service = std::make_unique<SkapiService>(settings_, kEndpoint, std::move(applications),
                                                          ring(false), [this] { keys_wanted_.release(); });
            service_ = service.get();
            return service;
        });
        worker_->start();
    }
    ~SkapiServiceTest() override { worker_->stop(); }

    PublicClient connect() {
        Socket ours(context_);
        ours.connect(acceptor_.local_endpoint());
        Socket theirs = acceptor_.accept(worker_->context());
        worker_->post([this, socket = std::move(theirs)]() mutable {
            worker_->adopt(std::move(socket), {}, AddressTicket(admissions_, 0), std::nullopt);
        });
        return PublicClient(std::move(ours));
    }

    std::string own_token(base::UnixSeconds ttl_s = kTtlS) const {
        return skapi::sign_tokens(settings_.services[0], settings_.service_secrets[0], {.user = kAnn},
                                  unix_now(), ttl_s)
            .access;
    }
    /// Of the provider, whose key is not known at first.
    static std::string provider_token() {
        return auth::sign_payload_hs256(secret_of('p'), R"({"iss":")" + kProvider + R"(","sub":")" + kAnn +
                                                            R"(","exp":)" +
                                                            std::to_string(unix_now() + kTtlS) + "}");
    }
    void keys_arrive(bool fetched, bool with_the_providers) {
        worker_->post([this, fetched, with_the_providers] {
            service_->keys_arrived(ring(with_the_providers), fetched);
        });
    }
    [[nodiscard]] bool keys_are_wanted() { return keys_wanted_.try_acquire_for(kTestDeadline); }

 private:
    std::shared_ptr<const auth::KeyRing> ring(bool with_the_providers) const {
        auth::KeySet keys;
        if (with_the_providers) keys.push_back(auth::VerificationKey::hs256(secret_of('p'), ""));
        std::vector<auth::Issuer> issuers;
        issuers.push_back(skapi::own_issuer(settings_.services[0], secret_of('t')));
        issuers.push_back({.iss = kProvider,
                           .audiences = {},
                           .keys = std::make_shared<const auth::KeySet>(std::move(keys))});
        return std::make_shared<const auth::KeyRing>(std::move(issuers));
    }

    asio::io_context context_;
    Acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    NobodyCounts admissions_;
    core::HubSettings hub_settings_;
    WorkerSettings worker_settings_;
    SkapiSettings settings_;
    ShardQueue queue_;
    SkapiService* service_ = nullptr;
    RealtimeService* realtime_ = nullptr;
    std::counting_semaphore<> keys_wanted_{0};
    std::unique_ptr<Worker> worker_;  // the last one: its thread uses the others
};

constexpr std::string_view kJoin = R"({"action":"joinRoom","rid":"tea"})";
constexpr std::string_view kPost = R"({"action":"broadcast","rid":"tea","content":"hello"})";

TEST_F(SkapiServiceTest, RefusesAnUpgradeWithATokenThatIsNoGood) {
    EXPECT_EQ(connect().open(""), 401);
    EXPECT_EQ(connect().open(own_token(-60)), 401);
    EXPECT_EQ(connect().open(auth::sign_hs256(secret_of('n'), {.user_id = kAnn, .issued_at = unix_now()})),
              401);
}

TEST_F(SkapiServiceTest, TurnsAwayWhoseKeyDoesNotExist) {
    PublicClient client = connect();
    EXPECT_EQ(client.open(provider_token()), 101);
    ASSERT_TRUE(keys_are_wanted());
    keys_arrive(true, false);
    EXPECT_EQ(client.next(), "closed 4500");
}

TEST_F(SkapiServiceTest, TurnsAwayWhoseKeyCouldNotBeHad) {
    PublicClient client = connect();
    EXPECT_EQ(client.open(provider_token()), 101);
    ASSERT_TRUE(keys_are_wanted());
    keys_arrive(false, false);
    EXPECT_EQ(client.next(), "closed 4006");
}

TEST_F(SkapiServiceTest, ClosesOnWhoSaysTooMuchBeforeTheKeysCome) {
    for (const std::string& text : {std::string(kHeldOfUnknownBytesMax, ' '), std::string(" ")}) {
        PublicClient client = connect();
        EXPECT_EQ(client.open(provider_token()), 101);
        ASSERT_TRUE(keys_are_wanted());
        // Each takes more to hold than it has bytes.
        for (std::size_t sent = 0; sent < kHeldOfUnknownBytesMax; sent += text.size() + sizeof(std::string))
            client.say(text);
        EXPECT_EQ(client.next(), "closed 1009");
    }
}

TEST_F(SkapiServiceTest, DoesWhatWasSaidBeforeTheKeysCameWhenTheyHaveCome) {
    PublicClient client = connect();
    EXPECT_EQ(client.open(provider_token()), 101);
    ASSERT_TRUE(keys_are_wanted());
    client.say(kJoin);
    client.say(kPost);
    keys_arrive(true, true);
    EXPECT_TRUE(client.next().starts_with(R"({"#message":"hello")"));
}

TEST_F(SkapiServiceTest, ForgetsAClientThatHasGoneBeforeItsKeysCame) {
    {
        PublicClient gone = connect();
        EXPECT_EQ(gone.open(provider_token()), 101);
        ASSERT_TRUE(keys_are_wanted());
    }
    PublicClient client = connect();
    EXPECT_EQ(client.open(own_token()), 101);
    keys_arrive(true, true);
    client.say(kJoin);
    client.say(kPost);
    EXPECT_TRUE(client.next().starts_with(R"({"#message":"hello")"));
}

TEST_F(SkapiServiceTest, SendsAllThatWasSaidBeforeItCloses) {
    PublicClient client = connect();
    EXPECT_EQ(client.open(own_token()), 101);
    client.say(kJoin);
    client.say(kPost);
    EXPECT_TRUE(client.next().starts_with(R"({"#message":"hello")"));
    // The answer to the first and the end are made in one turn.
    client.write(PublicClient::frame(codec::Opcode::text, R"({"action":"broadcast","rid":"x","content":1})") +
                 PublicClient::frame(codec::Opcode::binary, "x"));
    EXPECT_TRUE(client.next().starts_with(R"({"#error":)"));
    EXPECT_EQ(client.next(), "closed 1003");
}

}  // namespace
}  // namespace pipit::net
