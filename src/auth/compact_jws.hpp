#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipit::auth {

/// A signed message in the JWS Compact Serialization (RFC 7515 section 7.1), taken apart and decoded, nothing
/// checked:
///
///     base64url(header) "." base64url(payload) "." base64url(signature)
///     '------------- signing_input -------------'
struct CompactJws {
    std::string header;
    std::string payload;
    std::string signature;
    std::string_view signing_input;  ///< points into the text that was parsed

    /// Nothing when `text` does not have three parts in strict base64url.
    static std::optional<CompactJws> parse(std::string_view text);
};

}  // namespace pipit::auth
