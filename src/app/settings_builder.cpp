#include "app/settings_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "app/settings_nearest.hpp"

namespace pipit::app {
namespace {

/// Two integers of which the second must be at least the first, or greater by `room`, and why.
struct AtMost {
    std::string_view lesser;
    std::string_view greater;
    std::string_view reason;
    std::uint64_t room = 0;
};

// Around a message its receivers get names, the frame's header and what else an event has.
constexpr std::uint64_t kEnvelopeBytes = 4'096;

constexpr std::array kAtMost = std::to_array<AtMost>({
    {"limits.message_bytes_max", "limits.outbox_bytes_max",
     "a message and the event around it must fit into an empty outbox", kEnvelopeBytes},
    {"limits.token_bytes_max", "limits.message_bytes_max", "a token arrives inside a message"},
    {"limits.token_bytes_max", "limits.http_header_bytes_max", "a token may arrive in the HTTP header"},
    {"heartbeat.pong_timeout_ms", "heartbeat.ping_interval_ms",
     "a ping is answered before the next one is due"},
    {"push.notifications_per_author_max", "push.notifications_max", "each of them is one of all"},
    {"push.in_flight_per_origin_max", "push.in_flight_max", "each of them is one of all"},
    {"push.retry_first_ms", "push.retry_max_ms", "the waits only become longer"},
    {"drain.spread_ms", "drain.timeout_ms", "nobody is cut before the moment to leave has come"},
});

// What only the file can say, in sections of its own.
constexpr std::array<std::string_view, 2> kSectionLists{"auth.issuers", "skapi.services"};

std::uint64_t integer_at(std::string_view key_name, Settings& settings) {
    const SettingsKey* const key = find_settings_key(key_name);
    PIPIT_ASSERT(key != nullptr);
    return std::get<Integer<Settings>>(key->type).field(settings);
}

std::vector<std::string> known_names() {
    std::vector<std::string> names;
    for (const SettingsKey& key : settings_keys()) {
        const std::string_view section = section_of(key);
        if (names.empty() || !std::string_view(names.back()).starts_with(section))
            names.emplace_back(section);
        names.emplace_back(key.name);
    }
    for (const std::string_view name : kSectionLists)
        names.emplace_back(name);
    return names;
}

}  // namespace

const SettingsKey* SettingsBuilder::find_or_complain(std::string_view where, std::string_view key_name) {
    const SettingsKey* const key = find_settings_key(key_name);
    if (key == nullptr) {
        const bool is_list = std::ranges::find(kSectionLists, key_name) != kSectionLists.end();
        add_problem(
            is_list ? fmt::format("{}: {} can only be set in the file, as [[{}]]", where, key_name, key_name)
                    : fmt::format("{}: there is no setting {}{}", where, key_name,
                                  suggestion(key_name, known_names())));
    }
    return key;
}

void SettingsBuilder::set(std::string_view where, std::string_view key_name, const Value& value) {
    const SettingsKey* const key = find_or_complain(where, key_name);
    if (key == nullptr) return;
    if (const auto refusal = set_value(*key, settings_, value)) {
        add_problem(fmt::format("{}: {} {}", where, key->name, *refusal));
        refused_.emplace(key->name);
    }
}

void SettingsBuilder::set_text(std::string_view where, std::string_view key_name, std::string_view text) {
    if (const SettingsKey* const key = find_or_complain(where, key_name)) {
        set(where, key_name, value_from_text(*key, text));
    }
}

void SettingsBuilder::add_issuer(std::string_view where, std::string_view name, IssuerSettings issuer) {
    const auto demand = [&](bool holds, std::string_view what) {
        if (!holds) add_problem(fmt::format("{}: {}{}", where, name, what));
    };
    demand(!issuer.issuer.empty(), ".issuer must be set");
    demand(!issuer.audiences.empty(), ".audiences must name at least one audience");
    demand(issuer.jwks_file.empty() != issuer.jwks_url.empty(),
           " must have either jwks_file or jwks_url, and not both");
    demand(issuer.issuer.empty() ||
               std::ranges::find(settings_.auth.issuers, issuer.issuer, &IssuerSettings::issuer) ==
                   settings_.auth.issuers.end(),
           ".issuer is the same as in an issuer before it");
    settings_.auth.issuers.push_back(std::move(issuer));
}

void SettingsBuilder::add_skapi_service(std::string_view where, std::string_view name,
                                        SkapiServiceSettings service) {
    auto& services = settings_.skapi.services;
    const auto demand = [&](bool holds, std::string_view what) {
        if (!holds) add_problem(fmt::format("{}: {}{}", where, name, what));
    };
    demand(!service.id.empty(), ".id must be set");
    demand(!service.owner.empty(), ".owner must be set");
    demand(service.id.empty() ||
               std::ranges::find(services, service.id, &SkapiServiceSettings::id) == services.end(),
           ".id is the same as in a service before it");
    demand(!service.shared || std::ranges::none_of(services, &SkapiServiceSettings::shared),
           ".shared is true in a service before it, too");
    const bool has_keys = service.jwks_file.empty() != service.jwks_url.empty();
    const bool has_none = service.jwks_file.empty() && service.jwks_url.empty();
    demand(service.issuer.empty() || has_keys, " must have either jwks_file or jwks_url, and not both");
    demand(!service.issuer.empty() || (has_none && service.client_ids.empty()),
           ".issuer must be set, since there are keys or clients of one");
    const auto same_issuer = std::ranges::find(services, service.issuer, &SkapiServiceSettings::issuer);
    demand(service.issuer.empty() || same_issuer == services.end() ||
               (same_issuer->jwks_file == service.jwks_file && same_issuer->jwks_url == service.jwks_url &&
                same_issuer->refresh_s == service.refresh_s),
           ".issuer is the same as in a service before it, and its keys must be, too");
    services.push_back(std::move(service));
}

bool SettingsBuilder::are_known(std::string_view first, std::string_view second) const {
    return !refused_.contains(first) && !refused_.contains(second);
}

void SettingsBuilder::check_pairs() {
    for (const auto& [lesser, greater, reason, room] : kAtMost) {
        const std::uint64_t low = integer_at(lesser, settings_);
        const std::uint64_t high = integer_at(greater, settings_);
        if (low + room > high && are_known(lesser, greater)) {
            const std::string less = room != 0 ? fmt::format(" less {}", room) : "";
            add_problem(fmt::format("{} ({}) must be at most {} ({}){}: {}", lesser, low, greater, high, less,
                                    reason));
        }
    }
    const Settings::Tls& tls = settings_.tls;
    if (tls.certificate_file.empty() != tls.key_file.empty() &&
        are_known("tls.certificate_file", "tls.key_file")) {
        add_problem("tls.certificate_file and tls.key_file must both be set or both be empty");
    }
    const Settings::Turn& turn = settings_.turn;
    if (turn.urls.empty() != turn.secret_file.empty() && are_known("turn.urls", "turn.secret_file")) {
        add_problem("turn.urls and turn.secret_file must both be set or both be empty");
    }
    const auto& origins = settings_.server.allowed_origins;
    if (origins.size() > 1 && std::ranges::find(origins, "*") != origins.end()) {
        add_problem("server.allowed_origins must hold \"*\" alone or not at all");
    }
}

void SettingsBuilder::check_skapi() {
    const Settings::Skapi& skapi = settings_.skapi;
    if (skapi.enabled && skapi.services.empty() && !settings_.server.dev &&
        !refused_.contains("skapi.services")) {
        add_problem("skapi.enabled needs at least one service, as [[skapi.services]] in the file");
    }
}

base::Result<Settings, Problems> SettingsBuilder::finish() {
    check_pairs();
    check_skapi();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(settings_);
}

}  // namespace pipit::app
