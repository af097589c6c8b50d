//===- PeakLoopsTest.cpp - Loops that only multiply and add ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/PeakLoops.h"

#include "runtime/cpu/CpuFeatures.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace gemma;

static std::string name(Arithmetic arithmetic,
                        std::vector<std::string_view> features) {
  return peakLoop(arithmetic, features).name;
}

TEST(PeakLoopsTest, ArithmeticFollowsTheEncoding) {
  EXPECT_EQ(arithmeticOf("f32"), Arithmetic::F32);
  // Its inputs are f32.
  EXPECT_EQ(arithmeticOf("f16"), Arithmetic::F32);
  EXPECT_EQ(arithmeticOf("bf16"), Arithmetic::Bf16);
  EXPECT_EQ(arithmeticOf("q8_0"), Arithmetic::Int8);
  EXPECT_EQ(arithmeticOf("q4_0"), Arithmetic::Int8);
}

#if defined(__x86_64__)

TEST(PeakLoopsTest, TakesTheBestInstructionOfTheTarget) {
  EXPECT_EQ(name(Arithmetic::F32, {}), "mulps+addps xmm");
  EXPECT_EQ(name(Arithmetic::F32, {"avx2", "fma"}), "vfmadd f32 ymm");
  EXPECT_EQ(name(Arithmetic::F32, {"avx2", "avx512f", "fma"}),
            "vfmadd f32 zmm");
  EXPECT_EQ(name(Arithmetic::Bf16, {"avx512bf16", "avx512f"}), "vdpbf16ps zmm");
  EXPECT_EQ(name(Arithmetic::Int8, {"avx512bw", "avx512f", "avx512vnni"}),
            "vpdpbusd zmm");
  EXPECT_EQ(name(Arithmetic::Int8, {"avx2", "avxvnni"}), "vpdpbusd ymm");
}

TEST(PeakLoopsTest, WithoutADotProductWhatStandsForIt) {
  EXPECT_EQ(name(Arithmetic::Bf16, {"avx2", "avx512f", "fma"}),
            "vfmadd f32 zmm");
  EXPECT_EQ(name(Arithmetic::Int8, {"avx512bw", "avx512f"}), "vpmaddubsw zmm");
  EXPECT_EQ(name(Arithmetic::Int8, {"avx2", "fma"}), "vpmaddubsw ymm");
  EXPECT_EQ(name(Arithmetic::Int8, {"ssse3"}), "pmaddubsw xmm");
  EXPECT_EQ(name(Arithmetic::Int8, {}), "mulps+addps xmm");
}

static std::vector<std::vector<std::string_view>> levels() {
  return {{},
          {"ssse3"},
          {"avx2", "fma"},
          {"avx2", "avxvnni"},
          {"avx512f"},
          {"avx512bw", "avx512f"},
          {"avx512f", "avx512vnni"},
          {"avx512bf16", "avx512f"}};
}

#elif defined(__aarch64__)

TEST(PeakLoopsTest, TakesTheBestInstructionOfTheTarget) {
  EXPECT_EQ(name(Arithmetic::F32, {}), "fmla f32");
  EXPECT_EQ(name(Arithmetic::Bf16, {}), "fmla f32");
  EXPECT_EQ(name(Arithmetic::Int8, {"dotprod"}), "sdot");
  EXPECT_EQ(name(Arithmetic::Int8, {}), "fmla f32");
}

static std::vector<std::vector<std::string_view>> levels() {
  return {{}, {"dotprod"}};
}

#endif

// Each of this machine's loops ends, whatever the number of rounds.
TEST(PeakLoopsTest, LoopsOfThisMachineRun) {
  int ran = 0;
  for (const std::vector<std::string_view> &features : levels()) {
    if (!missingFeatures(features, thisCpu()).absent.empty()) {
      continue;
    }
    for (Arithmetic arithmetic :
         {Arithmetic::F32, Arithmetic::Bf16, Arithmetic::Int8}) {
      PeakLoop loop = peakLoop(arithmetic, features);
      EXPECT_GT(loop.operations, 0u);
      loop.run(0);
      loop.run(1000);
      ++ran;
    }
  }
  EXPECT_GE(ran, 3);
}
