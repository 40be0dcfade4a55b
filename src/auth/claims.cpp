#include "auth/claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace pipit::auth {
namespace {

namespace json = boost::json;
using Reason = TokenError::Reason;

/// Beyond this a double, which is what most issuers count in, no longer holds every second.
constexpr std::int64_t kNumericDateMax = std::int64_t{1} << 53;

std::optional<base::UnixSeconds> read_numeric_date(const json::value& value) {
    const auto in_range = [](auto number) { return number >= -kNumericDateMax && number <= kNumericDateMax; };
    if (const auto* number = value.if_int64())
        return in_range(*number) ? std::optional(*number) : std::nullopt;
    // An integer that needs 64 unsigned bits is out of range. So is NaN, which Boost.JSON makes of 0e999, and
    // which only a comparison that must hold keeps out.
    const auto* number = value.if_double();
    if (number == nullptr || !(std::abs(*number) <= static_cast<double>(kNumericDateMax)))
        return std::nullopt;
    return static_cast<base::UnixSeconds>(std::floor(*number));
}

/// A claim that is one string or an array of strings.
std::optional<std::vector<std::string>> read_texts(const json::value& value) {
    const auto to_text = [](const json::value& item) { return std::string(item.get_string()); };
    if (value.is_string()) return std::vector{to_text(value)};
    const auto is_text = [](const json::value& item) { return item.is_string(); };
    if (!value.is_array() || !std::ranges::all_of(value.get_array(), is_text)) return std::nullopt;
    std::vector<std::string> texts;
    std::ranges::transform(value.get_array(), std::back_inserter(texts), to_text);
    return texts;
}

std::optional<TokenError> check_times(const json::object& claims, const ClaimRules& rules,
                                      base::UnixSeconds now, base::UnixSeconds& expires_at) {
    const json::value* exp = claims.if_contains("exp");
    const auto expiry = exp != nullptr ? read_numeric_date(*exp) : std::nullopt;
    if (!expiry) return TokenError{Reason::bad_claim, "exp"};
    if (now >= *expiry + rules.leeway_s) return TokenError{Reason::expired};
    expires_at = *expiry;

    if (const json::value* nbf = claims.if_contains("nbf")) {
        const auto not_before = read_numeric_date(*nbf);
        if (!not_before) return TokenError{Reason::bad_claim, "nbf"};
        if (now < *not_before - rules.leeway_s) return TokenError{Reason::not_yet_valid};
    }
    if (const json::value* iat = claims.if_contains("iat"); iat != nullptr && !read_numeric_date(*iat)) {
        return TokenError{Reason::bad_claim, "iat"};
    }
    return std::nullopt;
}

std::optional<TokenError> check_audience(const json::object& claims,
                                         const std::vector<std::string>& audiences) {
    if (audiences.empty()) return std::nullopt;
    const json::value* aud = claims.if_contains("aud");
    if (aud == nullptr) return TokenError{Reason::wrong_audience};
    const auto named = read_texts(*aud);
    if (!named) return TokenError{Reason::bad_claim, "aud"};
    if (std::ranges::find_first_of(*named, audiences) == named->end())
        return TokenError{Reason::wrong_audience};
    return std::nullopt;
}

std::optional<TokenError> read_subject(const json::object& claims, const ClaimRules& rules,
                                       std::string& user_id) {
    const json::value* sub = claims.if_contains("sub");
    if (sub == nullptr) return TokenError{Reason::missing_subject};
    if (!sub->is_string() || !is_valid_user_id(sub->get_string(), rules.user_id_bytes_max)) {
        return TokenError{Reason::bad_subject};
    }
    user_id = std::string_view(sub->get_string());
    return std::nullopt;
}

std::optional<TokenError> read_groups(const json::object& claims, GroupRule& rule) {
    const json::value* groups = claims.if_contains("groups");
    if (groups == nullptr) return std::nullopt;
    auto patterns = read_texts(*groups);
    auto only = patterns ? GroupRule::only(std::move(*patterns)) : std::nullopt;
    if (!only) return TokenError{Reason::bad_claim, "groups"};
    rule = std::move(*only);
    return std::nullopt;
}

}  // namespace

base::Result<Identity, TokenError> read_claims(const json::object& claims,
                                               const std::vector<std::string>& audiences,
                                               const ClaimRules& rules, base::UnixSeconds now) {
    Identity identity;
    if (const auto error = check_times(claims, rules, now, identity.expires_at)) return *error;
    if (const auto error = check_audience(claims, audiences)) return *error;
    if (const auto error = read_subject(claims, rules, identity.user_id)) return *error;
    if (const auto error = read_groups(claims, identity.groups)) return *error;
    const json::value* role = claims.if_contains("role");
    identity.admin = role != nullptr && role->is_string() && role->get_string() == "admin";
    return identity;
}

}  // namespace pipit::auth
