#include "rtc/turn_credentials.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace pipit::rtc {
namespace {

constexpr std::size_t kSha1Bytes = 20;

using Mac = std::array<std::uint8_t, kSha1Bytes>;

Mac hmac_sha1(const TurnSecret& secret, std::string_view text) {
    Mac mac{};
    const base::ByteSpan bytes = base::as_bytes(text);
    const auto* made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), bytes.data(),
                            bytes.size(), mac.data(), nullptr);
    PIPIT_ASSERT(made != nullptr);
    return mac;
}

std::string base64(const Mac& mac) {
    std::array<std::uint8_t, (kSha1Bytes + 2) / 3 * 4 + 1> text{};  // and the zero that OpenSSL writes
    const int length = EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(mac.size()));
    return std::string(base::as_text({text.data(), static_cast<std::size_t>(length)}));
}

/// coturn refuses names with white space, quotes or backslashes, and a client may normalize what is not ASCII
/// (RFC 8265), after which the password would be wrong.
bool stands_for_itself(char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\' && c != '%';
}

}  // namespace

TurnCredentials make_turn_credentials(const TurnSecret& secret, std::string_view user, base::UnixSeconds now,
                                      std::chrono::seconds ttl) {
    PIPIT_ASSERT(!secret.empty());
    TurnCredentials credentials;
    credentials.username = fmt::format("{}:", now + ttl.count());
    for (const char c : user) {
        const std::string written =
            stands_for_itself(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        if (credentials.username.size() + written.size() > kTurnUsernameBytesMax) break;
        credentials.username += written;
    }
    credentials.password = base64(hmac_sha1(secret, credentials.username));
    return credentials;
}

}  // namespace pipit::rtc
