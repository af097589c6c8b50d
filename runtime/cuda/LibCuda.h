//===- LibCuda.h - The CUDA driver's library, by dlopen ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_LIBCUDA_H
#define GEMMA_RUNTIME_CUDA_LIBCUDA_H

#include "runtime/core/Result.h"
#include "runtime/cuda/DriverApi.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace gemma::cuda {

/// libcuda.so.1 and its entry points. Nothing of ours is linked with it: a
/// machine without a driver gets an error where a GPU is asked for, and runs
/// everything else.
class LibCuda {
public:
  LibCuda(const LibCuda &) = delete;
  LibCuda &operator=(const LibCuda &) = delete;
  ~LibCuda();

  /// "libcuda.so.1", or what the environment variable GEMMA_LIBCUDA names (for
  /// tests).
  static std::string defaultPath();

  /// Loads the library. Errors: Resource (no such library, a driver that is
  /// older than kLeastCuda or lacks an entry point).
  static Result<std::shared_ptr<const LibCuda>>
  open(const std::string &path = defaultPath());

  /// Starts the driver, which takes a while the first time, and counts its
  /// devices: 0 where the driver finds none. Errors: Resource.
  Result<uint32_t> countDevices() const;

  const DriverApi &api() const { return functions; }
  /// The CUDA that the driver speaks, 1000 * major + 10 * minor.
  int version() const { return cudaVersion; }
  const std::string &path() const { return libraryPath; }

  /// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)", or the number of a code that
  /// the driver has no name for.
  std::string describe(CuResult code) const;

private:
  LibCuda(std::string path, void *handle)
      : libraryPath(std::move(path)), handle(handle) {}

  std::string libraryPath;
  void *handle;
  DriverApi functions;
  int cudaVersion = 0;
};

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_LIBCUDA_H
