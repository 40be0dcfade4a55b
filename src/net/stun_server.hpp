#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "core/rate_limiter.hpp"
#include "net/boost_asio.hpp"
#include "net/os.hpp"
#include "net/source_rates.hpp"
#include "net/worker.hpp"

namespace pipit::net {

/// Tells whoever asks over UDP from which address the question came (rtc/stun_answer.hpp). Lives on one
/// worker's loop, keeps nothing about anybody but how much they ask, and never waits: an answer that the
/// socket does not take at once is lost, as datagrams are. Close it before the worker is stopped.
class StunServer {
 public:
    /// `rate`: of each source; more is dropped without an answer. `worker` must outlive the server, which
    /// must not go before the worker has stopped.
    StunServer(Worker& worker, const core::RateLimiter::Settings& rate);

    /// Binds; port 0 takes any free one. Before the worker is started.
    base::Status open(const asio::ip::address& address, std::uint16_t port);
    /// Begins to answer. Any thread.
    void start();
    /// Ends it. Any thread.
    void close();

    /// Where it is bound, when it is.
    std::uint16_t port() const { return port_; }

 private:
    void wait();
    /// Answers what has come, up to a limit.
    void serve();
    /// False when nothing has come.
    bool serve_one();
    void warn_of_dropped();

    Worker& worker_;
    OsRandom random_;
    UdpSocket socket_;
    SourceRates rates_;
    std::uint16_t port_ = 0;
    std::uint64_t dropped_ = 0;  // since the last warning
    base::Instant warn_again_at_{};
};

}  // namespace pipit::net
