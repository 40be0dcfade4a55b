// Where the network cuts the bytes must not matter: the same input, whole and in pieces, gives the same
// transcript. The first byte chooses the settings, the second begins a sequence of piece sizes, the rest is
// what arrives.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/utf8.hpp"
#include "codec/ws_message_transcript.hpp"

using namespace pipit::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    ReaderSettings settings;
    settings.role = (data[0] & 1) != 0 ? ReaderSettings::Role::client : ReaderSettings::Role::server;
    settings.deflate = (data[0] & 2) != 0;
    settings.message_bytes_max = (data[0] & 4) != 0 ? 70'000 : 300;
    std::uint32_t piece_state = data[1];
    const std::string_view bytes = pipit::base::as_text({data + 2, size - 2});

    const auto whole = transcript(settings, bytes, [&] { return bytes.size(); });
    PIPIT_ASSERT(whole == transcript(settings, bytes, [] { return std::size_t{1}; }));
    PIPIT_ASSERT(whole == transcript(settings, bytes, [&] {
                     piece_state = piece_state * 1664525 + 1013904223;
                     return std::size_t{1} + (piece_state >> 24) % 24;
                 }));

    for (std::size_t i = 0; i < whole.size(); ++i) {
        const Heard& heard = whole[i];
        const bool is_last_word = heard.kind == Step::Kind::close || heard.kind == Step::Kind::violation;
        PIPIT_ASSERT(!is_last_word || i + 1 == whole.size());
        PIPIT_ASSERT(heard.payload.size() <= settings.message_bytes_max);
        if (heard.kind != Step::Kind::binary && heard.kind != Step::Kind::ping &&
            heard.kind != Step::Kind::pong) {
            PIPIT_ASSERT(is_valid_utf8(heard.payload));
        }
    }
    return 0;
}
