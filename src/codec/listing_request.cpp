#include "codec/listing_request.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/json_scan.hpp"
#include "codec/percent.hpp"
#include "codec/utf8.hpp"

namespace pipit::codec {
namespace {

/// What an argument is in JSON. `operand`: what `searchFor` says.
enum class Form : std::uint8_t { text, number, operand, boolean, object };

struct Parameter {
    std::string_view name;
    Form form;
};

// searchFor stands before the operands whose type it decides.
constexpr std::array<Parameter, 7> kGroupsParameters{{
    {"searchFor", Form::text},
    {"value", Form::operand},
    {"condition", Form::text},
    {"range", Form::operand},
    {"limit", Form::number},
    {"ascending", Form::boolean},
    {"startKey", Form::object},
}};
constexpr std::array<Parameter, 5> kUsersParameters{{
    {"group", Form::text},
    {"user_id", Form::text},
    {"limit", Form::number},
    {"ascending", Form::boolean},
    {"startKey", Form::object},
}};
constexpr std::array<Parameter, 3> kHistoryParameters{{
    {"group", Form::text},
    {"limit", Form::number},
    {"before", Form::object},
}};

/// The bytes of the character that `text` begins with; 0 if it begins with none.
std::size_t first_character_bytes(std::string_view text) {
    for (std::size_t bytes = 1; bytes <= 4; ++bytes) {
        if (is_valid_utf8(text.substr(0, bytes))) return std::min(bytes, text.size());
    }
    return 0;
}

std::string as_utf8(std::string_view text) {
    constexpr std::string_view replacement_character = "\xef\xbf\xbd";
    std::string valid;
    while (!text.empty()) {
        const std::size_t bytes = first_character_bytes(text);
        valid += bytes > 0 ? text.substr(0, bytes) : replacement_character;
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return valid;
}

std::string decode_component(std::string_view text) {
    return as_utf8(percent_decode(text));
}

/// Calls `each(name, value)` with both decoded.
template <class Each>
void for_each_parameter(std::string_view query, Each&& each) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        each(decode_component(pair.substr(0, equals)),
             decode_component(pair.substr(std::min(equals + 1, pair.size()))));
    }
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whether `value` may stand in the command as it is. White space that JSON would allow around a number is
/// not, nor is a newline, which would end the command.
bool has_form(std::string_view value, Form form) {
    constexpr unsigned plain_values_only = 1;
    switch (form) {
        case Form::number:
            return !value.empty() && (value.front() == '-' || is_digit(value.front())) &&
                   is_digit(value.back()) && validate_json(value, plain_values_only);
        case Form::boolean:
            return value == "true" || value == "false";
        case Form::object:
            return value.starts_with('{') && value.find('\n') == std::string_view::npos &&
                   validate_json(value, plain_values_only);
        case Form::text:
        case Form::operand:
            break;
    }
    return false;
}

std::string write_command(std::string_view op, std::span<const Parameter> parameters,
                          std::string_view query) {
    std::array<std::optional<std::string>, kGroupsParameters.size()> values;
    for_each_parameter(query, [&](const std::string& name, std::string value) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            if (parameters[i].name == name) values[i] = std::move(value);
        }
    });
    std::string command = "{\"id\":1,\"op\":\"";
    command.append(op).append(1, '"');
    Form operand = Form::text;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!values[i]) continue;
        const auto [name, form] = parameters[i];
        if (name == "searchFor" && *values[i] == "number_of_users") operand = Form::number;
        command.append(",\"").append(name).append("\":");
        if (has_form(*values[i], form == Form::operand ? operand : form)) {
            command += *values[i];
        } else {
            append_json_string(command, *values[i]);
        }
    }
    command += '}';
    return command;
}

}  // namespace

std::optional<std::string> listing_command(std::string_view path, std::string_view query) {
    if (path == "/v1/groups") return write_command("groups", kGroupsParameters, query);
    if (path == "/v1/users") return write_command("users", kUsersParameters, query);
    if (path == "/v1/history") return write_command("history", kHistoryParameters, query);
    return std::nullopt;
}

}  // namespace pipit::codec
