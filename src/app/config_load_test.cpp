#include "app/config_load.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LoadSettings : public testing::Test {
 protected:
    LoadSettings() {
        std::string folder = testing::TempDir() + "pipit-config-XXXXXX";
        folder_ = ::mkdtemp(folder.data());
    }
    ~LoadSettings() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& toml) {
        const std::string path = folder_ / name;
        std::ofstream(path) << toml;
        return path;
    }

    static Problems problems_of(const ConfigSources& sources, const Environment& environment) {
        const auto settings = load_settings(sources, environment);
        return settings ? Problems{} : settings.error();
    }

 private:
    std::filesystem::path folder_;
};

TEST_F(LoadSettings, RefusesAVariableThatNoSettingHas) {
    EXPECT_THAT(
        problems_of({}, {{"PIPIT_LIMITS_JSON_DEPT_MAX", "9"}, {"PIPIT_COLOUR", "red"}, {"HOME", "/"}}),
        ElementsAre("PIPIT_COLOUR: there is no such environment variable",
                    "PIPIT_LIMITS_JSON_DEPT_MAX: there is no such environment variable; did you mean "
                    "PIPIT_LIMITS_JSON_DEPTH_MAX?"));
}

TEST_F(LoadSettings, RefusesWhatOnlyResemblesAVariableOfKubernetes) {
    EXPECT_THAT(
        problems_of({}, {{"PIPIT_PORTS", "1"}, {"PIPIT_SERVICE", "1"}, {"PIPIT_SERVER_PORT", "1"}}),
        ElementsAre(HasSubstr("PIPIT_PORTS"), HasSubstr("PIPIT_SERVER_PORT"), HasSubstr("PIPIT_SERVICE")));
}

TEST_F(LoadSettings, PassesOverWhatKubernetesSetsForAServiceOfOurName) {
    EXPECT_THAT(problems_of({}, {{"PIPIT_SERVICE_HOST", "10.0.0.1"},
                                 {"PIPIT_SERVICE_PORT", "8080"},
                                 {"PIPIT_SERVICE_PORT_HTTP", "8080"},
                                 {"PIPIT_PORT", "tcp://10.0.0.1:8080"},
                                 {"PIPIT_PORT_8080_TCP", "tcp://10.0.0.1:8080"},
                                 {"PIPIT_PORT_8080_TCP_ADDR", "10.0.0.1"}}),
                IsEmpty());
}

TEST_F(LoadSettings, RefusesIssuersInTheEnvironment) {
    EXPECT_THAT(problems_of({}, {{"PIPIT_AUTH_ISSUERS", "a"}}),
                ElementsAre(HasSubstr("only be set in the file")));
}

TEST_F(LoadSettings, NamesTheVariableAndTheFlagOfARefusedValue) {
    EXPECT_THAT(problems_of({"", {{"--workers", "server.workers", "many"}, {"--set", "log.levle", "info"}}},
                            {{"PIPIT_DEFLATE_LEVEL", ""}}),
                ElementsAre("PIPIT_DEFLATE_LEVEL: deflate.level must be an integer from 1 to 9, but is \"\"",
                            "--workers: server.workers must be an integer from 0 to 1024, but is \"many\"",
                            "--set: there is no setting log.levle; did you mean log.level?"));
}

TEST_F(LoadSettings, ReportsTheProblemsOfAllSourcesTogether) {
    const std::string file = write("a.toml", "[deflate]\nlevel = 0\n");
    EXPECT_THAT(problems_of({file, {{"--set", "tls.key_file", "a.pem"}}}, {{"PIPIT_SERVER_DEV", "1"}}),
                ElementsAre(HasSubstr(file + ":2: deflate.level"), HasSubstr("PIPIT_SERVER_DEV: server.dev"),
                            HasSubstr("tls.certificate_file and tls.key_file")));
}

TEST_F(LoadSettings, RefusesAFileThatIsNotThere) {
    EXPECT_THAT(problems_of({"/no/such/file", {}}, {}), ElementsAre(HasSubstr("/no/such/file")));
    EXPECT_THAT(problems_of({}, {{"PIPIT_CONFIG", "/no/such/file"}}),
                ElementsAre(HasSubstr("/no/such/file")));
}

TEST_F(LoadSettings, LetsFlagsOverrideVariablesAndVariablesTheFile) {
    const std::string file =
        write("a.toml", "[limits]\njson_depth_max = 10\nconnections_max = 10\ncommands_burst = 10\n");
    const auto settings =
        load_settings({file, {{"--set", "limits.commands_burst", "30"}}},
                      {{"PIPIT_LIMITS_CONNECTIONS_MAX", "20"}, {"PIPIT_LIMITS_COMMANDS_BURST", "20"}});
    EXPECT_EQ(settings->limits.json_depth_max, 10);
    EXPECT_EQ(settings->limits.connections_max, 20);
    EXPECT_EQ(settings->limits.commands_burst, 30);
}

TEST_F(LoadSettings, PrefersTheFileOfTheCommandLineToThatOfTheVariable) {
    const std::string named = write("a.toml", "[server]\nworkers = 1\n");
    const std::string other = write("b.toml", "[server]\nworkers = 2\n");
    EXPECT_EQ(load_settings({named, {}}, {{"PIPIT_CONFIG", other}})->server.workers, 1);
    EXPECT_EQ(load_settings({}, {{"PIPIT_CONFIG", other}})->server.workers, 2);
}

TEST_F(LoadSettings, SplitsListsInVariablesAtCommas) {
    EXPECT_THAT(load_settings({}, {{"PIPIT_SERVER_ALLOWED_ORIGINS", "https://a.example, https://b.example"}})
                    ->server.allowed_origins,
                ElementsAre("https://a.example", "https://b.example"));
}

TEST_F(LoadSettings, GivesTheDefaultsWithoutAnySource) {
    EXPECT_EQ(*load_settings({}, {}), Settings{});
}

TEST(ReadEnvironment, SplitsAtTheFirstEqualsSign) {
    const char* const entries[] = {"A=1", "B=x=y", "C=", "odd", nullptr};
    EXPECT_EQ(read_environment(entries), (Environment{{"A", "1"}, {"B", "x=y"}, {"C", ""}}));
}

}  // namespace
}  // namespace pipit::app
