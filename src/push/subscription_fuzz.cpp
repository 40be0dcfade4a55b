// Three lines: endpoint, p256dh, auth. A refusal names the argument; what is taken has one spelling and can
// be encrypted for.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/base64url.hpp"
#include "base/bytes.hpp"
#include "push/subscription.hpp"
#include "push/testing/scripted_random.hpp"

using namespace pipit::push;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = pipit::base::as_text({data, size});
    std::array<std::string_view, 3> lines;
    for (std::string_view& line : lines) {
        const std::size_t end = rest.find('\n');
        line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const auto subscription = parse_subscription({lines[0], lines[1], lines[2]}, TargetRules{});
    if (!subscription) {
        const std::string& message = subscription.error().message;
        PIPIT_ASSERT(message.starts_with("endpoint must ") || message.starts_with("keys.p256dh must ") ||
                     message.starts_with("keys.auth must "));
        return 0;
    }
    const SubscriberKeys& keys = subscription.value().keys;
    PIPIT_ASSERT(pipit::base::base64url_encode(keys.p256dh) == lines[1]);
    PIPIT_ASSERT(pipit::base::base64url_encode(keys.auth) == lines[2]);
    ScriptedRandom random;
    PIPIT_ASSERT(encrypt_payload(keys, "a", random).size() == 104);
    return 0;
}
