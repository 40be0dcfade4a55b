#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace pipit::store {

/// A file that one process at a time holds, for as long as this is there and the process lives: however it
/// ends, the system gives the lock back.
class FileLock {
 public:
    /// Makes the file if it is missing; its folder must be there. The error is that of the system:
    /// EWOULDBLOCK when somebody else has it.
    static base::Result<FileLock, int> take(const std::string& path);
    ~FileLock();
    FileLock(FileLock&& from) noexcept : descriptor_(std::exchange(from.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;

 private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace pipit::store
