#include "auth/group_rule.hpp"

#include <algorithm>
#include <utility>

namespace pipit::auth {

std::optional<GroupRule> GroupRule::only(std::vector<std::string> patterns) {
    const auto too_long = [](const std::string& pattern) { return pattern.size() > kPatternBytesMax; };
    if (patterns.size() > kPatternsMax || std::ranges::any_of(patterns, too_long)) return std::nullopt;
    GroupRule rule;
    rule.patterns_ = std::move(patterns);
    return rule;
}

bool GroupRule::allows(std::string_view group) const {
    const auto matches = [group](const std::string& pattern) { return glob_matches(pattern, group); };
    return !patterns_ || std::ranges::any_of(*patterns_, matches);
}

std::string GroupRule::fingerprint() const {
    if (!patterns_) return "all";
    std::string text = "only";
    for (const std::string& pattern : *patterns_)
        text.append(1, ' ').append(std::to_string(pattern.size())).append(1, ':').append(pattern);
    return text;
}

}  // namespace pipit::auth
