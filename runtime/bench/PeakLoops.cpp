//===- PeakLoops.cpp - Loops that only multiply and add -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/PeakLoops.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#define VECTOR_REGISTER "v"
#elif defined(__aarch64__)
#include <arm_neon.h>
#define VECTOR_REGISTER "w"
#endif

using namespace gemma;

// Accumulators must be variables of their own: an array would be memory in a
// build without optimisation, and its elements could be merged in one with.
#define TIMES_12(X)                                                            \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
// For machines with 32 vector registers.
#define TIMES_24(X)                                                            \
  TIMES_12(X)                                                                  \
  X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)

// Factors that the compiler takes for new ones, so that no product is computed
// only once.
#define SHUFFLE __asm__ volatile("" : "+" VECTOR_REGISTER(x));
#define DECLARE(N) auto s##N = ACCUMULATOR;
#define USE(N) __asm__ volatile("" : : VECTOR_REGISTER(s##N));

#define GEMMA_PEAK_LOOP(NAME, TARGET, TIMES, STEP, FACTOR)                     \
  TARGET static void NAME(uint64_t rounds) {                                   \
    auto x = FACTOR, y = FACTOR;                                               \
    __asm__ volatile("" : "+" VECTOR_REGISTER(y));                             \
    TIMES(DECLARE)                                                             \
    for (; rounds != 0; --rounds) {                                            \
      TIMES(STEP)                                                              \
    }                                                                          \
    TIMES(USE)                                                                 \
  }

#if defined(__x86_64__)

#define LEVEL(FEATURES) __attribute__((target(FEATURES)))

#define ACCUMULATOR _mm512_setzero_ps()
#define FMA512(N) SHUFFLE s##N = _mm512_fmadd_ps(x, y, s##N);
GEMMA_PEAK_LOOP(fma512, LEVEL("avx512f"), TIMES_24, FMA512,
                _mm512_set1_ps(0.5F))
#define BF16(N) SHUFFLE s##N = _mm512_dpbf16_ps(s##N, (__m512bh)x, (__m512bh)y);
GEMMA_PEAK_LOOP(bf16Dot512, LEVEL("avx512f,avx512bf16"), TIMES_24, BF16,
                _mm512_set1_epi32(0x3f003f00))
#undef ACCUMULATOR

#define ACCUMULATOR _mm512_setzero_si512()
#define BYTES512(N) SHUFFLE s##N = _mm512_dpbusd_epi32(s##N, x, y);
GEMMA_PEAK_LOOP(byteDot512, LEVEL("avx512f,avx512vnni"), TIMES_24, BYTES512,
                _mm512_set1_epi8(3))
#define PAIRS512(N)                                                            \
  SHUFFLE s##N = _mm512_add_epi32(                                             \
      s##N, _mm512_madd_epi16(_mm512_maddubs_epi16(x, y), ones));
LEVEL("avx512f,avx512bw") static void bytePairs512(uint64_t rounds) {
  __m512i x = _mm512_set1_epi8(3), y = x;
  const __m512i ones = _mm512_set1_epi16(1);
  TIMES_24(DECLARE)
  for (; rounds != 0; --rounds) {
    TIMES_24(PAIRS512)
  }
  TIMES_24(USE)
}
#undef ACCUMULATOR

#define ACCUMULATOR _mm256_setzero_ps()
#define FMA256(N) SHUFFLE s##N = _mm256_fmadd_ps(x, y, s##N);
GEMMA_PEAK_LOOP(fma256, LEVEL("avx2,fma"), TIMES_12, FMA256,
                _mm256_set1_ps(0.5F))
#undef ACCUMULATOR

#define ACCUMULATOR _mm256_setzero_si256()
#define BYTES256(N) SHUFFLE s##N = _mm256_dpbusd_avx_epi32(s##N, x, y);
GEMMA_PEAK_LOOP(byteDot256, LEVEL("avx2,avxvnni"), TIMES_12, BYTES256,
                _mm256_set1_epi8(3))
#define PAIRS256(N)                                                            \
  SHUFFLE s##N = _mm256_add_epi32(                                             \
      s##N, _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), ones));
