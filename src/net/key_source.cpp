#include "net/key_source.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace pipit::net {

base::Result<std::string> read_key_file(const std::string& file, std::size_t bytes_max) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    // Opening a pipe would wait for whoever writes into it.
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return base::Failure{fmt::format("{} is not a file", file)};
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return base::Failure{fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
    std::string text(bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) return base::Failure{fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > bytes_max) {
        return base::Failure{fmt::format("{} has more than {} bytes", file, bytes_max)};
    }
    return text;
}

}  // namespace pipit::net
