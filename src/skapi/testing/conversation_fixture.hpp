#pragma once

#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "skapi/conversation.hpp"
#include "skapi/testing/recording_port.hpp"

namespace pipit::skapi {

inline const std::string kOwnUser = "0b6e7ee8-7a5c-4f0e-9a8b-6f2f4d1c2b3a";
inline const std::string kOwnCid = "cid:AAAAAAAAAAAAAAAA";

/// A conversation between two sides that the test plays.
class ConversationTest : public testing::Test {
 protected:
    explicit ConversationTest(Conversation::Settings settings = {}) : conversation_(settings, port_) {}

    /// Its welcome has come; the next command is number 2.
    void sign_in() {
        conversation_.start("native.token.here");
        conversation_.from_server(
            fmt::format(R"({{"id":1,"ok":{{"user":"{}","cid":"{}","resumed":false}}}})", kOwnUser, kOwnCid));
        port_.take_commands();
    }

    /// What that makes it command.
    std::vector<std::string> client_says(std::string_view text) {
        conversation_.from_client(text);
        return port_.take_commands();
    }
    /// What that makes the client hear.
    std::vector<std::string> server_says(std::string_view object) {
        conversation_.from_server(object);
        return port_.take_frames();
    }
    /// What is refused has no effect.
    void client_is_refused(std::string_view text, std::string_view why) {
        EXPECT_THAT(client_says(text), testing::IsEmpty()) << text;
        EXPECT_THAT(port_.take_frames(), testing::ElementsAre(fmt::format(R"({{"#error":"{}"}})", why)))
            << text;
    }

    RecordingPort port_;
    Conversation conversation_;
};

}  // namespace pipit::skapi
