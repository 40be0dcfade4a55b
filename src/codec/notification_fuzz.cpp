// What is taken for a notification has a payload that fits in a message and is the same notification again.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/notification.hpp"

using namespace pipit::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_notification(pipit::base::as_text({data, size}));
    if (!parsed) return 0;
    PIPIT_ASSERT(parsed->payload.size() <= kNotificationBytesMax && parsed->payload.size() <= size);
    PIPIT_ASSERT(check_options(parsed->delivery));
    const auto again = parse_notification(parsed->payload);
    PIPIT_ASSERT(again && again->payload == parsed->payload);
    return 0;
}
