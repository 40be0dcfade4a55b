#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/boost_asio.hpp"
#include "push/ip_address.hpp"

struct sockaddr;

namespace pipit::net {

/// The address in a socket address; nothing when that is neither of IPv4 nor of IPv6.
std::optional<push::IpAddress> ip_address_of(const sockaddr& address);

/// The addresses that a name has by the system's resolver (getaddrinfo), which blocks; none when it cannot be
/// found out.
std::vector<push::IpAddress> resolve_by_system(const std::string& name);

/// Finds the addresses of names for a thread with a loop, several at a time. Nothing breaks the system's
/// resolver off, so each lookup has a thread of its own; the thread of one that takes too long is left alone.
/// Owned by the loop's thread.
class NameLookup {
 public:
    struct Settings {
        base::Millis timeout{3'000};
        std::size_t threads_max = 16;  ///< those that were left alone among them
        /// Called on several threads at a time; may block.
        std::function<std::vector<push::IpAddress>(const std::string& name)> resolve = resolve_by_system;
    };
    using Then = std::function<void(const std::vector<push::IpAddress>& addresses)>;

    /// `loop` must outlive it.
    NameLookup(Settings settings, asio::io_context& loop);
    /// Like stop(), but nobody is told.
    ~NameLookup();
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    /// Calls `then` once, on the loop: with no address when none can be found out, or not in time; that at
    /// once when no thread is free for it, or after stop().
    void find(const std::string& name, Then then);
    /// Waits for no answer any longer.
    void stop();

 private:
    struct Waiting {
        Then then;
        base::Instant give_up_at;
    };
    /// What the threads have of it; they may outlive it.
    struct Shared;

    bool start_thread(std::uint64_t id, const std::string& name);
    void end(std::uint64_t id, const std::vector<push::IpAddress>& addresses);
    void wait_for_timeouts();

    const Settings settings_;
    const std::shared_ptr<Shared> shared_;
    std::map<std::uint64_t, Waiting> waiting_;  // ids rise, so the oldest comes first
    std::uint64_t last_id_ = 0;
    Timer timer_;
    bool timer_runs_ = false;
    bool is_stopped_ = false;
};

}  // namespace pipit::net
