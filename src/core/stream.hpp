#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/base64url.hpp"
#include "base/random.hpp"
#include "core/kept_stream.hpp"

namespace pipit::core {

/// Gives everything that is sent to one group or one user its place. Offsets rise by one; they can be
/// compared within one epoch only, so that a stream that was begun anew is never taken for its predecessor.
class Stream {
 public:
    explicit Stream(base::Random& random) {
        std::array<std::uint8_t, 6> bytes;
        random.fill(bytes);
        epoch_ = base::base64url_encode(bytes);
    }

    const std::string& epoch() const { return epoch_; }
    /// The offset of the last thing sent; 0 before the first.
    std::uint64_t offset() const { return offset_; }
    std::uint64_t next() { return ++offset_; }

    /// From now on it is the one that was kept elsewhere. Nothing of it may be kept here.
    void restore(std::string epoch, std::uint64_t offset) {
        epoch_ = std::move(epoch);
        offset_ = offset;
    }

    /// What is kept of it; null: nothing. The StreamKeeper's.
    std::unique_ptr<KeptStream> kept;

 private:
    std::string epoch_;
    std::uint64_t offset_ = 0;
};

}  // namespace pipit::core
