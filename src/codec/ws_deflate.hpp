#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct z_stream_s;

namespace pipit::codec {

struct DeflateSettings {
    /// 9..15, as zlib cannot write with a window of 8 bits. An offer that allows us only a smaller window is
    /// declined. 15 lets one compressed message serve every receiver; smaller values accept more offers but
    /// then each window size compresses for itself.
    int server_window_bits_min = 15;
};

/// What a connection agreed on. Nothing is kept from one message to the next, in either direction, so a
/// connection costs no zlib state.
struct DeflateAgreement {
    int server_window_bits = 15;  ///< for the Deflater; 9..15
    std::string response;         ///< value of the response's Sec-WebSocket-Extensions
};

/// The first permessage-deflate offer (RFC 7692 section 7.1) that can be accepted. `offers` is the value of
/// Sec-WebSocket-Extensions, several fields joined by commas. An offer with an unknown, repeated or invalid
/// parameter is declined and the next one tried; a value that is not of the header's grammar is declined as a
/// whole.
std::optional<DeflateAgreement> negotiate(std::string_view offers, const DeflateSettings& settings);

/// Compresses messages one by one (RFC 7692 section 7.2.1). Owned by one thread; about 256 KiB at 15 window
/// bits. Running out of memory throws std::bad_alloc from the constructor.
class Deflater {
 public:
    /// `level` is zlib's, 1 (fast) to 9 (small); `window_bits` 9..15.
    Deflater(int level, int window_bits);
    ~Deflater();
    Deflater(Deflater&&) noexcept;
    Deflater& operator=(Deflater&&) noexcept;

    /// Appends the payload of a frame with rsv1 that carries `message`.
    void compress(std::string_view message, std::string& out);

 private:
    struct Free {
        void operator()(z_stream_s* stream) const noexcept;
    };
    std::unique_ptr<z_stream_s, Free> stream_;
};

/// Decompresses messages one by one (RFC 7692 section 7.2.2). One serves every connection of a thread,
/// whatever the window bits. Running out of memory throws std::bad_alloc.
class Inflater {
 public:
    enum class Outcome : std::uint8_t { ok, too_big, corrupt };
    struct Inflated {
        Outcome outcome = Outcome::ok;
        std::string_view message;  ///< ok: valid until the next call
    };

    Inflater();
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    /// Inflates the payload of one whole message, several deflate blocks and streams included. The memory
    /// kept for results grows as they do, to the largest `message_bytes_max` ever given at most.
    Inflated inflate(std::string_view payload, std::size_t message_bytes_max);

 private:
    struct Free {
        void operator()(z_stream_s* stream) const noexcept;
    };
    Outcome inflate_part(std::string_view part, std::size_t message_bytes_max);
    void grow(std::size_t message_bytes_max);

    std::unique_ptr<z_stream_s, Free> stream_;
    std::unique_ptr<char[]> buffer_;
    std::size_t buffer_bytes_ = 0;
    std::size_t message_bytes_ = 0;
};

}  // namespace pipit::codec
