#include "auth/secret.hpp"

#include <string>

namespace pipit::auth {

base::Result<Secret> Secret::from_bytes(std::string_view bytes) {
    if (bytes.size() < kBytesMin) {
        return base::Failure{"the secret has " + std::to_string(bytes.size()) +
                             " bytes; HS256 needs at least " + std::to_string(kBytesMin)};
    }
    return Secret(bytes);
}

}  // namespace pipit::auth
