# Toolchain of the runtime for 64-bit Arm, built on x86-64 with Debian's cross
# compiler (README.md, Cross-compile). Libraries come from GEMMA_SYSROOT, which
# unpack_sysroot in tools/setup.sh makes; headers without a library (JSON,
# CLI11, FlatBuffers) and flatc from this machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(GEMMA_SYSROOT "${CMAKE_BINARY_DIR}/sysroot" CACHE PATH
  "Folder with usr/lib/aarch64-linux-gnu and usr/include")
# CMake configures its compiler checks with this file too.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES GEMMA_SYSROOT)
# opensslconf.h differs by architecture.
set(CMAKE_CXX_FLAGS_INIT
  "-isystem ${GEMMA_SYSROOT}/usr/include/aarch64-linux-gnu")

set(CMAKE_FIND_ROOT_PATH ${GEMMA_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
# CMake does not look under another architecture's library folder, where the
# package of these headers lies.
file(GLOB FlatBuffers_DIR /usr/lib/*/cmake/flatbuffers)

# The loader and the C library of the sysroot go together; those of the cross
# compiler are of another version.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L ${GEMMA_SYSROOT})
