#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/socket_test_peer.hpp"
#include "net/worker.hpp"

namespace pipit::net {
namespace {

using namespace std::chrono_literals;

HttpResponse saying(std::string body) {
    HttpResponse response;
    response.body = std::move(body);
    return response;
}

/// Keeps the requests for /later until it is told the answer.
class LaterService final : public Service {
 public:
    Admission admit(const HttpRequest&, WebSocketOpening) override {
        return [](WebSocketConnection&) { return nullptr; };
    }
    RequestOutcome offer(const HttpRequest& request, HttpResponder responder) override {
        if (request.path == "/at-once") return saying("at once");
        if (request.path == "/body")
            return saying(request.is_body_too_large ? "too large" : std::string(request.body));
        if (request.path != "/later") return NotForService{};
        held.push_back(std::move(responder));
        came.release();
        return AnswersLater{};
    }
    void begin_turn() override {}
    bool turn_is_full() const override { return false; }
    void end_turn() override {}
    void carry_out_effects() override {}
    void tick() override {}
    bool drain_some() override { return false; }
    void stop() override {
        for (const HttpResponder& respond : held)
            respond(saying("stopping"));
        held.clear();
    }

    std::vector<HttpResponder> held;  // of the worker's thread
    std::counting_semaphore<> came{0};
};

/// Speaks to the worker through a real socket.
class Client final : public SocketTestPeer {
 public:
    using SocketTestPeer::SocketTestPeer;

    /// The next bytes, which must be these.
    [[nodiscard]] bool expect(const std::string& bytes) {
        while (received_.size() < bytes.size() && read_more()) {
        }
        const bool came = received_.starts_with(bytes);
        if (came) received_.erase(0, bytes.size());
        return came;
    }
    void get(const std::string& path) { write("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n"); }

    /// The body of the next response; `head`: it must have none. "end" when the connection is over.
    std::string response(bool head = false) {
        const std::size_t end = read_head();
        if (end == std::string::npos) return "end";
        constexpr std::string_view kLength = "Content-Length: ";
        const std::size_t length = received_.find(kLength);
        const std::size_t bytes = head ? 0 : std::stoul(received_.substr(length + kLength.size()));
        while (received_.size() < end + 4 + bytes) {
            if (!read_more()) return "cut";
        }
        std::string body = received_.substr(end + 4, bytes);
        received_.erase(0, end + 4 + bytes);
        return body;
    }
};

/// Counts the connections that are no more.
class GoneConnections final : public Admissions {
 public:
    void release(std::uint32_t) override { count_.release(); }
    bool take_one() { return count_.try_acquire_for(kTestDeadline); }

 private:
    std::counting_semaphore<> count_{0};
};

class HttpConnectionTest : public testing::Test {
    WorkerSettings settings_;
    asio::io_context context_;
    Acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    GoneConnections gone_;

 protected:
    static constexpr std::size_t kBodyBytesMax = 100'000;

    explicit HttpConnectionTest(base::Millis handshake_timeout = 10s) {
        settings_.endpoints.emplace_back();
        settings_.http_body_bytes_max = kBodyBytesMax;
        settings_.http = [](const HttpRequest& request) { return saying(std::string(request.path)); };
        settings_.handshake_timeout = handshake_timeout;
        worker_ = std::make_unique<Worker>(settings_, [this](Worker&) {
            auto service = std::make_unique<LaterService>();
            service_ = service.get();
            return service;
        });
        worker_->start();
    }

    Client connect() {
        Socket ours(context_);
        ours.connect(acceptor_.local_endpoint());
        Socket theirs = acceptor_.accept(worker_->context());
        worker_->post([this, socket = std::move(theirs)]() mutable {
            worker_->adopt(std::move(socket), {}, AddressTicket(gone_, 0), std::nullopt);
        });
        return Client(std::move(ours));
    }

    [[nodiscard]] bool one_more_is_held() { return service_->came.try_acquire_for(kTestDeadline); }
    [[nodiscard]] bool one_more_is_gone() { return gone_.take_one(); }

    template <class Task>
    auto on_worker(Task task) {
        std::packaged_task<decltype(task())()> packaged(std::move(task));
        auto result = packaged.get_future();
        worker_->post(std::move(packaged));
        return result.get();
    }
    std::size_t held_count() {
        return on_worker([this] { return service_->held.size(); });
    }
    void answer_first(const std::string& body) {
        on_worker([&] {
            const HttpResponder respond = std::move(service_->held.front());
            service_->held.erase(service_->held.begin());
            respond(saying(body));
        });
    }

