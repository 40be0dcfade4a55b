#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config_load.hpp"

namespace pipit::app {

/// What the process ends with.
enum class ExitCode : int {
    ok = 0,
    /// It started well and then something failed.
    failure = 1,
    /// The command line or the configuration is wrong.
    usage = 2,
};

/// `pipit serve`: run the server.
struct ServeCommand {
    ConfigSources sources;
};

/// `pipit token`: print a token of our own, or those of the public client.
struct TokenCommand {
    ConfigSources sources;
    std::string user_id;
    bool admin = false;
    /// Patterns of the groups that it opens; absent: every group.
    std::optional<std::vector<std::string>> groups;
    std::chrono::seconds ttl = std::chrono::hours(24);
    bool skapi = false;
    // Of the public client's tokens only; "" when not said.
    std::string service_id;
    std::string owner;
    std::string name;
};

/// `pipit vapid`: print the public key that browsers subscribe with.
struct VapidCommand {
    ConfigSources sources;
    bool rotate = false;  ///< make a new one before
};

/// `pipit config default`: print every setting.
struct ConfigDefaultCommand {};

/// `pipit config check`: load the settings and print what is wrong with them, or "ok".
struct ConfigCheckCommand {
    ConfigSources sources;
};

/// There is nothing to run: the text answers --help or --version (`ok`, for standard output) or says what is
/// wrong with the command line (`usage`, for standard error).
struct Answer {
    ExitCode code = ExitCode::ok;
    std::string text;
};

using Command =
    std::variant<ServeCommand, TokenCommand, VapidCommand, ConfigDefaultCommand, ConfigCheckCommand, Answer>;

/// Understands the arguments that follow the program's name. Values of settings are not checked here but when
/// they are loaded, together with those of the other sources.
Command parse_command_line(std::vector<std::string> arguments);

/// The version of this program, such as "0.1.0".
std::string_view version();

}  // namespace pipit::app
