#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crowd.hpp"

namespace pipit::soak {

/// When everybody has gone: newcomers see that nothing of them is left. Each group must begin anew, each user
/// must have no connection, and each cid must be unknown. The server may need a moment to notice who has
/// gone, so what is answered otherwise is asked again until the deadline.
class Aftermath {
 public:
    Aftermath(Crowd& crowd, const std::vector<std::string>& groups, const std::vector<std::string>& users,
              const std::vector<std::string>& cids);

    /// Connects one newcomer for each group, who stay. Returns what still haunts the server at `deadline`.
    std::vector<std::string> ask(Clock::time_point deadline);

 private:
    struct Question {
        Crowd::Seat seat;
        Command command;  ///< join or post
        std::uint64_t id = 0;
        enum class State : std::uint8_t { to_ask, asked, answered } state = State::to_ask;
    };

    void ask_what_is_open();
    void on_reply(Crowd::Seat seat, const Reply& reply);

    Crowd& crowd_;
    std::size_t newcomers_;
    std::vector<Question> questions_;
};

}  // namespace pipit::soak
