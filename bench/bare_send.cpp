// The limit: as little as a server can do that hands every message of a room to each of its members.
//
// One thread, one epoll. Connections name two rooms in the path of their upgrade, GET /INBOX/OUTBOX: what
// they send goes to everyone whose inbox is that outbox. A frame is read with no look at its content, and the
// same text leaves unmasked. All frames that a room got in one turn of the loop are one buffer, and one
// send() for each member. No sign-in, no limits, no order numbers, no acknowledgements.

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <unordered_map>
#include <vector>

#include "codec/ws_handshake.hpp"
#include "common/frames.hpp"
#include "common/stream.hpp"

namespace pipit::bench {

namespace {

using RoomNumber = std::uint32_t;

struct Connection {
    Stream stream;
    bool upgraded = false;
    RoomNumber inbox = 0;
    RoomNumber outbox = 0;
};

struct Room {
    std::vector<Connection*> members;
    std::string waiting;
};

class BareServer {
 public:
    explicit BareServer(std::uint16_t port) : listener_(listen_on(port)) {
        poller_.add(listener_, kListenerNumber, false);
    }

    [[noreturn]] void run() {
        for (;;) {
            for (const auto& event : poller_.wait(-1)) {
                if (event.number == kListenerNumber) {
                    accept_waiting();
                    continue;
                }
                auto& connection = *connections_[event.number];
                if (event.writable) connection.stream.flush();
                if (event.readable) read(connection);
                if (connection.stream.is_closed()) remove(event.number);
            }
            send_waiting();
        }
    }

 private:
    static constexpr std::uint32_t kListenerNumber = UINT32_MAX;

    void accept_waiting() {
        for (auto socket = accept_from(listener_); socket.get() >= 0; socket = accept_from(listener_)) {
            const auto number = static_cast<std::uint32_t>(connections_.size());
            connections_.push_back(
                std::make_unique<Connection>(Connection{Stream(std::move(socket), poller_, number)}));
        }
    }

    void read(Connection& connection) {
        auto bytes = connection.stream.read(scratch_);
        if (!connection.upgraded) upgrade(connection, bytes);
        if (connection.upgraded) {
            while (const auto frame = take_frame(bytes))
                post(connection.outbox, frame->payload);
        }
        connection.stream.keep(bytes);
    }

    void remove(std::uint32_t number) {
        const auto& connection = connections_[number];
        if (connection->upgraded) std::erase(rooms_[connection->inbox].members, connection.get());
        connections_[number].reset();
    }

    void upgrade(Connection& connection, std::span<std::uint8_t>& bytes) {
        const auto head = take_http_head(bytes);
        if (!head) return;
        constexpr std::size_t kInboxAt = sizeof "GET /" - 1;
        const auto line = head->first_line();
        const auto end = line.data() + line.size();
        const auto slash = std::from_chars(line.data() + kInboxAt, end, connection.inbox).ptr;
        std::from_chars(slash + 1, end, connection.outbox);
        rooms_[connection.inbox].members.push_back(&connection);
        connection.upgraded = true;
        connection.stream.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            codec::accept_key(head->field("sec-websocket-key")) + "\r\n\r\n");
    }

    void post(RoomNumber number, std::string_view text) {
        auto& room = rooms_[number];
        if (room.waiting.empty()) touched_.push_back(&room);
        codec::append_frame(room.waiting, codec::Opcode::text, false, text);
    }

    void send_waiting() {
        for (auto* room : touched_) {
            for (auto* member : room->members)
                member->stream.send(room->waiting);
            room->waiting.clear();
        }
        touched_.clear();
    }

    Poller poller_;
    UniqueFd listener_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::unordered_map<RoomNumber, Room> rooms_;
    std::vector<Room*> touched_;
    std::vector<std::uint8_t> scratch_ = std::vector<std::uint8_t>(256 << 10);
};

}  // namespace

}  // namespace pipit::bench

int main(int argc, char** argv) {
    using namespace pipit::bench;
    std::uint16_t port = 0;
    const std::string_view given = argc == 2 ? argv[1] : "";
    if (std::from_chars(given.data(), given.data() + given.size(), port).ec != std::errc()) {
        std::fputs("usage: bench_bare_send PORT\n", stderr);
        return 2;
    }
    try {
        raise_file_limit();
        BareServer server(port);
        std::fprintf(stderr, "listening on 127.0.0.1:%u\n", port);
        server.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_bare_send: %s\n", error.what());
        return 1;
    }
}
