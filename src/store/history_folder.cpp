#include "store/history_folder.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace pipit::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kParts = {".db", ".db-wal", ".db-shm", ".witness"};

std::string utc_text(UnixMs now) {
    const auto seconds = static_cast<std::time_t>(now / 1'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
    return text.data();
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

}  // namespace

HistoryError history_error_of_errno(const std::string& what) {
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return {full ? HistoryFault::disk_full : HistoryFault::failed, what + ": " + std::strerror(errno)};
}

HistoryStatus sync_folder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const HistoryError error = history_error_of_errno("cannot sync " + folder);
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return error;
    return std::monostate{};
}

HistoryResult<std::unique_ptr<HistoryFolder>> HistoryFolder::lock(const std::string& folder) {
    const std::string path = folder + "/history.lock";
    auto lock = FileLock::take(path);
    if (lock) return std::unique_ptr<HistoryFolder>(new HistoryFolder(folder, std::move(lock).value()));
    if (lock.error() == EWOULDBLOCK)
        return HistoryError{HistoryFault::in_use, "another process uses the histories in " + folder};
    errno = lock.error();
    return history_error_of_errno("cannot lock " + path);
}

bool HistoryFolder::has_database() const {
    std::error_code missing;
    const auto size = fs::file_size(database(), missing);
    return !missing && size > 0;
}

bool HistoryFolder::has_rest() const {
    return exists(witness()) || exists(database() + "-wal");
}

HistoryResult<std::string> HistoryFolder::put_aside(UnixMs now) const {
    const std::string base = folder_ + "/history-damaged-" + utc_text(now);
    std::string name = base;
    const auto is_taken = [&name] {
        for (const char* part : kParts) {
            if (exists(name + part)) return true;
        }
        return false;
    };
    for (int number = 2; is_taken(); ++number)
        name = base + "-" + std::to_string(number);
    for (const char* part : kParts) {
        const std::string from = folder_ + "/history" + part;
        if (exists(from) && std::rename(from.c_str(), (name + part).c_str()) != 0) {
            return history_error_of_errno("cannot rename " + from);
        }
    }
    if (HistoryStatus synced = sync_folder(folder_); !synced) return synced.error();
    return name + ".db";
}

}  // namespace pipit::store
