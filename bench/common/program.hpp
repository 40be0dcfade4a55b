#pragma once

#include <cstdio>
#include <exception>

namespace pipit::bench {

/// What main() returns: what `run` does, or 1 after a line on stderr that says what it threw, behind `name`.
inline int run_program(const char* name, int (*run)(int, char**), int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return 1;
    }
}

}  // namespace pipit::bench
