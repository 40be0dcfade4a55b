#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <istream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "net/boost_asio.hpp"

namespace pipit::net {

/// For tests: how long something that must happen may take on a busy machine.
inline constexpr std::chrono::seconds kTestDeadline{20};

inline std::string http_answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

/// For tests: a key set whose one key is named `kid`. The key is the example of RFC 8037 appendix A.2.
inline std::string key_set(const std::string& kid) {
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":")" +
           kid + "\"}]}";
}

/// For tests: a web server on this machine that says what it is told to, byte by byte, and then hangs up. A
/// request for a path that has no answer yet is held until it gets one.
class KeySourceTestServer {
 public:
    KeySourceTestServer() {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~KeySourceTestServer() {
        context_.stop();
        thread_.join();
    }

    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
    }

    /// From now on requests for `path` get these bytes, also those that are held.
    void answer(const std::string& path, std::string bytes) {
        asio::post(context_, [this, path, bytes = std::move(bytes)]() mutable {
            answers_[path] = std::move(bytes);
            for (const auto& client : std::exchange(held_[path], {}))
                send(client, answers_[path]);
        });
    }

    /// Whether `count` requests for the path have come, in time.
    bool was_asked(const std::string& path, std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kTestDeadline, [&] { return heads_[path].size() >= count; });
    }

    /// The heads of all requests for the path so far.
    std::vector<std::string> heads(const std::string& path) {
        const std::lock_guard lock(mutex_);
        return heads_[path];
    }

 private:
    struct Client {
        explicit Client(Socket accepted) : socket(std::move(accepted)) {}
        Socket socket;
        asio::streambuf input;
        std::string output;
    };
    using ClientPtr = std::shared_ptr<Client>;

    void accept() {
        acceptor_.async_accept([this](ErrorCode error, Socket socket) {
            if (error) return;
            const auto client = std::make_shared<Client>(std::move(socket));
            asio::async_read_until(client->socket, client->input, "\r\n\r\n",
                                   [this, client](ErrorCode failed, std::size_t) {
                                       if (!failed) receive(client);
                                   });
            accept();
        });
    }

    void receive(const ClientPtr& client) {
        std::istream stream(&client->input);
        const std::string head{std::istreambuf_iterator<char>(stream), {}};
        const std::size_t begin = head.find(' ') + 1;
        const std::string path = head.substr(begin, head.find(' ', begin) - begin);
        {
            // Before the answer, so that whoever has that finds the request noted.
            const std::lock_guard lock(mutex_);
            heads_[path].push_back(head);
            changed_.notify_all();
        }
        if (const auto found = answers_.find(path); found != answers_.end()) {
            send(client, found->second);
        } else {
            held_[path].push_back(client);
        }
    }

    void send(const ClientPtr& client, const std::string& bytes) {
        client->output = bytes;
        asio::async_write(client->socket, asio::buffer(client->output), [client](ErrorCode, std::size_t) {});
    }

    asio::io_context context_;
    Acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    // The thread's own.
    std::map<std::string, std::string> answers_;
    std::map<std::string, std::vector<ClientPtr>> held_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<std::string>> heads_;  // by path; protected by mutex_

    std::thread thread_;
};

}  // namespace pipit::net
