// Whatever a document says, the keys that come out of it are usable and accept no signature of nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "auth/jwks.hpp"
#include "base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pipit;
    constexpr auth::JwksRules kRules{.document_bytes_max = 4096, .keys_max = 4, .secrets_allowed = true};
    const auto keys = auth::parse_jwks(base::as_text({data, size}), kRules);
    if (!keys) return 0;
    if (keys->size() > kRules.keys_max) std::abort();
    static const std::string zeros(64, '\0');
    for (const auth::VerificationKey& key : *keys) {
        if (key.verify("text", "")) std::abort();
        if (key.algorithm() == auth::Algorithm::es256 && key.verify("text", zeros)) std::abort();
    }
    return 0;
}
