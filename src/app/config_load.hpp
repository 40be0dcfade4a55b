#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/settings_builder.hpp"

namespace pipit::app {

/// Environment variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The environment as the operating system hands it over (`environ`): NAME=VALUE texts, then a null pointer.
Environment read_environment(const char* const* entries);

/// One setting of the command line.
struct Override {
    /// The flag as it was given, for errors.
    std::string flag;
    std::string key;
    std::string value;

    bool operator==(const Override&) const = default;
};

/// Where settings come from besides the environment.
struct ConfigSources {
    /// Empty: the file that PIPIT_CONFIG names, or none.
    std::string file;
    /// Applied in order, after everything else.
    std::vector<Override> overrides;

    bool operator==(const ConfigSources&) const = default;
};

/// The defaults, overridden by the file, then by PIPIT_* variables, then by the command line. Fails with
/// every problem there is; a PIPIT_* variable that no setting has is one of them, unless
/// Kubernetes sets it for a service of the name pipit.
base::Result<Settings, Problems> load_settings(const ConfigSources& sources, const Environment& environment);

}  // namespace pipit::app
