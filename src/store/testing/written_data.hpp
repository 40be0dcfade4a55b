#pragma once

#include <cstdint>
#include <string>

namespace pipit::store {

/// What the test's writer keeps of each group.
inline constexpr std::uint64_t kWrittenRecordsMax = 500;

/// What it writes as its `number`-th record: of many lengths, some of which take pages of their own.
inline std::string written_data(std::uint64_t number) {
    std::string data = std::to_string(number) + ' ';
    const std::size_t bytes = number % 97 == 0 ? 9'000 : number % 13 == 0 ? 1'000 : 10 + number % 120;
    while (data.size() < bytes)
        data += static_cast<char>('a' + (number * 7 + data.size()) % 26);
    return data;
}

}  // namespace pipit::store
