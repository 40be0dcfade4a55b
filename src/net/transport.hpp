#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/ssl.h>

#include "net/boost_asio.hpp"
#include "net/tls_context.hpp"

namespace pipit::net {

/// One accepted socket, plain or under TLS. Reads and writes never block and never keep bytes of their own: a
/// connection that is idle has no buffer. Owned by one worker.
class Transport {
 public:
    enum class Status : std::uint8_t {
        done,        ///< `bytes` were transferred, at least one
        want_read,   ///< try again when the socket can be read
        want_write,  ///< try again when the socket can be written
        ended,       ///< the peer has closed, or the connection is broken
    };
    struct Outcome {
        Status status;
        std::size_t bytes = 0;
    };

    /// `socket` must be open; `tls` null for plain TCP.
    Transport(Socket socket, const TlsContext& tls);
    Transport(Transport&&) = default;

    Outcome read_some(std::span<std::uint8_t> into);
    Outcome write_some(std::string_view bytes);
    /// Bytes were received and decrypted already: the socket need not become readable.
    bool has_buffered_input() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }

    /// Says that nothing more will be sent; reading goes on.
    void end_sending();
    /// Closes at once; operations in flight are aborted.
    void abort();

    bool is_tls() const { return ssl_ != nullptr; }

    /// Calls `handler(ErrorCode)` when the socket can be read or written.
    template <class Handler>
    void wait(Status want, Handler&& handler) {
        socket_.async_wait(want == Status::want_write ? Socket::wait_write : Socket::wait_read,
                           std::forward<Handler>(handler));
    }

 private:
    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    Outcome outcome_of_tls(int result);

    Socket socket_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace pipit::net
