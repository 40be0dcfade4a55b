#pragma once

#include <string_view>

namespace pipit::codec {

/// A character of a `token` (RFC 9110 section 5.6.2).
constexpr bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

/// Optional whitespace (RFC 9110 section 5.6.3).
constexpr bool is_header_space(char c) {
    return c == ' ' || c == '\t';
}

constexpr bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!is_token_char(c)) return false;
    }
    return !text.empty();
}

}  // namespace pipit::codec
