#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "push/p256_key.hpp"

namespace pipit::push {

/// The keys by which push services know us (RFC 8292). A subscription takes messages signed with the key
/// that it was made with and no other, so that a key which is replaced is kept for those made before. Owned
/// by one thread.
class VapidKeys {
 public:
    /// The current key and as many former ones.
    static constexpr std::size_t kKeysMax = 8;

    static VapidKeys generate(base::Random& random);
    /// From what to_texts() gave. Fails for no key, for more than kKeysMax, and for what is none.
    static base::Result<VapidKeys> from_texts(const std::vector<std::string>& texts);
    /// The private keys, the current one first, then from the newest to the oldest.
    std::vector<std::string> to_texts() const;

    /// What new subscriptions are made with.
    const P256Key& current() const { return keys_.front(); }
    /// The current or former key with this public text; null when it is not, or no longer, ours.
    const P256Key* find(std::string_view public_text) const;

    /// Makes `next` the current key. Of more than kKeysMax the oldest is forgotten, and with it whoever
    /// subscribed with it is out of reach. References to keys end here.
    void rotate(P256Key next);

 private:
    explicit VapidKeys(std::vector<P256Key> keys) : keys_(std::move(keys)) {}

    std::vector<P256Key> keys_;  // never empty
};

}  // namespace pipit::push
