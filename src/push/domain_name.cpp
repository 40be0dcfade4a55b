#include "push/domain_name.hpp"

#include <algorithm>
#include <array>

namespace pipit::push {
namespace {

constexpr std::size_t kNameCharactersMax = 253;
constexpr std::size_t kLabelCharactersMax = 63;

constexpr std::array<std::string_view, 9> kReserved{
    "localhost", "local", "localdomain", "internal", "invalid", "test", "home.arpa", "example", "onion"};

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLabelCharactersMax && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_within(std::string_view name, std::string_view domain) {
    return name.ends_with(domain) &&
           (name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.');
}

}  // namespace

bool is_domain_name(std::string_view name) {
    if (name.size() > kNameCharactersMax) return false;
    for (;;) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) break;
        name.remove_prefix(dot + 1);
    }
    // "0x7f" is a number, too.
    return std::any_of(name.begin(), name.end(), is_letter) && !name.starts_with("0x");
}

bool is_public_domain_name(std::string_view name) {
    return is_domain_name(name) && name.find('.') != std::string_view::npos &&
           std::none_of(kReserved.begin(), kReserved.end(),
                        [&](std::string_view domain) { return is_within(name, domain); });
}

}  // namespace pipit::push
