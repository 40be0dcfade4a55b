#pragma once

#include "app/settings.hpp"

namespace pipit::app {

/// Sets the log of the whole process up, to standard output. Called once, before there are threads.
void set_up_log(const Settings::Log& settings);

}  // namespace pipit::app
