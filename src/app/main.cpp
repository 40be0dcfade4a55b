#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/config_load.hpp"
#include "app/config_print.hpp"
#include "app/key_store.hpp"
#include "app/node_settings.hpp"
#include "app/serve.hpp"
#include "app/skapi_token.hpp"
#include "app/vapid_key_store.hpp"
#include "auth/identity.hpp"
#include "auth/token_signer.hpp"
#include "net/os.hpp"
#include "net/tls_context.hpp"

namespace pipit::app {
namespace {

/// The settings, or what is wrong with them on standard error.
std::optional<Settings> load_or_complain(const ConfigSources& sources) {
    auto settings = load_settings(sources, read_environment(environ));
    if (settings) return std::move(settings).value();
    for (const std::string& problem : settings.error())
        fmt::print(stderr, "{}\n", problem);
    return std::nullopt;
}

ExitCode run(const ServeCommand& command) {
    const auto settings = load_or_complain(command.sources);
    return settings ? serve(*settings) : ExitCode::usage;
}

ExitCode run(const TokenCommand& command) {
    const auto settings = load_or_complain(command.sources);
    if (!settings) return ExitCode::usage;
    const std::size_t user_id_bytes_max = settings->limits.user_id_bytes_max;
    if (!auth::is_valid_user_id(command.user_id, user_id_bytes_max)) {
        fmt::print(stderr, "--user must have 1 to {} bytes of UTF-8 without control characters.\n",
                   user_id_bytes_max);
        return ExitCode::usage;
    }
    if (command.groups && !auth::GroupRule::only(*command.groups)) {
        fmt::print(stderr, "--groups may be given {} times, with at most {} bytes each.\n",
                   auth::GroupRule::kPatternsMax, auth::GroupRule::kPatternBytesMax);
        return ExitCode::usage;
    }
    const std::filesystem::path secret_file = token_secret_file(*settings);
    std::error_code ignored;
    const bool is_first = !std::filesystem::exists(secret_file, ignored);
    const auto secret = open_token_secret(*settings);
    if (!secret) {
        fmt::print(stderr, "{}\n", secret.error().message);
        return ExitCode::failure;
    }
    // Most often meant, and otherwise the folder was mistyped and no server will take the token.
    if (is_first)
        fmt::print(stderr, "Made a new secret, {}: only a server with this data folder takes the token.\n",
                   secret_file.string());
    if (command.skapi) {
        const auto tokens = skapi_tokens(command, *settings, *secret, net::unix_now());
        if (tokens && settings->skapi.services.empty() && command.service_id.empty() &&
            !settings->server.dev) {
            fmt::print(
                stderr,
                "There is no service in these settings: only a server that has none either, with --dev, "
                "takes these tokens. Give --config as the server has it, or --service and --owner.\n");
        }
        fmt::print(tokens ? stdout : stderr, "{}\n", tokens ? *tokens : tokens.error().message);
        return tokens ? ExitCode::ok : ExitCode::usage;
    }
    fmt::print("{}\n", auth::sign_hs256(*secret, {.user_id = command.user_id,
                                                  .admin = command.admin,
                                                  .groups = command.groups,
                                                  .audience = own_token_audience(*settings),
                                                  .issued_at = net::unix_now(),
                                                  .ttl_s = command.ttl.count()}));
    return ExitCode::ok;
}

ExitCode run(const VapidCommand& command) {
    const auto settings = load_or_complain(command.sources);
    if (!settings) return ExitCode::usage;
    const std::filesystem::path file = vapid_key_file(*settings);
    std::error_code ignored;
    const bool is_first = !std::filesystem::exists(file, ignored);
    const auto keys = command.rotate ? rotate_vapid_keys(*settings) : open_vapid_keys(*settings);
    if (!keys) {
        fmt::print(stderr, "{}\n", keys.error().message);
        return ExitCode::failure;
    }
    if (is_first) fmt::print(stderr, "Made new keys, {}.\n", file.string());
    if (command.rotate) {
        fmt::print(stderr,
                   "Browsers subscribe with this key from now on; the ones before it are kept for those who "
                   "have. A running server takes it up with SIGHUP.\n");
    }
    fmt::print("{}\n", keys->current().public_text());
    return ExitCode::ok;
}

ExitCode run(const ConfigDefaultCommand&) {
    fmt::print("{}", print_config(Settings{}));
    return ExitCode::ok;
}

ExitCode run(const ConfigCheckCommand& command) {
    const auto settings = load_or_complain(command.sources);
    if (!settings) return ExitCode::usage;
    std::vector<std::string> faults = faults_of_named_secrets(*settings);
    // Those that are missing will be made.
    std::error_code ignored;
    if (settings->push.enabled && std::filesystem::exists(vapid_key_file(*settings), ignored)) {
        if (const auto keys = open_vapid_keys(*settings); !keys) faults.push_back(keys.error().message);
    }
    if (!settings->tls.certificate_file.empty()) {
        const auto tls = net::load_tls_context(settings->tls.certificate_file, settings->tls.key_file);
        if (!tls) faults.push_back(tls.error().message);
    }
    if (settings->push.enabled && !settings->push.ca_file.empty()) {
        if (const auto checked = net::check_authorities(settings->push.ca_file); !checked)
            faults.push_back(checked.error().message);
    }
    for (const std::string& fault : faults)
        fmt::print(stderr, "{}\n", fault);
    if (!faults.empty()) return ExitCode::usage;
    fmt::print("ok\n");
    return ExitCode::ok;
}

ExitCode run(const Answer& answer) {
    fmt::print(answer.code == ExitCode::ok ? stdout : stderr, "{}", answer.text);
    return answer.code;
}

}  // namespace
}  // namespace pipit::app

int main(int argument_count, char** arguments) {
    const auto command = pipit::app::parse_command_line({arguments + 1, arguments + argument_count});
    return static_cast<int>(std::visit([](const auto& what) { return pipit::app::run(what); }, command));
}
