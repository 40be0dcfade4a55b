#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace pipit::net {

/// For tests: a push service on this machine, over HTTPS and HTTP/1.1, that answers each path with what it is
/// told to: 201 when nothing.
class PushTestService {
 public:
    PushTestService();
    ~PushTestService();
    PushTestService(const PushTestService&) = delete;
    PushTestService& operator=(const PushTestService&) = delete;

    /// "localhost:PORT".
    std::string host() const { return "localhost:" + std::to_string(port_); }
    std::string url(const std::string& path) const { return "https://" + host() + path; }
    /// Who vouches for it.
    std::string ca_file() const { return folder_ / "ca.pem"; }

    /// The next answers to requests for `path`, "410 Gone" for example; the last one stays.
    void answer(const std::string& path, std::deque<std::string> statuses);
    /// Whether `count` requests for the path have come, in time.
    bool was_asked(const std::string& path, std::size_t count);
    /// The heads of all requests for the path so far.
    std::vector<std::string> heads(const std::string& path);

 private:
    struct FreeContext {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };

    void make_certificate();
    void accept();
    void serve(int socket);
    std::string answer_to(const std::string& head);

    std::filesystem::path folder_;
    std::unique_ptr<SSL_CTX, FreeContext> context_;
    int listener_ = -1;
    unsigned port_ = 0;

    std::mutex mutex_;  // of what follows
    std::condition_variable changed_;
    std::map<std::string, std::deque<std::string>> statuses_;  // by path
    std::map<std::string, std::vector<std::string>> heads_;    // by path
    std::vector<std::thread> clients_;

    std::thread thread_;
};

}  // namespace pipit::net
