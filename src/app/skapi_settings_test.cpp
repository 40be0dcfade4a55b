#include "app/skapi_settings.hpp"

#include <algorithm>
#include <gmock/gmock.h>

#include "app/node_settings.hpp"
#include "base/bytes.hpp"
#include "base/uuid.hpp"

namespace pipit::app {
namespace {

using testing::ElementsAre;

const std::string kOwner = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a";

auth::Secret secret() {
    return *auth::Secret::from_bytes(std::string(32, 's'));
}

/// Three services, of which the second is shared; the first and the last have the same provider.
Settings three() {
    Settings settings;
    settings.skapi.enabled = true;
    const SkapiServiceSettings first{
        .id = "us31aaaaaaaa", .owner = kOwner, .issuer = "https://id", .jwks_file = "keys.json"};
    SkapiServiceSettings second{.id = "us31bbbbbbbb", .owner = kOwner, .shared = true};
    SkapiServiceSettings third = first;
    third.id = "us31cccccccc";
    settings.skapi.services = {first, second, third};
    return settings;
}

TEST(SkapiSettings, KeepThePublicClientOutUnlessItIsSetOrInDevelopment) {
    Settings settings;
    EXPECT_FALSE(is_skapi_on(settings));
    EXPECT_EQ(worker_settings(settings).endpoints.size(), 1u);
    EXPECT_EQ(worker_settings(settings).endpoints[0].outbox_bytes_max, settings.limits.outbox_bytes_max);
    settings.server.dev = true;
    EXPECT_TRUE(is_skapi_on(settings));
    EXPECT_TRUE(is_skapi_on(three()));
}

TEST(SkapiSettings, MakeUpAServiceThatTheClientCanFind) {
    const auto services = skapi_services({});
    ASSERT_EQ(services.size(), 1u);
    EXPECT_TRUE(skapi::is_service_id(services[0].id));
    EXPECT_TRUE(base::is_uuid(services[0].owner));
    EXPECT_TRUE(services[0].shared);
}

TEST(SkapiSettings, LetEveryClientGetTwoOfTheLongestMessages) {
    Settings settings = three();
    settings.skapi.message_bytes_max = 3'000'000;
    const net::WorkerSettings worker = worker_settings(settings);
    ASSERT_EQ(worker.endpoints.size(), 2u);
    EXPECT_EQ(worker.endpoints[0].outbox_bytes_max, 6'000'000u);
    EXPECT_EQ(worker.endpoints[0].message_bytes_max, settings.limits.message_bytes_max);
    const net::WebSocketEndpoint& endpoint = worker.endpoints[kSkapiEndpoint];
    EXPECT_EQ(endpoint.outbox_bytes_max, 6'000'000u);
    EXPECT_EQ(endpoint.message_bytes_max, 3'000'000u);
    EXPECT_FALSE(endpoint.upgrade.deflate);
    EXPECT_EQ(endpoint.upgrade.subprotocol, "");
    settings.limits.outbox_bytes_max = 7'000'000;
    EXPECT_EQ(worker_settings(settings).endpoints[kSkapiEndpoint].outbox_bytes_max, 7'000'000u);
}

TEST(SkapiSettings, GiveEveryServiceThatIsNotSharedAnApplicationOfItsOwn) {
    const net::SkapiSettings skapi = skapi_settings(three(), secret(), {});
    EXPECT_THAT(skapi.applications, ElementsAre(1u, 0u, 2u));
    EXPECT_EQ(skapi.services[2].id, "us31cccccccc");
}

TEST(SkapiSettings, HaveTheKeysOfAProviderOnce) {
    const auto sources = skapi_key_sources(three());
    ASSERT_EQ(sources.size(), 1u);
    EXPECT_EQ(sources[0].issuer, "https://id");
    EXPECT_EQ(sources[0].file, "keys.json");
    EXPECT_TRUE(skapi_key_sources({}).empty());
}

TEST(SkapiSettings, ShareNeitherSecretsNorFoldersNorProvidersBetweenApplications) {
    Settings settings = three();
    settings.push.database = "postgresql://db";
    settings.auth.audiences = {"chat"};
    settings.auth.issuers = {{"https://id", {"x"}, "keys.json", "", 300}};
    const auto& services = settings.skapi.services;
    const Settings own = application_settings(settings, services[0]);
    EXPECT_EQ(own.server.data_dir, "pipit-data/applications/us31aaaaaaaa");
    EXPECT_EQ(own.push.database, "");
    EXPECT_TRUE(own.auth.audiences.empty());
    EXPECT_TRUE(own.auth.issuers.empty());
    const auto bytes = [](const auth::Secret& of) { return std::string(base::as_text(of.bytes())); };
    const net::SkapiSettings skapi = skapi_settings(settings, secret(), {});
    std::vector<std::string> secrets{bytes(secret())};
    for (std::size_t i = 0; i < services.size(); ++i) {
        secrets.push_back(bytes(application_secret(secret(), services[i])));
        secrets.push_back(bytes(skapi.service_secrets[i]));
    }
    std::ranges::sort(secrets);
    EXPECT_EQ(std::ranges::adjacent_find(secrets), secrets.end());
}

}  // namespace
}  // namespace pipit::app
