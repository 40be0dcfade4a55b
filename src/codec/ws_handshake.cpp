#include "codec/ws_handshake.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "base/assert.hpp"
#include "codec/ws_handshake_syntax.hpp"

namespace pipit::codec {
namespace {

// Takes one element off the front of a comma-separated list, without the space around it.
std::string_view take_element(std::string_view& list) {
    const std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!element.empty() && is_header_space(element.front()))
        element.remove_prefix(1);
    while (!element.empty() && is_header_space(element.back()))
        element.remove_suffix(1);
    return element;
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_base64_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

bool is_valid_key(std::string_view sec_websocket_key) {
    constexpr std::size_t kDigits = 22;  // 16 bytes in digits of 6 bits, rounded up
    return sec_websocket_key.size() == kDigits + 2 && sec_websocket_key.ends_with("==") &&
           std::ranges::all_of(sec_websocket_key.substr(0, kDigits), is_base64_char);
}

std::string accept_key(std::string_view sec_websocket_key) {
    std::string joined(sec_websocket_key);
    joined += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
    constexpr std::size_t kSha1Bytes = 20;
    std::array<unsigned char, kSha1Bytes> digest{};
    unsigned digest_bytes = 0;
    const int done =
        EVP_Digest(joined.data(), joined.size(), digest.data(), &digest_bytes, EVP_sha1(), nullptr);
    PIPIT_ASSERT(done == 1 && digest_bytes == digest.size());

    std::array<unsigned char, 4 * ((kSha1Bytes + 2) / 3) + 1> base64{};  // EVP_EncodeBlock adds a null
    const int chars = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
    return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(chars)};
}

bool header_has_token(std::string_view value, std::string_view token) {
    while (!value.empty()) {
        if (std::ranges::equal(take_element(value), token, {}, to_lower, to_lower)) return true;
    }
    return false;
}

std::optional<std::string_view> choose_subprotocol(std::string_view offered,
                                                   std::span<const std::string_view> supported) {
    while (!offered.empty()) {
        const auto found = std::ranges::find(supported, take_element(offered));
        if (found != supported.end()) return *found;
    }
    return std::nullopt;
}

std::optional<std::string_view> subprotocol_suffix(std::string_view offered, std::string_view prefix) {
    while (!offered.empty()) {
        const std::string_view element = take_element(offered);
        if (element.starts_with(prefix) && element.size() > prefix.size() && is_token(element)) {
            return element.substr(prefix.size());
        }
    }
    return std::nullopt;
}

}  // namespace pipit::codec
