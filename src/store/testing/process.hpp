#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pipit::store {

/// A program that a test runs, with its output and its errors on one pipe. It dies with the test.
class Process {
 public:
    /// Whom to run it as; only root can choose.
    struct User {
        uid_t uid = 0;
        gid_t gid = 0;
    };

    explicit Process(const std::vector<std::string>& arguments, std::optional<User> user = std::nullopt);
    /// Kills what still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// The next line, without its end; nothing when the output is over.
    std::optional<std::string> read_line();
    /// The rest of the output.
    std::string read_all();
    void send_signal(int signal) const;
    /// The exit status, or -1 after a signal.
    int wait();

 private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string buffer_;
};

}  // namespace pipit::store
