#include "net/key_source_client.hpp"

#include <chrono>
#include <cstdlib>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/key_source_test_server.hpp"

namespace pipit::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using Limits = KeySourceClient::Limits;
using Clock = std::chrono::steady_clock;

/// The next answer; one without a document and an id of -1 when the deadline passes first.
KeySourceClient::Answer next_answer(KeySourceClient& client) {
    const auto deadline = Clock::now() + kTestDeadline;
    while (Clock::now() < deadline) {
        auto answers = client.wait(100ms);
        EXPECT_LE(answers.size(), 1U);
        if (!answers.empty()) return std::move(answers.front());
    }
    return {static_cast<std::size_t>(-1), base::Failure{"no answer"}};
}

/// The document or the reason why there is none.
std::string fetch(const std::string& url, const Limits& limits = {}) {
    KeySourceClient client(limits);
    client.get(7, url);
    const auto answer = next_answer(client);
    EXPECT_EQ(answer.id, 7U);
    return answer.document ? "document: " + *answer.document : answer.document.error().message;
}

TEST(KeySourceClient, AsksNobodyInTheClearButThisMachine) {
    for (const char* url :
         {"http://id.example/keys", "http://localhost.id.example/keys", "http://127.0.0.1@id.example/",
          "http://127.0.0.2/keys", "ftp://127.0.0.1/keys", "file:///etc/hostname"}) {
        EXPECT_THAT(fetch(url), HasSubstr("is neither https nor http on this machine")) << url;
    }
    for (const char* url : {"", "127.0.0.1", "https://", "http://127.0.0.1:99999/"}) {
        EXPECT_THAT(fetch(url), HasSubstr("is not a URL")) << url;
    }
}

TEST(KeySourceClient, AnswersForARefusedUrlAtOnce) {
    KeySourceClient client(Limits{});
    client.get(7, "ftp://127.0.0.1/keys");
    const auto begin = Clock::now();
    EXPECT_EQ(client.wait(kTestDeadline).size(), 1U);
    EXPECT_LT(Clock::now() - begin, kTestDeadline);
}

TEST(KeySourceClient, AsksThisMachinePastTheProxyOfTheEnvironment) {
    KeySourceTestServer server;
    KeySourceTestServer proxy;
    server.answer("/keys", http_answer("200 OK", "{}"));
    proxy.answer(server.url("/keys"), http_answer("200 OK", "from the proxy"));
    ASSERT_EQ(setenv("http_proxy", proxy.url("").c_str(), 1), 0);
    EXPECT_EQ(fetch(server.url("/keys")), "document: {}");
    unsetenv("http_proxy");
}

TEST(KeySourceClient, RefusesAnyStatusButSuccess) {
    KeySourceTestServer server;
    for (const char* status :
         {"404 Not Found", "500 Internal Server Error", "204 No Content", "304 Not Modified"}) {
        server.answer("/keys", http_answer(status, ""));
        EXPECT_EQ(fetch(server.url("/keys")), "the answer has status " + std::string(status).substr(0, 3));
    }
}

TEST(KeySourceClient, FollowsNoRedirectThatLeavesHttps) {
    KeySourceTestServer server;
    server.answer("/keys", http_answer("200 OK", "reached"));
    for (const std::string& target : {std::string("file:///etc/hostname"), server.url("/keys"),
                                      std::string("/keys"), std::string("ftp://127.0.0.1/keys")}) {
        server.answer("/away", "HTTP/1.1 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n");
        EXPECT_THAT(fetch(server.url("/away")), HasSubstr("not supported or disabled")) << target;
    }
    EXPECT_TRUE(server.heads("/keys").empty());
}

