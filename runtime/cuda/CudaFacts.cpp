//===- CudaFacts.cpp - What the CUDA driver says of its devices -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaFacts.h"

#include "runtime/cuda/Versions.h"

#include <algorithm>
#include <utility>

using namespace gemma;
using namespace gemma::cuda;

/// What the driver says of device `index`.
static CuResult readAll(const LibCuda &library, uint32_t index,
                        CuDevice &device, DeviceFacts &facts) {
  const DriverApi &driver = library.api();
  facts.kind = "cuda";
  facts.index = index;
  facts.cudaVersion = library.version();
  CuResult code = driver.deviceGet(&device, static_cast<int>(index));
  if (code != kCudaSuccess) {
    return code;
  }
  char name[256] = "";
  if ((code = driver.deviceGetName(name, sizeof name - 1, device))) {
    return code;
  }
  facts.name = name;
  size_t bytes = 0;
  if ((code = driver.deviceTotalMem(&bytes, device))) {
    return code;
  }
  facts.memoryBytes = bytes;
  const std::pair<int, uint32_t *> attributes[] = {
      {kComputeCapabilityMajor, &facts.major},
      {kComputeCapabilityMinor, &facts.minor},
      {kMultiprocessorCount, &facts.multiprocessors},
      {kMaxSharedMemoryPerBlockOptin, &facts.sharedBytes},
      {kMaxThreadsPerBlock, &facts.blockThreads},
  };
  for (auto [attribute, field] : attributes) {
    int value = 0;
    if ((code = driver.deviceGetAttribute(&value, attribute, device))) {
      return code;
    }
    *field = static_cast<uint32_t>(std::max(value, 0));
  }
  return kCudaSuccess;
}

Result<DeviceFacts> cuda::readFacts(const LibCuda &library, uint32_t index,
                                    CuDevice &device) {
  DeviceFacts facts;
  CuResult code = readAll(library, index, device, facts);
  if (code != kCudaSuccess) {
    return resourceError("device " + std::to_string(index) +
                         ": expected the driver to describe it, found " +
                         library.describe(code) + " (driver of CUDA " +
                         cudaVersionText(library.version()) + ")");
  }
  return facts;
}

Result<std::vector<DeviceFacts>> cuda::listDevices(const LibCuda &library) {
  Result<uint32_t> count = library.countDevices();
  if (!count) {
    return count.takeError();
  }
  std::vector<DeviceFacts> list;
  for (uint32_t index = 0; index < *count; ++index) {
    CuDevice device = 0;
    Result<DeviceFacts> facts = readFacts(library, index, device);
    if (!facts) {
      return facts.takeError();
    }
    list.push_back(std::move(*facts));
  }
  return list;
}
