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

std::string print_issuer_example() {
    std::string out = '\n' + comment("# ", kIssuersIntroduction) + "#[[auth.issuers]]\n";
    for (const IssuerKey& key : issuer_keys()) {
        out += comment("## ", key.doc);
        out += comment("## ", fmt::format("Allowed: {}.", allowed_values(key)));
        out += fmt::format("#{} = {}\n", key.name, value_as_toml(key, kIssuerExample));
    }
    return out;
}

std::string print_issuers(const std::vector<IssuerSettings>& issuers) {
    std::string out;
    for (const IssuerSettings& issuer : issuers) {
        out += "\n[[auth.issuers]]\n";
        for (const IssuerKey& key : issuer_keys()) {
            out += fmt::format("{} = {}\n", key.name, value_as_toml(key, issuer));
        }
    }
    return out;
}

}  // namespace

std::string print_config(const Settings& settings) {
    std::string out = comment("# ", kIntroduction);
    std::string_view section;
    // Sub-tables end the section that they are in, so the issuers wait for the last plain key of auth.
    const auto end_section = [&] {
        if (section == "auth") out += print_issuer_example() + print_issuers(settings.auth.issuers);
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
