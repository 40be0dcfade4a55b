#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/frames.hpp"
#include "common/stream.hpp"
#include "load/scenario.hpp"
#include "load/wire.hpp"

namespace pipit::bench {

/// Nanoseconds of the monotonic clock.
std::uint64_t now_ns();

/// All clients of a scenario, on one thread and one epoll. Whatever does not go as it should, a connection
/// that is lost as much as an upgrade that is refused, is a std::runtime_error.
class Swarm {
 public:
    static constexpr std::uint32_t kOpeningMax = 128;

    /// Told what arrives, inside turn().
    class Listener {
     public:
        virtual ~Listener() = default;
        /// `count` posts have come to `member`, read at `at_ns`; `text` is the message that they were in.
        virtual void on_deliveries(std::uint32_t member, std::uint32_t count, std::string_view text,
                                   std::uint64_t at_ns) = 0;
        /// `count` posts of `member` have been answered, in their order.
        virtual void on_acknowledgements(std::uint32_t member, std::uint32_t count, std::uint64_t at_ns) = 0;
    };

    /// Both references must outlive it.
    Swarm(const Wire& wire, Listener& listener, std::uint16_t port);

    /// Opens a connection for each seat, `opening_max` at a time, until all are where they belong; fails
    /// after `timeout`.
    void open(const std::vector<Seat>& seats, std::chrono::seconds timeout,
              std::uint32_t opening_max = kOpeningMax);

    /// Waits until something happens, for at most `timeout_ms`, and deals with all that has.
    void turn(int timeout_ms);

    /// Turns until nothing has come for half a second; fails after `timeout`.
    void settle(std::chrono::seconds timeout);

    /// Sends `count` posts of `member` in one write: the numbers from `first_sequence` on.
    void post(std::uint32_t member, std::uint64_t first_sequence, std::uint32_t count);

 private:
    enum class Stage { connecting, upgrading, open };

    struct Client {
        Seat seat;
        Stream stream;
        Stage stage = Stage::connecting;
    };

    void open_client(const Seat& seat);
    void on_client(Client& client, const Poller::Event& event);
    void upgrade(Client& client, std::span<std::uint8_t>& bytes);
    void on_frame(Client& client, const Frame& frame, std::uint64_t at_ns);
    void say(Client& client, codec::Opcode opcode, std::string_view payload);
    /// What came; the stream must keep() the part that was not used.
    std::span<std::uint8_t> read(Stream& stream);

    Stream& publisher_of(std::uint32_t member);
    void on_publisher(std::uint32_t member, Stream& stream, const Poller::Event& event);

    const Wire& wire_;
    Listener& listener_;
    const std::uint16_t port_;
    Poller poller_;
    std::vector<Client> clients_;
    std::unordered_map<std::uint32_t, Stream> publishers_;  ///< by member, where posts_by_http()
    std::uint32_t ready_ = 0;
    std::uint64_t reads_ = 0;
    std::string outgoing_;
    std::vector<std::uint8_t> scratch_;
};

}  // namespace pipit::bench
