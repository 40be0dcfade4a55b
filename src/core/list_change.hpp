#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "codec/pipit_v1.hpp"

namespace pipit::core {

/// What leads from one list to another (PROTOCOL.md 2.7). Both are in the same order, in which the content of
/// a row decides about its place: so the rows that stay as they are stay in their order, too.
template <class Row>
codec::v1::ListChange<Row> change_between(const std::vector<Row>& before, const std::vector<Row>& after) {
    using codec::v1::key_of;
    boost::unordered_flat_map<std::string_view, const Row*> was;
    for (const Row& row : before)
        was.emplace(key_of(row), &row);
    codec::v1::ListChange<Row> change;
    for (std::size_t index = 0; index < after.size(); ++index) {
        const auto found = was.find(key_of(after[index]));
        const bool stays = found != was.end() && *found->second == after[index];
        if (!stays) change.put.emplace_back(index, after[index]);
        if (found != was.end()) was.erase(found);
    }
    for (const Row& row : before) {
        if (was.contains(key_of(row))) change.gone.push_back(key_of(row));
    }
    return change;
}

}  // namespace pipit::core
