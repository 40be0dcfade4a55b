#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/settings_table.hpp"

namespace pipit::app {

/// A value of the file that no key can hold, such as a date; the text is what it is called in an error.
struct ForeignValue {
    std::string shown;
};

/// A value on its way from a source to a key, not yet checked.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, ForeignValue>;

/// Reads the text of an environment variable or a flag as what the key holds; a list is separated by commas.
/// Text that cannot be read stays text, for set_value to refuse.
Value value_from_text(const SettingsKey& key, std::string_view text);

/// Puts the value where the key keeps it. When it is refused nothing changes, and the answer says what is
/// allowed and what was found. Owner is Settings or IssuerSettings.
template <class Owner>
[[nodiscard]] std::optional<std::string> set_value(const Key<Owner>& key, Owner& owner, const Value& value);

/// What the key holds, as TOML writes it.
template <class Owner>
std::string value_as_toml(const Key<Owner>& key, const Owner& owner);

/// What the key lets in, in words: "an integer from 1 to 9".
template <class Owner>
std::string allowed_values(const Key<Owner>& key);

}  // namespace pipit::app
