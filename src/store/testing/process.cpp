#include "store/testing/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace pipit::store {

Process::Process(const std::vector<std::string>& arguments, std::optional<User> user) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments)
        pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    std::array<int, 2> ends{};
    PIPIT_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
    pid_ = ::fork();
    PIPIT_ASSERT(pid_ >= 0);
    if (pid_ == 0) {
        if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0)) {
            ::_exit(126);
        }
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // for PostgreSQL: stop at once, the children too
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::execv(pointers.front(), pointers.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
}

Process::~Process() {
    if (pid_ > 0) {
        send_signal(SIGKILL);
        wait();
    }
    ::close(output_);
}

std::optional<std::string> Process::read_line() {
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != buffer_.npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(output_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

std::string Process::read_all() {
    std::string text;
    while (const auto line = read_line())
        text += *line + '\n';
    return text + buffer_;
}

void Process::send_signal(int signal) const {
    if (pid_ > 0) ::kill(pid_, signal);
}

int Process::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace pipit::store
