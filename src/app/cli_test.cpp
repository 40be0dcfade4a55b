#include "app/cli.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

template <class Expected>
Expected parse_as(std::vector<std::string> arguments) {
    const Command command = parse_command_line(std::move(arguments));
    if (const auto* answer = std::get_if<Answer>(&command)) ADD_FAILURE() << answer->text;
    const auto* expected = std::get_if<Expected>(&command);
    return expected != nullptr ? *expected : Expected{};
}

Answer answer_to(std::vector<std::string> arguments) {
    const Command command = parse_command_line(std::move(arguments));
    const auto* answer = std::get_if<Answer>(&command);
    return answer != nullptr ? *answer : Answer{ExitCode::failure, "a command"};
}

TEST(CommandLine, IsRefusedWithoutACommandOrWithAnUnknownOne) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"swerve"},
                                               {"serve", "--colour"},
                                               {"serve", "extra"},
                                               {"serve", "--config"},
                                               {"config"},
                                               {"config", "defaults"},
                                               {"config", "default", "--set", "a=b"},
                                               {"--dev"}}) {
        EXPECT_EQ(answer_to(arguments).code, ExitCode::usage) << testing::PrintToString(arguments);
    }
}

TEST(CommandLine, SaysWhichWordIsWrongAndWhatMayHaveBeenMeant) {
    EXPECT_EQ(
        answer_to({"swerve", "--dev"}).text,
        "swerve: there is no such command; did you mean serve? There are serve, token, vapid, config; run "
        "with --help for more.\n");
    EXPECT_THAT(answer_to({"help"}).text, StartsWith("help: there is no such command. There are serve"));
    EXPECT_THAT(
        answer_to({"config", "defaults"}).text,
        StartsWith("defaults: there is no such command; did you mean default? There are default, check"));
    EXPECT_EQ(answer_to({"serve", "--lisen", "localhost:80"}).text,
              "--lisen: serve has no such argument; did you mean --listen? Run with --help for more.\n");
    EXPECT_THAT(answer_to({"serve", "--lisen=localhost:80"}).text, HasSubstr("did you mean --listen?"));
    EXPECT_EQ(answer_to({"--dev", "serve"}).text,
              "--dev: it must stand behind serve. Run with --help for more.\n");
    EXPECT_THAT(answer_to({"config", "--config", "a.toml", "check"}).text,
                StartsWith("--config: it must stand behind check."));
    EXPECT_EQ(answer_to({"serve", "extra"}).text,
              "extra: serve has no such argument. Run with --help for more.\n");
    EXPECT_EQ(answer_to({"config", "check", "--colour"}).text,
              "--colour: check has no such argument. Run with --help for more.\n");
}

TEST(CommandLine, RefusesAnAssignmentWithoutKeyOrEqualsSign) {
    for (const char* text : {"deflate.level", "=3", "="}) {
        EXPECT_EQ(answer_to({"serve", "--set", text}).code, ExitCode::usage) << text;
    }
}

TEST(CommandLine, RefusesATokenWithoutUserOrWithAStrangeLifetime) {
    EXPECT_THAT(answer_to({"token"}).text, HasSubstr("--user"));
    EXPECT_EQ(answer_to({"token"}).code, ExitCode::usage);
    EXPECT_EQ(answer_to({"token", "--user", "u", "--ttl", "soon"}).code, ExitCode::usage);
    EXPECT_THAT(answer_to({"token", "--user", "u", "--ttl", "soon"}).text, HasSubstr("\"soon\""));
}

TEST(CommandLine, AnswersQuestionsWithoutAnError) {
    EXPECT_EQ(answer_to({"--version"}).code, ExitCode::ok);
    EXPECT_EQ(answer_to({"--version"}).text, "pipit " + std::string(version()) + "\n");
    EXPECT_EQ(answer_to({"--help"}).code, ExitCode::ok);
    EXPECT_THAT(answer_to({"--help"}).text, HasSubstr("pipit serve --dev"));
    EXPECT_THAT(answer_to({"serve", "--help"}).text,
                testing::AllOf(HasSubstr("--listen"), testing::Not(HasSubstr("pipit token"))));
    EXPECT_THAT(answer_to({"token", "--help"}).text, HasSubstr("--ttl"));
}

