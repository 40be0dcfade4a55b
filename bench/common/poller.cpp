#include "common/poller.hpp"

#include <cerrno>
#include <system_error>

namespace pipit::bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

void Poller::add(const UniqueFd& socket, std::uint32_t number, bool writes) {
    control(EPOLL_CTL_ADD, socket, number, writes);
}

void Poller::watch_writes(const UniqueFd& socket, std::uint32_t number, bool writes) {
    control(EPOLL_CTL_MOD, socket, number, writes);
}

void Poller::control(int operation, const UniqueFd& socket, std::uint32_t number, bool writes) {
    epoll_event event{};
    event.events = EPOLLIN | (writes ? EPOLLOUT : 0u);
    event.data.u32 = number;
    if (::epoll_ctl(epoll_.get(), operation, socket.get(), &event) < 0)
        throw std::system_error(errno, std::system_category(), "epoll_ctl");
}

std::span<const Poller::Event> Poller::wait(int timeout_ms) {
    const int ready = ::epoll_wait(epoll_.get(), raw_.data(), static_cast<int>(raw_.size()), timeout_ms);
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::system_category(), "epoll_wait");
    const auto count = static_cast<std::size_t>(ready < 0 ? 0 : ready);
    for (std::size_t i = 0; i < count; ++i) {
        events_[i] = {.number = raw_[i].data.u32,
                      .readable = (raw_[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
                      .writable = (raw_[i].events & EPOLLOUT) != 0};
    }
    return {events_.data(), count};
}

}  // namespace pipit::bench
