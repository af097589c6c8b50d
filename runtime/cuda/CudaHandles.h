//===- CudaHandles.h - How CudaDevice keeps what the driver gives -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_CUDAHANDLES_H
#define GEMMA_RUNTIME_CUDA_CUDAHANDLES_H

#include "runtime/core/Text.h"
#include "runtime/cuda/Device.h"
#include "runtime/cuda/DriverApi.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gemma::cuda {

/// Room for what the driver's compiler says of PTX that it refuses.
constexpr size_t kLogBytes = 8192;

/// The driver's handle of ours, and back.
template <typename Pointer> Pointer toPointer(uint64_t value) {
  return reinterpret_cast<Pointer>(static_cast<uintptr_t>(value));
}
template <typename Pointer> uint64_t toValue(Pointer pointer) {
  return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(pointer));
}
inline CuStream streamOf(const Stream &stream) {
  return toPointer<CuStream>(stream.value());
}
inline CuEvent eventOf(const Event &event) {
  return toPointer<CuEvent>(event.value());
}

/// The first line of a log that says something.
inline std::string firstLine(std::string_view log) {
  size_t first = log.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return "";
  }
  log.remove_prefix(first);
  log = log.substr(0, log.find_first_of("\r\n"));
  return printable(log, 256);
}

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_CUDAHANDLES_H
