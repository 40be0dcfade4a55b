#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/glob.hpp"

namespace pipit::auth {

/// Which groups someone may join. Made as it is, it allows every group.
class GroupRule {
 public:
    static constexpr std::size_t kPatternsMax = 64;
    static constexpr std::size_t kPatternBytesMax = kGlobBytesMax;

    GroupRule() = default;

    /// Allows the groups that match at least one of `patterns` (glob.hpp), so none when there are none.
    /// Nothing is returned for more than kPatternsMax patterns, or one longer than kPatternBytesMax.
    static std::optional<GroupRule> only(std::vector<std::string> patterns);

    bool allows(std::string_view group) const;
    /// Absent: every group is allowed.
    const std::optional<std::vector<std::string>>& patterns() const { return patterns_; }
    /// The rule as text that no other rule has.
    std::string fingerprint() const;

    friend bool operator==(const GroupRule&, const GroupRule&) = default;

 private:
    std::optional<std::vector<std::string>> patterns_;  // absent: every group
};

}  // namespace pipit::auth
