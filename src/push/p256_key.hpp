#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/bn.h>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

namespace pipit::push {

/// A point on P-256 in uncompressed form (SEC 1 section 2.3.3): 4, then x and y, big-endian.
inline constexpr std::size_t kP256PointBytes = 65;
using P256Point = std::array<std::uint8_t, kP256PointBytes>;

inline constexpr std::size_t kP256ScalarBytes = 32;
inline constexpr std::size_t kP256SignatureBytes = 64;

/// The point that `bytes` are, or why they are none: another length or form, or not on the curve.
base::Result<P256Point> parse_p256_point(base::ByteSpan bytes);

/// A private key on P-256 and its public one: for signing what identifies us (RFC 8292) and, made anew for
/// each message, for agreeing on a secret with a browser (RFC 8291). Immutable: many threads may use it at
/// the same time. Wiped when destroyed.
class P256Key {
 public:
    /// A key that nobody else has, if `random` is unpredictable.
    static P256Key generate(base::Random& random);
    /// From the private number, 32 bytes, big-endian. Fails unless it is from 1 to the order of the curve
    /// less 1.
    static base::Result<P256Key> from_scalar(base::ByteSpan scalar);
    /// From what to_text() gave, which is also how other Web Push libraries write a private key.
    static base::Result<P256Key> from_text(std::string_view text);

    /// The private number in base64url, 43 characters, for keeping it. Whoever has it can speak in our name.
    std::string to_text() const;

    const P256Point& public_point() const { return public_point_; }
    /// The public point in base64url, 87 characters, as `applicationServerKey` takes it.
    std::string public_text() const;

    /// ECDH (RFC 5903 section 9): the x coordinate of the shared point. `peer` must be on the curve.
    std::array<std::uint8_t, 32> agree(const P256Point& peer) const;

    /// The ES256 signature of `text` (RFC 7518 section 3.4): r and s side by side. OpenSSL draws what has to
    /// be unpredictable in it, so that two signatures of one text differ.
    std::array<std::uint8_t, kP256SignatureBytes> sign(std::string_view text) const;

 private:
    struct Wipe {
        void operator()(BIGNUM* number) const { BN_clear_free(number); }
    };
    using ScalarPtr = std::unique_ptr<BIGNUM, Wipe>;

    P256Key(ScalarPtr scalar, const P256Point& public_point)
        : scalar_(std::move(scalar)), public_point_(public_point) {}

    ScalarPtr scalar_;
    P256Point public_point_;
};

}  // namespace pipit::push
