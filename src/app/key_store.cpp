#include "app/key_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/base64url.hpp"

namespace pipit::app {
namespace {

namespace fs = std::filesystem;

/// More than any secret needs, so that a wrong path cannot fill the memory.
constexpr std::size_t kFileBytesMax = 4'096;

class FileDescriptor {
 public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    explicit operator bool() const { return number_ >= 0; }
    int number() const { return number_; }

 private:
    int number_;
};

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
}

base::Failure system_failure(std::string_view action, const fs::path& path) {
    return {fmt::format("cannot {} {}: {}", action, path.string(), std::strerror(errno))};
}

bool write_all(const FileDescriptor& file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file.number(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// Nothing when it cannot be read; more than kFileBytesMax bytes when the file has more.
std::optional<std::string> read_all(const FileDescriptor& file) {
    std::string text;
    std::array<char, 1'024> part{};
    // Growing would leave copies behind that nobody wipes.
    text.reserve(kFileBytesMax + part.size());
    while (text.size() <= kFileBytesMax) {
        const ssize_t count = ::read(file.number(), part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    OPENSSL_cleanse(part.data(), part.size());
    return text;
}

/// Nothing when the text is not one line of base64url that stands for enough bytes.
std::optional<auth::Secret> secret_of(std::string_view text) {
    if (text.size() > kFileBytesMax) return std::nullopt;
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

/// Makes the folder, and that only its owner may enter it; one that exists stays as it is.
base::Status create_key_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (error) {
        return base::Failure{
            fmt::format("cannot create the folder {}: {}", folder.parent_path().string(), error.message())};
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return system_failure("create the folder", folder);
    return std::monostate{};
}

/// Makes the name of a file last through a power failure, as fsync of the file alone does not.
base::Status sync_folder(const fs::path& folder) {
    const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.number()) != 0) return system_failure("sync the folder", folder);
    return std::monostate{};
}

/// Puts a whole new secret under the name `file`, unless that name is taken by then.
base::Status create_secret(const fs::path& file) {
    const fs::path folder = file.parent_path();
    if (auto created = create_key_folder(folder); !created) return created;
    base::Result<std::string> text = new_secret_text();
    if (!text) return text.error();

    std::string temporary = file.string() + ".XXXXXX";
    const FileDescriptor draft(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!draft) return system_failure("create a file in", folder);
    const bool is_written = write_all(draft, *text) && ::fsync(draft.number()) == 0;
    wipe(*text);
    // Unlike rename, link never replaces: of several processes the first one wins, and the others read its
    // secret.
    const bool is_placed = is_written && (::link(temporary.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const base::Failure failure = system_failure("create the secret file", file);
    ::unlink(temporary.c_str());
    if (!is_placed) return failure;
    return sync_folder(folder);
}

/// The text of a file that nobody but its owner may use; `danger` is what others could do with it.
base::Result<std::string> read_text_of_owner(const fs::path& file, std::string_view danger) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.number(), &status) != 0)
        return system_failure("read the secret file", file);
    if (!S_ISREG(status.st_mode)) return base::Failure{fmt::format("{} is not a file", file.string())};
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return base::Failure{fmt::format(
            "the secret file {} can be used by others (mode {:04o}), who could then {}; run: chmod 600 {}",
            file.string(), status.st_mode & 07777, danger, file.string())};
    }
    std::optional<std::string> text = read_all(descriptor);
    if (!text) return system_failure("read the secret file", file);
    return *std::move(text);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kWhiteSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

}  // namespace

base::Result<auth::Secret> read_secret(const fs::path& file) {
    base::Result<std::string> text = read_text_of_owner(file, "sign tokens");
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
    base::Result<std::string> text = read_text_of_owner(file, "use your TURN servers");
    if (!text) return text.error();
    const std::string_view line = trimmed(*text);
    const bool is_one_line = line.find_first_of("\r\n") == std::string_view::npos;
    const bool fits = line.size() >= kTurnSecretBytesMin && text->size() <= kFileBytesMax && is_one_line;
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
