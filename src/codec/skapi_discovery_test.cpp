#include "codec/skapi_discovery.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace pipit::codec::skapi {
namespace {

namespace json = boost::json;

TEST(SkapiDiscovery, HasWhatBothFilesOfBothVersionsHave) {
    const std::string text = discovery_json({.calls_url = "https://chat.example.com/skapi/",
                                             .socket_url = "wss://chat.example.com/skapi/realtime"});
    const json::object found = json::parse(text).as_object();
    for (const char* gateway :
         {"admin_public", "admin_private", "admin_public_2", "admin_private_2", "get_users_private",
          "service_public", "extra_public", "extra_private", "extra_public_2", "extra_private_2",
          "record_public", "record_private", "record_public_2", "record_private_2", "post_public",
          "post_private", "get_public", "get_private", "del_private"}) {
        ASSERT_TRUE(found.contains(gateway)) << gateway;
        EXPECT_EQ(found.at(gateway), "https://chat.example.com/skapi/") << gateway;
    }
    EXPECT_EQ(found.at("websocket_private"), "wss://chat.example.com/skapi/realtime");
    EXPECT_EQ(found.at("userpool_id"), "selfhost_pipit");
    EXPECT_EQ(found.at("userpool_client"), "pipit");
    EXPECT_EQ(found.size(), 22u);
}

TEST(SkapiDiscovery, DescribesAServiceThatNobodySignsUpTo) {
    const json::object info =
        json::parse(service_json({.name = "Tea \"house\"", .ip = "192.0.2.7"})).as_object();
    EXPECT_EQ(info.at("service_name"), "Tea \"house\"");
    EXPECT_EQ(info.at("ip"), "192.0.2.7");
    EXPECT_EQ(info.at("group"), 3);
    EXPECT_EQ(info.at("opt").at("prevent_signup"), true);
    EXPECT_EQ(info.at("opt").at("freeze_database"), false);
}

}  // namespace
}  // namespace pipit::codec::skapi
