#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "codec/ws_message.hpp"
#include "common/poller.hpp"
#include "common/stream.hpp"

namespace pipit::soak {

/// What all clients of one thread share: memory that is needed for moments only. `scratch_bytes`: more than
/// any one message takes.
struct ClientTools {
    explicit ClientTools(std::uint64_t seed, std::size_t scratch_bytes = 1 << 20)
        : random(seed), scratch(scratch_bytes) {}

    std::mt19937_64 random;
    bench::Poller poller;
    codec::Inflater inflater;
    codec::Deflater deflater{1, 15};
    std::vector<std::uint8_t> scratch;
};

/// One WebSocket client, from connecting to the end of its connection. Writes its messages in all forms that
/// RFC 6455 and RFC 7692 leave open to it: whole or in fragments, and compressed or not where that was
/// agreed.
class Client {
 public:
    struct Options {
        std::uint16_t port = 0;
        std::uint32_t number = 0;  ///< of its events in the poller
        bool deflate = false;
        std::string token;  ///< given with the handshake; empty: it comes with connect
    };
    /// How it ended. `failure` tells what the server did that it may not; empty if the client had asked for
    /// it.
    struct End {
        std::string failure;
        std::optional<std::uint16_t> close_code;
    };

    /// Begins to connect.
    Client(const Options& options, ClientTools& tools);

    /// Deals with what the poller tells. `on_text` gets each text message. The connection is over when the
    /// result is not nothing; then only destruction is left, which resets whatever still stands.
    std::optional<End> on_event(const bench::Poller::Event& event,
                                const std::function<void(std::string_view)>& on_text);

    bool is_open() const { return stage_ == Stage::open; }
    void send(std::string_view text);

    // Both only while open.
    /// Begins the closing handshake; the server ends it.
    void close(std::uint16_t code);
    /// Ends the sending half without a word, as a program that exits does; the server ends the rest.
    void half_close();

 private:
    enum class Stage : std::uint8_t { connecting, upgrading, open, ending };

    void request_upgrade();
    /// What is wrong with the answer; nothing when it is right or has not come whole.
    std::optional<std::string> read_upgrade(std::span<std::uint8_t>& bytes);
    std::optional<End> read_messages(std::span<std::uint8_t> bytes,
                                     const std::function<void(std::string_view)>& on_text);
    void send_frame(codec::Opcode opcode, bool fin, bool rsv1, std::string_view payload);
    /// What it means that the stream is over.
    End ended() const;
    bool chance(unsigned in) { return tools_.random() % in == 0; }

    Options options_;
    ClientTools& tools_;
    int fd_;
    bench::Stream stream_;
    Stage stage_ = Stage::connecting;
    codec::MessageReader reader_;
    std::optional<std::uint16_t> close_code_;  ///< that the server gave
};

}  // namespace pipit::soak
