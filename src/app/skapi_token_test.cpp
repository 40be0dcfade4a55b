#include "app/skapi_token.hpp"

#include <gmock/gmock.h>

#include "app/skapi_settings.hpp"
#include "skapi/tokens.hpp"

namespace pipit::app {
namespace {

using testing::HasSubstr;

constexpr base::UnixSeconds kNow = 1'700'000'000;
const std::string kAnn = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a";

auth::Secret secret() {
    return *auth::Secret::from_bytes(std::string(32, 's'));
}

SkapiServiceSettings service(std::string id, bool shared = false) {
    return {.id = std::move(id), .owner = kAnn, .shared = shared};
}

Settings with(std::vector<SkapiServiceSettings> services) {
    Settings settings;
    settings.skapi.services = std::move(services);
    return settings;
}

TokenCommand of_ann() {
    TokenCommand command;
    command.user_id = kAnn;
    command.skapi = true;
    return command;
}

std::string refusal(const TokenCommand& command, const Settings& settings = {}) {
    const auto tokens = skapi_tokens(command, settings, secret(), kNow);
    return tokens ? "" : tokens.error().message;
}

TEST(SkapiToken, RefusesAUserThatTheClientDoesNotTakeForOne) {
    TokenCommand command = of_ann();
    command.user_id = "ann";
    EXPECT_THAT(refusal(command), HasSubstr("--user must be a UUID"));
}

TEST(SkapiToken, AsksForTheServiceAmongSeveral) {
    const Settings two = with({service("us31abcdefgh"), service("us31ijklmnop")});
    EXPECT_THAT(refusal(of_ann(), two), HasSubstr("--service must be given"));
    TokenCommand command = of_ann();
    command.service_id = "us31ijklmnop";
    EXPECT_EQ(refusal(command, two), "");
}

TEST(SkapiToken, RefusesAServiceThatIsNoneAndOneOfAnotherOwner) {
    TokenCommand command = of_ann();
    command.owner = kAnn;
    EXPECT_THAT(refusal(command), HasSubstr("--owner needs --service"));
    command.service_id = "tea";
    EXPECT_THAT(refusal(command), HasSubstr("--service must be"));
    command.service_id = "us31abcdefgh";
    EXPECT_EQ(refusal(command), "");
    command.owner = "";
    EXPECT_THAT(refusal(command), HasSubstr("--owner must be a UUID"));
    command.owner = "0b6e7ee8-7a5c-4f0e-9a8b-000000000000";
    EXPECT_THAT(refusal(command, with({service("us31abcdefgh")})), HasSubstr("--owner is not that of"));
}

TEST(SkapiToken, IsForTheOnlyServiceOrTheMadeUpOne) {
    EXPECT_EQ(refusal(of_ann()), "");
    const Settings one = with({service("us31abcdefgh", true)});
    const auto tokens = skapi_tokens(of_ann(), one, secret(), kNow);
    ASSERT_TRUE(tokens);
    const skapi::Service named = skapi_service(one.skapi.services.front());
    EXPECT_EQ(*tokens, skapi::sign_tokens(named, skapi::service_secret(secret(), named.id), {.user = kAnn},
                                          kNow, 24 * 3600)
                           .json());
}

}  // namespace
}  // namespace pipit::app
