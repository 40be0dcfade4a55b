# A room is one folder under src/ and one static library. Its sources are listed by name, its links are the rooms
# it may include (scripts/check_layers.py compares the two), and its unit tests stand beside the code.
#
#   pipit_room(codec
#       SOURCES utf8.cpp ...        # the library
#       TESTS   utf8_test.cpp ...   # one test binary, pipit_codec_test
#       FUZZ    utf8_fuzz.cpp ...   # one libFuzzer binary a file, built only with PIPIT_FUZZ
#       LINKS   pipit_base ...      # public dependencies
#       TOGETHER)               # run all tests in one process: they share something that is slow to start
function(pipit_room name)
    cmake_parse_arguments(ROOM "TOGETHER" "" "SOURCES;TESTS;FUZZ;LINKS" ${ARGN})
    set(target pipit_${name})
    if(ROOM_SOURCES)
        add_library(${target} STATIC ${ROOM_SOURCES})
        target_link_libraries(${target} PUBLIC pipit_flags ${ROOM_LINKS})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE pipit_flags ${ROOM_LINKS})
    endif()
    if(PIPIT_TESTS AND ROOM_TESTS)
        add_executable(${target}_test ${ROOM_TESTS})
        target_link_libraries(${target}_test PRIVATE ${target} GTest::gmock GTest::gtest_main)
        if(ROOM_TOGETHER)
            add_test(NAME ${target}_test COMMAND ${target}_test --gtest_brief=1)
            set_tests_properties(${target}_test PROPERTIES LABELS unit TIMEOUT 300)
        else()
            gtest_discover_tests(${target}_test PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
        endif()
    endif()
    if(PIPIT_FUZZ)
        foreach(source ${ROOM_FUZZ})
            get_filename_component(fuzzer ${source} NAME_WE)
            add_executable(${fuzzer} ${source})
            target_link_libraries(${fuzzer} PRIVATE ${target})
            target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
        endforeach()
    endif()
endfunction()
