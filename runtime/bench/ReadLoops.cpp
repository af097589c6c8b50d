//===- ReadLoops.cpp - Loops that only read memory ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/ReadLoops.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

using namespace gemma;

// A loop for every vector type: intrinsics of another level than the baseline
// need a function of that level, and a template parameter cannot name one.
// Streams are parts of the range that are read side by side.
#define GEMMA_READ_LOOP(NAME, TARGET, VECTOR, ZERO, LOAD, ADD, TOTAL)          \
  template <int Accumulators, int Prefetch, int Streams>                       \
  TARGET static uint64_t NAME(const unsigned char *p,                          \
                              const unsigned char *end) {                      \
    constexpr int kLoads = kReadBlock / sizeof(VECTOR);                        \
    constexpr int kLoadsPerLine = 64 / sizeof(VECTOR);                         \
    const size_t blocks = static_cast<size_t>(end - p) / kReadBlock;           \
    const size_t part = blocks / Streams * kReadBlock;                         \
    VECTOR sums[Accumulators];                                                 \
    _Pragma("GCC unroll 8") for (int i = 0; i < Accumulators; ++i) {           \
      sums[i] = ZERO;                                                          \
    }                                                                          \
    for (const unsigned char *stop = p + part; p != stop; p += kReadBlock) {   \
      _Pragma("GCC unroll 4") for (int s = 0; s < Streams; ++s) {              \
        const unsigned char *from = p + s * part;                              \
        _Pragma("GCC unroll 32") for (int i = 0; i < kLoads; ++i) {            \
          if (Prefetch != 0 && i % kLoadsPerLine == 0) {                       \
            __builtin_prefetch(from + Prefetch + i * sizeof(VECTOR));          \
          }                                                                    \
          VECTOR &sum = sums[i % Accumulators];                                \
          sum = ADD(sum, LOAD(from + i * sizeof(VECTOR)));                     \
        }                                                                      \
      }                                                                        \
    }                                                                          \
    _Pragma("GCC unroll 8") for (int i = 1; i < Accumulators; ++i) {           \
      sums[0] = ADD(sums[0], sums[i]);                                         \
    }                                                                          \
    /* Blocks that the streams do not share evenly. */                         \
    uint64_t rest = 0;                                                         \
    p += (Streams - 1) * part;                                                 \
    if (Streams > 1 && p != end) {                                             \
      rest = NAME<1, 0, 1>(p, end);                                            \
    }                                                                          \
    return TOTAL(sums[0]) + rest;                                              \
  }

#if defined(__x86_64__)

static uint64_t total128(__m128i sum) {
  alignas(16) uint64_t words[2];
  _mm_store_si128(reinterpret_cast<__m128i *>(words), sum);
  return words[0] + words[1];
}
__attribute__((target("avx2"))) static uint64_t total256(__m256i sum) {
  return total128(_mm_add_epi64(_mm256_castsi256_si128(sum),
                                _mm256_extracti128_si256(sum, 1)));
}
__attribute__((target("avx512f"))) static uint64_t total512(__m512i sum) {
  alignas(64) uint64_t words[8];
  _mm512_store_si512(words, sum);
  uint64_t total = 0;
  for (uint64_t word : words) {
    total += word;
  }
  return total;
}

#define LOAD128(P) _mm_loadu_si128(reinterpret_cast<const __m128i *>(P))
#define LOAD256(P) _mm256_loadu_si256(reinterpret_cast<const __m256i *>(P))
#define LOAD512(P) _mm512_loadu_si512(P)
GEMMA_READ_LOOP(read128, , __m128i, _mm_setzero_si128(), LOAD128, _mm_add_epi64,
                total128)
GEMMA_READ_LOOP(read256, __attribute__((target("avx2"))), __m256i,
                _mm256_setzero_si256(), LOAD256, _mm256_add_epi64, total256)
GEMMA_READ_LOOP(read512, __attribute__((target("avx512f"))), __m512i,
                _mm512_setzero_si512(), LOAD512, _mm512_add_epi64, total512)

#elif defined(__aarch64__)

static uint64x2_t load128(const unsigned char *p) {
  return vreinterpretq_u64_u8(vld1q_u8(p));
}
GEMMA_READ_LOOP(read128, , uint64x2_t, vdupq_n_u64(0), load128, vaddq_u64,
                vaddvq_u64)

#else
#error "no read loop for this architecture"
#endif

// X(accumulators, prefetch, streams): all numbers of accumulators without
// prefetch, and some of them with it and with more streams.
// clang-format off
#define GEMMA_READ_SHAPES(X)                                                   \
  X(4, 0, 1) X(1, 0, 1) X(2, 0, 1) X(8, 0, 1)                                  \
  X(1, 1024, 1) X(1, 2048, 1) X(1, 4096, 1)                                    \
  X(4, 512, 1) X(4, 2048, 1) X(4, 8192, 1)                                     \
  X(4, 0, 2) X(4, 2048, 2) X(4, 0, 4) X(4, 2048, 4)
// clang-format on

std::vector<ReadLoop> gemma::readLoops() {
  std::vector<ReadLoop> loops;
  auto add =
      [&](int bits, int accumulators, int prefetch, int streams,
          uint64_t (*sum)(const unsigned char *, const unsigned char *)) {
        std::string name =
            std::to_string(bits) + "x" + std::to_string(accumulators);
        name += prefetch != 0 ? "+" + std::to_string(prefetch) : "";
        name += streams != 1 ? ", " + std::to_string(streams) + " streams" : "";
        loops.push_back({std::move(name), sum});
      };
#define ADD128(A, P, S) add(128, A, P, S, read128<A, P, S>);
  GEMMA_READ_SHAPES(ADD128)
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
#define ADD256(A, P, S) add(256, A, P, S, read256<A, P, S>);
    GEMMA_READ_SHAPES(ADD256)
  }
  if (__builtin_cpu_supports("avx512f")) {
#define ADD512(A, P, S) add(512, A, P, S, read512<A, P, S>);
    GEMMA_READ_SHAPES(ADD512)
  }
#endif
  return loops;
}