TEST(KeySourceClient, RefusesAnAnswerThatIsNotHttpOrIsCutShort) {
    KeySourceTestServer server;
    server.answer("/garbage", "\x16\x03\x01 no HTTP at all\r\n\r\n");
    server.answer("/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":");
    EXPECT_THAT(fetch(server.url("/garbage")), Not(HasSubstr("document")));
    EXPECT_THAT(fetch(server.url("/short")), Not(HasSubstr("document")));
}

TEST(KeySourceClient, RefusesADocumentBeyondItsLimitHoweverItsLengthIsTold) {
    KeySourceTestServer server;
    const Limits limits{.document_bytes_max = 1'000};
    server.answer("/most", http_answer("200 OK", std::string(1'000, 'x')));
    server.answer("/length", http_answer("200 OK", std::string(1'001, 'x')));
    server.answer("/no-length", "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
    server.answer("/chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                                  std::string(1'001, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(fetch(server.url("/most"), limits), "document: " + std::string(1'000, 'x'));
    for (const char* path : {"/length", "/no-length", "/chunked"}) {
        EXPECT_EQ(fetch(server.url(path), limits), "the answer has more than 1000 bytes") << path;
    }
}

TEST(KeySourceClient, GivesUpOnAServerThatDoesNotAnswerInTime) {
    KeySourceTestServer server;
    EXPECT_THAT(fetch(server.url("/never"), {.total_timeout = 50ms}), HasSubstr("timed out"));
}

TEST(KeySourceClient, SaysWhenNobodyListens) {
    std::string url;
    {
        const KeySourceTestServer server;
        url = server.url("/keys");
    }
    EXPECT_THAT(fetch(url), HasSubstr("Failed to connect"));
}

TEST(KeySourceClient, FetchesADocumentAndSaysWhoIsAsking) {
    KeySourceTestServer server;
    server.answer("/keys?v=1", http_answer("200 OK", "{}"));
    EXPECT_EQ(fetch(server.url("/keys?v=1")), "document: {}");
    ASSERT_EQ(server.heads("/keys?v=1").size(), 1U);
    EXPECT_THAT(server.heads("/keys?v=1").front(), HasSubstr("\r\nUser-Agent: pipit/"));
}

TEST(KeySourceClient, SendsNoCookieBack) {
    KeySourceTestServer server;
    server.answer("/keys", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}");
    KeySourceClient client(Limits{});
    for (const std::size_t id : {1U, 2U}) {
        client.get(id, server.url("/keys"));
        EXPECT_TRUE(next_answer(client).document);
    }
    ASSERT_EQ(server.heads("/keys").size(), 2U);
    EXPECT_THAT(server.heads("/keys").back(), Not(HasSubstr("ookie")));
}

TEST(KeySourceClient, LetsNoRequestWaitForAnother) {
    KeySourceTestServer server;
    server.answer("/quick", http_answer("200 OK", "quick"));
    KeySourceClient client(Limits{});
    client.get(1, server.url("/slow"));
    client.get(2, server.url("/quick"));
    EXPECT_EQ(next_answer(client).id, 2U);
    server.answer("/slow", http_answer("200 OK", "slow"));
    const auto slow = next_answer(client);
    EXPECT_EQ(slow.id, 1U);
    ASSERT_TRUE(slow.document);
    EXPECT_EQ(*slow.document, "slow");
}

TEST(KeySourceClient, EndsItsWaitWhenWokenBeforeOrDuringIt) {
    KeySourceClient client(Limits{});
    const auto begin = Clock::now();
    client.wake();
    EXPECT_TRUE(client.wait(kTestDeadline).empty());
    std::thread waker([&] { client.wake(); });
    EXPECT_TRUE(client.wait(kTestDeadline).empty());
    waker.join();
    EXPECT_LT(Clock::now() - begin, kTestDeadline);
}

/// A TLS server whose certificate is for 127.0.0.1 and signed by nobody else. Serves one connection.
class SelfSignedServer {
 public:
    SelfSignedServer() : thread_([this] { serve(); }) {}
    ~SelfSignedServer() { thread_.join(); }
    std::string url() const {
        return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
    }

 private:
    void serve() {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
        X509_set_pubkey(certificate.get(), key.get());
        X509_NAME* name = X509_get_subject_name(certificate.get());
        const auto* host = reinterpret_cast<const unsigned char*>("127.0.0.1");
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
        X509_set_issuer_name(certificate.get(), name);
        X509_sign(certificate.get(), key.get(), EVP_sha256());

        const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                        SSL_CTX_free);
        SSL_CTX_use_certificate(context.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context.get(), key.get());
        Socket socket = acceptor_.accept();
        const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
        SSL_set_fd(ssl.get(), socket.native_handle());
        EXPECT_LE(SSL_accept(ssl.get()), 0);
    }

    asio::io_context context_;
    Acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

TEST(KeySourceClient, BelievesNoCertificateThatNobodyVouchesFor) {
    const SelfSignedServer server;
    EXPECT_THAT(fetch(server.url()), HasSubstr("self-signed certificate"));
}

}  // namespace
}  // namespace pipit::net
