#include "net/transport.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include <climits>
#include <openssl/err.h>

#include "base/assert.hpp"

namespace pipit::net {
namespace {

Transport::Outcome outcome_of(ssize_t result, Transport::Status blocked) {
    if (result > 0) return {Transport::Status::done, static_cast<std::size_t>(result)};
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {blocked};
    return {Transport::Status::ended};
}

}  // namespace

Transport::Transport(Socket socket, const TlsContext& tls) : socket_(std::move(socket)) {
    ErrorCode ignored;  // a socket that is broken already says so at the first read
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (!tls) return;
    ssl_.reset(SSL_new(tls.get()));
    PIPIT_ASSERT(ssl_ != nullptr);
    SSL_set_fd(ssl_.get(), socket_.native_handle());
    SSL_set_accept_state(ssl_.get());  // the handshake is done by the first reads
}

Transport::Outcome Transport::read_some(std::span<std::uint8_t> into) {
    if (!ssl_)
        return outcome_of(::recv(socket_.native_handle(), into.data(), into.size(), 0), Status::want_read);
    ERR_clear_error();
    return outcome_of_tls(
        SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX))));
}

Transport::Outcome Transport::write_some(std::string_view bytes) {
    if (!ssl_) {
        return outcome_of(::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                          Status::want_write);
    }
    ERR_clear_error();
    return outcome_of_tls(
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
}

Transport::Outcome Transport::outcome_of_tls(int result) {
    if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {Status::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {Status::want_write};
        default:
            return {Status::ended};
    }
}

void Transport::end_sending() {
    ErrorCode ignored;  // a peer that has gone needs no goodbye
    if (ssl_ && SSL_is_init_finished(ssl_.get())) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Transport::abort() {
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace pipit::net
