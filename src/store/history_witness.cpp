#include "store/history_witness.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "store/history_checksum.hpp"
#include "store/history_folder.hpp"

namespace pipit::store {
namespace {

/// What is in the file, and nothing else.
struct Image {
    HistoryLogId log{};
    std::uint64_t sequence = 0;
    std::uint64_t checksum = 0;
};
static_assert(sizeof(Image) == 24);

std::uint64_t checksum_of(const Image& image) {
    return HistoryChecksum()
        .add(std::string_view(image.log.data(), image.log.size()))
        .add(image.sequence)
        .value();
}

}  // namespace

HistoryResult<std::optional<HistoryWitness>> HistoryWitnessFile::read() const {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return std::optional<HistoryWitness>();
        return history_error_of_errno("cannot open " + path_);
    }
    std::array<char, sizeof(Image) + 1> bytes{};  // one more: nothing may follow
    const ssize_t size = ::pread(descriptor, bytes.data(), bytes.size(), 0);
    const int number = errno;
    ::close(descriptor);
    errno = number;
    if (size < 0) return history_error_of_errno("cannot read " + path_);
    if (size == 0) return std::optional<HistoryWitness>();  // made and never written
    Image image;
    std::memcpy(&image, bytes.data(), sizeof image);
    if (size != sizeof image || image.checksum != checksum_of(image)) {
        return HistoryError{HistoryFault::damaged, path_ + " is not what was written"};
    }
    return std::optional(HistoryWitness{image.log, image.sequence});
}

HistoryStatus HistoryWitnessFile::write(const HistoryWitness& witness) {
    const bool is_new = descriptor_ < 0;
    if (is_new) {
        if (HistoryStatus made = make(); !made) return made;
    }
    Image image{witness.log, witness.sequence};
    image.checksum = checksum_of(image);
    const ssize_t size = ::pwrite(descriptor_, &image, sizeof image, 0);
    if (size != sizeof image) return history_error_of_errno("cannot write " + path_);
    if (is_new && ::fsync(descriptor_) != 0) return history_error_of_errno("cannot sync " + path_);
    return std::monostate{};
}

HistoryStatus HistoryWitnessFile::make() {
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return history_error_of_errno("cannot open " + path_);
    return sync_folder(std::filesystem::path(path_).parent_path().string());
}

void HistoryWitnessFile::close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace pipit::store
