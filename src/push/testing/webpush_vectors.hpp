#pragma once

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/base64url.hpp"
#include "base/bytes.hpp"

namespace pipit::push {

/// One of the RFCs' examples in protocol/vectors/webpush-rfc8291-8188-8292.json, which PIPIT_WEBPUSH_VECTORS
/// is, set by CMake. All of it throws when what is asked for is not there.
class WebpushVector {
 public:
    explicit WebpushVector(std::string_view name) {
        std::ifstream file(PIPIT_WEBPUSH_VECTORS, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        members_ = boost::json::parse(text.str()).at(name).as_object();
    }

    std::string text(std::string_view member) const { return std::string(members_.at(member).as_string()); }
    /// What the member is in base64url.
    std::string bytes(std::string_view member) const { return base::base64url_decode(text(member)).value(); }

    /// The same as an array of exactly so many bytes.
    template <std::size_t size>
    std::array<std::uint8_t, size> array(std::string_view member) const {
        const std::string found = bytes(member);
        if (found.size() != size) throw std::length_error(std::string(member));
        std::array<std::uint8_t, size> copy{};
        std::copy(found.begin(), found.end(), copy.begin());
        return copy;
    }

 private:
    boost::json::object members_;
};

}  // namespace pipit::push
