#include "member.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

#include <climits>
#include <fmt/format.h>

#include "client.hpp"
#include "codec/pipit_v1.hpp"

namespace pipit::crowd {

namespace {

constexpr std::string_view kHeartbeat = "{}";
// There are many processes, and each hears little at a time.
constexpr std::size_t kScratchBytes = 64 << 10;
// The numbers of what is watched.
constexpr std::uint32_t kLeash = 0xffffffff;

void report(const Member& member, std::string_view text) {
    const std::string line = fmt::format("{} {}\n", member.number, text);
    if (line.size() > PIPE_BUF) throw std::runtime_error("too long to be reported whole: " + line);
    if (::write(member.report_fd, line.data(), line.size()) < 0)
        throw std::system_error(errno, std::system_category(), "write");
}

}  // namespace

bool play(const Member& member) {
    report(member, fmt::format("pid {}", ::getpid()));
    soak::ClientTools tools(member.number, kScratchBytes);
    const bench::UniqueFd leash(::dup(member.leash_fd));
    tools.poller.add(leash, kLeash, false);
    const soak::Client::Options options{
        .port = member.port, .number = member.number, .deflate = member.number % 2 == 0, .token = {}};
    soak::Client client(options, tools);
    const auto on_text = [&](std::string_view message) {
        codec::v1::for_each_object(message, [&](std::string_view object) {
            if (object == kHeartbeat) {
                client.send(object);
            } else {
                report(member, object);
            }
            return true;
        });
    };
    bool greeted = false;
    for (;;) {
        for (const auto& event : tools.poller.wait(-1)) {
            if (event.number == kLeash) return true;
            if (const auto end = client.on_event(event, on_text)) {
                report(member, "lost " + end->failure);
                return false;
            }
        }
        if (!greeted && client.is_open()) {
            client.send(member.greeting);
            greeted = true;
        }
    }
}

}  // namespace pipit::crowd
