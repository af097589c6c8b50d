//===- Versions.h - Which driver takes which PTX ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Versions of CUDA are numbered as the driver does, 1000 * major + 10 * minor;
// those of the PTX ISA as LLVM's features do, 10 * major + minor.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_VERSIONS_H
#define GEMMA_RUNTIME_CUDA_VERSIONS_H

#include "runtime/core/Result.h"
#include "runtime/cuda/Device.h"

#include <string>
#include <string_view>

namespace gemma::cuda {

/// A version of the PTX ISA, and the first CUDA whose driver takes it.
struct PtxRelease {
  int ptx;
  int cuda;
  /// The first branch of NVIDIA's drivers of that CUDA.
  int driver;
};

/// The oldest CUDA that we run with: that of PTX 7.0, which sm_80 came with.
constexpr int kLeastCuda = 11000;

/// The release that brought PTX `version`; null for one that is older than 7.0,
/// or newer than this runtime.
const PtxRelease *releaseOfPtx(int version);

/// "12.4" of 12040.
std::string cudaVersionText(int version);

/// "CUDA 11.8 (driver 520) or newer" of 11080, for messages.
std::string cudaOrNewer(int version);

/// What the first lines of PTX say.
struct PtxHeader {
  int version = 0;
  /// "sm_90".
  std::string chip;
};

/// Reads `.version` and `.target` of PTX text. Errors: InvalidData.
Result<PtxHeader> readPtxHeader(std::string_view text);

/// Fails with Resource unless PTX for `chip` runs on the device: one of at
/// least its capability, for "sm_90a" of the same. Errors: also InvalidData (no
/// chip).
Result<void> checkChip(std::string_view chip, const DeviceFacts &facts);

/// Fails with Resource unless the device's driver takes this PTX and the chip
/// runs it. PTX of a version newer than this runtime is left to the driver.
/// Errors: also InvalidData, for a version that does not know its chip.
Result<void> checkPtx(const PtxHeader &header, const DeviceFacts &facts);

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_VERSIONS_H
