// Prints messages as we encrypt and sign them, one JSON object a line, for check.mjs to read as a browser and
// a push service would.

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/base64url.hpp"
#include "core/testing/seeded_random.hpp"
#include "push/payload_encryption.hpp"
#include "push/vapid_token.hpp"

using namespace pipit;
using namespace pipit::push;

namespace {

constexpr std::string_view kSubject = "mailto:push@example.com";

std::string random_bytes(base::Random& random, std::size_t length) {
    std::string bytes(length, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

/// The first two have the shortest and the longest payload, the others any.
std::size_t payload_bytes(base::Random& random, int index) {
    if (index < 2) return index == 0 ? 0 : kPayloadBytesMax;
    return random.below(kPayloadBytesMax + 1);
}

void print_message(base::Random& random, int index) {
    const P256Key browser = P256Key::generate(random);
    SubscriberKeys keys{.p256dh = browser.public_point()};
    random.fill(keys.auth);
    const std::string payload = random_bytes(random, payload_bytes(random, index));
    const std::string body = encrypt_payload(keys, payload, random);

    const P256Key vapid = P256Key::generate(random);
    const std::string audience = fmt::format("https://push{}.example.com", index);
    const base::UnixSeconds expires_at =
        1'700'000'000 + static_cast<base::UnixSeconds>(random.below(100'000'000));
    const std::string token =
        sign_vapid_token(vapid, {.audience = audience, .expires_at = expires_at, .subject = kSubject});

    fmt::print(R"({{"private_key":"{}","auth":"{}","payload":"{}","body":"{}",)"
               R"("token":"{}","vapid_key":"{}","audience":"{}","expires_at":{},"subject":"{}"}})"
               "\n",
               browser.to_text(), base::base64url_encode(keys.auth),
               base::base64url_encode(base::as_bytes(payload)), base::base64url_encode(base::as_bytes(body)),
               token, vapid.public_text(), audience, expires_at, kSubject);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Prints web push messages for tests/push/check.mjs."};
    int count = 1'000;
    std::uint64_t seed = 1;
    app.add_option("--count", count, "how many")->check(CLI::Range(1, 1'000'000));
    app.add_option("--seed", seed, "the same keys, salts and payloads for the same seed");
    CLI11_PARSE(app, argc, argv);
    core::SeededRandom random(seed);
    for (int index = 0; index < count; ++index)
        print_message(random, index);
    return 0;
}
