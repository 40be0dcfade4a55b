#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"
#include "app/settings_value.hpp"
#include "base/result.hpp"

namespace pipit::app {

/// What is wrong with a configuration: one sentence for each error, in the order in which they were met.
using Problems = std::vector<std::string>;

/// Gathers settings from one source after the other, a later one overriding an earlier one, and every problem
/// on the way, so that an operator sees all of them at once.
class SettingsBuilder {
 public:
    /// Sets the key of that name. `where` is what the operator knows the place by: "pipit.toml:7",
    /// "--workers".
    void set(std::string_view where, std::string_view key_name, const Value& value);

    /// The same for a value that is given as text; see value_from_text.
    void set_text(std::string_view where, std::string_view key_name, std::string_view text);

    /// Adds an issuer whose keys have all been accepted; `name` is what to call it in an error.
    void add_issuer(std::string_view where, std::string_view name, IssuerSettings issuer);

    /// The same for a service of the public client.
    void add_skapi_service(std::string_view where, std::string_view name, SkapiServiceSettings service);

    /// Of that list there are sections that were not accepted.
    void refuse_section_of(std::string_view list_name) { refused_.emplace(list_name); }

    void add_problem(std::string problem) { problems_.push_back(std::move(problem)); }

    /// The settings when nothing was wrong with any of them, nor with how they go together; otherwise every
    /// problem.
    base::Result<Settings, Problems> finish();

 private:
    const SettingsKey* find_or_complain(std::string_view where, std::string_view key_name);
    bool are_known(std::string_view first, std::string_view second) const;
    void check_pairs();
    void check_skapi();

    Settings settings_;
    Problems problems_;
    /// Keys that were refused: what they go together with cannot be judged.
    std::set<std::string, std::less<>> refused_;
};

}  // namespace pipit::app
