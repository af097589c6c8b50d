//===- StubLibcuda.h - A CUDA driver without a GPU, for tests ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A shared library with the entry points of DriverApi.h that keeps device
// memory on the host, counts what is held, records launches, and fails where a
// test asks it to. It is stricter than a driver: a call without a current
// context, of a handle that it did not give, or outside an allocation fails.
//
// Tests in the same process use stubCuda(). For tools there is the environment
// variable GEMMA_STUB_CUDA, read once, as "version=12040,devices=2,sm=80":
//   version=N   the CUDA version of cuDriverGetVersion
//   devices=N   number of devices
//   sm=N        compute capability, as 90
//   memory=N    bytes of memory of each device
//   fail=F:N    entry point F fails with code N, every time
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_CUDA_STUBLIBCUDA_H
#define GEMMA_TEST_RUNTIME_CUDA_STUBLIBCUDA_H

#include "runtime/cuda/DriverApi.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gemma::testing {

/// A launch as the device saw it.
struct StubLaunch {
  std::string kernel;
  unsigned grid[3] = {0, 0, 0}, block[3] = {0, 0, 0}, sharedBytes = 0;
  /// The bytes of each parameter, of the size that the PTX declares.
  std::vector<std::string> arguments;
  bool fromGraph = false;

  template <typename T> T argument(size_t index) const {
    T value;
    arguments.at(index).copy(reinterpret_cast<char *>(&value), sizeof value);
    return value;
  }
};

/// When and how an entry point fails.
struct StubFault {
  cuda::CuResult code = 0;
  /// Calls that succeed first.
  int after = 0;
  /// Whether it goes on failing.
  bool always = false;
};

struct StubCuda {
  // The machine.
  int version = 12040, devices = 1, major = 9, minor = 0;
  size_t memory = size_t(8) << 30;
  int sharedBytesPerBlock = 232448;
  // Faults, by entry point.
  std::map<std::string, StubFault> faults;
  /// What the compiler writes into its log when a module is not loaded.
  std::string compilerLog;
  /// What kernels do, by name; nothing without an entry.
  std::map<std::string, std::function<void(const StubLaunch &)>> kernels;

  // What happened.
  std::vector<StubLaunch> launches;
  std::map<std::string, int> calls;
  /// Code of a fault that lost the context, which all calls then return.
  cuda::CuResult sticky = 0;
  /// What is held: allocations, modules, streams, graphs (both kinds),
  /// events, references to the primary context.
  int held = 0;
  size_t heldBytes = 0;
  /// Contexts on this thread's stack.
  int contextDepth() const;
};

/// The driver's state.
StubCuda &stubCuda();
/// A machine as new, without faults. Nothing may be held.
void resetStubCuda();

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_CUDA_STUBLIBCUDA_H