TEST(CommandLine, ServesWithTheSettingsOfItsFlags) {
    const auto serve = parse_as<ServeCommand>(
        {"serve", "--config", "a.toml", "--listen", "[::1]:0", "--data=d", "--dev", "--workers", "2",
         "--log-level", "debug", "--set", "tls.key_file=a=b", "--set", "tls.certificate_file="});
    EXPECT_EQ(serve.sources.file, "a.toml");
    EXPECT_THAT(
        serve.sources.overrides,
        testing::UnorderedElementsAre(
            Override{"--listen", "server.listen", "[::1]:0"}, Override{"--data", "server.data_dir", "d"},
            Override{"--dev", "server.dev", "true"}, Override{"--workers", "server.workers", "2"},
            Override{"--log-level", "log.level", "debug"}, Override{"--set", "tls.key_file", "a=b"},
            Override{"--set", "tls.certificate_file", ""}));
}

TEST(CommandLine, LetsAFlagOfItsOwnWinOverSet) {
    const auto serve = parse_as<ServeCommand>({"serve", "--workers", "2", "--set", "server.workers=3"});
    EXPECT_EQ(load_settings(serve.sources, {})->server.workers, 2);
}

TEST(CommandLine, ServesWithoutAnyFlag) {
    EXPECT_EQ(parse_as<ServeCommand>({"serve"}).sources, ConfigSources{});
}

TEST(CommandLine, MakesATokenForEveryGroupAndADayUnlessToldOtherwise) {
    const auto plain = parse_as<TokenCommand>({"token", "--user", "u"});
    EXPECT_EQ(plain.user_id, "u");
    EXPECT_FALSE(plain.admin);
    EXPECT_EQ(plain.groups, std::nullopt);
    EXPECT_EQ(plain.ttl, std::chrono::hours(24));

    const auto full = parse_as<TokenCommand>({"token", "--user", "u", "--admin", "--groups", "a-*",
                                              "--groups", "b", "--ttl", "15m", "--data", "d"});
    EXPECT_TRUE(full.admin);
    EXPECT_THAT(full.groups, Optional(ElementsAre("a-*", "b")));
    EXPECT_EQ(full.ttl, std::chrono::minutes(15));
    EXPECT_THAT(full.sources.overrides, ElementsAre(Override{"--data", "server.data_dir", "d"}));
}

TEST(CommandLine, MakesTokensOfThePublicClientOnlyWhereThatIsSaid) {
    const auto tokens = parse_as<TokenCommand>(
        {"token", "--skapi", "--user", "u", "--service", "s", "--owner", "o", "--name", "N"});
    EXPECT_TRUE(tokens.skapi);
    EXPECT_EQ(tokens.service_id, "s");
    EXPECT_EQ(tokens.owner, "o");
    EXPECT_EQ(tokens.name, "N");
    EXPECT_EQ(answer_to({"token", "--user", "u", "--service", "s"}).code, ExitCode::usage);
    EXPECT_EQ(answer_to({"token", "--user", "u", "--name", "s"}).code, ExitCode::usage);
    EXPECT_EQ(answer_to({"token", "--skapi", "--user", "u", "--groups", "a"}).code, ExitCode::usage);
}

TEST(CommandLine, PrintsAndChecksConfigurations) {
    parse_as<ConfigDefaultCommand>({"config", "default"});
    EXPECT_EQ(parse_as<ConfigCheckCommand>({"config", "check", "--config", "a.toml"}).sources.file, "a.toml");
}

}  // namespace
}  // namespace pipit::app
