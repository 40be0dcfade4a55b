#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipit::app {

/// Where a socket listens, taken apart. The host is without brackets.
struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};

/// Takes "host:port" or "[IPv6 address]:port" apart; nothing when it is neither.
std::optional<ListenAddress> parse_listen(std::string_view text);

/// What a browser on this machine opens to reach what listens at `host`, which is as in a URL, and likewise:
/// nobody can go to "every address".
std::string_view host_to_open(std::string_view host);

/// Whether the text has the form that a setting of that kind demands.
bool is_listen_address(std::string_view text);
bool is_not_empty(std::string_view text);
/// An origin as browsers send it (RFC 6454 section 6.2: lower case, no path, no closing slash), or "*".
bool is_origin(std::string_view text);
/// Of a web server; or nothing.
bool is_http_origin_or_empty(std::string_view text);
/// A host name, an IPv4 address or an IPv6 address in brackets, in lower case; or nothing.
bool is_host_or_empty(std::string_view text);
/// Where a TURN server is (RFC 7065), over UDP or TCP.
bool is_turn_url(std::string_view text);
/// What push::VapidSubject takes; or nothing.
bool is_vapid_subject_or_empty(std::string_view text);
/// A postgresql:// or postgres:// URL, of which libpq reads the rest; or nothing.
bool is_database_or_empty(std::string_view text);
/// What push::TargetRules::admitting takes.
bool is_push_host(std::string_view text);
/// A pattern of auth::glob_matches that some name of a group may fit.
bool is_group_pattern(std::string_view text);
/// A regular expression in RE2's syntax.
bool is_pattern(std::string_view text);
/// https://..., or http://... on this machine's loopback, or empty for none: keys that travel in the clear
/// could be exchanged on the way.
bool is_key_url(std::string_view text);

}  // namespace pipit::app
