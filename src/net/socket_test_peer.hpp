#pragma once

#include <chrono>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include "net/boost_asio.hpp"

namespace pipit::net {

/// How long something that must happen may take on a busy machine.
inline constexpr std::chrono::seconds kTestDeadline{20};

/// The other end of a real socket, read when a test wants to. For tests only; used by one thread.
class SocketTestPeer {
 public:
    explicit SocketTestPeer(Socket socket) : socket_(std::move(socket)) {}

    void write(const std::string& bytes) {
        ASSERT_EQ(::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    void close() { socket_.close(); }

 protected:
    /// False when the connection is over, or nothing comes in time.
    bool read_more() {
        pollfd waited{socket_.native_handle(), POLLIN, 0};
        if (::poll(&waited, 1, std::chrono::milliseconds(kTestDeadline).count()) != 1) return false;
        char buffer[4096];
        const ssize_t count = ::recv(socket_.native_handle(), buffer, sizeof buffer, 0);
        if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
        return count > 0;
    }
    /// Where the head of an HTTP response ends, the empty line left out; npos when it does not come.
    std::size_t read_head() {
        std::size_t end = std::string::npos;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos && read_more()) {
        }
        return end;
    }

    std::string received_;  ///< and not taken yet

 private:
    Socket socket_;
};

}  // namespace pipit::net
