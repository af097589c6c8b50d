//===- ArmFeaturesTest.cpp - Features of 64-bit Arm CPUs ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ArmFeatures.h"

#include <gtest/gtest.h>

using namespace gemma;

// AT_HWCAP and AT_HWCAP2 under qemu-aarch64 7.2, by its -cpu.
static constexpr uint64_t kNeoverseN1[2] = {0x119ffb, 0};
static constexpr uint64_t kMax[2] = {0xecfffffb, 0x7f877fff};

TEST(ArmFeaturesTest, WhatKernelsUse) {
  for (const char *name : {"neon", "fp-armv8", "fullfp16", "dotprod"}) {
    EXPECT_EQ(hasArmFeature(name, kNeoverseN1), true) << name;
    EXPECT_EQ(hasArmFeature(name, kMax), true) << name;
  }
  for (const char *name : {"bf16", "i8mm", "sve"}) {
    EXPECT_EQ(hasArmFeature(name, kNeoverseN1), false) << name;
    EXPECT_EQ(hasArmFeature(name, kMax), true) << name;
  }
}

// One bit each, of the right word.
TEST(ArmFeaturesTest, LooksAtTheRightBits) {
  EXPECT_EQ(hasArmFeature("dotprod", {1u << 20, 0}), true);
  EXPECT_EQ(hasArmFeature("dotprod", {0, ~0ull}), false);
  EXPECT_EQ(hasArmFeature("i8mm", {0, 1u << 13}), true);
  EXPECT_EQ(hasArmFeature("bf16", {0, 1u << 14}), true);
  EXPECT_EQ(hasArmFeature("bf16", {~0ull, ~(1ull << 14)}), false);
}

// Half-precision arithmetic of scalars and of vectors, SHA512 and SHA3.
TEST(ArmFeaturesTest, NamesOfTwoBitsNeedBoth) {
  EXPECT_EQ(hasArmFeature("fullfp16", {1u << 9, 0}), false);
  EXPECT_EQ(hasArmFeature("fullfp16", {1u << 10, 0}), false);
  EXPECT_EQ(hasArmFeature("fullfp16", {3u << 9, 0}), true);
  EXPECT_EQ(hasArmFeature("sha3", {1u << 17, 0}), false);
  EXPECT_EQ(hasArmFeature("sha3", {1u << 17 | 1u << 21, 0}), true);
}

TEST(ArmFeaturesTest, UnknownNames) {
  EXPECT_EQ(hasArmFeature("avx2", {~0ull, ~0ull}), std::nullopt);
  EXPECT_EQ(hasArmFeature("", {~0ull, ~0ull}), std::nullopt);
}