    LaterService* service_ = nullptr;
    std::unique_ptr<Worker> worker_;  // the last one: its thread uses the others
};

TEST_F(HttpConnectionTest, EndsBehindTheAnswerToABodyThatIsTooLarge) {
    const std::string length = std::to_string(kBodyBytesMax + 1);
    for (const auto& [path, answer] : {std::pair{"/body", "too large"},
                                       {"/page", "The body is larger than limits.message_bytes_max.\n"}}) {
        Client client = connect();
        client.write(std::string("POST ") + path + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + length +
                     "\r\n\r\n");
        EXPECT_EQ(client.response(), answer);
        EXPECT_EQ(client.response(), "end");
    }
}

TEST_F(HttpConnectionTest, NoticesThatChunksAreTooLargeTogether) {
    Client client = connect();
    client.write("POST /body HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "2710\r\n" + std::string(10'000, 'x') + "\r\n";
    for (std::size_t sent = 0; sent <= kBodyBytesMax; sent += 10'000)
        client.write(chunk);
    EXPECT_EQ(client.response(), "too large");
    EXPECT_EQ(client.response(), "end");
}

TEST_F(HttpConnectionTest, TakesABodyWholeOrInChunksAndGoesOn) {
    Client client = connect();
    const std::string whole(kBodyBytesMax, 'x');
    client.write("POST /body HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(whole.size()) +
                 "\r\n\r\n" + whole);
    EXPECT_EQ(client.response(), whole);
    client.write(
        "POST /body HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /page HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_EQ(client.response(), "abcde");
    EXPECT_EQ(client.response(), "/page");
}

TEST_F(HttpConnectionTest, AsksOnceForABodyThatWaitsForIt) {
    const std::string head =
        "POST /body HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    Client client = connect();
    for (int times = 0; times < 2; ++times) {
        client.write(head);
        ASSERT_TRUE(client.expect("HTTP/1.1 100 Continue\r\n\r\n"));
        client.write("bo");
        client.write("dy");
        EXPECT_EQ(client.response(), "body");
    }
    client.write(head + "body");
    EXPECT_EQ(client.response(), "body");
}

TEST_F(HttpConnectionTest, ReadsNothingBehindAQuestionBeforeItsAnswer) {
    Client client = connect();
    const std::string later = "GET /later HTTP/1.1\r\nHost: here\r\n\r\n";
    client.write(later + later +
                 "GET /at-once HTTP/1.1\r\nHost: here\r\n\r\nGET /page HTTP/1.1\r\nHost: here\r\n\r\n");
    for (const char* answer : {"first", "second"}) {
        ASSERT_TRUE(one_more_is_held());
        EXPECT_EQ(held_count(), 1u);
        answer_first(answer);
        EXPECT_EQ(client.response(), answer);
    }
    EXPECT_EQ(client.response(), "at once");
    EXPECT_EQ(client.response(), "/page");
    client.get("/later");
    ASSERT_TRUE(one_more_is_held());
    answer_first("third");
    EXPECT_EQ(client.response(), "third");
}

TEST_F(HttpConnectionTest, AnswersHeadLaterWithoutTheBodyAndGoesOn) {
    Client client = connect();
    client.write("HEAD /later HTTP/1.1\r\nHost: here\r\n\r\n");
    ASSERT_TRUE(one_more_is_held());
    answer_first("body");
    EXPECT_EQ(client.response(true), "");
    client.get("/page");
    EXPECT_EQ(client.response(), "/page");
}

TEST_F(HttpConnectionTest, EndsBehindALateAnswerWhenTheRequestSaysSo) {
    Client client = connect();
    client.write("GET /later HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(one_more_is_held());
    answer_first("last");
    EXPECT_EQ(client.response(), "last");
    EXPECT_EQ(client.response(), "end");
    client.close();
    EXPECT_TRUE(one_more_is_gone());
}

TEST_F(HttpConnectionTest, LeavesNothingBehindWhenTheClientHasGoneBeforeItsAnswer) {
    for (const bool was_answered : {true, false}) {
        Client client = connect();
        client.get("/later");
        ASSERT_TRUE(one_more_is_held());
        client.close();
        if (was_answered) {
            answer_first("too late");
        } else {
            on_worker([this] { service_->held.clear(); });
        }
        EXPECT_TRUE(one_more_is_gone());
    }
}

TEST_F(HttpConnectionTest, EndsWithoutAnAnswerWhenTheServiceHasNone) {
    Client client = connect();
    client.get("/later");
    ASSERT_TRUE(one_more_is_held());
    on_worker([this] { service_->held.clear(); });
    EXPECT_EQ(client.response(), "end");
}

TEST_F(HttpConnectionTest, GetsTheLastWordOfAServiceThatStops) {
    Client client = connect();
    client.get("/later");
    ASSERT_TRUE(one_more_is_held());
    worker_->stop();
    EXPECT_EQ(client.response(), "stopping");
    EXPECT_EQ(client.response(), "end");
    EXPECT_TRUE(one_more_is_gone());
}

struct ImpatientHttpConnectionTest : HttpConnectionTest {
    ImpatientHttpConnectionTest() : HttpConnectionTest(100ms) {}
};

TEST_F(ImpatientHttpConnectionTest, DoesNotCountTheTimeThatTheServiceTakes) {
    Client patient = connect();
    patient.get("/later");
    ASSERT_TRUE(one_more_is_held());
    Client silent = connect();
    EXPECT_EQ(silent.response(), "end");  // so that much time has passed
    answer_first("at last");
    EXPECT_EQ(patient.response(), "at last");
    EXPECT_EQ(patient.response(), "end");  // from the answer on it counts again
}

}  // namespace
}  // namespace pipit::net
