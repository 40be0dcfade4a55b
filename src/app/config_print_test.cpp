#include "app/config_print.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <sstream>

#include <gtest/gtest.h>

#include "app/config_file.hpp"
#include "app/settings_table.hpp"

namespace pipit::app {
namespace {

using testing::HasSubstr;

base::Result<Settings, Problems> read(const std::string& toml) {
    SettingsBuilder builder;
    read_config_text(toml, "printed", builder);
    return builder.finish();
}

/// Another value than the default for every key.
Settings all_different() {
    Settings settings;
    for (const SettingsKey& key : settings_keys()) {
        if (const auto* type = std::get_if<Integer<Settings>>(&key.type)) type->field(settings) -= 1;
        if (const auto* type = std::get_if<Boolean<Settings>>(&key.type)) type->field(settings) ^= true;
        if (const auto* type = std::get_if<Choice<Settings>>(&key.type)) {
            type->choose(settings, type->names.size() - 1 - type->index(settings));
        }
    }
    settings.server.workers = 3;
    settings.server.listen = "[::1]:0";
    settings.server.data_dir = "/a \"quoted\" \\ folder";
    settings.server.allowed_origins = {"https://a.example", "http://localhost:3000"};
    settings.stun.port = 3'478;
    settings.stun.host = "stun.example";
    settings.turn.urls = {"turn:turn.example:3478?transport=udp", "turns:turn.example"};
    settings.turn.secret_file = "turn.secret";
    settings.push.subject = "mailto:ops@example.com";
    settings.push.database = "postgresql://db.example/pipit";
    settings.push.allowed_hosts = {"push.example:8443"};
    settings.push.ca_file = "ca.pem";
    settings.tls = {"certificate.pem", "key.pem"};
    settings.auth.user_id_pattern = R"(\d+\.[a-z])";
    settings.auth.secret_file = "token.secret";
    settings.auth.audiences = {"a", "b"};
    settings.auth.issuers = {{"https://a.example", {"x"}, "", "https://a.example/keys", 60},
                             {"https://b.example", {"y", "z"}, "b.json", "", 600}};
    settings.skapi.enabled = true;
    settings.skapi.url = "https://chat.example";
    settings.skapi.message_bytes_max = 1'000'000;
    settings.skapi.services = {
        {"us31abcdefgh",
         "5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11",
         "A \"b\"",
         true,
         "https://a.example",
         "",
         "https://a.example/keys",
         {"x", "y"},
         60},
        {"eu71abcdefgh", "5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b12", "", false, "", "", "", {}, 300}};
    return settings;
}

TEST(PrintConfig, PrintsDefaultsThatLoadAsTheDefaults) {
    EXPECT_EQ(*read(print_config(Settings{})), Settings{});
}

TEST(PrintConfig, PrintsEveryOtherValueSoThatItLoadsAgain) {
    const auto loaded = read(print_config(all_different()));
    ASSERT_TRUE(loaded) << testing::PrintToString(loaded.error());
    EXPECT_EQ(*loaded, all_different());
}

TEST(PrintConfig, SetsEveryKeyAndNamesItsVariable) {
    const std::string printed = print_config(Settings{});
    for (const SettingsKey& key : settings_keys()) {
        EXPECT_THAT(printed, HasSubstr('\n' + std::string(key.name.substr(key.name.find('.') + 1)) + " = "));
        EXPECT_THAT(printed, HasSubstr(environment_name(key)));
    }
}

TEST(PrintConfig, ShowsAnIssuerAndAServiceThatLoadWhenTheirCommentMarksAreTaken) {
    std::istringstream lines(print_config(Settings{}));
    std::string uncommented;
    bool is_example = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#[[")) is_example = true;
        if (line.empty()) is_example = false;
        uncommented += (is_example ? line.substr(1) : line) + '\n';
    }
    const auto loaded = read(uncommented);
    ASSERT_TRUE(loaded) << testing::PrintToString(loaded.error());
    EXPECT_EQ(loaded->auth.issuers.size(), 1);
    EXPECT_EQ(loaded->skapi.services.size(), 1);
}

TEST(PrintConfig, KeepsCommentsWithinAHundredColumns) {
    std::istringstream lines(print_config(Settings{}));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) {
            EXPECT_LE(line.size(), 100) << line;
        }
    }
}

}  // namespace
}  // namespace pipit::app
