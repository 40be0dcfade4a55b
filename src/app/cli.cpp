#include "app/cli.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/duration.hpp"
#include "app/settings_nearest.hpp"

namespace pipit::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pipit serve --dev
  pipit serve --config /etc/pipit.toml --set log.format=json
  pipit token --user 5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11 --groups 'room-*' --ttl 7d
  pipit token --skapi --user 5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11
  pipit vapid
  pipit config default > pipit.toml
  pipit config check --config pipit.toml

)";

constexpr const char* kNotes =
    R"(Settings come from the file, then from PIPIT_* environment variables, then from flags; the last one wins.
Exit codes: 0 done, 1 failed while running, 2 wrong command line or configuration.)";

/// A suggestion is a question; without one the sentence before it has no end.
std::string end_of_sentence(std::string suggestion) {
    return suggestion.empty() ? "." : suggestion;
}

/// What is wrong with the word at `index`, which must name one of the commands; empty: nothing is.
std::string fault_of_command(const CLI::App& commands, const std::vector<std::string>& arguments,
                             std::size_t index) {
    if (index >= arguments.size() || arguments[index].starts_with('-')) return "";
    std::vector<std::string> names;
    for (const CLI::App* command : commands.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    if (std::ranges::find(names, arguments[index]) != names.end()) return "";
    return fmt::format("{}: there is no such command{} There are {}; run with --help for more.\n",
                       arguments[index], end_of_sentence(suggestion(arguments[index], names)),
                       fmt::join(names, ", "));
}

/// What was left over when all that the commands know had been taken.
std::string fault_of_extras(const CLI::App& commands) {
    const CLI::App* command = &commands;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().front();
    std::vector<std::string> flags;
    for (const CLI::Option* option : command->get_options())
        flags.push_back("--" + option->get_single_name());
    const std::vector<std::string> extras = commands.remaining(true);
    const auto flag = std::ranges::find_if(extras, [](const auto& extra) { return extra.starts_with('-'); });
    const std::string& extra = flag != extras.end() ? *flag : extras.front();
    const std::string wrong = extra.substr(0, extra.find('='));
    if (std::ranges::find(flags, wrong) != flags.end()) {
        return fmt::format("{}: it must stand behind {}. Run with --help for more.\n", wrong,
                           command->get_name());
    }
    return fmt::format("{}: {} has no such argument{} Run with --help for more.\n", wrong,
                       command->get_name(), end_of_sentence(suggestion(wrong, flags)));
}

std::string demand_assignment(const std::string& text) {
    const std::size_t equals = text.find('=');
    return equals == 0 || equals == std::string::npos ? fmt::format("must be KEY=VALUE, but is {}", text)
                                                      : "";
}

/// A flag of its own for a setting that is often set.
void add_shortcut(CLI::App& command, ConfigSources& sources, const std::string& flag, const std::string& key,
                  const std::string& description) {
    command.add_option_function<std::string>(
        flag,
        [&sources, flag, key](const std::string& value) {
            sources.overrides.push_back({flag, key, value});
        },
        fmt::format("{} ({})", description, key));
}

/// The flags that every command which loads settings has.
void add_sources(CLI::App& command, ConfigSources& sources) {
    command
        .add_option("--config", sources.file,
                    "The settings file; without it the one that PIPIT_CONFIG names, or none")
        ->type_name("FILE");
    const auto assign = [&sources](const std::vector<std::string>& assignments) {
        for (const std::string& text : assignments) {
            const std::size_t equals = text.find('=');
            sources.overrides.push_back({"--set", text.substr(0, equals), text.substr(equals + 1)});
        }
    };
    command
        .add_option_function<std::vector<std::string>>("--set", assign,
                                                       "Any setting; may be given several times")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->check(demand_assignment);
    add_shortcut(command, sources, "--data", "server.data_dir",
                 "The folder of what must outlive the process");
}

void describe_serve(CLI::App& command, ServeCommand& serve) {
    add_sources(command, serve.sources);
    add_shortcut(command, serve.sources, "--listen", "server.listen", "Where to listen, as host:port");
    add_shortcut(command, serve.sources, "--workers", "server.workers",
                 "Threads that serve connections, 0: one a core");
    add_shortcut(command, serve.sources, "--log-level", "log.level", "debug, info, warn or error");
    command.add_flag_callback(
        "--dev",
        [&serve] {
            serve.sources.overrides.push_back({"--dev", "server.dev", "true"});
        },
        "Comforts for building on your own machine; never in public (server.dev)");
}

void describe_token(CLI::App& command, TokenCommand& token) {
    command.add_option("--user", token.user_id, "The user that it speaks for")->required()->type_name("ID");
    command.add_flag("--admin", token.admin, "It may do what administrators may");
    CLI::Option* const groups =
        command
            .add_option_function<std::vector<std::string>>(
                "--groups", [&token](const std::vector<std::string>& patterns) { token.groups = patterns; },
                "A pattern of groups that it opens, such as room-*; may be given several times; without it, "
                "every group")
            ->type_name("PATTERN")
            ->allow_extra_args(false);
    const auto read_ttl = [&token](const std::string& text) {
        const auto ttl = parse_duration(text);
        if (!ttl) throw CLI::ValidationError("--ttl", ttl.error().message);
        token.ttl = *ttl;
    };
    command
        .add_option_function<std::string>("--ttl", read_ttl,
                                          "How long it is good for, such as 90s, 15m, 24h or 7d")
        ->type_name("TIME")
        ->default_str("24h");
    CLI::Option* const skapi =
        command.add_flag("--skapi", token.skapi, "Print the tokens that skapi-js takes, as one line of JSON");
    skapi->excludes(groups);
    command
        .add_option("--service", token.service_id,
                    "With --skapi: the service that they are for; without it, the only one")
        ->type_name("ID")
        ->needs(skapi);
    command
        .add_option("--owner", token.owner,
                    "With --skapi: its owner, of a service that is not in the settings")
        ->type_name("UUID")
        ->needs(skapi);
    command.add_option("--name", token.name, "With --skapi: the user's name")
        ->type_name("TEXT")
        ->needs(skapi);
    add_sources(command, token.sources);
}

}  // namespace

