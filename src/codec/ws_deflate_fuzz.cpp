// negotiate() stands any header; inflate() any payload, within its limit; and what compress() wrote,
// inflate() reads.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/ws_deflate.hpp"

using namespace pipit::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const int level = 1 + data[0] % 9;
    const int window_bits = 9 + data[1] % 7;
    const std::size_t bytes_max = std::size_t{data[0]} * data[1];
    const std::string_view rest = pipit::base::as_text({data + 2, size - 2});

    if (const auto agreement = negotiate(rest, {.server_window_bits_min = window_bits})) {
        PIPIT_ASSERT(agreement->server_window_bits >= window_bits && agreement->server_window_bits <= 15);
        // Our answer is of the grammar we read ourselves.
        PIPIT_ASSERT(negotiate(agreement->response, {.server_window_bits_min = 9}));
    }

    Inflater inflater;
    const auto garbage = inflater.inflate(rest, bytes_max);
    PIPIT_ASSERT(garbage.message.size() <= bytes_max);

    std::string payload;
    Deflater(level, window_bits).compress(rest, payload);
    const auto restored = inflater.inflate(payload, rest.size());
    PIPIT_ASSERT(restored.outcome == Inflater::Outcome::ok && restored.message == rest);
    if (!rest.empty()) {
        PIPIT_ASSERT(inflater.inflate(payload, rest.size() - 1).outcome == Inflater::Outcome::too_big);
    }
    return 0;
}
