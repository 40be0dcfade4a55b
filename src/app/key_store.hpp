#pragma once

#include <filesystem>

#include "app/settings.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"

namespace pipit::app {

/// The secret that our own tokens are signed with. It is in auth.secret_file, which must exist then, or
/// else in keys/token.secret of server.data_dir, which is made when it is missing.
base::Result<auth::Secret> open_token_secret(const Settings& settings);

/// Reads a secret: one line of base64url that stands for at least auth::Secret::kBytesMin bytes. Refuses a
/// file that anyone but its owner may read or write.
base::Result<auth::Secret> read_secret(const std::filesystem::path& file);

/// The same, but makes a random secret (mode 0600, its folder 0700) when there is no such file. Processes
/// that start at the same moment all get the same secret, and a crash leaves either a whole file or none.
base::Result<auth::Secret> read_or_create_secret(const std::filesystem::path& file);

}  // namespace pipit::app
