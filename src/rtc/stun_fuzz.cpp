// To datagrams of any bytes the answer is silence, or one that belongs to the request and is no longer than
// promised.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "rtc/stun_answer.hpp"
#include "rtc/testing/stun_reading.hpp"

using namespace pipit::rtc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::uint8_t, 16> kAddress{0x20, 0x01, 0x0d, 0xb8, 0, 1, 2,  3,
                                                    4,    5,    6,    7,    8, 9, 10, 11};
    const pipit::base::ByteSpan datagram{data, size};
    for (const std::size_t address_bytes : {4u, 16u}) {
        const StunSource source{{kAddress.data(), address_bytes}, 32'853};
        const auto answer = stun_answer(datagram, source);
        if (answer) PIPIT_ASSERT(is_answer_to(datagram, source, answer->bytes()));
    }
    return 0;
}
