#include "push/endpoint.hpp"

#include <algorithm>
#include <charconv>

#include "push/domain_name.hpp"

namespace pipit::push {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::uint16_t kHttpsPort = 443;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// What RFC 3986 allows in a path and a query: pchar, "/" and "?".
bool is_path_and_query(std::string_view text) {
    constexpr std::string_view kPunctuation = "-._~!$&'()*+,;=:@/?";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
        } else if (!is_alphanumeric(text[i]) && kPunctuation.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty() || text.front() == '0') return std::nullopt;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return port;
}

/// HOST or HOST:PORT, the host in lower case and, if it is an IPv6 address, still in brackets.
struct Authority {
    std::string host;
    std::uint16_t port = kHttpsPort;
};

std::optional<Authority> parse_authority(std::string_view text) {
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    Authority authority;
    authority.host = in_lower_case(text.substr(0, colon));
    if (colon != std::string_view::npos) {
        const auto port = parse_port(text.substr(colon + 1));
        if (!port) return std::nullopt;
        authority.port = *port;
    }
    return authority;
}

}  // namespace

base::Result<Endpoint> Endpoint::parse(std::string_view url) {
    if (url.size() > kCharactersMax) {
        return base::Failure{"must have at most " + std::to_string(kCharactersMax) + " characters"};
    }
    if (!url.starts_with(kScheme)) return base::Failure{"must begin with https://"};
    const std::string_view rest = url.substr(kScheme.size());
    const std::size_t authority_end = std::min(rest.find_first_of("/?#\\"), rest.size());
    const std::string_view authority_text = rest.substr(0, authority_end);
    const std::string_view path_and_query = rest.substr(authority_end);
    if (authority_text.find('@') != std::string_view::npos) {
        return base::Failure{"must have no user name or password in it"};
    }
    if (path_and_query.find('#') != std::string_view::npos) return base::Failure{"must have no fragment (#)"};
    if (!is_path_and_query(path_and_query)) {
        return base::Failure{"must have only the characters that a URL may have, others as %XX"};
    }
    auto authority = parse_authority(authority_text);
    if (!authority) return base::Failure{"must have a port from 1 to 65535, or none"};

    Endpoint endpoint;
    endpoint.url_ = url;
    endpoint.port_ = authority->port;
    std::string& host = authority->host;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        endpoint.address_ = IpAddress::parse(host);
        if (!endpoint.address_ || endpoint.address_->is_v4()) {
            return base::Failure{"must have an IPv6 address between the brackets"};
        }
    } else {
        endpoint.address_ = IpAddress::parse(host);
        if (endpoint.address_ ? !endpoint.address_->is_v4() : !is_domain_name(host)) {
            return base::Failure{"must have a host: a domain name, or an IP address in its usual form"};
        }
    }
    endpoint.host_ = std::move(host);
    return endpoint;
}

std::string Endpoint::origin() const {
    const bool needs_brackets = address_ && !address_->is_v4();
    std::string origin(kScheme);
    origin += needs_brackets ? '[' + host_ + ']' : host_;
    if (port_ != kHttpsPort) origin += ':' + std::to_string(port_);
    return origin;
}

}  // namespace pipit::push
