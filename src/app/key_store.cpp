#include "app/key_store.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "app/private_file.hpp"
#include "base/base64url.hpp"

namespace pipit::app {
namespace {

namespace fs = std::filesystem;

/// Nothing when the text is not one line of base64url that stands for enough bytes.
std::optional<auth::Secret> secret_of(std::string_view text) {
    if (text.size() > kPrivateFileBytesMax) return std::nullopt;
    std::optional<std::string> bytes =
        base::base64url_decode(text.substr(0, text.find_last_not_of("\r\n") + 1));
    if (!bytes) return std::nullopt;
    base::Result<auth::Secret> secret = auth::Secret::from_bytes(*bytes);
    wipe(*bytes);
    if (!secret) return std::nullopt;
    return std::move(secret).value();
}

base::Result<std::string> new_secret_text() {
    std::array<std::uint8_t, auth::Secret::kBytesMin> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return base::Failure{"cannot make a secret: the system gives no random bytes"};
    }
    std::string text = base::base64url_encode(bytes) + '\n';
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return text;
}

/// Puts a whole new secret under the name `file`, unless that name is taken by then.
base::Status create_secret(const fs::path& file) {
    base::Result<std::string> text = new_secret_text();
    if (!text) return text.error();
    base::Status created = create_private_file(file, *text);
    wipe(*text);
    return created;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kWhiteSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

}  // namespace

base::Result<auth::Secret> read_secret(const fs::path& file) {
    base::Result<std::string> text = read_private_file(file, "sign tokens");
    if (!text) return text.error();
    std::optional<auth::Secret> secret = secret_of(*text);
    wipe(*text);
    if (!secret) {
        return base::Failure{
            fmt::format("the secret file {} must hold one line of base64url that stands for {} bytes or more",
                        file.string(), auth::Secret::kBytesMin)};
    }
    return *std::move(secret);
}

base::Result<rtc::TurnSecret> open_turn_secret(const Settings& settings) {
    if (settings.turn.secret_file.empty()) return rtc::TurnSecret();
    const fs::path file = settings.turn.secret_file;
    base::Result<std::string> text = read_private_file(file, "use your TURN servers");
    if (!text) return text.error();
    const std::string_view line = trimmed(*text);
    const bool is_one_line = line.find_first_of("\r\n") == std::string_view::npos;
    const bool fits =
        line.size() >= kTurnSecretBytesMin && text->size() <= kPrivateFileBytesMax && is_one_line;
    rtc::TurnSecret secret(line.begin(), line.end());
    wipe(*text);
    if (!fits) {
        return base::Failure{fmt::format("the secret file {} must hold one line of {} bytes or more",
                                         file.string(), kTurnSecretBytesMin)};
    }
    return secret;
}

std::vector<std::string> faults_of_named_secrets(const Settings& settings) {
    std::vector<std::string> faults;
    if (!settings.auth.secret_file.empty()) {
        if (const auto secret = read_secret(settings.auth.secret_file); !secret)
            faults.push_back(secret.error().message);
    }
    if (const auto secret = open_turn_secret(settings); !secret) faults.push_back(secret.error().message);
    return faults;
}

fs::path token_secret_file(const Settings& settings) {
    if (!settings.auth.secret_file.empty()) return settings.auth.secret_file;
    return fs::path(settings.server.data_dir) / "keys" / "token.secret";
}

base::Result<auth::Secret> open_token_secret(const Settings& settings) {
    const fs::path file = token_secret_file(settings);
    // A file that the operator names is never made up: a new secret in its place would refuse every token in
    // use.
    const bool may_be_made = settings.auth.secret_file.empty();
    std::error_code error;
    if (may_be_made && fs::status(file, error).type() == fs::file_type::not_found) {
        if (const base::Status created = create_secret(file); !created) return created.error();
    }
    return read_secret(file);
}

}  // namespace pipit::app