Command parse_command_line(std::vector<std::string> arguments) {
    ServeCommand serve;
    TokenCommand token;
    VapidCommand vapid;
    ConfigCheckCommand check;

    CLI::App app("Pipit: a realtime backend in one program.", "pipit");
    app.footer(kNotes);
    app.set_version_flag("--version", fmt::format("pipit {}", version()), "Print the version");
    app.require_subcommand(1);
    CLI::App* const serve_command = app.add_subcommand("serve", "Run the server");
    describe_serve(*serve_command, serve);
    CLI::App* const token_command =
        app.add_subcommand("token", "Print a token that is signed with the server's secret");
    describe_token(*token_command, token);
    CLI::App* const vapid_command =
        app.add_subcommand("vapid", "Print the key that browsers subscribe to notifications with");
    vapid_command->add_flag(
        "--rotate", vapid.rotate,
        "Make a new one first; those before it are kept for whoever subscribed with them");
    add_sources(*vapid_command, vapid.sources);
    CLI::App* const config_command = app.add_subcommand("config", "Print or check settings");
    config_command->require_subcommand(1);
    const CLI::App* const default_command =
        config_command->add_subcommand("default", "Print every setting as a file");
    CLI::App* const check_command =
        config_command->add_subcommand("check", "Say what is wrong with the settings, or ok");
    add_sources(*check_command, check.sources);
    // Not for the commands, which have taken over the notes.
    app.footer(std::string(kExamples) + kNotes);

    std::string fault = fault_of_command(app, arguments, 0);
    if (fault.empty() && !arguments.empty() && arguments.front() == "config")
        fault = fault_of_command(*config_command, arguments, 1);
    if (!fault.empty()) return Answer{ExitCode::usage, std::move(fault)};
    try {
        // CLI11 takes them from the back.
        std::ranges::reverse(arguments);
        app.parse(std::move(arguments));
    } catch (const CLI::ExtrasError&) {
        return Answer{ExitCode::usage, fault_of_extras(app)};
    } catch (const CLI::ParseError& end) {
        std::ostringstream text;
        const bool is_question = app.exit(end, text, text) == 0;
        return Answer{is_question ? ExitCode::ok : ExitCode::usage, text.str()};
    }
    if (serve_command->parsed()) return serve;
    if (token_command->parsed()) return token;
    if (vapid_command->parsed()) return vapid;
    if (default_command->parsed()) return ConfigDefaultCommand{};
    return check;
}

std::string_view version() {
    return PIPIT_VERSION;
}

}  // namespace pipit::app
