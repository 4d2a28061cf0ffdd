# Two precompiled headers, one for all code and one for all tests: the standard headers, and those of the libraries, that nearly
# every file includes; they are most of what a small file costs. Named in angle brackets and compiled once, so that they are the
# same, and found by ccache, in every checkout. Files still include what they use.
set(OGIVE_PRECOMPILED
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cstdint> <cstring> <deque> <expected> <functional> <map> <memory>
    <mutex> <optional> <set> <shared_mutex> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <boost/describe.hpp> <boost/mp11.hpp> <fmt/core.h>)
# The libraries are linked for their definitions: a user of a precompiled header must have the same.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch.cpp CONTENT "// Owner of a precompiled header.\n")
add_library(ogive_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
target_precompile_headers(ogive_pch PRIVATE ${OGIVE_PRECOMPILED})
target_link_libraries(ogive_pch PRIVATE fmt::fmt)
# Tests are compiled far more often than they are run long: a lower level of optimisation saves a sixth of their time. What they test has
# the full one.
set(OGIVE_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)
if(OGIVE_TESTS)
  add_library(ogive_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
  target_precompile_headers(ogive_test_pch PRIVATE ${OGIVE_PRECOMPILED} <gtest/gtest.h>)
  target_compile_options(ogive_test_pch PRIVATE ${OGIVE_TEST_OPTIONS})
  target_link_libraries(ogive_test_pch PRIVATE fmt::fmt GTest::gtest)
endif()

# ogive_module(NAME DEPS <modules> EXTERNAL <libraries>)
#
# One static library per folder of src/: every .cpp below it that is not a test, with the modules it may include (DEPS) and
# the libraries it links. Tests (*_test.cpp beside the code) become one executable <NAME>_test, registered with CTest;
# TEST_DEPS names what only the tests need (for instance testing).
function(ogive_module NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;EXTERNAL;TEST_DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  # A folder below with a module of its own is not part of this one.
  file(GLOB_RECURSE nested CONFIGURE_DEPENDS */CMakeLists.txt)
  foreach(list_file ${nested})
    cmake_path(GET list_file PARENT_PATH folder)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(target ogive_${NAME})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(visibility PUBLIC)
    target_precompile_headers(${target} REUSE_FROM ogive_pch)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_include_directories(${target} ${visibility} ${CMAKE_SOURCE_DIR}/src)
  foreach(dependency ${ARG_DEPS})
    target_link_libraries(${target} ${visibility} ogive_${dependency})
  endforeach()
  target_link_libraries(${target} ${visibility} ${ARG_EXTERNAL})

  if(OGIVE_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_precompile_headers(${NAME}_test REUSE_FROM ogive_test_pch)
    target_compile_options(${NAME}_test PRIVATE ${OGIVE_TEST_OPTIONS})
    target_include_directories(${NAME}_test PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${NAME}_test PRIVATE ${target} GTest::gtest $<TARGET_NAME_IF_EXISTS:GTest::gmock>
                          GTest::gtest_main)
    foreach(dependency ${ARG_TEST_DEPS})
      target_link_libraries(${NAME}_test PRIVATE ogive_${dependency})
    endforeach()
    add_test(NAME ${NAME}_test COMMAND ${NAME}_test)
  endif()
endfunction()
