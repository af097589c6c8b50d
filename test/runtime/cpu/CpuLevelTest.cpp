//===- CpuLevelTest.cpp - This machine's CPU in a few words ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuLevel.h"

#include <gtest/gtest.h>

using namespace gemma;

using Names = std::vector<std::string_view>;

#if defined(__x86_64__)

/// A CPU with these bits of CPUID 7 (EBX) and 1 (ECX), avx512vnni, sahf and
/// lzcnt.
template <uint32_t Leaf7Ebx, uint32_t Leaf1Ecx>
static CpuidRegisters answer(uint32_t leaf, uint32_t subleaf) {
  CpuidRegisters registers;
  if (leaf == 1) {
    registers.value[2] = Leaf1Ecx;
  } else if (leaf == 7 && subleaf == 0) {
    registers.value[1] = Leaf7Ebx;
    registers.value[2] = 1u << 11; // avx512vnni
  } else if (leaf == 0x80000001) {
    registers.value[2] = 0x21; // sahf, lzcnt
  }
  return registers;
}

// CPUID 1, ECX: sse3, ssse3, fma, cx16, sse4.1, sse4.2, movbe, popcnt, xsave,
// avx, f16c.
static constexpr uint32_t kV2 =
    1u | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23;
static constexpr uint32_t kV3 =
    kV2 | 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29;
// CPUID 7, EBX: bmi, avx2, bmi2; avx512f, dq, cd, bw, vl.
static constexpr uint32_t kAvx2 = 1u << 3 | 1u << 5 | 1u << 8;
static constexpr uint32_t kAvx512 =
    kAvx2 | 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
static constexpr uint64_t kAllStates = 0xe6;

TEST(CpuLevelTest, LevelsOfThePsAbi) {
  auto level = [](auto cpuid, uint64_t states) {
    return cpuLevel({cpuid, states, {0, 0}}).name;
  };
  EXPECT_EQ(level(answer<0, 0>, kAllStates), "x86-64");
  EXPECT_EQ(level(answer<kAvx512, 0>, kAllStates), "x86-64");
  EXPECT_EQ(level(answer<0, kV2>, kAllStates), "x86-64-v2");
  EXPECT_EQ(level(answer<kAvx512 & ~kAvx2, kV3>, kAllStates), "x86-64-v2");
  EXPECT_EQ(level(answer<kAvx2, kV3>, kAllStates), "x86-64-v3");
  EXPECT_EQ(level(answer<kAvx512, kV3>, kAllStates), "x86-64-v4");
  EXPECT_EQ(level(answer<kAvx512 & ~(1u << 31), kV3>, kAllStates), "x86-64-v3");
}

// The system must save the registers too.
TEST(CpuLevelTest, StatesThatTheSystemDoesNotSave) {
  EXPECT_EQ(cpuLevel({answer<kAvx512, kV3>, 0x6, {0, 0}}).name, "x86-64-v3");
  EXPECT_EQ(cpuLevel({answer<kAvx512, kV3>, 0, {0, 0}}).name, "x86-64-v2");
}

TEST(CpuLevelTest, Extras) {
  EXPECT_EQ(cpuLevel({answer<kAvx512, kV3>, kAllStates, {0, 0}}).extras,
            Names{"avx512vnni"});
  EXPECT_EQ(cpuLevel({answer<kAvx512, kV3>, 0x6, {0, 0}}).extras, Names());
}

#else

TEST(CpuLevelTest, Extras) {
  CpuLevel plain = cpuLevel({nullptr, 0, {3, 0}});
  EXPECT_EQ(plain.name, "armv8-a");
  EXPECT_EQ(plain.extras, Names());
  CpuLevel dot = cpuLevel({nullptr, 0, {3 | 1u << 20, 1u << 13}});
  EXPECT_EQ(dot.extras, (Names{"dotprod", "i8mm"}));
}

#endif

TEST(CpuLevelTest, ThisMachineHasOne) {
  EXPECT_FALSE(cpuLevel(thisCpu()).name.empty());
}
