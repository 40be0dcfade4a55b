#include "app/private_file.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <openssl/crypto.h>

namespace pipit::app {
namespace {

namespace fs = std::filesystem;

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

/// Nothing when it cannot be read; more than kPrivateFileBytesMax bytes when the file has more.
std::optional<std::string> read_all(const FileDescriptor& file) {
    std::string text;
    std::array<char, 1'024> part{};
    // Growing would leave copies behind that nobody wipes.
    text.reserve(kPrivateFileBytesMax + part.size());
    while (text.size() <= kPrivateFileBytesMax) {
        const ssize_t count = ::read(file.number(), part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    OPENSSL_cleanse(part.data(), part.size());
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

/// Writes the whole text beside `file` and then has it placed: `place(temporary, file)` is link or rename.
template <class Place>
base::Status write_beside(const fs::path& file, std::string_view text, Place&& place) {
    const fs::path folder = file.parent_path();
    if (auto created = create_key_folder(folder); !created) return created;
    std::string temporary = file.string() + ".XXXXXX";
    const FileDescriptor draft(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!draft) return system_failure("create a file in", folder);
    const bool is_written = write_all(draft, text) && ::fsync(draft.number()) == 0;
    const bool is_placed = is_written && place(temporary.c_str(), file.c_str());
    const base::Failure failure = system_failure("write the secret file", file);
    ::unlink(temporary.c_str());
    if (!is_placed) return failure;
    return sync_folder(folder);
}

}  // namespace

base::Status create_private_file(const fs::path& file, std::string_view text) {
    return write_beside(file, text, [](const char* from, const char* to) {
        // Unlike rename, link never replaces: the others read what the first one wrote.
        return ::link(from, to) == 0 || errno == EEXIST;
    });
}

base::Status replace_private_file(const fs::path& file, std::string_view text) {
    return write_beside(file, text, [](const char* from, const char* to) { return ::rename(from, to) == 0; });
}

base::Result<std::string> read_private_file(const fs::path& file, std::string_view danger) {
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

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
}

}  // namespace pipit::app
