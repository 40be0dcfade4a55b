#include "app/settings_table.hpp"

#include <set>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

/// Stands for any field while the fields of a struct are counted.
struct AnyField {
    template <class T>
    operator T() const;
};

template <class Struct, class... Fields>
constexpr std::size_t field_count() {
    if constexpr (requires { Struct{Fields{}..., AnyField{}}; }) {
        return field_count<Struct, Fields..., AnyField>();
    } else {
        return sizeof...(Fields);
    }
}

TEST(SettingsTable, HasAKeyForEveryFieldOfSettings) {
    static_assert(field_count<Settings>() == 16, "count the new section below");
    constexpr std::size_t kFields =
        field_count<Settings::Server>() + field_count<Settings::Tls>() + field_count<Settings::Limits>() +
        field_count<Settings::Heartbeat>() + field_count<Settings::Presence>() +
        field_count<Settings::History>() + field_count<Settings::Access>() + field_count<Settings::Calls>() +
        field_count<Settings::Stun>() + field_count<Settings::Turn>() + field_count<Settings::Push>() +
        field_count<Settings::Deflate>() + field_count<Settings::Auth>() + field_count<Settings::Drain>() +
        field_count<Settings::Log>() + field_count<Settings::Skapi>();
    EXPECT_EQ(settings_keys().size(), kFields - 2) << "all but auth.issuers and skapi.services";
    EXPECT_EQ(issuer_keys().size(), field_count<IssuerSettings>());
    EXPECT_EQ(skapi_service_keys().size(), field_count<SkapiServiceSettings>());
}

TEST(SettingsTable, NamesEveryKeyAndVariableOnce) {
    std::set<std::string> names;
    std::set<std::string> variables;
    for (const SettingsKey& key : settings_keys()) {
        EXPECT_TRUE(names.emplace(key.name).second) << key.name;
        EXPECT_TRUE(variables.insert(environment_name(key)).second) << key.name;
        EXPECT_EQ(find_settings_key(key.name), &key);
    }
    EXPECT_EQ(find_settings_key("limits.colour"), nullptr);
    EXPECT_EQ(find_settings_key("limits"), nullptr);
}

TEST(SettingsTable, KeepsTheKeysOfASectionTogether) {
    std::set<std::string_view> ended;
    std::string_view current;
    for (const SettingsKey& key : settings_keys()) {
        if (section_of(key) != current) ended.insert(current);
        current = section_of(key);
        EXPECT_FALSE(ended.contains(current)) << key.name;
    }
}

TEST(SettingsTable, NamesTheVariableOfAKey) {
    EXPECT_EQ(environment_name(*find_settings_key("limits.message_bytes_max")),
              "PIPIT_LIMITS_MESSAGE_BYTES_MAX");
}

}  // namespace
}  // namespace pipit::app
