#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "store/push_store.hpp"
#include "store/testing/postgresql_server.hpp"

namespace pipit::store {

/// The server that all tests of this program share.
PostgresqlServer& postgresql_server();

/// An empty database of its own for one test.
class TestDatabase {
 public:
    explicit TestDatabase(Dialect dialect);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    const std::string& url() const { return url_; }
    /// SQLite's; empty for PostgreSQL.
    const std::filesystem::path& file() const { return file_; }
    /// Over a connection of its own.
    void execute(const std::string& statement) const;
    std::int64_t number(const std::string& query) const;
    std::string text(const std::string& query) const;

 private:
    template <class T>
    T value(const std::string& query) const;

    const Dialect dialect_;
    std::filesystem::path file_;
    std::string name_;
    std::string url_;
};

/// Every test of a class derived from it runs against both databases.
class StoreTest : public testing::TestWithParam<Dialect> {
 protected:
    std::unique_ptr<PushStore> open(const PushLimits& limits = {}, const std::string& holder = "here") const;
    /// For a lock of PostgreSQL.
    void wait_until_somebody_waits() const;

    TestDatabase database_{GetParam()};
};

#define PIPIT_FOR_BOTH_DATABASES(suite)                                          \
    INSTANTIATE_TEST_SUITE_P(                                                    \
        Databases, suite, testing::Values(Dialect::sqlite, Dialect::postgresql), \
        [](const auto& tested) { return tested.param == Dialect::sqlite ? "Sqlite" : "Postgresql"; })

/// The moment at which the tests happen.
inline constexpr UnixMs kNow = 1'800'000'000'000;

/// A subscription of `user` whose endpoint ends in `name`.
SubscriptionRecord subscription(const std::string& user, const std::string& name,
                                const std::string& origin = "https://push.example");
/// One that is too late a minute after kNow.
NotificationRecord notification(const std::string& author);

/// What a call that must work returned.
template <class T>
T ok(Stored<T> result) {
    if (!result) throw std::runtime_error("the store said: " + result.error().message);
    return std::move(result).value();
}

/// Why a call that must not work did not.
template <class T>
StoreFault fault(const Stored<T>& result) {
    if (result) throw std::runtime_error("the store accepted what it must refuse");
    return result.error().fault;
}

}  // namespace pipit::store
