#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <zlib.h>

namespace pipit::store {

/// A CRC-32 over values in their order. Notices every damage of up to 32 bits in a row, and of any other but
/// one in four thousand million.
class HistoryChecksum {
 public:
    template <class Number>
    requires std::is_integral_v<Number> HistoryChecksum& add(Number number) {
        const auto wide = static_cast<std::uint64_t>(number);
        char bytes[sizeof wide];
        std::memcpy(bytes, &wide, sizeof wide);
        return add_bytes({bytes, sizeof wide});
    }
    /// With its length, so that two texts are not taken for two others.
    HistoryChecksum& add(std::string_view text) {
        add(text.size());
        return add_bytes(text);
    }
    std::uint32_t value() const { return static_cast<std::uint32_t>(value_); }

 private:
    HistoryChecksum& add_bytes(std::string_view bytes) {
        if (bytes.empty()) return *this;  // to zlib, no memory at all means to begin anew
        value_ = crc32_z(value_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
        return *this;
    }

    uLong value_ = crc32_z(0, nullptr, 0);
};

}  // namespace pipit::store
