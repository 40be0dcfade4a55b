#include "app/config_file.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

base::Result<Settings, Problems> read(std::string_view toml) {
    SettingsBuilder builder;
    read_config_text(toml, "pipit.toml", builder);
    return builder.finish();
}

Problems problems_of(std::string_view toml) {
    const auto settings = read(toml);
    return settings ? Problems{} : settings.error();
}

TEST(ConfigFile, ThatIsNotTomlIsRefusedWithItsLineAndNoNamesOfTheParser) {
    EXPECT_THAT(problems_of("[server]\nlisten = 127.0.0.1:8080\n"),
                ElementsAre(AllOf(StartsWith("pipit.toml:2: this is not TOML:\n"),
                                  HasSubstr("listen = 127.0.0.1:8080"), testing::Not(HasSubstr("toml::")))));
    for (const char* toml : {"[server", "= 3", "[server]\ndev = true\ndev = true", "[server]\nlisten = \"abc",
                             "[log]\nlevel = 'a\xff'", "\"", "[[server]]\n[server]", "a.b = 1\n[a]\nb = 2"}) {
        EXPECT_THAT(problems_of(toml), testing::Not(testing::IsEmpty())) << toml;
    }
}

TEST(ConfigFile, NamesTheLineOfEveryKeyThatItDoesNotKnow) {
    EXPECT_THAT(problems_of("colour = 1\n[limit]\njson_depth_max = 9\n[limits]\njson_dept_max = 9\n"),
                ElementsAre("pipit.toml:1: there is no setting colour",
                            "pipit.toml:2: there is no setting limit; did you mean limits?",
                            "pipit.toml:5: there is no setting limits.json_dept_max; did you mean "
                            "limits.json_depth_max?"));
}

TEST(ConfigFile, SaysWhatAValueMustBeAndWhatItIs) {
    EXPECT_THAT(
        problems_of(
            "[deflate]\nlevel = 1.5\n[server]\nworkers = 1979-05-27\nlisten = {}\n[auth]\naudiences = [1]\n"),
        ElementsAre("pipit.toml:2: deflate.level must be an integer from 1 to 9, but is the fraction 1.5",
                    "pipit.toml:4: server.workers must be an integer from 0 to 1024, but is a date or time",
                    "pipit.toml:5: server.listen must be host:port or [IPv6 address]:port, in lower case, "
                    "with a port up to 65535, but is a "
                    "section",
                    "pipit.toml:7: auth.audiences must be a list in brackets, each item text that is not "
                    "empty, but is a list "
                    "with "
                    "something else than text"));
}

TEST(ConfigFile, RefusesANumberThatFitsNoInteger) {
    EXPECT_THAT(problems_of("[server]\nworkers = 99999999999999999999\n"),
                ElementsAre(HasSubstr("server.workers")));
}

TEST(ConfigFile, RefusesAValueWhereASectionBelongs) {
    EXPECT_THAT(
        problems_of("server = 1\n[auth]\nissuers = [\"a\"]\n"),
        UnorderedElementsAre("pipit.toml:1: server is a section and is written [server]",
                             "pipit.toml:3: auth.issuers are sections, each written [[auth.issuers]]"));
    EXPECT_THAT(problems_of("[skapi]\nenabled = true\nservices = 3\n"),
                ElementsAre(HasSubstr("each written [[skapi.services]]")));
    EXPECT_THAT(problems_of("[auth.issuers]\nissuer = \"a\"\n"), ElementsAre(HasSubstr("[[auth.issuers]]")));
}

TEST(ConfigFile, NumbersTheIssuersInErrors) {
    EXPECT_THAT(
        problems_of("[[auth.issuers]]\n"
                    "issuer = \"https://a.example\"\naudiences = [\"x\"]\njwks_file = \"a.json\"\n"
                    "[[auth.issuers]]\n"
                    "isuer = \"https://b.example\"\nrefresh_s = 1\njwks_url = \"http://b.example\"\n"),
        UnorderedElementsAre(
            "pipit.toml:6: there is no setting auth.issuers[2].isuer; did you mean issuer?",
            "pipit.toml:7: auth.issuers[2].refresh_s must be an integer from 10 to 86400, but is 1",
            HasSubstr("pipit.toml:8: auth.issuers[2].jwks_url must be https://")));
}

TEST(ConfigFile, SharesAServiceThatIsAlone) {
    const std::string first =
        "[[skapi.services]]\nid = \"us31abcdefgh\"\nowner = "
        "\"5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11\"\n";
    const std::string second =
        "[[skapi.services]]\nid = \"us31ijklmnop\"\nowner = "
        "\"5f0c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11\"\n";
    const auto are_shared = [](const std::string& text) {
        std::vector<bool> shared;
        const auto settings = read(text);
        for (const SkapiServiceSettings& service : settings->skapi.services)
            shared.push_back(service.shared);
        return shared;
    };
    EXPECT_EQ(are_shared(first), std::vector{true});
    EXPECT_EQ(are_shared(first + "shared = false\n"), std::vector{false});
    EXPECT_EQ(are_shared(first + second), (std::vector{false, false}));
    EXPECT_EQ(are_shared(first + second + "shared = true\n"), (std::vector{false, true}));
    EXPECT_THAT(problems_of("[skapi]\nenabled = true\n[[skapi.services]]\nid = \"us99abcdefgh\"\n"),
                ElementsAre(HasSubstr("skapi.services[1].id must be a region")));
}

TEST(ConfigFile, ThatCannotBeReadIsAProblemWithItsName) {
    for (const char* path : {"/no/such/pipit.toml", "/"}) {
        SettingsBuilder builder;
        read_config_file(path, builder);
        EXPECT_THAT(
            builder.finish().error(),
            ElementsAre(StartsWith(std::string("cannot read the configuration file ") + path + ": ")));
    }
}

TEST(ConfigFile, GivesTheSettingsThatItNamesAndLeavesTheOthers) {
    Settings expected;
    expected.server.listen = "[::1]:0";
    expected.limits.commands_per_second = 7;
    expected.log.format = LogFormat::json;
    expected.auth.issuers = {{"https://a.example", {"x", "y"}, "", "https://a.example/keys", 60}};
    EXPECT_EQ(*read("log.format = \"json\"\n[server]\nlisten = '[::1]:0'\n[limits]\ncommands_per_second = 7\n"
                    "[[auth.issuers]]\nissuer = \"https://a.example\"\naudiences = [\"x\", \"y\"]\n"
                    "jwks_url = \"https://a.example/keys\"\nrefresh_s = 60"),
              expected);
    EXPECT_EQ(*read(""), Settings{});
}

}  // namespace
}  // namespace pipit::app
