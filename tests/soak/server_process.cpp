#include "server_process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace pipit::soak {

namespace {

constexpr std::chrono::seconds kStartTimeout{30};
// A log of this many bytes has said enough; the rest is read and thrown away.
constexpr std::size_t kLogBytesMax = 1 << 20;

void check(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
}

std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pipit-soak-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) check(-1, "mkdtemp");
    return name;
}

/// Ours, without what would be settings of the server.
std::vector<char*> server_environment() {
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("PIPIT_")) environment.push_back(*entry);
    }
    environment.push_back(nullptr);
    return environment;
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& program, const std::vector<std::string>& settings)
    : folder_(make_folder()) {
    std::vector<std::string> arguments{program.string(), "serve",          "--listen",  "127.0.0.1:0",
                                       "--data",         folder_.string(), "--workers", "2"};
    for (const std::string& setting : settings) {
        arguments.emplace_back("--set");
        arguments.push_back(setting);
    }
    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::vector<char*> environment = server_environment();

    std::array<int, 2> pipe{};
    check(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
    output_ = bench::UniqueFd(pipe[0]);
    bench::UniqueFd input(pipe[1]);
    check(::fcntl(output_.get(), F_SETFL, O_NONBLOCK), "fcntl");
    pid_ = ::fork();
    check(pid_, "fork");
    if (pid_ == 0) {
        ::dup2(input.get(), STDOUT_FILENO);
        ::dup2(input.get(), STDERR_FILENO);
        ::execve(argv[0], argv.data(), environment.data());
        ::_exit(127);
    }
    input = bench::UniqueFd();  // so that the log ends when the server does
}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void ServerProcess::wait_until_it_listens() {
    constexpr std::string_view kLine = "listening on 127.0.0.1:";
    const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
    for (;;) {
        const auto line = log_.find(kLine);
        if (line != log_.npos && log_.find('\n', line) != log_.npos) {
            std::from_chars(log_.data() + line + kLine.size(), log_.data() + log_.size(), port_);
            return;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd readable{.fd = output_.get(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0 || !read_output())
            throw std::runtime_error("the server does not listen:\n" + log_);
    }
}

bool ServerProcess::read_output() {
    std::array<char, 16'384> part{};
    for (;;) {
        const auto count = ::read(output_.get(), part.data(), part.size());
        if (count < 0) return errno == EAGAIN;
        if (count == 0) return false;
        if (log_.size() < kLogBytesMax) log_.append(part.data(), static_cast<std::size_t>(count));
    }
}

std::uint64_t ServerProcess::rss_bytes() const {
    std::ifstream file(fmt::format("/proc/{}/statm", pid_));
    std::uint64_t all_pages = 0;
    std::uint64_t resident_pages = 0;
    file >> all_pages >> resident_pages;
    return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void ServerProcess::terminate() {
    check(::kill(pid_, SIGTERM), "kill");
}

std::optional<std::string> ServerProcess::verdict() {
    int status = 0;
    check(::waitpid(pid_, &status, 0), "waitpid");
    pid_ = -1;
    for (const std::string_view report : {"Sanitizer", "runtime error:", "broken invariant"}) {
        if (log_.find(report) != log_.npos) return "the server reports a fault of its own";
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
    return WIFEXITED(status) ? fmt::format("the server exited with {}", WEXITSTATUS(status))
                             : fmt::format("the server died of signal {}", WTERMSIG(status));
}

}  // namespace pipit::soak
