#include "app/settings_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace pipit::app {
namespace {

/// A TOML basic string.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string quoted(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        if (out.size() > 1) out += ", ";
        out += quoted(text);
    }
    return out + ']';
}

std::string shown(const Value& value) {
    return std::visit(base::Overloaded{
                          [](bool flag) -> std::string { return flag ? "true" : "false"; },
                          [](std::int64_t number) { return std::to_string(number); },
                          [](const std::string& text) { return quoted(text); },
                          [](const std::vector<std::string>& texts) { return quoted(texts); },
                          [](const ForeignValue& foreign) { return foreign.shown; },
                      },
                      value);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    if (trimmed(text).empty()) return parts;
    for (std::size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
        parts.emplace_back(trimmed(text.substr(0, comma)));
        text.remove_prefix(comma + 1);
    }
    parts.emplace_back(trimmed(text));
    return parts;
}

/// With brackets and double quotes, `["a", "b"]`, or with commas alone; an item may well begin with a
/// bracket.
Value list_from_text(std::string_view text) {
    std::string_view behind = trimmed(text);
    const bool has_bracket = behind.starts_with('[');
    behind = trimmed(behind.substr(has_bracket ? 1 : 0));
    if (!has_bracket || behind.find_first_of("\"']") != 0) return split_at_commas(text);
    boost::system::error_code error;
    const boost::json::value list = boost::json::parse({text.data(), text.size()}, error);
    if (error) return std::string(text);
    std::vector<std::string> texts;
    for (const boost::json::value& item : list.as_array()) {
        if (!item.is_string()) return std::string(text);
        texts.emplace_back(item.as_string());
    }
    return texts;
}

// One function a type of key: whether the value was let in.

template <class Owner>
bool store(const Integer<Owner>& type, Owner& owner, const Value& value) {
    const auto* const number = std::get_if<std::int64_t>(&value);
    if (number == nullptr || *number < 0) return false;
    const auto magnitude = static_cast<std::uint64_t>(*number);
    if (magnitude < type.min || magnitude > type.max) return false;
    type.field(owner) = magnitude;
    return true;
}

template <class Owner>
bool store(const Boolean<Owner>& type, Owner& owner, const Value& value) {
    const auto* const flag = std::get_if<bool>(&value);
    if (flag == nullptr) return false;
    type.field(owner) = *flag;
    return true;
}

template <class Owner>
bool store(const Text<Owner>& type, Owner& owner, const Value& value) {
    const auto* const text = std::get_if<std::string>(&value);
    if (text == nullptr || !type.accepts(*text)) return false;
    type.field(owner) = *text;
    return true;
}

template <class Owner>
bool store(const TextList<Owner>& type, Owner& owner, const Value& value) {
    const auto* const texts = std::get_if<std::vector<std::string>>(&value);
    if (texts == nullptr || !std::ranges::all_of(*texts, type.accepts)) return false;
    type.field(owner) = *texts;
    return true;
}

template <class Owner>
bool store(const Choice<Owner>& type, Owner& owner, const Value& value) {
    const auto* const name = std::get_if<std::string>(&value);
    if (name == nullptr) return false;
    const auto found = std::ranges::find(type.names, *name);
    if (found == type.names.end()) return false;
    type.choose(owner, static_cast<std::size_t>(std::distance(type.names.begin(), found)));
    return true;
}

}  // namespace

Value value_from_text(const SettingsKey& key, std::string_view text) {
    const auto integer = [text]() -> Value {
        std::int64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error != std::errc() || stop != end) return std::string(text);
        return number;
    };
    const auto boolean = [text]() -> Value {
        if (text == "true" || text == "false") return text == "true";
        return std::string(text);
    };
    return std::visit(base::Overloaded{
                          [&](const Integer<Settings>&) { return integer(); },
                          [&](const Boolean<Settings>&) { return boolean(); },
                          [&](const TextList<Settings>&) { return list_from_text(text); },
                          [&](const auto&) { return Value(std::string(text)); },
                      },
                      key.type);
}

template <class Owner>
std::optional<std::string> set_value(const Key<Owner>& key, Owner& owner, const Value& value) {
    if (std::visit([&](const auto& type) { return store(type, owner, value); }, key.type))
        return std::nullopt;
    const auto* const text = std::get_if<Text<Owner>>(&key.type);
    if (text != nullptr && text->has_password) return fmt::format("must be {}", allowed_values(key));
    return fmt::format("must be {}, but is {}", allowed_values(key), shown(value));
}

template <class Owner>
std::string value_as_toml(const Key<Owner>& key, const Owner& owner) {
    // The accessors give the field to write; a copy lets them serve for reading too.
    Owner copy = owner;
    return std::visit(
        base::Overloaded{
            [&](const Integer<Owner>& type) { return std::to_string(type.field(copy)); },
            [&](const Boolean<Owner>& type) -> std::string { return type.field(copy) ? "true" : "false"; },
            [&](const Choice<Owner>& type) { return quoted(type.names[type.index(copy)]); },
            [&](const auto& type) { return quoted(type.field(copy)); },
        },
        key.type);
}

template <class Owner>
std::string allowed_values(const Key<Owner>& key) {
    return std::visit(
        base::Overloaded{
            [](const Integer<Owner>& type) {
                return fmt::format("an integer from {} to {}", type.min, type.max);
            },
            [](const Boolean<Owner>&) -> std::string { return "true or false"; },
            [](const Text<Owner>& type) { return std::string(type.form); },
            [](const TextList<Owner>& type) {
                return fmt::format("a list in brackets, each item {}", type.form);
            },
            [](const Choice<Owner>& type) { return fmt::format("one of {}", fmt::join(type.names, ", ")); },
        },
        key.type);
}

template std::optional<std::string> set_value(const Key<Settings>&, Settings&, const Value&);
template std::optional<std::string> set_value(const Key<IssuerSettings>&, IssuerSettings&, const Value&);
template std::optional<std::string> set_value(const Key<SkapiServiceSettings>&, SkapiServiceSettings&,
                                              const Value&);
template std::string value_as_toml(const Key<Settings>&, const Settings&);
template std::string value_as_toml(const Key<IssuerSettings>&, const IssuerSettings&);
template std::string value_as_toml(const Key<SkapiServiceSettings>&, const SkapiServiceSettings&);
template std::string allowed_values(const Key<Settings>&);
template std::string allowed_values(const Key<IssuerSettings>&);
template std::string allowed_values(const Key<SkapiServiceSettings>&);

}  // namespace pipit::app
