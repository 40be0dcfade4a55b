#pragma once

#include <string>

#include "app/cli.hpp"
#include "app/settings.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace pipit::app {

/// What `pipit token --skapi` prints, a line of JSON; or what is wrong with the command. `secret`: of our own
/// tokens.
base::Result<std::string> skapi_tokens(const TokenCommand& command, const Settings& settings,
                                       const auth::Secret& secret, base::UnixSeconds now);

}  // namespace pipit::app
