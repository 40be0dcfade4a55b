#include "codec/skapi_discovery.hpp"

#include <array>

#include "codec/json_scan.hpp"

namespace pipit::codec::skapi {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
    append_json_string(out, value);
}

}  // namespace

std::string discovery_json(const Discovery& discovery) {
    constexpr std::array<std::string_view, 19> gateways{
        "admin_public",   "admin_private",  "admin_public_2",  "admin_private_2",  "get_users_private",
        "service_public", "extra_public",   "extra_private",   "extra_public_2",   "extra_private_2",
        "record_public",  "record_private", "record_public_2", "record_private_2", "post_public",
        "post_private",   "get_public",     "get_private",     "del_private"};
    std::string json = "{";
    for (const std::string_view gateway : gateways)
        append_member(json, gateway, discovery.calls_url);
    append_member(json, "websocket_private", discovery.socket_url);
    append_member(json, "userpool_id", discovery.userpool_id);
    append_member(json, "userpool_client", discovery.userpool_client);
    json += '}';
    return json;
}

std::string service_json(const ServiceInfo& info) {
    std::string json = "{";
    append_member(json, "service_name", info.name);
    append_member(json, "ip", info.ip);
    append_member(json, "locale", "");
    // A smaller group has the client write about trials and upgrades to the console.
    json +=
        R"(,"group":3,"opt":{"freeze_database":false,"prevent_inquiry":false,"prevent_signup":true,"prevent_anonymous":true}})";
    return json;
}

}  // namespace pipit::codec::skapi
