# Flags that every one of our own targets gets, and the compiler cache.

# ccache is optional. The sloppiness settings are what it asks for to cache
# compilations that use a precompiled header.
find_program(GEMMA_CCACHE ccache)
if(GEMMA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(GEMMA_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${GEMMA_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GEMMA_LAUNCHER})
  set(CMAKE_C_COMPILER_LAUNCHER ${GEMMA_LAUNCHER})
endif()

add_library(GemmaFlags INTERFACE)
target_include_directories(GemmaFlags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>)
target_compile_options(GemmaFlags INTERFACE
  -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
  -fvisibility-inlines-hidden)
if(GEMMA_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(GemmaFlags INTERFACE -fpch-preprocess)
endif()

if(GEMMA_FUZZ)
  if(GEMMA_BUILD_COMPILER)
    message(FATAL_ERROR "GEMMA_FUZZ needs -DGEMMA_BUILD_COMPILER=OFF: "
      "Debian's libMLIR is not instrumented")
  endif()
  target_compile_options(GemmaFlags INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1 -O1)
  target_link_options(GemmaFlags INTERFACE -fsanitize=address,undefined)
elseif(GEMMA_SANITIZE)
  if(GEMMA_BUILD_COMPILER)
    message(FATAL_ERROR "GEMMA_SANITIZE needs -DGEMMA_BUILD_COMPILER=OFF: "
      "Debian's libMLIR is not sanitised, reports would be false")
  endif()
  target_compile_options(GemmaFlags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1)
  target_link_options(GemmaFlags INTERFACE -fsanitize=address,undefined)
else()
  # An undefined symbol in a shared library is an error where it is made.
  target_link_options(GemmaFlags INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,-z,defs>)
endif()

if(GEMMA_COVERAGE)
  # -O0 keeps lines apart and compiles MLIR-heavy files twice as fast.
  target_compile_options(GemmaFlags INTERFACE --coverage -O0
    -fprofile-update=atomic)
  target_link_options(GemmaFlags INTERFACE --coverage)
endif()

# The runtime runs on any machine of its architecture, so that it can say what
# a machine lacks instead of dying of SIGILL.
add_library(GemmaBaseline INTERFACE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_compile_options(GemmaBaseline INTERFACE -march=x86-64)
endif()
