#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/settings.hpp"

namespace pipit::app {

/// What a key holds and where it is kept, by type. `form` says in words what `accepts` lets in.
template <class Owner>
struct Integer {
    std::uint64_t& (*field)(Owner&);
    std::uint64_t min;
    std::uint64_t max;
};
template <class Owner>
struct Boolean {
    bool& (*field)(Owner&);
};
template <class Owner>
struct Text {
    std::string& (*field)(Owner&);
    std::string_view form;
    bool (*accepts)(std::string_view);
    bool has_password = false;  ///< what was given is never shown
};
template <class Owner>
struct TextList {
    std::vector<std::string>& (*field)(Owner&);
    std::string_view form;
    bool (*accepts)(std::string_view);
};
/// One of some names; the index of a name is the value of its enumerator.
template <class Owner>
struct Choice {
    std::span<const std::string_view> names;
    std::size_t (*index)(const Owner&);
    void (*choose)(Owner&, std::size_t);
};

/// One thing that can be set. Reading, checking and printing all follow from it.
template <class Owner>
struct Key {
    /// As it stands in the file: section.name, or the bare name inside an [[auth.issuers]] or a
    /// [[skapi.services]].
    std::string_view name;
    std::variant<Integer<Owner>, Boolean<Owner>, Text<Owner>, TextList<Owner>, Choice<Owner>> type;
    /// What it means to the operator.
    std::string_view doc;
};

using SettingsKey = Key<Settings>;
using IssuerKey = Key<IssuerSettings>;
using SkapiServiceKey = Key<SkapiServiceSettings>;

/// Every key, section after section, in the order in which they are printed. All of Settings but
/// auth.issuers and skapi.services.
std::span<const SettingsKey> settings_keys();

/// The keys of one [[auth.issuers]].
std::span<const IssuerKey> issuer_keys();

/// The keys of one [[skapi.services]].
std::span<const SkapiServiceKey> skapi_service_keys();

/// The key of that name, or null.
const SettingsKey* find_settings_key(std::string_view name);

/// "limits" of "limits.json_depth_max".
std::string_view section_of(const SettingsKey& key);

/// The environment variable that sets the key: PIPIT_LIMITS_JSON_DEPTH_MAX for limits.json_depth_max.
std::string environment_name(const SettingsKey& key);

}  // namespace pipit::app
