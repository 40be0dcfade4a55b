#include "app/config_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <toml.hpp>

#include "app/settings_nearest.hpp"
#include "codec/utf8.hpp"

namespace pipit::app {
namespace {

using TomlValue = toml::basic_value<toml::discard_comments, std::map, std::vector>;
using TomlTable = TomlValue::table_type;

Value list_value(const TomlValue::array_type& array) {
    std::vector<std::string> texts;
    for (const TomlValue& item : array) {
        if (!item.is_string()) return ForeignValue{"a list with something else than text"};
        texts.push_back(item.as_string().str);
    }
    return texts;
}

Value value_of(const TomlValue& value) {
    switch (value.type()) {
        case toml::value_t::boolean:
            return value.as_boolean();
        case toml::value_t::integer:
            return std::int64_t{value.as_integer()};
        case toml::value_t::string:
            return value.as_string().str;
        case toml::value_t::array:
            return list_value(value.as_array());
        case toml::value_t::floating:
            return ForeignValue{fmt::format("the fraction {}", value.as_floating())};
        case toml::value_t::table:
            return ForeignValue{"a section"};
        default:
            return ForeignValue{"a date or time"};
    }
}

bool is_section(std::string_view name) {
    const auto keys = settings_keys();
    return std::ranges::any_of(keys, [&](const SettingsKey& key) { return section_of(key) == name; });
}

template <class Owner>
std::vector<std::string> names_of(std::span<const Key<Owner>> keys) {
    std::vector<std::string> names;
    for (const Key<Owner>& key : keys)
        names.emplace_back(key.name);
    return names;
}

/// What stands in a table, in the order of the file, in which an operator looks for what is wrong.
std::vector<std::pair<std::string, const TomlValue*>> in_order(const TomlTable& table) {
    std::vector<std::pair<std::string, const TomlValue*>> entries;
    for (const auto& [name, value] : table)
        entries.emplace_back(name, &value);
    std::ranges::stable_sort(entries, {}, [](const auto& entry) { return entry.second->location().line(); });
    return entries;
}

/// What toml11 says about a mistake, without its first lines: they name its own functions and repeat the
/// file.
std::string excerpt(std::string_view what) {
    for (int line = 0; line < 2; ++line)
        what.remove_prefix(std::min(what.find('\n'), what.size() - 1) + 1);
    while (what.ends_with('\n'))
        what.remove_suffix(1);
    return std::string(what);
}

/// One pass over one document.
class DocumentReader {
 public:
    DocumentReader(const std::string& file_name, SettingsBuilder& builder)
        : file_name_(file_name), builder_(builder) {}

    void read(const TomlValue& document) {
        for (const auto& [name, value] : in_order(document.as_table())) {
            if (!is_section(name)) {
                builder_.set(place_of(*value), name, value_of(*value));
            } else if (!value->is_table()) {
                builder_.add_problem(
                    fmt::format("{}: {} is a section and is written [{}]", place_of(*value), name, name));
            } else {
                read_section(name, value->as_table());
            }
        }
    }

 private:
    void read_section(const std::string& section, const TomlTable& table) {
        for (const auto& [name, value] : in_order(table)) {
            const std::string key_name = section + '.' + name;
            if (key_name == "auth.issuers") {
                read_list(
                    key_name, *value, issuer_keys(), [](std::size_t) { return IssuerSettings(); },
                    [&](const auto& where, const auto& label, IssuerSettings issuer) {
                        builder_.add_issuer(where, label, std::move(issuer));
                    });
            } else if (key_name == "skapi.services") {
                read_list(
                    key_name, *value, skapi_service_keys(),
                    [](std::size_t count) { return SkapiServiceSettings{.shared = count == 1}; },
                    [&](const auto& where, const auto& label, SkapiServiceSettings service) {
                        builder_.add_skapi_service(where, label, std::move(service));
                    });
            } else {
                builder_.set(place_of(*value), key_name, value_of(*value));
            }
        }
    }

    /// Sections of one name: each begins as `make` of their number makes it, and is added if all of it was
    /// accepted.
    template <class Owner, class Make, class Add>
    void read_list(const std::string& name, const TomlValue& sections, std::span<const Key<Owner>> keys,
                   Make make, Add add) {
        const bool are_tables =
            sections.is_array() &&
            std::ranges::all_of(sections.as_array(), [](const auto& item) { return item.is_table(); });
        if (!are_tables) {
            builder_.add_problem(
                fmt::format("{}: {} are sections, each written [[{}]]", place_of(sections), name, name));
            builder_.refuse_section_of(name);
            return;
        }
        std::size_t number = 0;
        for (const TomlValue& section : sections.as_array()) {
            const std::string label = fmt::format("{}[{}]", name, ++number);
            Owner owner = make(sections.as_array().size());
            if (read_keys(label, section, keys, owner)) {
                add(place_of(section), label, std::move(owner));
            } else {
                builder_.refuse_section_of(name);
            }
        }
    }

    template <class Owner>
    bool read_keys(const std::string& label, const TomlValue& section, std::span<const Key<Owner>> keys,
                   Owner& owner) {
        bool all_accepted = true;
        for (const auto& [name, value] : in_order(section.as_table())) {
            const auto key = std::ranges::find(keys, name, &Key<Owner>::name);
            if (key == keys.end()) {
                builder_.add_problem(fmt::format("{}: there is no setting {}.{}{}", place_of(*value), label,
                                                 name, suggestion(name, names_of(keys))));
                all_accepted = false;
            } else if (const auto refusal = set_value(*key, owner, value_of(*value))) {
                builder_.add_problem(fmt::format("{}: {}.{} {}", place_of(*value), label, name, *refusal));
                all_accepted = false;
            }
        }
        return all_accepted;
    }

    std::string place_of(const TomlValue& value) const {
        return fmt::format("{}:{}", file_name_, value.location().line());
    }

    const std::string& file_name_;
    SettingsBuilder& builder_;
};

}  // namespace

void read_config_text(std::string_view toml, const std::string& file_name, SettingsBuilder& builder) {
    // toml11 3.7 reads outside its memory when it meets other bytes in a literal string.
    if (!codec::is_valid_utf8(toml)) {
        builder.add_problem(fmt::format("{}: this is not TOML: it is not UTF-8", file_name));
        return;
    }
    std::istringstream stream{std::string(toml)};
    try {
        DocumentReader(file_name, builder)
            .read(toml::parse<toml::discard_comments, std::map, std::vector>(stream, file_name));
    } catch (const toml::exception& mistake) {
        builder.add_problem(fmt::format("{}:{}: this is not TOML:\n{}", file_name, mistake.location().line(),
                                        excerpt(mistake.what())));
    } catch (const std::exception& mistake) {
        // toml11 throws standard exceptions too where it cannot say which line it is.
        builder.add_problem(fmt::format("{}: this is not TOML ({})", file_name, mistake.what()));
    }
}

void read_config_file(const std::string& path, SettingsBuilder& builder) {
    // read() reports what an iterator over the stream would throw: a folder opens well and then fails.
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::array<char, 4'096> part{};
    do {
        file.read(part.data(), part.size());
        text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    } while (file);
    if (!file.is_open() || file.bad()) {
        builder.add_problem(
            fmt::format("cannot read the configuration file {}: {}", path, std::strerror(errno)));
        return;
    }
    read_config_text(text, path, builder);
}

}  // namespace pipit::app
