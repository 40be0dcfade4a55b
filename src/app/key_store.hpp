#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"
#include "rtc/turn_credentials.hpp"

namespace pipit::app {

/// The secret that our own tokens are signed with: that of auth.secret_file when it is named, which must
/// exist then, or else that of keys/token.secret in server.data_dir. When the latter is missing it is made,
/// at random, for its owner alone (mode 0600, its folder 0700). Processes that start at the same moment all
/// get the same secret, and a crash leaves either a whole file or none.
base::Result<auth::Secret> open_token_secret(const Settings& settings);
/// Where that secret is kept.
std::filesystem::path token_secret_file(const Settings& settings);

/// Reads a secret: one line of base64url that stands for at least auth::Secret::kBytesMin bytes. Refuses a
/// file that anyone but its owner may read or write.
base::Result<auth::Secret> read_secret(const std::filesystem::path& file);

/// The secret that is shared with TURN servers, of turn.secret_file, without the white space around it; empty
/// when the settings name none. At least `kTurnSecretBytesMin` bytes, and again for its owner alone.
base::Result<rtc::TurnSecret> open_turn_secret(const Settings& settings);
inline constexpr std::size_t kTurnSecretBytesMin = 16;

/// What is wrong with the secret files that the settings name; a sentence each. Makes nothing.
std::vector<std::string> faults_of_named_secrets(const Settings& settings);

}  // namespace pipit::app
