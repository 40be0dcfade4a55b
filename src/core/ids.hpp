#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace pipit::core {

/// Names one connection to everybody: 96 random bits, `cid:` and 16 base64url characters on the wire.
struct Cid {
    std::array<std::uint8_t, 12> bytes{};
    friend bool operator==(const Cid&, const Cid&) = default;

    static Cid random(base::Random& random);
    /// From its text on the wire; nothing when the text is not exactly a cid.
    static std::optional<Cid> parse(std::string_view text);
    std::string text() const;
};

/// One of the server's workers, from 0.
using WorkerIndex = std::uint16_t;

/// Finds one session from anywhere in the process. The generation makes a late message to a session that has
/// gone find nothing, also when its slot is in use again.
struct SessionAddress {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    WorkerIndex worker = 0;
    friend auto operator<=>(const SessionAddress&, const SessionAddress&) = default;
};

/// A user's id, shared by everything that belongs to one connection, on every worker. Never null, never
/// changed.
using UserId = std::shared_ptr<const std::string>;

/// The name of this server by which a client has reached it, shared by all who used the same.
using HostName = std::shared_ptr<const std::string>;

/// A number for a name that is the same on every worker of the process: decides which worker is its home.
std::uint64_t home_hash(std::string_view name);

}  // namespace pipit::core

template <>
struct std::hash<pipit::core::Cid> {
    std::size_t operator()(const pipit::core::Cid& cid) const noexcept {
        std::size_t value;  // the bytes are random already
        std::memcpy(&value, cid.bytes.data(), sizeof value);
        return value;
    }
};
