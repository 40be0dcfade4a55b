// Clients of a running server, each a process of its own: whoever started them can kill any of them as a
// machine does, without a word to the server.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "common/socket.hpp"
#include "member.hpp"

namespace {

using namespace pipit;

constexpr int kPipeBytes = 1 << 20;

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
    return result;
}

std::uint16_t read_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) throw std::runtime_error("which port?");
    return port;
}

/// Up to the empty line; what follows is not for us. A tab stands for the newline between two objects.
std::vector<std::string> read_greetings() {
    std::vector<std::string> greetings;
    for (std::string line; std::getline(std::cin, line) && !line.empty();) {
        std::ranges::replace(line, '\t', '\n');
        greetings.push_back(line);
    }
    return greetings;
}

[[noreturn]] void live(const crowd::Member& member, pid_t parent) {
    int status = 1;
    try {
        checked(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
        if (::getppid() == parent && crowd::play(member)) status = 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "pipit_crowd: member {}: {}\n", member.number, error.what());
    }
    ::_exit(status);
}

/// Copies what comes from `from`, until its end.
void copy(const bench::UniqueFd& from, int to) {
    std::array<char, 65'536> part{};
    for (;;) {
        const auto count = ::read(from.get(), part.data(), part.size());
        if (count == 0) return;
        checked(static_cast<int>(count), "read");
        for (ssize_t done = 0; done < count;) {
            const auto written = ::write(to, part.data() + done, static_cast<std::size_t>(count - done));
            checked(static_cast<int>(written), "write");
            done += written;
        }
    }
}

/// Members that ended neither when they were told to nor by being killed.
int count_failures() {
    int failures = 0;
    for (int status = 0; ::wait(&status) > 0;) {
        const bool was_told = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (!was_told && !was_killed) ++failures;
    }
    return failures;
}

int run(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: pipit_crowd PORT < GREETINGS    (tests/crowd/README.md)\n");
        return 2;
    }
    const std::uint16_t port = read_port(argv[1]);
    const std::vector<std::string> greetings = read_greetings();
    std::array<int, 2> pipe{};
    checked(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
    const bench::UniqueFd reports(pipe[0]);
    bench::UniqueFd report(pipe[1]);
    checked(::fcntl(report.get(), F_SETPIPE_SZ, kPipeBytes), "F_SETPIPE_SZ");
    const pid_t self = ::getpid();
    for (std::uint32_t number = 0; number < greetings.size(); ++number) {
        if (checked(::fork(), "fork") != 0) continue;
        live({port, number, greetings[number], report.get(), STDIN_FILENO}, self);
    }
    report = bench::UniqueFd();  // so that the reports end with the members
    copy(reports, STDOUT_FILENO);
    return count_failures() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "pipit_crowd: {}\n", error.what());
        return 1;
    }
}
