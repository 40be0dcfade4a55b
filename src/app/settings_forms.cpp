#include "app/settings_forms.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstddef>

#include <re2/re2.h>

#include "auth/glob.hpp"
#include "base/loopback.hpp"
#include "codec/names.hpp"
#include "push/target_rules.hpp"
#include "push/vapid_subject.hpp"

namespace pipit::app {
namespace {

constexpr std::string_view kLowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end) return std::nullopt;
    return port;
}

bool is_ipv6_address(const std::string& text) {
    in6_addr address{};
    return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           text.find_first_not_of(std::string(kLowerAndDigits) + "+-.") == std::string_view::npos;
}

/// A host name or address as origins and listen addresses carry it, in lower case.
bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        return text.ends_with(']') && is_ipv6_address(std::string(text.substr(1, text.size() - 2)));
    }
    return !text.empty() &&
           text.find_first_not_of(std::string(kLowerAndDigits) + "-._") == std::string_view::npos;
}

/// The position of the colon before a port, or npos; colons inside brackets belong to the address.
std::size_t port_colon(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::size_t bracket = text.rfind(']');
    return bracket != std::string_view::npos && colon < bracket ? std::string_view::npos : colon;
}

}  // namespace

std::optional<ListenAddress> parse_listen(std::string_view text) {
    const std::size_t colon = port_colon(text);
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
    if (!port || !is_host(host)) return std::nullopt;
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    return ListenAddress{std::string(host), *port};
}

bool is_listen_address(std::string_view text) {
    return parse_listen(text).has_value();
}

std::string_view host_to_open(std::string_view host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "[::]" ? "[::1]" : host;
}

bool is_not_empty(std::string_view text) {
    return !text.empty();
}

bool is_origin(std::string_view text) {
    if (text == "*") return true;
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos || !is_scheme(text.substr(0, mark))) return false;
    const std::string_view authority = text.substr(mark + 3);
    const std::size_t colon = port_colon(authority);
    return is_host(authority.substr(0, colon)) &&
           (colon == std::string_view::npos || parse_port(authority.substr(colon + 1)));
}

bool is_http_origin_or_empty(std::string_view text) {
    return text.empty() || ((text.starts_with("http://") || text.starts_with("https://")) && is_origin(text));
}

bool is_host_or_empty(std::string_view text) {
    return text.empty() || is_host(text);
}

bool is_turn_url(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view scheme = text.substr(0, colon);
    if (colon == std::string_view::npos || (scheme != "turn" && scheme != "turns")) return false;
    text.remove_prefix(colon + 1);
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string_view query = text.substr(mark);
    if (!query.empty() && query != "?transport=udp" && query != "?transport=tcp") return false;
    const std::string_view authority = text.substr(0, mark);
    const std::size_t port = port_colon(authority);
    if (!is_host(authority.substr(0, port))) return false;
    return port == std::string_view::npos || parse_port(authority.substr(port + 1)).value_or(0) != 0;
}

bool is_vapid_subject_or_empty(std::string_view text) {
    return text.empty() || push::VapidSubject::parse(text);
}

bool is_database_or_empty(std::string_view text) {
    return text.empty() || text.starts_with("postgresql://") || text.starts_with("postgres://");
}

bool is_push_host(std::string_view text) {
    return bool(push::TargetRules::admitting({std::string(text)}));
}

bool is_group_pattern(std::string_view text) {
    return codec::is_valid_name(text, auth::kGlobBytesMax);
}

bool is_pattern(std::string_view text) {
    RE2::Options options;
    options.set_log_errors(false);
    return !text.empty() && RE2(re2::StringPiece(text.data(), text.size()), options).ok();
}

bool is_key_url(std::string_view text) {
    if (text.empty()) return true;
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos) return false;
    const std::string_view scheme = text.substr(0, mark);
    const std::string_view rest = text.substr(mark + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::string_view host = authority.substr(0, port_colon(authority));
    if (!is_host(host)) return false;
    return scheme == "https" || (scheme == "http" && base::is_loopback_host(host));
}

}  // namespace pipit::app
