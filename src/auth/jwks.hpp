#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "auth/key.hpp"
#include "base/result.hpp"

namespace pipit::auth {

/// The keys of one issuer. Immutable once it is shared.
using KeySet = std::vector<VerificationKey>;

struct JwksRules {
    std::size_t document_bytes_max = 256 << 10;
    std::size_t keys_max = 100;
    /// Whether keys of kind `oct` count. Only for a document that is itself kept secret: whoever reads one
    /// can sign. The keys are wiped when they go; the document, and what parsing it left on the heap, is not.
    bool secrets_allowed = false;
};

/// Reads a JSON Web Key Set (RFC 7517 section 5; RFC 7518 section 6, RFC 8037 section 2) and keeps the keys
/// that can check a signature with one of our algorithms. Left out are keys of another kind, curve or `alg`,
/// for another `use` than "sig", and whose `key_ops` do not have "verify"; so the set may come out empty.
/// Private members are not read.
///
/// Fails when the document is too large, has too many keys or is not a key set, and when a key of ours is
/// malformed: the message then names it by its index and its `kid`.
base::Result<KeySet> parse_jwks(std::string_view document, const JwksRules& rules = {});

}  // namespace pipit::auth
