#include "core/ids.hpp"

#include <algorithm>

#include "base/base64url.hpp"

namespace pipit::core {
namespace {
constexpr std::string_view kCidPrefix = "cid:";
}

Cid Cid::random(base::Random& random) {
    Cid cid;
    random.fill(cid.bytes);
    return cid;
}

std::optional<Cid> Cid::parse(std::string_view text) {
    if (!text.starts_with(kCidPrefix)) return std::nullopt;
    const auto bytes = base::base64url_decode(text.substr(kCidPrefix.size()));
    Cid cid;
    if (!bytes || bytes->size() != cid.bytes.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), cid.bytes.begin());
    return cid;
}

std::string Cid::text() const {
    return std::string(kCidPrefix) + base::base64url_encode(bytes);
}

std::uint64_t home_hash(std::string_view name) {
    // FNV-1a: written out because std::hash promises nothing between two builds, and homes will be compared
    // between nodes.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash ^ hash >> 32;
}

}  // namespace pipit::core
