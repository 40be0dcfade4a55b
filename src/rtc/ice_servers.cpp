#include "rtc/ice_servers.hpp"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "codec/json_scan.hpp"

namespace pipit::rtc {
namespace {

using codec::append_json_string;

void append_stun(std::string& json, std::string_view host, std::uint16_t port) {
    json += "{\"urls\":[";
    append_json_string(json, fmt::format("stun:{}:{}", host, port));
    json += "]}";
}

void append_turn(std::string& json, const std::vector<std::string>& urls,
                 const TurnCredentials& credentials) {
    json += "{\"urls\":";
    char separator = '[';
    for (const std::string& url : urls) {
        json += std::exchange(separator, ',');
        append_json_string(json, url);
    }
    json += "],\"username\":";
    append_json_string(json, credentials.username);
    json += ",\"credential\":";
    append_json_string(json, credentials.password);
    json += '}';
}

}  // namespace

std::string ice_servers_json(const IceSettings& settings, std::string_view host, std::string_view user,
                             base::UnixSeconds now) {
    const std::string_view stun_host = settings.stun_host.empty() ? host : settings.stun_host;
    const bool has_turn = !settings.turn_urls.empty();
    std::string json = "{\"iceServers\":[";
    if (settings.stun_port != 0 && !stun_host.empty()) append_stun(json, stun_host, settings.stun_port);
    if (has_turn) {
        if (json.back() != '[') json += ',';
        append_turn(json, settings.turn_urls,
                    make_turn_credentials(settings.turn_secret, user, now, settings.turn_credential_ttl));
    }
    json += ']';
    if (has_turn) {
        fmt::format_to(std::back_inserter(json), ",\"expires_in_ms\":{}",
                       std::chrono::milliseconds(settings.turn_credential_ttl).count());
    }
    json += '}';
    return json;
}

}  // namespace pipit::rtc
