#pragma once

#include <string>
#include <string_view>

#include "app/settings_builder.hpp"

namespace pipit::app {

/// Reads the TOML file (TOML 1.0) into the builder. What cannot be read or is not known becomes a problem
/// that names the file and the line.
void read_config_file(const std::string& path, SettingsBuilder& builder);

/// The same for TOML that is already in memory; `file_name` is what errors call it.
void read_config_text(std::string_view toml, const std::string& file_name, SettingsBuilder& builder);

}  // namespace pipit::app
