#include "codec/percent.hpp"

#include <charconv>
#include <cstddef>

namespace pipit::codec {

std::string percent_decode(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        std::size_t taken = 1;
        char byte = text.front() == '+' ? ' ' : text.front();
        if (byte == '%' && text.size() >= 3) {
            unsigned value = 0;
            const char* const digits = text.data() + 1;
            if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
                byte = static_cast<char>(value);
                taken = 3;
            }
        }
        decoded += byte;
        text.remove_prefix(taken);
    }
    return decoded;
}

}  // namespace pipit::codec
