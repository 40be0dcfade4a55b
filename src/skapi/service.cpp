#include "skapi/service.hpp"

#include <algorithm>
#include <array>

namespace pipit::skapi {
namespace {

constexpr std::array<std::string_view, 22> kRegions{
    "us31", "us72", "ap51", "ap22", "ap41", "eu71", "ap21", "us32", "us71", "af51", "ap31",
    "ap43", "ap23", "ap42", "ca01", "eu01", "eu72", "eu51", "eu73", "eu11", "me51", "sa31"};
constexpr std::size_t kRegionBytes = 4;
// Two in the middle, without which a project id cannot be made of it, and the last four.
constexpr std::size_t kRestBytesMin = 6;

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_service_id(std::string_view text) {
    const std::string_view region = text.substr(0, kRegionBytes);
    if (std::ranges::find(kRegions, region) == kRegions.end()) return false;
    const std::string_view rest = text.substr(kRegionBytes);
    return rest.size() >= kRestBytesMin && std::ranges::all_of(rest, is_letter_or_digit);
}

}  // namespace pipit::skapi
