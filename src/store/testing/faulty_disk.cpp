#include "store/testing/faulty_disk.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>

#include "base/assert.hpp"

namespace pipit::store {

/// What SQLite has in the place of a file; the real one stands behind it in the same memory.
struct FaultyFile {
    sqlite3_file base;
    FaultyDisk* disk;
    FaultyDisk::OnDisk* on_disk;
    sqlite3_file* real;

    static FaultyFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
    static const sqlite3_io_methods kMethods;
    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
        return static_cast<FaultyDisk*>(vfs->pAppData)->open(name, file, flags, out_flags);
    }
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
        auto& disk = *static_cast<FaultyDisk*>(vfs->pAppData);
        if (disk.is_off_) return SQLITE_IOERR_DELETE;
        disk.files_.erase(name);
        return disk.real_->xDelete(disk.real_, name, sync_folder);
    }
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
        FaultyFile& self = of(file);
        return self.disk->write(self.real, *self.on_disk, bytes, size, offset);
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        FaultyFile& self = of(file);
        return self.disk->truncate(self.real, *self.on_disk, size);
    }
    static int sync(sqlite3_file* file, int) {
        FaultyFile& self = of(file);
        return self.disk->sync(self.real, *self.on_disk);
    }
    static int close(sqlite3_file* file) {
        FaultyFile& self = of(file);
        return self.real->pMethods != nullptr ? self.real->pMethods->xClose(self.real) : SQLITE_OK;
    }
    /// For all that is handed on as it is.
    template <auto Method, class... Arguments>
    static int pass(sqlite3_file* file, Arguments... arguments) {
        FaultyFile& self = of(file);
        return (self.real->pMethods->*Method)(self.real, arguments...);
    }
};

// Version 1: without shared memory, which the log does without, too.
const sqlite3_io_methods FaultyFile::kMethods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = pass<&sqlite3_io_methods::xLock, int>,
    .xUnlock = pass<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = pass<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = pass<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

FaultyDisk::FaultyDisk()
    : name_("faulty-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
      real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + real_->szOsFile;
    vfs_.xOpen = FaultyFile::open;
    vfs_.xDelete = FaultyFile::remove;
    PIPIT_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
}

void FaultyDisk::fail_after(std::uint64_t after, Fault fault) {
    left_ = after;
    fault_ = fault;
    has_failed_ = false;
}

bool FaultyDisk::fails_now(bool is_sync) {
    if (is_off_) return true;
    const bool counts = fault_ == Fault::power_fails || (fault_ == Fault::sync_fails) == is_sync;
    if (!counts || left_ == kNever) return false;
    if (left_-- > 0) return false;
    left_ = kNever;
    has_failed_ = true;
    is_off_ = fault_ == Fault::power_fails;
    return true;
}

int FaultyDisk::open(const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* self = new (file) FaultyFile{};
    self->disk = this;
    self->real = reinterpret_cast<sqlite3_file*>(self + 1);
    self->real->pMethods = nullptr;
    // Without a name it is a temporary file, which nobody needs after a power cut.
    self->on_disk = &files_[name != nullptr ? name : ""];
    const int result = real_->xOpen(real_, name, self->real, flags, out_flags);
    if (result == SQLITE_OK && name != nullptr && self->on_disk->bytes.empty() &&
        self->on_disk->unsynced.empty()) {
        std::ifstream before(name, std::ios::binary);  // what was there was there for long
        self->on_disk->bytes.assign(std::istreambuf_iterator<char>(before), {});
    }
    if (self->real->pMethods != nullptr) self->base.pMethods = &FaultyFile::kMethods;
    return result;
}

int FaultyDisk::write(sqlite3_file* real, OnDisk& on_disk, const void* bytes, int size,
                      sqlite3_int64 offset) {
    const bool fails = fails_now(false);
    const bool is_cut = fault_ != Fault::write_fails;
    if (fails && (is_off_ || !is_cut)) return SQLITE_IOERR_WRITE;
    const int written = fails ? size / 2 : size;
    on_disk.unsynced.emplace_back(offset, written);
    const int result = real->pMethods->xWrite(real, bytes, written, offset);
    if (!fails) return result;
    return fault_ == Fault::disk_is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int FaultyDisk::truncate(sqlite3_file* real, OnDisk& on_disk, sqlite3_int64 size) {
    if (is_off_) return SQLITE_IOERR_TRUNCATE;
    // At once and for good: the worst that may happen to what should have been synced before.
    if (on_disk.bytes.size() > static_cast<std::size_t>(size))
        on_disk.bytes.resize(static_cast<std::size_t>(size));
    for (Range& range : on_disk.unsynced)
        range.second = std::max<sqlite3_int64>(0, std::min(range.second, size - range.first));
    return real->pMethods->xTruncate(real, size);
}

int FaultyDisk::sync(sqlite3_file* real, OnDisk& on_disk) {
    const std::vector<Range> written = std::exchange(on_disk.unsynced, {});
    if (fails_now(true)) return SQLITE_IOERR_FSYNC;
    for (const auto& [offset, size] : written) {
        const auto end = static_cast<std::size_t>(offset + size);
        if (on_disk.bytes.size() < end) on_disk.bytes.resize(end);
        if (size == 0) continue;
        char* const to = on_disk.bytes.data() + offset;
        PIPIT_ASSERT(real->pMethods->xRead(real, to, static_cast<int>(size), offset) == SQLITE_OK);
    }
    return SQLITE_OK;
}

void FaultyDisk::forget_unsynced() const {
    for (const auto& [name, on_disk] : files_) {
        if (name.empty()) continue;
        std::ofstream file(name, std::ios::binary | std::ios::trunc);
        file.write(on_disk.bytes.data(), static_cast<std::streamsize>(on_disk.bytes.size()));
    }
}

}  // namespace pipit::store
