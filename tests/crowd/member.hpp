#pragma once

#include <cstdint>
#include <string_view>

namespace pipit::crowd {

/// One client of pipit.v1 for the whole life of its process.
struct Member {
    std::uint16_t port = 0;     ///< of the server, on 127.0.0.1
    std::uint32_t number = 0;   ///< stands in front of each line that it reports
    std::string_view greeting;  ///< what it says once the handshake is done: one text message
    int report_fd = -1;         ///< of a pipe that all members may share
    int leash_fd = -1;          ///< at its end, or when anything comes from it, the member goes
};

/// Connects, says the greeting, answers heartbeats, and reports each other object that it hears. A line of
/// the report is
///
///     NUMBER pid PID              at the beginning
///     NUMBER {"ev":"notice",...}  an object, as it came
///     NUMBER lost WHY             the server has ended the connection: false is returned
///
/// and whole: it is written at once and has at most PIPE_BUF bytes, a longer one is a std::runtime_error.
/// True when the leash is pulled; the connection is reset then.
bool play(const Member& member);

}  // namespace pipit::crowd
