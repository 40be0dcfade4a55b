// What is taken for a notification has a payload that fits in a message and is the same notification again.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "push/notification.hpp"
#include "push/payload_encryption.hpp"

using namespace pipit::push;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto payload = notification_payload(pipit::base::as_text({data, size}));
    if (!payload) return 0;
    PIPIT_ASSERT(payload.value().size() <= kPayloadBytesMax && payload.value().size() <= size);
    const auto again = notification_payload(payload.value());
    PIPIT_ASSERT(again && again.value() == payload.value());
    return 0;
}
