#include "app/settings_nearest.hpp"

#include <gtest/gtest.h>

namespace pipit::app {
namespace {

const std::vector<std::string> kNames{"server", "server.listen", "limits", "limits.json_depth_max"};

TEST(Nearest, IsNothingWhenNoNameIsClose) {
    EXPECT_EQ(nearest("colour", kNames), std::nullopt);
    EXPECT_EQ(nearest("", kNames), std::nullopt);
    EXPECT_EQ(nearest("foo", {"log"}), std::nullopt);
    EXPECT_EQ(nearest("listen", {}), std::nullopt);
    EXPECT_EQ(suggestion("colour", kNames), "");
}

TEST(Nearest, IsTheNameWithTheFewestChanges) {
    EXPECT_EQ(nearest("server.lisen", kNames), "server.listen");
    EXPECT_EQ(nearest("limit", kNames), "limits");
    EXPECT_EQ(nearest("limits.json_deptth_mxa", kNames), "limits.json_depth_max");
    EXPECT_EQ(suggestion("sever", kNames), "; did you mean server?");
}

TEST(Nearest, FindsANameWhoseSectionWasForgotten) {
    EXPECT_EQ(nearest("listen", kNames), "server.listen");
    EXPECT_EQ(nearest("json_depht_max", kNames), "limits.json_depth_max");
}

}  // namespace
}  // namespace pipit::app
