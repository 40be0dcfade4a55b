#include "app/config_load.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "app/config_file.hpp"
#include "app/settings_nearest.hpp"

namespace pipit::app {
namespace {

constexpr std::string_view kPrefix = "PIPIT_";
constexpr std::string_view kConfigVariable = "PIPIT_CONFIG";

std::vector<std::string> known_variables() {
    std::vector<std::string> names{std::string(kConfigVariable)};
    for (const SettingsKey& key : settings_keys())
        names.push_back(environment_name(key));
    return names;
}

/// Kubernetes tells every container where the services of its namespace are, and a service that is called
/// pipit it tells in names that begin as ours do: PIPIT_SERVICE_HOST, PIPIT_SERVICE_PORT_HTTP, PIPIT_PORT,
/// PIPIT_PORT_8080_TCP_ADDR. No section of the settings is called service or port.
bool is_of_kubernetes(std::string_view name) {
    return name.starts_with("PIPIT_SERVICE_") || name == "PIPIT_PORT" || name.starts_with("PIPIT_PORT_");
}

void apply_environment(const Environment& environment, SettingsBuilder& builder) {
    const auto keys = settings_keys();
    for (const auto& [name, value] : environment) {
        if (!name.starts_with(kPrefix) || name == kConfigVariable || is_of_kubernetes(name)) continue;
        const auto key = std::ranges::find(keys, name, environment_name);
        if (key != keys.end()) {
            builder.set_text(name, key->name, value);
        } else if (name.starts_with("PIPIT_AUTH_ISSUERS")) {
            builder.set_text(name, "auth.issuers", value);
        } else if (name.starts_with("PIPIT_SKAPI_SERVICES")) {
            builder.set_text(name, "skapi.services", value);
        } else {
            builder.add_problem(fmt::format("{}: there is no such environment variable{}", name,
                                            suggestion(name, known_variables())));
        }
    }
}

}  // namespace

Environment read_environment(const char* const* entries) {
    Environment environment;
    for (; *entries != nullptr; ++entries) {
        const std::string_view entry = *entries;
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return environment;
}

base::Result<Settings, Problems> load_settings(const ConfigSources& sources, const Environment& environment) {
    SettingsBuilder builder;
    const auto variable = environment.find(kConfigVariable);
    if (!sources.file.empty()) {
        read_config_file(sources.file, builder);
    } else if (variable != environment.end() && !variable->second.empty()) {
        read_config_file(variable->second, builder);
    }
    apply_environment(environment, builder);
    for (const auto& [flag, key, value] : sources.overrides)
        builder.set_text(flag, key, value);
    return builder.finish();
}

}  // namespace pipit::app
