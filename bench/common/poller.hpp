#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <sys/epoll.h>

#include "common/socket.hpp"

namespace pipit::bench {

/// Level-triggered epoll. Each socket has a number of its owner's choice, by which its events are told apart.
class Poller {
 public:
    struct Event {
        std::uint32_t number;
        bool readable;  ///< or closed, or failed: reading tells which
        bool writable;
    };

    Poller();

    /// Watches for reading, and for writing while `writes`.
    void add(const UniqueFd& socket, std::uint32_t number, bool writes);
    void watch_writes(const UniqueFd& socket, std::uint32_t number, bool writes);

    /// What happened, after at most `timeout_ms`; valid until the next call.
    std::span<const Event> wait(int timeout_ms);

 private:
    void control(int operation, const UniqueFd& socket, std::uint32_t number, bool writes);

    UniqueFd epoll_;
    std::array<epoll_event, 1024> raw_{};
    std::array<Event, 1024> events_{};
};

}  // namespace pipit::bench
