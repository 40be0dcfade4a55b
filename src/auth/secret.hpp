#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <openssl/crypto.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace pipit::auth {

/// Overwrites memory before it goes back to the heap, so that growth, moves and destruction leave nothing
/// behind.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class U>
    WipingAllocator(const WipingAllocator<U>&) {}

    T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
    void deallocate(T* memory, std::size_t count) {
        OPENSSL_cleanse(memory, count * sizeof(T));
        std::allocator<T>{}.deallocate(memory, count);
    }
    friend bool operator==(WipingAllocator, WipingAllocator) { return true; }
};

/// A shared secret strong enough for HS256: at least `kBytesMin` bytes (RFC 7518 section 3.2). Wiped when
/// destroyed.
class Secret {
 public:
    static constexpr std::size_t kBytesMin = 32;

    /// Copies `bytes`. Fails when there are fewer than `kBytesMin`; the caller still owns, and wipes, its own
    /// copy.
    static base::Result<Secret> from_bytes(std::string_view bytes);

    base::ByteSpan bytes() const { return bytes_; }

 private:
    explicit Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}

    std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> bytes_;
};

}  // namespace pipit::auth
