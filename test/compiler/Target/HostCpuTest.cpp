//===- HostCpuTest.cpp - CPUs by name -------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/HostCpu.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

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

TEST(HostCpuTest, Arm) {
  constexpr const char *kArm = "aarch64-unknown-linux-gnu";
  auto n1 = getNamedCpu("neoverse-n1", kArm);
  ASSERT_TRUE(n1);
  EXPECT_EQ(n1->features, (std::vector<std::string>{"dotprod", "fullfp16"}));
  auto v1 = getNamedCpu("neoverse-v1", kArm);
  ASSERT_TRUE(v1);
  EXPECT_EQ(v1->features,
            (std::vector<std::string>{"bf16", "dotprod", "fullfp16", "i8mm"}));
  EXPECT_FALSE(getNamedCpu("znver4", kArm));
  std::vector<std::string> names = getCpuNames(kArm);
  EXPECT_TRUE(llvm::is_contained(names, "neoverse-v1"));
  EXPECT_FALSE(llvm::is_contained(names, "znver4"));
}

TEST(HostCpuTest, Triples) {
  for (const char *name :
       {"aarch64-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64",
        "arm64-linux-gnu", "aarch64-linux", "aarch64-pc-linux-gnu"}) {
    EXPECT_EQ(getTriple(name), "aarch64-unknown-linux-gnu") << name;
  }
  EXPECT_EQ(getTriple("amd64-linux-gnu"), "x86_64-unknown-linux-gnu");
  EXPECT_EQ(getTriple(""), getHostCpu().triple);
  // Other word sizes, byte orders, systems and C libraries.
  for (const char *name :
       {"aarch64_be-linux-gnu", "x86_64-linux-gnux32", "i686-linux-gnu",
        "arm-linux-gnueabihf", "arm64-apple-macosx", "x86_64-pc-windows-msvc",
        "aarch64-linux-android", "riscv64-linux-gnu", "nonsense", "-"}) {
    EXPECT_EQ(getTriple(name), std::nullopt) << name;
  }
}

TEST(HostCpuTest, DefaultIsTheHostOrTheBaseline) {
  Cpu host = getHostCpu();
  bool isX86 = llvm::Triple(host.triple).isX86();
  Cpu same = getDefaultCpu(*getTriple(isX86 ? "x86_64" : "aarch64"));
  EXPECT_EQ(same.name, host.name);
  EXPECT_EQ(same.features, host.features);
  Cpu other = getDefaultCpu(*getTriple(isX86 ? "aarch64" : "x86_64"));
  EXPECT_EQ(other.name, isX86 ? "generic" : "x86-64");
  EXPECT_TRUE(other.features.empty());
  auto named = getNamedCpu(other.name, other.triple);
  ASSERT_TRUE(named);
  EXPECT_TRUE(named->features.empty());
}

TEST(HostCpuTest, Host) {
  Cpu cpu = getHostCpu();
  EXPECT_FALSE(cpu.name.empty());
  EXPECT_FALSE(cpu.triple.empty());
  EXPECT_TRUE(llvm::is_sorted(cpu.features));
  // LLVM's own look at this machine.
  if (llvm::Triple(cpu.triple).isX86()) {
    llvm::StringMap<bool> seen = llvm::sys::getHostCPUFeatures();
    for (const std::string &feature : cpu.features) {
      EXPECT_TRUE(seen.lookup(feature)) << feature;
    }
    for (llvm::StringRef feature :
         {"avx", "avx2", "fma", "avx512f", "avx512bf16"}) {
      EXPECT_EQ(has(cpu, feature), seen.lookup(feature)) << feature.str();
    }
  }
}

} // namespace
