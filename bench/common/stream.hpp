#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/poller.hpp"
#include "common/socket.hpp"

namespace pipit::bench {

/// The bytes of one connection, both ways. Holds memory only for what could not be used or sent yet, so that
/// thousands of idle streams are cheap. The poller must outlive it.
class Stream {
 public:
    /// Adds the socket to the poller as `number`. A socket that is still connecting is writable when it has
    /// connected.
    Stream(UniqueFd socket, Poller& poller, std::uint32_t number, bool connecting = false);

    /// Sends at once; what the socket does not take now is kept, and sent by flush().
    void send(std::string_view bytes);

    /// The socket has become writable.
    void flush();

    /// Reads once. The result is what keep() kept, then what is new, in `scratch`; it is valid and may be
    /// written to until `scratch` is used again. Empty: nothing has come, or the stream is_closed().
    std::span<std::uint8_t> read(std::span<std::uint8_t> scratch);

    /// The end of the last read, which cannot be used before more has come.
    void keep(std::span<const std::uint8_t> rest);

    /// The other side closed or reset it, or sending failed. Nothing is sent any more.
    bool is_closed() const { return closed_; }

 private:
    void watch_writes(bool writes);

    UniqueFd socket_;
    Poller* poller_;
    std::uint32_t number_;
    bool watches_writes_;
    bool closed_ = false;
    std::string unsent_;
    std::string unused_;
};

}  // namespace pipit::bench
