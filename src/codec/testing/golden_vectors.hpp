#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace pipit::codec {

/// One part of a file in protocol/vectors, by its name. Throws when the file or the part is missing or
/// empty, so that a test of it cannot pass by testing nothing. PIPIT_VECTORS is the file, set by CMake.
inline boost::json::array golden_vectors(std::string_view part) {
    std::ifstream file(PIPIT_VECTORS, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    boost::json::array vectors = boost::json::parse(text.str()).at(part).as_array();
    if (vectors.empty()) throw std::runtime_error("no golden vectors: " + std::string(part));
    return vectors;
}

/// The text of a vector's member.
inline std::string text_of(const boost::json::object& vector, std::string_view member) {
    return std::string(vector.at(member).as_string());
}

}  // namespace pipit::codec
