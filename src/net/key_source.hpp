#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pipit::net {

/// Where the keys of one issuer come from.
struct KeySource {
    /// The `iss` of its tokens.
    std::string issuer = {};
    /// As auth::Issuer::audiences.
    std::vector<std::string> audiences = {};
    /// The path of a key set (RFC 7517 section 5) or its URL; exactly one of the two is set. A URL is https,
    /// or http on this machine.
    std::string file = {};
    std::string url = {};
    /// How long keys are used before they are read again. Keys without a `kid` need it short: when they are
    /// replaced, a token of the new one is a bad signature and not an unknown key, and asks for nothing.
    base::Millis refresh{300'000};
};

/// The whole file, which must be a regular one of at most `bytes_max` bytes. A failure names the file.
base::Result<std::string> read_key_file(const std::string& file, std::size_t bytes_max);

}  // namespace pipit::net
