//===- LibCuda.cpp - The CUDA driver's library, by dlopen -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/LibCuda.h"

#include "runtime/core/Text.h"
#include "runtime/cuda/Versions.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace gemma;
using namespace gemma::cuda;

LibCuda::~LibCuda() { dlclose(handle); }

std::string LibCuda::defaultPath() {
  const char *path = secure_getenv("GEMMA_LIBCUDA");
  return path && *path ? path : "libcuda.so.1";
}

/// Sets `function` to the symbol, if the library has it.
template <typename Function>
static bool resolve(void *handle, const char *symbol, Function *&function) {
  // A function pointer, as POSIX has dlsym give it.
  function = reinterpret_cast<Function *>(dlsym(handle, symbol));
  return function != nullptr;
}

static Error missingFunction(const char *symbol, const std::string &where) {
  return resourceError("CUDA driver: expected the function " +
                       std::string(symbol) + " of " + cudaOrNewer(kLeastCuda) +
                       ", found none of that name (" + where + ")");
}

Result<std::shared_ptr<const LibCuda>> LibCuda::open(const std::string &path) {
  // A driver has threads of its own and is never unloaded.
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    return resourceError("CUDA driver: expected the library of an NVIDIA "
                         "driver, found \"" +
                         printable(dlerror()) + "\"");
  }
  std::shared_ptr<LibCuda> library(new LibCuda(path, handle));
  DriverApi &api = library->functions;
  const std::string where = printable(path);
  // The version first: an old driver is told as such, not by what it lacks.
  if (!resolve(handle, "cuDriverGetVersion", api.driverGetVersion)) {
    return missingFunction("cuDriverGetVersion", where);
  }
  CuResult code = api.driverGetVersion(&library->cudaVersion);
  if (code != kCudaSuccess) {
    resolve(handle, "cuGetErrorName", api.getErrorName);
    resolve(handle, "cuGetErrorString", api.getErrorString);
    return resourceError("CUDA driver: expected its version, found " +
                         library->describe(code) + " (" + where + ")");
  }
  if (library->cudaVersion < kLeastCuda) {
    return resourceError("CUDA driver: expected one of " +
                         cudaOrNewer(kLeastCuda) + ", found CUDA " +
                         cudaVersionText(library->cudaVersion) + " (" + where +
                         ")");
  }
#define GEMMA_RESOLVE(member, symbol, parameters)                              \
  if (!resolve(handle, #symbol, api.member)) {                                 \
    return missingFunction(                                                    \
        #symbol, "driver of CUDA " + cudaVersionText(library->cudaVersion) +   \
                     ", " + where);                                            \
  }
  GEMMA_CUDA_FUNCTIONS(GEMMA_RESOLVE)
#undef GEMMA_RESOLVE
  return std::shared_ptr<const LibCuda>(std::move(library));
}

Result<uint32_t> LibCuda::countDevices() const {
  CuResult code = functions.init(0);
  int count = 0;
  if (code == kCudaSuccess) {
    code = functions.deviceGetCount(&count);
  }
  if (code == kCudaNoDevice) {
    return uint32_t(0);
  }
  if (code != kCudaSuccess) {
    return resourceError("CUDA driver: expected it to start, found " +
                         describe(code) + " (driver of CUDA " +
                         cudaVersionText(cudaVersion) + ")");
  }
  return static_cast<uint32_t>(count < 0 ? 0 : count);
}

std::string LibCuda::describe(CuResult code) const {
  const char *name = nullptr, *text = nullptr;
  if (!functions.getErrorName ||
      functions.getErrorName(code, &name) != kCudaSuccess || !name) {
    // The toolkit's library for linking has no names, not even for this.
    return code == kCudaStubLibrary
               ? "CUDA_ERROR_STUB_LIBRARY (a library for linking, no driver)"
               : "CUDA error " + std::to_string(code);
  }
  std::string description = printable(name, 64);
  if (functions.getErrorString &&
      functions.getErrorString(code, &text) == kCudaSuccess && text) {
    description += " (" + printable(text, 128) + ")";
  }
  return description;
}
