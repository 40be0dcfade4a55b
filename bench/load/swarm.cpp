#include "load/swarm.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "codec/ws_handshake.hpp"

namespace pipit::bench {

namespace {

constexpr std::size_t kScratchBytes = 256 << 10;
constexpr std::uint32_t kConnectionsPerAddress = 4'000;
constexpr std::uint64_t kQuietNs = 500'000'000;

// The sample of RFC 6455 section 1.3. A server hashes whatever it gets and unmasks with any mask that is not
// zero, so one of each serves as well as random ones.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr codec::MaskKey kMask{0x37, 0xfa, 0x21, 0x3d};

// Publishers are told from clients by the highest bit of their number.
constexpr std::uint32_t kPublisherBit = 1u << 31;

std::uint8_t source_of(std::uint32_t member) {
    return static_cast<std::uint8_t>(1 + member / kConnectionsPerAddress);
}

}  // namespace

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
}

Swarm::Swarm(const Wire& wire, Listener& listener, std::uint16_t port)
    : wire_(wire), listener_(listener), port_(port), scratch_(kScratchBytes) {}

void Swarm::open(const std::vector<Seat>& seats, std::chrono::seconds timeout, std::uint32_t opening_max) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (ready_ < seats.size()) {
        while (clients_.size() < seats.size() && clients_.size() - ready_ < opening_max)
            open_client(seats[clients_.size()]);
        turn(100);
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(
                fmt::format("only {} of {} connections were ready in time", ready_, seats.size()));
    }
}

void Swarm::open_client(const Seat& seat) {
    clients_.push_back({seat, Stream(connect_to(port_, source_of(seat.member)), poller_, seat.member, true)});
}

void Swarm::turn(int timeout_ms) {
    for (const auto& event : poller_.wait(timeout_ms)) {
        if (event.number & kPublisherBit) {
            const auto member = event.number & ~kPublisherBit;
            on_publisher(member, publishers_.at(member), event);
        } else {
            on_client(clients_[event.number], event);
        }
    }
}

void Swarm::settle(std::chrono::seconds timeout) {
    const auto deadline_ns = now_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds(timeout).count());
    auto quiet_from_ns = now_ns();
    while (now_ns() - quiet_from_ns < kQuietNs) {
        const auto reads_before = reads_;
        turn(100);
        if (reads_ != reads_before) quiet_from_ns = now_ns();
        if (now_ns() > deadline_ns) throw std::runtime_error("the server does not come to rest");
    }
}

std::span<std::uint8_t> Swarm::read(Stream& stream) {
    const auto bytes = stream.read(scratch_);
    if (stream.is_closed()) throw std::runtime_error("the server has closed a connection");
    ++reads_;
    return bytes;
}

void Swarm::on_client(Client& client, const Poller::Event& event) {
    if (event.writable) {
        client.stream.flush();
        if (client.stage == Stage::connecting) {
            client.stage = Stage::upgrading;
            const auto subprotocol = wire_.subprotocol();
            client.stream.send(fmt::format(
                "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n{}{}{}\r\n",
                wire_.upgrade_target(client.seat), port_, kKey,
                subprotocol.empty() ? "" : "Sec-WebSocket-Protocol: ", subprotocol,
                subprotocol.empty() ? "" : "\r\n"));
        }
    }
    if (!event.readable) return;
    auto bytes = read(client.stream);
    const auto at_ns = now_ns();
    if (client.stage == Stage::upgrading) upgrade(client, bytes);
    if (client.stage == Stage::open) {
        while (const auto frame = take_frame(bytes))
            on_frame(client, *frame, at_ns);
    }
    client.stream.keep(bytes);
}

void Swarm::upgrade(Client& client, std::span<std::uint8_t>& bytes) {
    static const std::string kAccept = codec::accept_key(kKey);
    const auto head = take_http_head(bytes);
    if (!head) return;
    if (!head->first_line().starts_with("HTTP/1.1 101 ") || head->field("sec-websocket-accept") != kAccept)
        throw std::runtime_error(fmt::format("no upgrade: {}", head->text));
    client.stage = Stage::open;
    const auto greeting = wire_.greeting(client.seat);
    if (!greeting.empty()) say(client, codec::Opcode::text, greeting);
    if (wire_.ready_at_once()) ++ready_;
}

void Swarm::on_frame(Client& client, const Frame& frame, std::uint64_t at_ns) {
    switch (frame.opcode) {
        case codec::Opcode::text: {
            std::string answer;
            const auto heard = wire_.hear(client.seat, frame.payload, answer);
            if (!answer.empty()) say(client, codec::Opcode::text, answer);
            if (heard.ready) ++ready_;
            if (heard.acknowledgements > 0)
                listener_.on_acknowledgements(client.seat.member, heard.acknowledgements, at_ns);
            if (heard.deliveries > 0)
                listener_.on_deliveries(client.seat.member, heard.deliveries, frame.payload, at_ns);
            break;
        }
        case codec::Opcode::ping:
            say(client, codec::Opcode::pong, frame.payload);
            break;
        default:
            throw std::runtime_error(fmt::format("the server ends a connection: {}",
                                                 frame.payload.substr(std::min(frame.payload.size(), 2ul))));
    }
}

void Swarm::say(Client& client, codec::Opcode opcode, std::string_view payload) {
    outgoing_.clear();
    codec::append_masked_frame(outgoing_, opcode, false, payload, kMask);
    client.stream.send(outgoing_);
}

void Swarm::post(std::uint32_t member, std::uint64_t first_sequence, std::uint32_t count) {
    auto& client = clients_[member];
    outgoing_.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto text = wire_.post(client.seat, first_sequence + i);
        if (wire_.posts_by_http()) {
            outgoing_ += text;
        } else {
            codec::append_masked_frame(outgoing_, codec::Opcode::text, false, text, kMask);
        }
    }
    auto& stream = wire_.posts_by_http() ? publisher_of(member) : client.stream;
    stream.send(outgoing_);
}

Stream& Swarm::publisher_of(std::uint32_t member) {
    const auto found = publishers_.find(member);
    if (found != publishers_.end()) return found->second;
    return publishers_
        .try_emplace(member, connect_to(port_, source_of(member)), poller_, member | kPublisherBit, true)
        .first->second;
}

void Swarm::on_publisher(std::uint32_t member, Stream& stream, const Poller::Event& event) {
    if (event.writable) stream.flush();
    if (!event.readable) return;
    auto bytes = read(stream);
    const auto at_ns = now_ns();
    for (auto rest = bytes;;) {
        const auto head = take_http_head(rest);
        if (!head) break;
        std::size_t body_bytes = 0;
        const auto length = head->field("content-length");
        std::from_chars(length.data(), length.data() + length.size(), body_bytes);
        if (rest.size() < body_bytes) break;
        if (!head->first_line().starts_with("HTTP/1.1 2"))
            throw std::runtime_error(fmt::format("a post is refused: {}", head->text));
        rest = rest.subspan(body_bytes);
        bytes = rest;
        listener_.on_acknowledgements(member, 1, at_ns);
    }
    stream.keep(bytes);
}

}  // namespace pipit::bench