LEVEL("avx2") static void bytePairs256(uint64_t rounds) {
  __m256i x = _mm256_set1_epi8(3), y = x;
  const __m256i ones = _mm256_set1_epi16(1);
  TIMES_12(DECLARE)
  for (; rounds != 0; --rounds) {
    TIMES_12(PAIRS256)
  }
  TIMES_12(USE)
}
#undef ACCUMULATOR

#define ACCUMULATOR _mm_setzero_ps()
#define MULADD128(N) SHUFFLE s##N = _mm_add_ps(s##N, _mm_mul_ps(x, y));
GEMMA_PEAK_LOOP(mulAdd128, , TIMES_12, MULADD128, _mm_set1_ps(0.5F))
#undef ACCUMULATOR

#define ACCUMULATOR _mm_setzero_si128()
#define PAIRS128(N)                                                            \
  SHUFFLE s##N =                                                               \
      _mm_add_epi32(s##N, _mm_madd_epi16(_mm_maddubs_epi16(x, y), ones));
LEVEL("ssse3") static void bytePairs128(uint64_t rounds) {
  __m128i x = _mm_set1_epi8(3), y = x;
  const __m128i ones = _mm_set1_epi16(1);
  TIMES_12(DECLARE)
  for (; rounds != 0; --rounds) {
    TIMES_12(PAIRS128)
  }
  TIMES_12(USE)
}
#undef ACCUMULATOR

#elif defined(__aarch64__)

#define LEVEL(FEATURES) __attribute__((target(FEATURES)))

#define ACCUMULATOR vdupq_n_f32(0)
#define FMA128(N) SHUFFLE s##N = vfmaq_f32(s##N, x, y);
GEMMA_PEAK_LOOP(fma128, , TIMES_24, FMA128, vdupq_n_f32(0.5F))
#undef ACCUMULATOR

#define ACCUMULATOR vdupq_n_s32(0)
#define BYTES128(N) SHUFFLE s##N = vdotq_s32(s##N, x, y);
GEMMA_PEAK_LOOP(byteDot128, LEVEL("arch=armv8.2-a+dotprod"), TIMES_24, BYTES128,
                vdupq_n_s8(3))
#undef ACCUMULATOR

#else
#error "no peak loop for this architecture"
#endif

Arithmetic gemma::arithmeticOf(std::string_view encodingKind) {
  if (encodingKind == "bf16") {
    return Arithmetic::Bf16;
  }
  return encodingKind.substr(0, 1) == "q" ? Arithmetic::Int8 : Arithmetic::F32;
}

PeakLoop gemma::peakLoop(Arithmetic arithmetic,
                         Span<const std::string_view> features) {
  auto has = [&](std::string_view name) {
    return std::find(features.begin(), features.end(), name) != features.end();
  };
  // Two operations per product: bytes of a register per factor, accumulators.
#if defined(__x86_64__)
  if (arithmetic == Arithmetic::Int8) {
    if (has("avx512vnni")) {
      return {"vpdpbusd zmm", 2 * 64 * 24, byteDot512};
    }
    if (has("avxvnni")) {
      return {"vpdpbusd ymm", 2 * 32 * 12, byteDot256};
    }
    if (has("avx512bw")) {
      return {"vpmaddubsw zmm", 2 * 64 * 24, bytePairs512};
    }
    if (has("avx2")) {
      return {"vpmaddubsw ymm", 2 * 32 * 12, bytePairs256};
    }
    if (has("ssse3")) {
      return {"pmaddubsw xmm", 2 * 16 * 12, bytePairs128};
    }
  }
  if (arithmetic == Arithmetic::Bf16 && has("avx512bf16")) {
    return {"vdpbf16ps zmm", 2 * 32 * 24, bf16Dot512};
  }
  if (has("avx512f")) {
    return {"vfmadd f32 zmm", 2 * 16 * 24, fma512};
  }
  if (has("avx2") && has("fma")) {
    return {"vfmadd f32 ymm", 2 * 8 * 12, fma256};
  }
  return {"mulps+addps xmm", 2 * 4 * 12, mulAdd128};
#else
  if (arithmetic == Arithmetic::Int8 && has("dotprod")) {
    return {"sdot", 2 * 16 * 24, byteDot128};
  }
  return {"fmla f32", 2 * 4 * 24, fma128};
#endif
}
