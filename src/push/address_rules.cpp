#include "push/address_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pipit::push {
namespace {

/// The addresses that begin with the first `bits` bits of `prefix`, the rest of which is zero.
struct Network {
    std::array<std::uint8_t, 16> prefix;
    unsigned bits;
    std::string_view kind;

    bool contains(base::ByteSpan address) const {
        const std::size_t whole = bits / 8;
        if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                        prefix.begin())) {
            return false;
        }
        const unsigned rest = bits % 8;
        return rest == 0 || address[whole] >> (8 - rest) == prefix[whole] >> (8 - rest);
    }
};

constexpr std::string_view kPrivate = "a private address";
constexpr std::string_view kLoopback = "a loopback address";
constexpr std::string_view kLinkLocal = "a link-local address";
constexpr std::string_view kMetadata = "a cloud's metadata address";
constexpr std::string_view kReserved = "a reserved address";
constexpr std::string_view kMulticast = "a multicast address";

// The first that fits counts.
constexpr std::array kV4Networks{
    Network{{0}, 8, "an unspecified address"},
    Network{{10}, 8, kPrivate},
    Network{{100, 100, 100, 200}, 32, kMetadata},
    Network{{100, 64}, 10, "an address shared behind a carrier's NAT"},
    Network{{127}, 8, kLoopback},
    Network{{169, 254, 169, 254}, 32, kMetadata},
    Network{{169, 254}, 16, kLinkLocal},
    Network{{168, 63, 129, 16}, 32, kMetadata},
    Network{{172, 16}, 12, kPrivate},
    Network{{192, 0, 0}, 24, kReserved},
    Network{{192, 0, 2}, 24, "a documentation address"},
    Network{{192, 31, 196}, 24, kReserved},
    Network{{192, 52, 193}, 24, kReserved},
    Network{{192, 88, 99}, 24, kReserved},
    Network{{192, 168}, 16, kPrivate},
    Network{{192, 175, 48}, 24, kReserved},
    Network{{198, 18}, 15, "a benchmarking address"},
    Network{{198, 51, 100}, 24, "a documentation address"},
    Network{{203, 0, 113}, 24, "a documentation address"},
    Network{{224}, 4, kMulticast},
    Network{{240}, 4, kReserved},  // and the broadcast address, its last one
};

constexpr std::array kV6Networks{
    Network{{}, 128, "an unspecified address"},
    Network{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, kLoopback},
    Network{{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54}, 128, kMetadata},
    Network{{0xfc}, 7, kPrivate},
    Network{{0xfe, 0x80}, 10, kLinkLocal},
    Network{{0xfe, 0xc0}, 10, kPrivate},
    Network{{0xff}, 8, kMulticast},
    Network{{0x20, 0x01, 0, 0}, 23, kReserved},  // Teredo, benchmarking, ORCHID and others
    Network{{0x20, 0x01, 0x0d, 0xb8}, 32, "a documentation address"},
    Network{{0x3f, 0xff}, 20, "a documentation address"},
};

constexpr Network kV6GlobalUnicast{{0x20}, 3, ""};

/// An IPv6 network whose addresses have an IPv4 one in them, and where.
struct Embedding {
    Network network;
    std::size_t at;
};

constexpr std::array kEmbeddings{
    Embedding{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "mapped"}, 12},
    Embedding{{{0, 0x64, 0xff, 0x9b}, 96, "NAT64"}, 12},  // RFC 6052
    Embedding{{{0x20, 0x02}, 16, "6to4"}, 2},             // RFC 3056
};

std::optional<std::string_view> why_not_public_v4(base::ByteSpan address) {
    for (const Network& network : kV4Networks) {
        if (network.contains(address)) return network.kind;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> why_not_public(const IpAddress& address) {
    const base::ByteSpan bytes = address.bytes();
    if (address.is_v4()) return why_not_public_v4(bytes);
    for (const Embedding& embedding : kEmbeddings) {
        if (embedding.network.contains(bytes)) return why_not_public_v4(bytes.subspan(embedding.at, 4));
    }
    for (const Network& network : kV6Networks) {
        if (network.contains(bytes)) return network.kind;
    }
    if (!kV6GlobalUnicast.contains(bytes)) return kReserved;
    return std::nullopt;
}

}  // namespace pipit::push
