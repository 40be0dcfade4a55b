#pragma once

#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace pipit::rtc {

/// One sample message of RFC 5769; `mapped` is "" in a request.
struct StunVector {
    std::vector<std::uint8_t> bytes;
    std::string mapped;
};

/// By its name in protocol/vectors/stun-rfc5769.json, which PIPIT_STUN_VECTORS is, set by CMake. Throws when
/// it is not there.
inline StunVector rfc5769_vector(std::string_view name) {
    std::ifstream file(PIPIT_STUN_VECTORS, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const boost::json::value vectors = boost::json::parse(text.str());
    const boost::json::object& found = vectors.at(name).as_object();
    StunVector vector;
    const std::string_view hex = found.at("hex").as_string();
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        std::uint8_t byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        vector.bytes.push_back(byte);
    }
    if (const auto* mapped = found.if_contains("mapped")) vector.mapped = std::string(mapped->as_string());
    return vector;
}

}  // namespace pipit::rtc
