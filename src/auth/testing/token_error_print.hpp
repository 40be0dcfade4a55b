#pragma once

#include <ostream>

#include "auth/token_error.hpp"

namespace pipit::auth {

/// How GoogleTest shows a TokenError.
inline void PrintTo(const TokenError& error, std::ostream* out) {
    *out << error.message();
}

}  // namespace pipit::auth
