#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "store/testing/process.hpp"

namespace pipit::store {

/// A real PostgreSQL of our own: its data and its socket in a temporary folder, no network, nothing shared
/// with one that the machine may run. Root runs it as the user `postgres`, because it refuses root.
class PostgresqlServer {
 public:
    /// Ends the program with a message when PostgreSQL is not installed: a test that was skipped would prove
    /// nothing.
    PostgresqlServer();
    ~PostgresqlServer();

    /// Returns when it takes connections.
    void start();
    /// As when the machine goes down: no farewell to anybody, nothing tidied up.
    void kill();

    std::string url(const std::string& database) const;
    /// Runs one statement, as the owner of everything.
    void execute(const std::string& database, const std::string& statement) const;

 private:
    std::string program(const char* name) const { return (programs_ / name).string(); }

    std::filesystem::path programs_;
    std::filesystem::path folder_;
    std::optional<Process::User> user_;
    std::unique_ptr<Process> server_;
    std::thread log_reader_;
};

}  // namespace pipit::store
