#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "common/socket.hpp"

namespace pipit::soak {

/// A server that was started for this test, with a folder of its own. Whatever goes wrong with it is a
/// std::runtime_error with what it has logged.
class ServerProcess {
 public:
    /// Starts `program` with two workers on a free port. `settings` are KEY=VALUE.
    ServerProcess(const std::filesystem::path& program, const std::vector<std::string>& settings);
    /// Kills it if it still runs, and removes its folder.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    void wait_until_it_listens();
    /// Once it listens.
    std::uint16_t port() const { return port_; }
    std::filesystem::path secret_file() const { return folder_ / "keys/token.secret"; }

    /// What it logs: to be watched for reading, and to be read when something is there.
    const bench::UniqueFd& output() const { return output_; }
    /// False at the end of the log, when the process has ended or is about to.
    bool read_output();
    const std::string& log() const { return log_; }

    std::uint64_t rss_bytes() const;

    /// Sends SIGTERM.
    void terminate();
    /// Call after the end of the log. What is wrong with how it ended: a code other than 0, or the report of
    /// a sanitizer; nothing if all is well.
    std::optional<std::string> verdict();

 private:
    std::filesystem::path folder_;
    bench::UniqueFd output_;
    pid_t pid_ = -1;
    std::string log_;
    std::uint16_t port_ = 0;
};

}  // namespace pipit::soak
