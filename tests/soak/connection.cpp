#include "connection.hpp"

#include <algorithm>

namespace pipit::soak {

void History::add(std::string_view direction, std::string_view text) {
    std::string& line = ring_[added_++ % ring_.size()];
    line.assign(direction).append(text.substr(0, kLineBytesMax));
    if (text.size() > kLineBytesMax) line += "...";
}

std::vector<std::string> History::lines() const {
    std::vector<std::string> lines;
    for (std::size_t i = added_ - std::min(added_, ring_.size()); i < added_; ++i)
        lines.push_back(ring_[i % ring_.size()]);
    return lines;
}

}  // namespace pipit::soak
