#include "common/stream.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/socket.h>
#include <utility>

namespace pipit::bench {

Stream::Stream(UniqueFd socket, Poller& poller, std::uint32_t number, bool connecting)
    : socket_(std::move(socket)), poller_(&poller), number_(number), watches_writes_(connecting) {
    poller_->add(socket_, number_, watches_writes_);
}

void Stream::send(std::string_view bytes) {
    if (closed_) return;
    if (!unsent_.empty()) {
        unsent_ += bytes;
        return;
    }
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        closed_ = true;
        return;
    }
    const auto taken = static_cast<std::size_t>(sent < 0 ? 0 : sent);
    if (taken == bytes.size()) return;
    unsent_ = bytes.substr(taken);
    watch_writes(true);
}

void Stream::flush() {
    const std::string bytes = std::exchange(unsent_, {});
    if (!bytes.empty()) send(bytes);
    if (unsent_.empty()) watch_writes(false);
}

void Stream::watch_writes(bool writes) {
    if (writes == watches_writes_) return;
    watches_writes_ = writes;
    poller_->watch_writes(socket_, number_, writes);
}

std::span<std::uint8_t> Stream::read(std::span<std::uint8_t> scratch) {
    if (unused_.size() >= scratch.size())
        throw std::runtime_error("a message is larger than the read buffer");
    const auto received =
        ::recv(socket_.get(), scratch.data() + unused_.size(), scratch.size() - unused_.size(), 0);
    if (received <= 0) {
        closed_ = received == 0 || errno != EAGAIN;
        return {};
    }
    std::memcpy(scratch.data(), unused_.data(), unused_.size());
    const auto bytes = scratch.first(unused_.size() + static_cast<std::size_t>(received));
    unused_.clear();
    return bytes;
}

void Stream::keep(std::span<const std::uint8_t> rest) {
    unused_.assign(reinterpret_cast<const char*>(rest.data()), rest.size());
}

}  // namespace pipit::bench
