//===- HostCpuTest.cpp - CPUs by name -------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/HostCpu.h"

#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>

using namespace mlir::gemma;

namespace {

constexpr const char *kTriple = "x86_64-unknown-linux-gnu";

bool has(const Cpu &cpu, llvm::StringRef feature) {
  return llvm::is_contained(cpu.features, feature);
}

TEST(HostCpuTest, NamedLevels) {
  auto v2 = getNamedCpu("x86-64-v2", kTriple);
  ASSERT_TRUE(v2);
  EXPECT_EQ(v2->name, "x86-64-v2");
  EXPECT_TRUE(has(*v2, "sse4.2"));
  EXPECT_FALSE(has(*v2, "avx"));
  auto zen4 = getNamedCpu("znver4", kTriple);
  ASSERT_TRUE(zen4);
  EXPECT_TRUE(has(*zen4, "avx512bf16"));
  EXPECT_TRUE(llvm::is_sorted(zen4->features));
  auto baseline = getNamedCpu("x86-64", kTriple);
  ASSERT_TRUE(baseline);
  EXPECT_TRUE(baseline->features.empty());
}

TEST(HostCpuTest, OnlyFeaturesThatCodeMayUse) {
  auto cpu = getNamedCpu("sapphirerapids", kTriple);
  ASSERT_TRUE(cpu);
  EXPECT_FALSE(has(*cpu, "amx-tile"));
  EXPECT_FALSE(has(*cpu, "aes"));
  auto known = getCodegenFeatures(llvm::Triple(kTriple));
  EXPECT_TRUE(llvm::is_sorted(known));
  for (const std::string &feature : cpu->features) {
    EXPECT_TRUE(llvm::is_contained(known, feature)) << feature;
  }
}

TEST(HostCpuTest, UnknownNames) {
  EXPECT_FALSE(getNamedCpu("z80", kTriple));
  EXPECT_FALSE(getNamedCpu("", kTriple));
  // A CPU of 32 bits, which LLVM lists too.
  EXPECT_FALSE(getNamedCpu("i386", kTriple));
  EXPECT_FALSE(getNamedCpu("znver4", "nonsense"));
}

TEST(HostCpuTest, ListedNamesAreKnown) {
  std::vector<std::string> names = getCpuNames(kTriple);
  EXPECT_TRUE(llvm::is_contained(names, "haswell"));
  EXPECT_FALSE(llvm::is_contained(names, "i386"));
  for (const std::string &name : names) {
    EXPECT_TRUE(getNamedCpu(name, kTriple)) << name;
  }
}

TEST(HostCpuTest, Host) {
  Cpu cpu = getHostCpu();
  EXPECT_FALSE(cpu.name.empty());
  EXPECT_FALSE(cpu.triple.empty());
  EXPECT_TRUE(llvm::is_sorted(cpu.features));
}

} // namespace
