#include "net/reached_host.hpp"

#include <algorithm>
#include <cstddef>

#include "net/boost_asio.hpp"

namespace pipit::net {
namespace {

constexpr std::size_t kHostBytesMax = 255;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_ipv6_in_brackets(std::string_view host) {
    if (host.size() < 2 || !host.starts_with('[') || !host.ends_with(']')) return false;
    ErrorCode error;
    const auto address = asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), error);
    return !error && address.scope_id() == 0;
}

}  // namespace

std::string reached_host(std::string_view host_field) {
    const std::size_t colon = host_field.rfind(':');
    const std::size_t bracket = host_field.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
    const std::string_view host = has_port ? host_field.substr(0, colon) : host_field;
    if (host.empty() || host.size() > kHostBytesMax) return {};
    if (!std::ranges::all_of(host, is_name_character) && !is_ipv6_in_brackets(host)) return {};
    return std::string(host);
}

}  // namespace pipit::net
