#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace pipit::push {

// The content coding "aes128gcm" of RFC 8188: a header, then records of one size, the last one may be
// shorter.

inline constexpr std::size_t kContentSaltBytes = 16;
using ContentSalt = std::array<std::uint8_t, kContentSaltBytes>;

inline constexpr std::size_t kContentTagBytes = 16;
/// Salt, record size, length of the key id.
inline constexpr std::size_t kContentHeaderBytesMin = kContentSaltBytes + 4 + 1;

/// Follows the content in its last record; after it only zeros may stand (RFC 8188 section 2).
inline constexpr char kLastRecordDelimiter = '\2';

/// The header (RFC 8188 section 2.1). `key_id` is at most 255 bytes.
std::string content_header(const ContentSalt& salt, std::uint32_t record_bytes, base::ByteSpan key_id);

/// Encrypts the records of one content. A pair of `keying_material` and `salt` must never be used for
/// another.
class ContentCipher {
 public:
    ContentCipher(base::ByteSpan keying_material, const ContentSalt& salt);
    ~ContentCipher();
    ContentCipher(const ContentCipher&) = delete;
    ContentCipher& operator=(const ContentCipher&) = delete;

    /// Record number `index`, counted from 0, of plain bytes that end with their delimiter and padding;
    /// longer by kContentTagBytes.
    std::string seal(std::uint64_t index, std::string_view delimited) const;

 private:
    std::array<std::uint8_t, 16> key_{};
    std::array<std::uint8_t, 12> nonce_{};
};

}  // namespace pipit::push
