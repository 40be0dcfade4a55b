#pragma once

#include "app/cli.hpp"
#include "app/settings.hpp"

namespace pipit::app {

/// Runs the server until SIGINT or SIGTERM, then drains it; a second signal ends it at once. SIGHUP reads
/// certificates and keys again. Called once, by the main thread.
ExitCode serve(const Settings& settings);

}  // namespace pipit::app
