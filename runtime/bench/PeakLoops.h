//===- PeakLoops.h - Loops that only multiply and add -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_PEAKLOOPS_H
#define GEMMA_RUNTIME_BENCH_PEAKLOOPS_H

#include "runtime/core/Span.h"

#include <cstdint>
#include <string_view>

namespace gemma {

/// What is multiplied and added up: f32, pairs of bf16, or bytes.
enum class Arithmetic { F32, Bf16, Int8 };
constexpr size_t kArithmetics = 3;

/// A loop over independent accumulators in registers, enough of them to hide
/// the instruction's latency.
struct PeakLoop {
  /// The instruction: "vdpbf16ps".
  const char *name;
  /// Operations of a round; a multiply-add is two.
  uint64_t operations;
  void (*run)(uint64_t rounds);
};

/// The arithmetic of a matmul over weights of an encoding's kind ("bf16",
/// "q8_0"): that of its inputs.
Arithmetic arithmeticOf(std::string_view encodingKind);

/// The fastest loop for an arithmetic among those that code for these target
/// features may use. Without a bf16 dot product that is the f32 one; without
/// one of bytes, what stands for it (pmaddubsw and pmaddwd), or else f32.
PeakLoop peakLoop(Arithmetic arithmetic, Span<const std::string_view> features);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_PEAKLOOPS_H
