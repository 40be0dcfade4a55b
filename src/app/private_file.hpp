#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pipit::app {

// Files of which only their owner may know what stands in them.

/// More than any of them needs, so that a wrong path cannot fill the memory.
inline constexpr std::size_t kPrivateFileBytesMax = 4'096;

/// Makes a file for its owner alone (mode 0600, its folder 0700 if that is new), unless there is one: of
/// several processes that start at the same moment the first one wins. A crash leaves either a whole file or
/// none.
base::Status create_private_file(const std::filesystem::path& file, std::string_view text);

/// The same, in the place of the one that is there.
base::Status replace_private_file(const std::filesystem::path& file, std::string_view text);

/// The text of such a file, at most one part of a kilobyte longer than kPrivateFileBytesMax. Refuses one that
/// anybody but its owner may read or write; `danger` is what they could then do with it.
base::Result<std::string> read_private_file(const std::filesystem::path& file, std::string_view danger);

/// Leaves nothing of it in memory.
void wipe(std::string& text);

}  // namespace pipit::app
