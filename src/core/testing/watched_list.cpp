#include "core/testing/watched_list.hpp"

#include <algorithm>
#include <set>

namespace pipit::core {

namespace json = boost::json;

void WatchedList::begin(std::string_view ok) {
    begin(json::parse({ok.data(), ok.size()}).as_object());
}

void WatchedList::begin(const json::object& ok) {
    id_ = ok.at("watch").as_string();
    version_ = ok.at("version").to_number<std::uint64_t>();
    list_ = ok.at("list").as_array();
    end_of_list_ = ok.at("endOfList").as_bool();
}

std::string WatchedList::apply(std::string_view event) {
    return apply(json::parse({event.data(), event.size()}).as_object());
}

std::string WatchedList::apply(const json::object& event) {
    if (event.at("watch").as_string() != id_) return "an event of another watch";
    const auto version = event.at("version").to_number<std::uint64_t>();
    if (version != version_ + 1)
        return "version " + std::to_string(version) + " comes after " + std::to_string(version_);
    std::set<json::string_view> out;
    for (const json::value& gone : event.at("gone").as_array())
        out.insert(gone.as_string());
    for (const json::value& put : event.at("put").as_array())
        out.insert(key_of(put.at(1)));
    json::array rows;
    for (const json::value& row : list_) {
        if (!out.contains(key_of(row))) rows.push_back(row);
    }
    for (const json::value& put : event.at("put").as_array()) {
        const auto index = put.at(0).to_number<std::size_t>();
        if (index > rows.size()) return "a row is put where the list does not reach";
        rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(index), put.at(1));
    }
    list_ = std::move(rows);
    version_ = version;
    end_of_list_ = event.at("endOfList").as_bool();
    return {};
}

json::string_view WatchedList::key_of(const json::value& row) {
    const json::object& object = row.as_object();
    return object.contains("cid") ? object.at("cid").as_string() : object.at("group").as_string();
}

}  // namespace pipit::core
