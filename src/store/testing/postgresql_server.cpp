#include "store/testing/postgresql_server.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <pwd.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <unistd.h>

namespace pipit::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "These tests need PostgreSQL: %s (scripts/install test)\n", why.c_str());
    std::exit(1);
}

/// Debian keeps a folder for every version.
fs::path find_programs() {
    fs::path newest;
    std::error_code none;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
        const fs::path programs = version.path() / "bin";
        if (fs::exists(programs / "initdb") && fs::exists(programs / "postgres") && programs > newest) {
            newest = programs;
        }
    }
    if (newest.empty()) give_up("there is no /usr/lib/postgresql/*/bin/initdb");
    return newest;
}

}  // namespace

PostgresqlServer::PostgresqlServer() : programs_(find_programs()) {
    std::string name = "/tmp/pipit-postgresql-XXXXXX";  // short: the path of a socket has 107 characters
    if (::mkdtemp(name.data()) == nullptr) give_up("cannot make " + name);
    folder_ = name;
    if (::geteuid() == 0) {
        const passwd* postgres = ::getpwnam("postgres");
        if (postgres == nullptr) give_up("there is no user postgres to run it as");
        user_ = Process::User{postgres->pw_uid, postgres->pw_gid};
        if (::chown(name.c_str(), user_->uid, user_->gid) != 0) give_up("cannot give " + name + " away");
    }
    Process initdb({program("initdb"), "--pgdata=" + name + "/data", "--username=pipit", "--auth=trust",
                    "--encoding=UTF8", "--locale=C", "--no-sync"},
                   user_);
    const std::string said = initdb.read_all();
    if (initdb.wait() != 0) give_up("initdb failed: " + said);
    start();
}

PostgresqlServer::~PostgresqlServer() {
    kill();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void PostgresqlServer::start() {
    server_ = std::make_unique<Process>(
        std::vector<std::string>{program("postgres"), "-D", (folder_ / "data").string(), "-k",
                                 folder_.string(), "-c", "listen_addresses=", "-c", "max_connections=20"},
        user_);
    std::promise<bool> ready;
    auto is_ready = ready.get_future();
    // Reads on to the end, so that the server never waits for a full pipe.
    log_reader_ = std::thread([this, ready = std::move(ready)]() mutable {
        bool told = false;
        std::string log;
        while (const auto line = server_->read_line()) {
            if (!told && line->find("ready to accept connections") != line->npos) {
                told = true;
                ready.set_value(true);
            }
            if (!told) log += *line + '\n';
        }
        if (told) return;
        std::fputs(log.c_str(), stderr);
        ready.set_value(false);
    });
    if (!is_ready.get()) give_up("it did not start");
}

void PostgresqlServer::kill() {
    if (!server_) return;
    server_->send_signal(SIGQUIT);
    log_reader_.join();  // the pipe is closed once its children are gone too
    server_->wait();
    server_.reset();
}

std::string PostgresqlServer::url(const std::string& database) const {
    return "postgresql:///" + database + "?user=pipit&host=" + folder_.string();
}

void PostgresqlServer::execute(const std::string& database, const std::string& statement) const {
    soci::session sql(soci::postgresql, url(database));
    sql << statement;
}

}  // namespace pipit::store
