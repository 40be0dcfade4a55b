#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/seal.hpp"
#include "core/shard_message.hpp"

namespace pipit::core {

/// One's part in a call.
struct CallPart {
    std::string call;
    CallSide side;
    friend bool operator==(const CallPart&, const CallPart&) = default;
};

/// What each side of a call gets to take its part again, from another connection or after a restart. Each is
/// good for one user only; nobody else can read or make them. They depend on nothing but the key.
class CallTickets {
 public:
    explicit CallTickets(auth::Seal seal) : seal_(std::move(seal)) {}

    std::string of(std::string_view user, const CallPart& part) const;
    /// Nothing for what is no ticket of that user.
    std::optional<CallPart> open(std::string_view user, std::string_view ticket) const;

 private:
    auth::Seal seal_;
};

}  // namespace pipit::core
