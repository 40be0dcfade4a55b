#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.hpp"

namespace pipit::auth {

/// Hands texts to strangers so that they can give them back but neither read nor change them: AES-128-SIV
/// (RFC 5297), whose output depends on nothing but the texts and the key. What is sealed for one `purpose`
/// cannot be opened for another.
class Seal {
 public:
    /// The key is the first 32 bytes of `secret`.
    explicit Seal(Secret secret) : secret_(std::move(secret)) {}

    /// `text` must not be empty. The result has 16 bytes more.
    std::string close(std::string_view purpose, std::string_view text) const;
    /// Nothing for what was not sealed with this key for this purpose.
    std::optional<std::string> open(std::string_view purpose, std::string_view sealed) const;

 private:
    Secret secret_;
};

}  // namespace pipit::auth
