#include "net/stun_server.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "net/source_address.hpp"
#include "rtc/stun_answer.hpp"

namespace pipit::net {
namespace {

using asio::ip::udp;

// So that a flood leaves room for everybody else of the worker.
constexpr int kDatagramsPerWakeUp = 64;
// More than any request has that an Ethernet carries in one piece; what is longer is not answered.
constexpr std::size_t kDatagramBytesMax = 1'500;
constexpr base::Millis kWarnInterval{60'000};

/// The control message that tells, and with an answer decides, which of our addresses is used.
union AddressNote {
    cmsghdr alignment;
    char bytes[CMSG_SPACE(sizeof(in6_pktinfo))];
};

/// A machine with several addresses has to answer from the one that was asked: nobody, and no NAT, would know
/// what to do with an answer from another one.
ErrorCode note_own_address(UdpSocket& socket, bool is_v6) {
    const int on = 1;
    const int failed =
        is_v6 ? ::setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
              : ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    return failed != 0 ? ErrorCode(errno, boost::system::system_category()) : ErrorCode();
}

/// The way back is the routing table's business, whichever interface the question came in by.
void forget_interface(msghdr& message) {
    for (cmsghdr* note = CMSG_FIRSTHDR(&message); note != nullptr; note = CMSG_NXTHDR(&message, note)) {
        if (note->cmsg_level == IPPROTO_IP && note->cmsg_type == IP_PKTINFO) {
            reinterpret_cast<in_pktinfo*>(CMSG_DATA(note))->ipi_ifindex = 0;
        } else if (note->cmsg_level == IPPROTO_IPV6 && note->cmsg_type == IPV6_PKTINFO) {
            reinterpret_cast<in6_pktinfo*>(CMSG_DATA(note))->ipi6_ifindex = 0;
        }
    }
}

std::optional<rtc::StunAnswer> answer_to(base::ByteSpan datagram, const udp::endpoint& sender) {
    const asio::ip::address address = unmapped(sender.address());
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        return rtc::stun_answer(datagram, {bytes, sender.port()});
    }
    const auto bytes = address.to_v6().to_bytes();
    return rtc::stun_answer(datagram, {bytes, sender.port()});
}

}  // namespace

StunServer::StunServer(Worker& worker, const core::RateLimiter::Settings& rate)
    : worker_(worker), socket_(worker.context().get_executor()), rates_(rate, random_, monotonic_now()) {}

base::Status StunServer::open(const asio::ip::address& address, std::uint16_t port) {
    const udp::endpoint endpoint(address, port);
    ErrorCode error;
    socket_.open(endpoint.protocol(), error);
    if (!error) error = note_own_address(socket_, address.is_v6());
    if (!error) socket_.bind(endpoint, error);
    if (!error) port_ = socket_.local_endpoint(error).port();
    if (!error) return std::monostate{};
    ErrorCode ignored;
    socket_.close(ignored);
    return base::Failure{fmt::format(
        "cannot answer STUN on UDP port {} of {}: {}; choose another one with stun.port, or go without with "
        "stun.enabled = false",
        port, address.to_string(), error.message())};
}

void StunServer::start() {
    worker_.post([this] { wait(); });
}

void StunServer::close() {
    worker_.post([this] {
        ErrorCode ignored;
        socket_.close(ignored);
    });
}

void StunServer::wait() {
    socket_.async_wait(UdpSocket::wait_read, [this](ErrorCode error) {
        if (error) return;  // it was closed
        worker_.enter_turn();
        serve();
        wait();
    });
}

void StunServer::serve() {
    for (int i = 0; i < kDatagramsPerWakeUp; ++i) {
        if (!serve_one()) break;
    }
    if (dropped_ > 0 && worker_.now() >= warn_again_at_) warn_of_dropped();
}

bool StunServer::serve_one() {
    udp::endpoint sender;
    AddressNote note;
    iovec content{worker_.read_buffer().data(), kDatagramBytesMax};
    msghdr message{};
    message.msg_name = sender.data();
    message.msg_namelen = static_cast<socklen_t>(sender.capacity());
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = note.bytes;
    message.msg_controllen = sizeof note.bytes;
    const ssize_t received = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
    if (received < 0) return errno == EINTR;
    sender.resize(message.msg_namelen);
    if (!rates_.take(sender.address(), worker_.now())) {
        ++dropped_;
        return true;
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) return true;
    const auto answer = answer_to({worker_.read_buffer().data(), static_cast<std::size_t>(received)}, sender);
    if (!answer) return true;
    forget_interface(message);
    content = {const_cast<std::uint8_t*>(answer->bytes().data()), answer->size};
    ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return true;
}

void StunServer::warn_of_dropped() {
    spdlog::warn(
        "{} STUN requests were not answered: some address asks more often than "
        "stun.requests_per_second allows",
        std::exchange(dropped_, 0));
    warn_again_at_ = worker_.now() + kWarnInterval;
}

}  // namespace pipit::net
