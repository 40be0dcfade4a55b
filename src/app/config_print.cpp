#include "app/config_print.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "app/settings_table.hpp"
#include "app/settings_value.hpp"

namespace pipit::app {
namespace {

constexpr std::size_t kColumns = 100;

constexpr std::string_view kIntroduction =
    "Every setting of Pipit. Leave out what should stay as it is. What this file says is overridden by "
    "environment "
    "variables, and those by flags of the command line. In a variable, the items of a list are separated by "
    "commas.";

constexpr std::string_view kIssuersIntroduction =
    "A token service whose tokens are accepted besides your own: one section for each. Only a file can set "
    "these.";

const IssuerSettings kIssuerExample{.issuer = "https://id.example",
                                    .audiences = {"pipit"},
                                    .jwks_file = "",
                                    .jwks_url = "https://id.example/.well-known/jwks.json"};

constexpr std::string_view kServicesIntroduction =
    "An application whose pages use the public client: one section for each. Only a file can set these. "
    "Without one a server with server.dev has a made-up service, us31pipitdev01 of the owner "
    "00000000-0000-4000-8000-000000000001.";

const SkapiServiceSettings kServiceExample{.id = "us31abcdefghijkl",
                                           .owner = "5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11",
                                           .name = "Tea house",
                                           .shared = true,
                                           .issuer = "https://id.example/pool",
                                           .jwks_file = "",
                                           .jwks_url = "https://id.example/pool/.well-known/jwks.json",
                                           .client_ids = {"tea-house"}};

/// The text as comment lines.
std::string comment(std::string_view mark, std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t end = text.size();
        if (const std::size_t room = kColumns - mark.size(); end > room) {
            end = text.rfind(' ', room);
            if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
        }
        out += fmt::format("{}{}\n", mark, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

template <class Owner>
std::string print_example(std::string_view introduction, std::string_view name,
                          std::span<const Key<Owner>> keys, const Owner& example) {
    std::string out = '\n' + comment("# ", introduction) + fmt::format("#[[{}]]\n", name);
    for (const Key<Owner>& key : keys) {
        out += comment("## ", key.doc);
        out += comment("## ", fmt::format("Allowed: {}.", allowed_values(key)));
        out += fmt::format("#{} = {}\n", key.name, value_as_toml(key, example));
    }
    return out;
}

template <class Owner>
std::string print_list(std::string_view name, std::span<const Key<Owner>> keys,
                       const std::vector<Owner>& owners) {
    std::string out;
    for (const Owner& owner : owners) {
        out += fmt::format("\n[[{}]]\n", name);
        for (const Key<Owner>& key : keys)
            out += fmt::format("{} = {}\n", key.name, value_as_toml(key, owner));
    }
    return out;
}

}  // namespace

std::string print_config(const Settings& settings) {
    std::string out = comment("# ", kIntroduction);
    std::string_view section;
    // Sub-tables end the section that they are in, so they wait for its last plain key.
    const auto end_section = [&] {
        if (section == "auth") {
            out += print_example(kIssuersIntroduction, "auth.issuers", issuer_keys(), kIssuerExample) +
                   print_list("auth.issuers", issuer_keys(), settings.auth.issuers);
        } else if (section == "skapi") {
            out += print_example(kServicesIntroduction, "skapi.services", skapi_service_keys(),
                                 kServiceExample) +
                   print_list("skapi.services", skapi_service_keys(), settings.skapi.services);
        }
    };
    for (const SettingsKey& key : settings_keys()) {
        if (section != section_of(key)) {
            end_section();
            section = section_of(key);
            out += fmt::format("\n[{}]\n", section);
        }
        out += '\n' + comment("# ", key.doc);
        out += comment("# ",
                       fmt::format("Allowed: {}. Variable: {}.", allowed_values(key), environment_name(key)));
        out += fmt::format("{} = {}\n", key.name.substr(section.size() + 1), value_as_toml(key, settings));
    }
    end_section();
    return out;
}

}  // namespace pipit::app
