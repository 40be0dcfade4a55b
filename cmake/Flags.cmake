# Compiler and linker flags of everything we build, on one interface target.
add_library(pipit_flags INTERFACE)

target_compile_options(pipit_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees overlapping copies inside std::string that cannot happen (GCC bug 105651).
    target_compile_options(pipit_flags INTERFACE -Wno-restrict)
endif()
if(PIPIT_WERROR)
    target_compile_options(pipit_flags INTERFACE -Werror)
endif()
if(PIPIT_SANITIZE)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # What a sanitizer adds hides initializations from GCC 12; the plain builds keep the warning.
        target_compile_options(pipit_flags INTERFACE -Wno-maybe-uninitialized)
    endif()
    target_compile_options(pipit_flags INTERFACE -fsanitize=${PIPIT_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(pipit_flags INTERFACE -fsanitize=${PIPIT_SANITIZE})
endif()
if(PIPIT_FUZZ)
    target_compile_options(pipit_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_include_directories(pipit_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)

find_program(CCACHE ccache)
if(CCACHE)
    # Two checkouts share what they have in common: paths are compared relative to the source folder. Precompiled
    # headers are only cached when ccache is told how to compare them.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
