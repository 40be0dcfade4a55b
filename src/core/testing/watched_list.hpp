#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace pipit::core {

/// A watched list as a client keeps it, from the texts that it gets (PROTOCOL.md 2.7) and nothing else.
class WatchedList {
 public:
    /// The content of `ok`.
    void begin(std::string_view ok);
    void begin(const boost::json::object& ok);
    /// Returns what is wrong with the event; empty: it was applied.
    std::string apply(std::string_view event);
    std::string apply(const boost::json::object& event);

    const std::string& id() const { return id_; }
    std::uint64_t version() const { return version_; }
    const boost::json::array& list() const { return list_; }
    bool end_of_list() const { return end_of_list_; }

 private:
    static boost::json::string_view key_of(const boost::json::value& row);

    std::string id_;
    std::uint64_t version_ = 0;
    boost::json::array list_;
    bool end_of_list_ = false;
};

}  // namespace pipit::core
