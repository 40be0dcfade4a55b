// Header values of any bytes are read within their bounds, and what is found was really there.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/ws_handshake.hpp"
#include "codec/ws_handshake_syntax.hpp"

using namespace pipit::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value = pipit::base::as_text({data, size});

    if (is_valid_key(value)) PIPIT_ASSERT(accept_key(value).size() == 28);
    if (header_has_token(value, "upgrade")) PIPIT_ASSERT(value.size() >= 7);

    constexpr std::array<std::string_view, 2> kSupported = {"pipit.v1", "skapi"};
    if (const auto chosen = choose_subprotocol(value, kSupported)) {
        PIPIT_ASSERT(value.find(*chosen) != std::string_view::npos);
    }
    if (const auto suffix = subprotocol_suffix(value, "pipit.token.")) {
        PIPIT_ASSERT(is_token(*suffix));
        PIPIT_ASSERT(suffix->data() >= value.data() + 12 &&
                     suffix->data() + suffix->size() <= value.data() + value.size());
    }
    return 0;
}
