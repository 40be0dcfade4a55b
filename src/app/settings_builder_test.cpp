#include "app/settings_builder.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Assignments = std::vector<std::pair<std::string, std::string>>;

/// The problems of settings that are given as text.
Problems problems_of(const Assignments& assignments) {
    SettingsBuilder builder;
    for (const auto& [key, text] : assignments)
        builder.set_text("here", key, text);
    const auto settings = builder.finish();
    return settings ? Problems{} : settings.error();
}

TEST(SettingsBuilder, NamesThePlaceAndTheNearestKeyOfAnUnknownOne) {
    EXPECT_THAT(
        problems_of({{"limits.mesage_bytes_max", "1"}, {"limit", "1"}, {"listen", "1"}, {"colour", "1"}}),
        ElementsAre(
            "here: there is no setting limits.mesage_bytes_max; did you mean limits.message_bytes_max?",
            "here: there is no setting limit; did you mean limits?",
            "here: there is no setting listen; did you mean server.listen?",
            "here: there is no setting colour"));
}

TEST(SettingsBuilder, ReportsEveryProblemInTheOrderOfMeeting) {
    EXPECT_THAT(
        problems_of({{"deflate.level", "10"}, {"server.dev", "maybe"}, {"limits.json_depth_max", "100"}}),
        ElementsAre("here: deflate.level must be an integer from 1 to 9, but is 10",
                    "here: server.dev must be true or false, but is \"maybe\""));
}

TEST(SettingsBuilder, RefusesIssuersOutsideTheFile) {
    EXPECT_THAT(problems_of({{"auth.issuers", "https://id.example"}}),
                ElementsAre("here: auth.issuers can only be set in the file, as [[auth.issuers]]"));
}

TEST(SettingsBuilder, RefusesNumbersThatDoNotGoTogether) {
    EXPECT_THAT(
        problems_of({{"limits.message_bytes_max", "2097152"}}),
        ElementsAre("limits.message_bytes_max (2097152) must be at most limits.outbox_bytes_max (1048576) "
                    "less 4096: a message and the event around it must fit into an empty outbox"));
    EXPECT_THAT(problems_of({{"limits.message_bytes_max", "1044481"}}),
                ElementsAre(HasSubstr("limits.message_bytes_max (1044481)")));
    EXPECT_THAT(
        problems_of({{"limits.message_bytes_max", "4096"}}),
        ElementsAre(AllOf(HasSubstr("limits.token_bytes_max"), HasSubstr("limits.message_bytes_max"))));
    EXPECT_THAT(
        problems_of({{"limits.http_header_bytes_max", "4096"}}),
        ElementsAre(AllOf(HasSubstr("limits.token_bytes_max"), HasSubstr("limits.http_header_bytes_max"))));
    EXPECT_THAT(
        problems_of({{"heartbeat.ping_interval_ms", "1000"}}),
        ElementsAre(AllOf(HasSubstr("heartbeat.pong_timeout_ms"), HasSubstr("heartbeat.ping_interval_ms"))));
    EXPECT_THAT(problems_of({{"drain.timeout_ms", "100"}}),
                ElementsAre(AllOf(HasSubstr("drain.spread_ms"), HasSubstr("drain.timeout_ms"))));
    EXPECT_THAT(
        problems_of({{"limits.message_bytes_max", "1044480"}, {"heartbeat.ping_interval_ms", "8000"}}),
        ElementsAre());
}

TEST(SettingsBuilder, RefusesHalfOfTls) {
    const auto half = ElementsAre("tls.certificate_file and tls.key_file must both be set or both be empty");
    EXPECT_THAT(problems_of({{"tls.certificate_file", "a.pem"}}), half);
    EXPECT_THAT(problems_of({{"tls.key_file", "a.pem"}}), half);
    EXPECT_THAT(problems_of({{"tls.certificate_file", "a.pem"}, {"tls.key_file", "b.pem"}}), ElementsAre());
}

TEST(SettingsBuilder, RefusesHalfOfTurn) {
    const auto half = ElementsAre("turn.urls and turn.secret_file must both be set or both be empty");
    EXPECT_THAT(problems_of({{"turn.urls", "turn:turn.example"}}), half);
    EXPECT_THAT(problems_of({{"turn.secret_file", "turn.secret"}}), half);
    EXPECT_THAT(problems_of({{"turn.urls", "turn:turn.example"}, {"turn.secret_file", "turn.secret"}}),
                ElementsAre());
}

