#include "push/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace pipit::push {
namespace {

namespace chrono = std::chrono;

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// What follows the name of the day. A letter in lower case stands for a digit of the day (d, or _ when it
/// may be a space), the year, hour, minute and second, bbb for a month; everything else for itself.
constexpr std::array<std::string_view, 3> kForms{
    ", dd bbb yyyy hh:mm:ss GMT",  // the one that is sent today
    ", dd-bbb-yy hh:mm:ss GMT",    // RFC 850
    " bbb _d hh:mm:ss yyyy",       // of asctime() in C
};

struct Fields {
    int year = 0;
    std::string month;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <class Number>
bool take_digit(Number& number, char c) {
    if (!is_digit(c)) return false;
    number = number * 10 + static_cast<Number>(c - '0');
    return true;
}

bool take(Fields& fields, char meaning, char c) {
    switch (meaning) {
        case 'y':
            return take_digit(fields.year, c);
        case 'd':
            return take_digit(fields.day, c);
        case '_':
            return c == ' ' || take_digit(fields.day, c);
        case 'h':
            return take_digit(fields.hour, c);
        case 'm':
            return take_digit(fields.minute, c);
        case 's':
            return take_digit(fields.second, c);
        case 'b':
            fields.month += c;
            return true;
        default:
            return c == meaning;
    }
}

std::optional<Fields> match(std::string_view form, std::string_view text) {
    Fields fields;
    if (form.size() != text.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (!take(fields, form[i], text[i])) return std::nullopt;
    }
    return fields;
}

std::optional<base::UnixSeconds> moment_of(const Fields& fields) {
    const std::size_t month_at = kMonths.find(fields.month);
    if (month_at == std::string_view::npos || month_at % 3 != 0) return std::nullopt;
    const chrono::year_month_day date{chrono::year(fields.year),
                                      chrono::month(static_cast<unsigned>(month_at / 3 + 1)),
                                      chrono::day(fields.day)};
    // A second may be a leap second.
    if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
    const chrono::sys_seconds moment = chrono::sys_days(date) + chrono::hours(fields.hour) +
                                       chrono::minutes(fields.minute) + chrono::seconds(fields.second);
    return moment.time_since_epoch().count();
}

int year_at(base::UnixSeconds moment) {
    const chrono::sys_seconds at{chrono::seconds(moment)};
    return static_cast<int>(chrono::year_month_day(chrono::floor<chrono::days>(at)).year());
}

}  // namespace

std::optional<base::UnixSeconds> parse_http_date(std::string_view text, base::UnixSeconds now) {
    const auto day_end = std::find_if(text.begin(), text.end(), [](char c) { return c == ',' || c == ' '; });
    const std::string_view rest = text.substr(static_cast<std::size_t>(day_end - text.begin()));
    for (const std::string_view form : kForms) {
        auto fields = match(form, rest);
        if (!fields) continue;
        if (form.find("yyyy") == std::string_view::npos) {
            const int last_year = year_at(now) + 50;
            fields->year += (last_year - fields->year) / 100 * 100;
        }
        return moment_of(*fields);
    }
    return std::nullopt;
}

}  // namespace pipit::push
