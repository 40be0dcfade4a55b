#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

namespace pipit::core {

/// Hashes names so that a view finds a string without a copy.
struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
        return std::hash<std::string_view>{}(name);
    }
};

/// The name of a pair of names. Neither of them has control characters.
inline std::string paired_name(std::string_view one, std::string_view other) {
    return std::string(one).append(1, '\n').append(other);
}

/// From names to `T`, looked up by view.
template <class T>
using NameMap = boost::unordered_flat_map<std::string, T, NameHash, std::equal_to<>>;

}  // namespace pipit::core
