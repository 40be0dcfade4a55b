#include "app/settings_value.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

using Texts = std::vector<std::string>;

const SettingsKey& key(std::string_view name) {
    return *find_settings_key(name);
}

/// What is said about the value, or "" when it is let in.
std::string refusal(std::string_view name, const Value& value) {
    Settings settings;
    const auto refusal = set_value(key(name), settings, value);
    if (refusal) {
        EXPECT_EQ(settings, Settings{}) << "a refused value changed something";
    }
    return refusal.value_or("");
}

TEST(SettingValue, OfAnotherTypeIsRefusedWithWhatIsAllowedAndWhatWasFound) {
    EXPECT_EQ(refusal("deflate.level", std::string("six")), "must be an integer from 1 to 9, but is \"six\"");
    EXPECT_EQ(refusal("deflate.level", true), "must be an integer from 1 to 9, but is true");
    EXPECT_EQ(refusal("deflate.level", ForeignValue{"a section"}),
              "must be an integer from 1 to 9, but is a section");
    EXPECT_EQ(refusal("server.dev", std::int64_t{1}), "must be true or false, but is 1");
    EXPECT_EQ(refusal("log.level", std::int64_t{1}), "must be one of debug, info, warn, error, but is 1");
    EXPECT_EQ(refusal("server.data_dir", Texts{"a", "b"}),
              "must be the path of a folder, but is [\"a\", \"b\"]");
    EXPECT_EQ(refusal("auth.audiences", std::string("a")),
              "must be a list in brackets, each item text that is not empty, but is \"a\"");
}

TEST(SettingValue, IsNotShownWhenItMayHaveAPassword) {
    EXPECT_EQ(refusal("push.database", std::string("mysql://pipit:hunter2@db")),
              "must be postgresql://... or empty");
}

TEST(SettingValue, OutsideItsRangeIsRefused) {
    EXPECT_EQ(refusal("deflate.level", std::int64_t{0}), "must be an integer from 1 to 9, but is 0");
    EXPECT_EQ(refusal("deflate.level", std::int64_t{10}), "must be an integer from 1 to 9, but is 10");
    EXPECT_EQ(refusal("deflate.level", std::int64_t{-1}), "must be an integer from 1 to 9, but is -1");
    EXPECT_EQ(refusal("deflate.level", std::int64_t{1}), "");
    EXPECT_EQ(refusal("deflate.level", std::int64_t{9}), "");
}

TEST(SettingValue, OfAnUnknownNameOrFormIsRefused) {
    EXPECT_EQ(refusal("log.level", std::string("Info")),
              "must be one of debug, info, warn, error, but is \"Info\"");
    EXPECT_NE(refusal("server.listen", std::string("8080")), "");
    EXPECT_NE(refusal("auth.user_id_pattern", std::string("[a")), "");
    EXPECT_NE(refusal("server.allowed_origins", Texts{"https://a.example", "b.example"}), "");
}

TEST(SettingValue, IsReadFromTextByTheTypeOfItsKey) {
    EXPECT_EQ(std::get<std::int64_t>(value_from_text(key("deflate.level"), "7")), 7);
    EXPECT_EQ(std::get<bool>(value_from_text(key("server.dev"), "true")), true);
    EXPECT_EQ(std::get<bool>(value_from_text(key("server.dev"), "false")), false);
    EXPECT_EQ(std::get<std::string>(value_from_text(key("server.data_dir"), "7")), "7");
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "a, b ,c")), (Texts{"a", "b", "c"}));
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "a")), Texts{"a"});
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "")), Texts{});
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "a,,b")), (Texts{"a", "", "b"}));
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), R"( ["a, b", "c"] )")),
              (Texts{"a, b", "c"}));
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "[]")), Texts{});
    EXPECT_EQ(std::get<Texts>(value_from_text(key("auth.audiences"), "[vip]*, b")), (Texts{"[vip]*", "b"}));
}

TEST(SettingValue, StaysTextWhenItCannotBeRead) {
    for (const char* text : {"", "7 ", "7k", "0x10", "1.5", "99999999999999999999"}) {
        EXPECT_EQ(std::get<std::string>(value_from_text(key("deflate.level"), text)), text);
    }
    EXPECT_EQ(std::get<std::string>(value_from_text(key("server.dev"), "yes")), "yes");
    for (const char* text : {"[\"a\"", "[\"a\",]", "['a']", "[\"a\", 1]", "[\"a\"] x"}) {
        EXPECT_EQ(std::get<std::string>(value_from_text(key("auth.audiences"), text)), text);
    }
}

TEST(SettingValue, ReachesItsFieldAndNoOther) {
    Settings expected;
    expected.limits.json_depth_max = 32;
    expected.log.level = LogLevel::error;
    expected.server.allowed_origins = {"*"};
    Settings settings;
    EXPECT_FALSE(set_value(key("limits.json_depth_max"), settings, std::int64_t{32}));
    EXPECT_FALSE(set_value(key("log.level"), settings, std::string("error")));
    EXPECT_FALSE(set_value(key("server.allowed_origins"), settings, Texts{"*"}));
    EXPECT_EQ(settings, expected);
}

TEST(SettingValue, IsWrittenAsToml) {
    Settings settings;
    settings.auth.secret_file = "a \"b\" \\ \n";
    settings.auth.audiences = {"a", "b"};
    EXPECT_EQ(value_as_toml(key("auth.secret_file"), settings), R"("a \"b\" \\ \u000A")");
    EXPECT_EQ(value_as_toml(key("auth.audiences"), settings), R"(["a", "b"])");
    EXPECT_EQ(value_as_toml(key("server.allowed_origins"), settings), "[]");
    EXPECT_EQ(value_as_toml(key("server.dev"), settings), "false");
    EXPECT_EQ(value_as_toml(key("log.format"), settings), "\"text\"");
    EXPECT_EQ(value_as_toml(key("limits.message_bytes_max"), settings), "65536");
}

}  // namespace
}  // namespace pipit::app
