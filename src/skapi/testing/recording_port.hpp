#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skapi/conversation.hpp"

namespace pipit::skapi {

/// Keeps what a conversation says, in order for each side.
class RecordingPort final : public Conversation::Port {
 public:
    void command(std::string_view json) override { commands_.emplace_back(json); }
    void frame(std::string_view json) override { frames_.emplace_back(json); }
    void ping() override { frames_.emplace_back("ping"); }

    std::vector<std::string> take_commands() { return std::exchange(commands_, {}); }
    std::vector<std::string> take_frames() { return std::exchange(frames_, {}); }

 private:
    std::vector<std::string> commands_, frames_;
};

}  // namespace pipit::skapi
