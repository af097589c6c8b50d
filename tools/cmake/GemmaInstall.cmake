# What `cmake --install` puts under the prefix: tools, shared libraries, the
# headers and .td files of the rooms (the include root is include/gemma, so
# `#include "dialect/..."` reads the same as in this tree), generated headers,
# and a CMake package with the components Runtime and Compiler.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/GemmaCompiler)
set(include_dir ${CMAKE_INSTALL_INCLUDEDIR}/gemma)

# An export set with no target may not be installed: empty rooms are left out.
foreach(component Runtime Compiler)
  set(targets)
  if(TARGET Gemma${component})
    list(APPEND targets Gemma${component})
  endif()
  if(component STREQUAL "Runtime" AND TARGET GemmaText)
    list(APPEND targets GemmaText)
  endif()
  if(targets)
    foreach(target IN LISTS targets)
      target_include_directories(${target} INTERFACE
        $<INSTALL_INTERFACE:${include_dir}>)
    endforeach()
    install(TARGETS ${targets} EXPORT Gemma${component}Targets
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(EXPORT Gemma${component}Targets NAMESPACE Gemma::
      DESTINATION ${package_dir})
  endif()
endforeach()

get_property(tools GLOBAL PROPERTY GEMMA_TOOLS)
if(tools)
  install(TARGETS ${tools} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(rooms runtime)
if(GEMMA_BUILD_COMPILER)
  list(APPEND rooms dialect compiler)
endif()
foreach(room IN LISTS rooms)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room} DESTINATION ${include_dir}
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.fbs")
  install(DIRECTORY ${PROJECT_BINARY_DIR}/${room} DESTINATION ${include_dir}
    FILES_MATCHING PATTERN "*.h.inc" PATTERN "*_generated.h"
    PATTERN "CMakeFiles" EXCLUDE)
endforeach()

# Passes.h.inc holds a pass's base class too; *.cpp.inc only serve our sources.
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/tools/cmake/GemmaCompilerConfig.cmake.in
  ${PROJECT_BINARY_DIR}/GemmaCompilerConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS include_dir CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/GemmaCompilerConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/GemmaCompilerConfig.cmake
  ${PROJECT_BINARY_DIR}/GemmaCompilerConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/gemma-compiler)
