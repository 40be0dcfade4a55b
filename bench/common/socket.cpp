#include "common/socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>

namespace pipit::bench {

namespace {

void check(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
}

sockaddr_in loopback(std::uint8_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl((127u << 24) | host);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void switch_on(const UniqueFd& socket, int level, int option) {
    const int on = 1;
    check(::setsockopt(socket.get(), level, option, &on, sizeof on), "setsockopt");
}

UniqueFd new_socket() {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    check(socket.get(), "socket");
    return socket;
}

}  // namespace

void raise_file_limit() {
    rlimit limit{};
    check(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    check(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

UniqueFd listen_on(std::uint16_t port) {
    auto socket = new_socket();
    switch_on(socket, SOL_SOCKET, SO_REUSEADDR);
    const auto address = loopback(1, port);
    check(::bind(socket.get(), generic(address), sizeof address), "bind");
    check(::listen(socket.get(), SOMAXCONN), "listen");
    return socket;
}

UniqueFd accept_from(const UniqueFd& listener) {
    UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
        if (errno != EAGAIN && errno != ECONNABORTED) check(-1, "accept4");
        return UniqueFd();
    }
    switch_on(socket, IPPROTO_TCP, TCP_NODELAY);
    return socket;
}

UniqueFd connect_to(std::uint16_t port, std::uint8_t source) {
    auto socket = new_socket();
    switch_on(socket, IPPROTO_TCP, TCP_NODELAY);
    // The port is chosen when the pair of addresses is known, so each source address has all of them.
    switch_on(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    const linger reset{.l_onoff = 1, .l_linger = 0};
    check(::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "setsockopt");
    const auto from = loopback(source, 0);
    check(::bind(socket.get(), generic(from), sizeof from), "bind");
    const auto to = loopback(1, port);
    if (::connect(socket.get(), generic(to), sizeof to) < 0 && errno != EINPROGRESS) check(-1, "connect");
    return socket;
}

}  // namespace pipit::bench
