#pragma once

#include <string>

#include "app/settings.hpp"

namespace pipit::app {

/// The settings as a TOML file in which every key stands with its meaning, what it may be and its environment
/// variable. Reading it gives equal settings.
std::string print_config(const Settings& settings);

}  // namespace pipit::app
