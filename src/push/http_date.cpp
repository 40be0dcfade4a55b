#include "push/http_date.hpp"

#include <charconv>
#include <chrono>

namespace pipit::push {
namespace {

/// A number of exactly `text.size()` digits.
std::optional<unsigned> parse_digits(std::string_view text) {
    unsigned number = 0;
    if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Everything that is the same in every date is where it is in kForm.
bool has_form(std::string_view text) {
    if (text.size() != kForm.size()) return false;
    for (std::size_t i = 3; i < kForm.size(); ++i) {
        const bool is_fixed = kForm[i] == ' ' || kForm[i] == ':' || kForm[i] == ',' || i > 25;
        if (is_fixed && text[i] != kForm[i]) return false;
    }
    return true;
}

}  // namespace

std::optional<base::UnixSeconds> parse_http_date(std::string_view text) {
    if (!has_form(text)) return std::nullopt;
    const std::size_t month_at = kMonths.find(text.substr(8, 3));
    const auto day = parse_digits(text.substr(5, 2));
    const auto year = parse_digits(text.substr(12, 4));
    const auto hour = parse_digits(text.substr(17, 2));
    const auto minute = parse_digits(text.substr(20, 2));
    const auto second = parse_digits(text.substr(23, 2));
    if (month_at == std::string_view::npos || month_at % 3 != 0 || !day || !year || !hour || !minute ||
        !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(month_at / 3 + 1)),
                                           std::chrono::day(*day)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto moment = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                        std::chrono::minutes(*minute) + std::chrono::seconds(*second);
    return std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch()).count();
}

}  // namespace pipit::push
