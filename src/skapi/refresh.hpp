#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "skapi/tokens.hpp"

namespace pipit::skapi {

// The client renews its session at the address of a hosted identity provider. Who can direct that elsewhere
// has it answered here, in the shape of that provider's InitiateAuth.

/// The refresh token that a body names; nothing when it asks for something else.
std::optional<std::string> refresh_token_of(std::string_view body);

/// The answer with the new tokens. The client keeps its refresh token.
std::string refreshed_json(const TokenSet& tokens);

/// The answer to what cannot be done, of status 400.
std::string refresh_refused_json(std::string_view message);

}  // namespace pipit::skapi