TEST(SettingsBuilder, RefusesEveryOriginBesidesNamedOnes) {
    EXPECT_THAT(problems_of({{"server.allowed_origins", "https://a.example,*"}}),
                ElementsAre(HasSubstr("server.allowed_origins")));
    EXPECT_THAT(problems_of({{"server.allowed_origins", "*"}}), ElementsAre());
}

TEST(SettingsBuilder, DoesNotJudgeWhatGoesTogetherWithARefusedKey) {
    EXPECT_THAT(problems_of({{"limits.outbox_bytes_max", "x"}, {"limits.message_bytes_max", "2097152"}}),
                ElementsAre(HasSubstr("limits.outbox_bytes_max must be an integer")));
}

TEST(SettingsBuilder, RefusesIncompleteAndRepeatedIssuers) {
    SettingsBuilder builder;
    builder.add_issuer("f:1", "auth.issuers[1]", {});
    builder.add_issuer("f:2", "auth.issuers[2]", {"https://a", {"b"}, "keys.json", "https://a/keys", 300});
    builder.add_issuer("f:3", "auth.issuers[3]", {"https://a", {"b"}, "keys.json", "", 300});
    EXPECT_THAT(builder.finish().error(),
                ElementsAre("f:1: auth.issuers[1].issuer must be set",
                            "f:1: auth.issuers[1].audiences must name at least one audience",
                            "f:1: auth.issuers[1] must have either jwks_file or jwks_url, and not both",
                            "f:2: auth.issuers[2] must have either jwks_file or jwks_url, and not both",
                            "f:3: auth.issuers[3].issuer is the same as in an issuer before it"));
}

TEST(SettingsBuilder, RefusesIncompleteAndRepeatedServices) {
    SettingsBuilder builder;
    SkapiServiceSettings good{
        .id = "us31abcdefgh", .owner = "o", .shared = true, .issuer = "i", .jwks_file = "keys.json"};
    SkapiServiceSettings keys_of_nobody{.id = "us31ijklmnop", .owner = "o", .jwks_file = "keys.json"};
    SkapiServiceSettings other_keys = good;
    other_keys.id = "us31qrstuvwx";
    other_keys.jwks_file = "others.json";
    builder.add_skapi_service("f:1", "skapi.services[1]", {.issuer = "x"});
    builder.add_skapi_service("f:2", "skapi.services[2]", good);
    builder.add_skapi_service("f:3", "skapi.services[3]", good);
    builder.add_skapi_service("f:4", "skapi.services[4]", keys_of_nobody);
    builder.add_skapi_service("f:5", "skapi.services[5]", other_keys);
    EXPECT_THAT(
        builder.finish().error(),
        ElementsAre("f:1: skapi.services[1].id must be set", "f:1: skapi.services[1].owner must be set",
                    "f:1: skapi.services[1] must have either jwks_file or jwks_url, and not both",
                    "f:3: skapi.services[3].id is the same as in a service before it",
                    "f:3: skapi.services[3].shared is true in a service before it, too",
                    "f:4: skapi.services[4].issuer must be set, since there are keys or clients of one",
                    "f:5: skapi.services[5].shared is true in a service before it, too",
                    "f:5: skapi.services[5].issuer is the same as in a service before it, and its keys must "
                    "be, too"));
}

TEST(SettingsBuilder, RefusesToLetThePublicClientInWithoutAService) {
    EXPECT_THAT(problems_of({{"skapi.enabled", "true"}}),
                ElementsAre("skapi.enabled needs at least one service, as [[skapi.services]] in the file"));
    EXPECT_THAT(problems_of({{"skapi.enabled", "true"}, {"server.dev", "true"}}), ElementsAre());
    EXPECT_THAT(problems_of({{"skapi.url", "https://a.example/x"}}), ElementsAre(HasSubstr("skapi.url")));
    EXPECT_THAT(problems_of({{"skapi.services", "x"}}), ElementsAre(HasSubstr("[[skapi.services]]")));
}

TEST(SettingsBuilder, LetsALaterSourceOverrideAnEarlierOne) {
    SettingsBuilder builder;
    builder.set("file", "deflate.level", std::int64_t{2});
    builder.set_text("flag", "deflate.level", "4");
    EXPECT_EQ(builder.finish()->deflate.level, 4);
}

TEST(SettingsBuilder, StartsFromTheDefaults) {
    EXPECT_EQ(*SettingsBuilder().finish(), Settings{});
}

}  // namespace
}  // namespace pipit::app
