#include "net/push_outcome.hpp"

#include <set>

#include <gtest/gtest.h>

namespace pipit::net {
namespace {

TEST(PushOutcome, SaysOfEachErrorSomethingElse) {
    std::set<std::string_view> said;
    for (int error = 0; error <= static_cast<int>(PushError::closed); ++error) {
        const std::string_view predicate = push_error_predicate(static_cast<PushError>(error));
        EXPECT_FALSE(predicate.empty());
        EXPECT_TRUE(said.insert(predicate).second) << predicate;
    }
}

}  // namespace
}  // namespace pipit::net
