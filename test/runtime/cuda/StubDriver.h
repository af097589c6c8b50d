//===- StubDriver.h - What the stub driver keeps ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_CUDA_STUBDRIVER_H
#define GEMMA_TEST_RUNTIME_CUDA_STUBDRIVER_H

#include "StubLibcuda.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gemma::cuda {
struct CuContextType {};
struct CuFunctionType {
  std::string name;
  /// Bytes of each parameter.
  std::vector<size_t> parameters;
  int maxDynamicShared = 49152 - 1024;
};
struct CuModuleType {
  std::map<std::string, CuFunctionType> functions;
};
/// What a graph records.
using Work = std::function<void(bool fromGraph)>;
struct CuStreamType {
  /// Copies that have not been made yet.
  std::vector<std::function<void()>> late;
  bool capturing = false;
  std::vector<Work> captured;
};
struct CuEventType {
  /// Launches before the moment.
  size_t moment = 0;
  bool recorded = false;
};
struct CuGraphType {
  std::vector<Work> work;
};
struct CuGraphExecType {
  std::vector<Work> work;
};
} // namespace gemma::cuda

namespace gemma::testing {

/// Everything but what tests see.
struct Driver {
  StubCuda state;
  bool started = false;
  cuda::CuContextType context;
  int contextUses = 0;
  std::map<cuda::CuPointer, size_t> allocations;
  std::set<void *> handles;
};

/// The one driver of the process.
Driver &driver();
/// Contexts on this thread's stack.
int &contextDepth();

/// Counts the call; its fault, if it has one now.
cuda::CuResult enter(const char *name);
/// As enter(), for calls that need the driver started.
cuda::CuResult enterStarted(const char *name);
/// As enter(), for calls that need a context.
cuda::CuResult enterContext(const char *name);

/// The kernels that PTX declares.
void readEntries(const std::string &ptx, cuda::CuModule module);

/// Name and text of a code, null where the driver has none.
std::pair<const char *, const char *> errorNames(cuda::CuResult code);

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_CUDA_STUBDRIVER_H
