#pragma once

#include <cstdint>
#include <unistd.h>
#include <utility>

namespace pipit::bench {

/// A file descriptor and the duty to close it.
class UniqueFd {
 public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~UniqueFd() {
        if (fd_ >= 0) ::close(fd_);
    }

    int get() const { return fd_; }

 private:
    int fd_ = -1;
};

// All sockets are TCP over IPv4 on the loopback interface, non-blocking and without Nagle's delay. Whatever
// the system refuses is a std::system_error: a benchmark that cannot set up its sockets has nothing to
// measure.

/// Raises the soft limit on open files to the hard one.
void raise_file_limit();

/// Listens on 127.0.0.1:`port`.
UniqueFd listen_on(std::uint16_t port);

/// The next waiting connection; holds no descriptor when there is none.
UniqueFd accept_from(const UniqueFd& listener);

/// Begins to connect to 127.0.0.1:`port` from the address 127.0.0.`source`, so that more connections are
/// possible than one address has ephemeral ports. The socket is writable once the connection stands. Closing
/// it resets the connection: no address is left waiting for TIME_WAIT to pass before the next measurement.
UniqueFd connect_to(std::uint16_t port, std::uint8_t source);

}  // namespace pipit::bench
