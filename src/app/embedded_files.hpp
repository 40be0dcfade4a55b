#pragma once

#include <span>
#include <string_view>

namespace pipit::app {

/// A file that is part of the program, under the path that it is served as.
struct EmbeddedFile {
    std::string_view path;
    std::string_view content;
};

/// All of them. Made by scripts/embed_files.py when the program is built.
std::span<const EmbeddedFile> embedded_files();

}  // namespace pipit::app
