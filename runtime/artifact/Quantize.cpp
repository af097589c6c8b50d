//===- Quantize.cpp - Rows of weights in q8_0 and q4_0 --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A lane is a row of the panel: its blocks are worked on side by side, and no
// sum crosses lanes. The vectors are the compiler's, so that one text serves
// all CPUs and all give the same bytes. This file is compiled without
// contraction of multiply and add (runtime/CMakeLists.txt).
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Quantize.h"

#include <cstring>

using namespace gemma;

static constexpr int kRows = 16;
static constexpr int kBlock = 32;

namespace {
/// 64 columns of all rows, transposed: [column][row].
struct alignas(64) Tile {
  float values[kSuperblockColumns][kRows];
};
} // namespace

namespace plain {
#define GEMMA_VECTOR_BYTES 16
#include "runtime/artifact/QuantizeLevel.h"
#undef GEMMA_VECTOR_BYTES
static constexpr Quantizers kLevel = {"plain", quantizeQ8Panel,
                                      quantizeQ4Panel<Q4Rule::Mse>,
                                      quantizeQ4Panel<Q4Rule::Ggml>};
} // namespace plain

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
#define GEMMA_VECTOR_BYTES 32
#include "runtime/artifact/QuantizeLevel.h"
#undef GEMMA_VECTOR_BYTES
static constexpr Quantizers kLevel = {"avx2", quantizeQ8Panel,
                                      quantizeQ4Panel<Q4Rule::Mse>,
                                      quantizeQ4Panel<Q4Rule::Ggml>};
} // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
namespace avx512 {
#define GEMMA_VECTOR_BYTES 64
#include "runtime/artifact/QuantizeLevel.h"
#undef GEMMA_VECTOR_BYTES
static constexpr Quantizers kLevel = {"avx512", quantizeQ8Panel,
                                      quantizeQ4Panel<Q4Rule::Mse>,
                                      quantizeQ4Panel<Q4Rule::Ggml>};
} // namespace avx512
#pragma GCC pop_options
#endif

static constexpr Quantizers kLevels[] = {
#if defined(__x86_64__)
    avx512::kLevel,
    avx2::kLevel,
#endif
    plain::kLevel,
};

Span<const Quantizers> gemma::availableQuantizers() {
  size_t first = 0;
#if defined(__x86_64__)
  bool hasAvx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  first = hasAvx512 ? 0 : __builtin_cpu_supports("avx2") ? 1 : 2;
#endif
  return {kLevels + first, sizeof kLevels / sizeof *kLevels - first};
}

void gemma::quantizeQ8(const PanelRows &panel, unsigned char *out) {
  availableQuantizers()[0].q8(panel, out);
}

void gemma::quantizeQ4(const PanelRows &panel, Q4Rule rule,
                       unsigned char *out) {
  const Quantizers &best = availableQuantizers()[0];
  (rule == Q4Rule::Mse ? best.q4Mse : best.q4Ggml)(panel, out);
}
