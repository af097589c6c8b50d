//===- CudaFacts.h - What the CUDA driver says of its devices ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_CUDAFACTS_H
#define GEMMA_RUNTIME_CUDA_CUDAFACTS_H

#include "runtime/cuda/Device.h"
#include "runtime/cuda/LibCuda.h"

#include <vector>

namespace gemma::cuda {

/// What the driver, which has been started, says of the device of this index;
/// its number goes to `device`. Errors: Resource.
Result<DeviceFacts> readFacts(const LibCuda &library, uint32_t index,
                              CuDevice &device);

/// The facts of all devices; none is opened for it, which would take a while
/// and memory of the device. Errors: Resource.
Result<std::vector<DeviceFacts>> listDevices(const LibCuda &library);

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_CUDAFACTS_H
