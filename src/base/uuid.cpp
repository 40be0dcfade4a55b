#include "base/uuid.hpp"

#include <algorithm>

namespace pipit::base {
namespace {

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool is_uuid(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::ranges::equal(text, kForm,
                              [](char c, char form) { return form == '-' ? c == '-' : is_hex(c); });
}

}  // namespace pipit::base
