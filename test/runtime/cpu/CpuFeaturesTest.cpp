//===- CpuFeaturesTest.cpp - What this machine can execute ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuFeatures.h"

#include <gtest/gtest.h>

using namespace gemma;

using Names = std::vector<std::string_view>;

TEST(CpuFeaturesTest, TargetsOfOtherMachines) {
  Result<void> result = checkTarget("cuda", "x86_64-linux", "", Names());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Resource);
  EXPECT_NE(result.error().message.find("found \"cuda\""), std::string::npos);
  for (const char *triple : {"riscv64-unknown-linux-gnu", "", "-", "x86_64",
                             "x86_64-pc-windows-msvc", "\n"}) {
    Result<void> result = checkTarget("cpu", triple, "", Names());
    ASSERT_FALSE(result) << triple;
    EXPECT_EQ(result.error().code, ErrorCode::Resource);
    EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
  }
}

TEST(CpuFeaturesTest, UnknownNamesRefuse) {
  std::string triple =
      std::string(machineArchitecture()) + "-unknown-linux-gnu";
  Result<void> result =
      checkTarget("cpu", triple, "future", Names{"warp-drive"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Resource);
  EXPECT_EQ(result.error().message,
            "CPU: expected features that this runtime can check, found "
            "warp-drive");
}

TEST(CpuFeaturesTest, NoFeaturesRunAnywhere) {
  std::string triple =
      std::string(machineArchitecture()) + "-unknown-linux-gnu";
  EXPECT_TRUE(checkTarget("cpu", triple, "generic", Names()));
}

#if defined(__x86_64__)

// Every name that LLVM 22's getHostCPUFeatures returns on x86.
static const Names kLlvmNames = {"64bit",
                                 "adx",
                                 "aes",
                                 "amx-avx512",
                                 "amx-bf16",
                                 "amx-complex",
                                 "amx-fp16",
                                 "amx-fp8",
                                 "amx-int8",
                                 "amx-movrs",
                                 "amx-tf32",
                                 "amx-tile",
                                 "avx",
                                 "avx10.1",
                                 "avx10.2",
                                 "avx2",
                                 "avx512bf16",
                                 "avx512bitalg",
                                 "avx512bw",
                                 "avx512cd",
                                 "avx512dq",
                                 "avx512f",
                                 "avx512fp16",
                                 "avx512ifma",
                                 "avx512vbmi",
                                 "avx512vbmi2",
                                 "avx512vl",
                                 "avx512vnni",
                                 "avx512vp2intersect",
                                 "avx512vpopcntdq",
                                 "avxifma",
                                 "avxneconvert",
                                 "avxvnni",
                                 "avxvnniint16",
                                 "avxvnniint8",
                                 "bmi",
                                 "bmi2",
                                 "ccmp",
                                 "cf",
                                 "cldemote",
                                 "clflushopt",
                                 "clwb",
                                 "clzero",
                                 "cmov",
                                 "cmpccxadd",
                                 "crc32",
                                 "cx16",
                                 "cx8",
                                 "egpr",
                                 "enqcmd",
                                 "f16c",
                                 "fma",
                                 "fma4",
                                 "fsgsbase",
                                 "fxsr",
                                 "gfni",
                                 "hreset",
                                 "invpcid",
                                 "kl",
                                 "lwp",
                                 "lzcnt",
                                 "mmx",
                                 "movbe",
                                 "movdir64b",
                                 "movdiri",
                                 "movrs",
                                 "mwaitx",
                                 "ndd",
                                 "nf",
                                 "pclmul",
                                 "pconfig",
                                 "pku",
                                 "popcnt",
                                 "ppx",
                                 "prefetchi",
                                 "prfchw",
                                 "ptwrite",
                                 "push2pop2",
                                 "raoint",
                                 "rdpid",
                                 "rdpru",
                                 "rdrnd",
                                 "rdseed",
                                 "rtm",
                                 "sahf",
                                 "serialize",
                                 "sgx",
                                 "sha",
                                 "sha512",
                                 "shstk",
                                 "sm3",
                                 "sm4",
                                 "sse",
                                 "sse2",
                                 "sse3",
                                 "sse4.1",
                                 "sse4.2",
                                 "sse4a",
                                 "ssse3",
                                 "tbm",
                                 "tsxldtrk",
                                 "uintr",
                                 "usermsr",
                                 "vaes",
                                 "vpclmulqdq",
                                 "waitpkg",
                                 "wbnoinvd",
                                 "widekl",
                                 "x87",
                                 "xop",
                                 "xsave",
                                 "xsavec",
                                 "xsaveopt",
                                 "xsaves",
                                 "zu"};

static CpuidRegisters allOnes(uint32_t, uint32_t) {
  return {{~0u, ~0u, ~0u, ~0u}};
}
static CpuidRegisters allZeros(uint32_t, uint32_t) { return {}; }

TEST(CpuFeaturesTest, KnowsAllNamesOfLlvm) {
  CpuSource everything{allOnes, ~uint64_t(0), {0, 0}};
  MissingFeatures missing = missingFeatures(kLlvmNames, everything);
  EXPECT_TRUE(missing.absent.empty());
  EXPECT_TRUE(missing.unknown.empty());
  CpuSource nothing{allZeros, 0, {0, 0}};
  missing = missingFeatures(kLlvmNames, nothing);
  EXPECT_EQ(missing.absent.size(), kLlvmNames.size());
}

// A CPU that has the instructions under a system that does not save their
// registers would fault.
TEST(CpuFeaturesTest, SystemsMustSaveTheRegisters) {
  auto present = [](std::string_view name, uint64_t savedStates) {
    CpuSource source{allOnes, savedStates, {0, 0}};
    return missingFeatures(Names{name}, source).absent.empty();
  };
  constexpr uint64_t kSse = 0x2, kAvx = 0x6, kAvx512 = 0xe6, kAmx = 0x60000;
  EXPECT_TRUE(present("sse4.2", 0));
  EXPECT_FALSE(present("avx2", kSse));
  EXPECT_TRUE(present("avx2", kAvx));
  EXPECT_TRUE(present("fma", kAvx));
  EXPECT_FALSE(present("avx512bf16", kAvx));
  EXPECT_FALSE(present("avx10.1", kAvx));
  EXPECT_TRUE(present("avx512bf16", kAvx512));
  EXPECT_FALSE(present("amx-tile", kAvx512));
  EXPECT_TRUE(present("amx-tile", kAvx512 | kAmx));
  EXPECT_FALSE(present("egpr", kAvx512));
}

// CPUID leaf 7.1 EAX has bf16, 7.0 EBX the foundation; a name is one bit.
TEST(CpuFeaturesTest, LooksAtTheRightBits) {
  CpuSource bf16Only{[](uint32_t leaf, uint32_t subleaf) -> CpuidRegisters {
                       return leaf == 7 && subleaf == 1
                                  ? CpuidRegisters{{1u << 5, 0, 0, 0}}
                                  : CpuidRegisters{};
                     },
                     ~uint64_t(0),
                     {0, 0}};
  MissingFeatures missing = missingFeatures(kLlvmNames, bf16Only);
  EXPECT_EQ(missing.absent.size(), kLlvmNames.size() - 1);
  EXPECT_TRUE(missingFeatures(Names{"avx512bf16"}, bf16Only).absent.empty());
}

// The compiler's own look at CPUID, which this program is built without.
TEST(CpuFeaturesTest, AgreesWithTheCompilersView) {
  __builtin_cpu_init();
  CpuSource source = thisCpu();
  auto check = [&](const char *name, bool expected) {
    EXPECT_EQ(missingFeatures(Names{name}, source).absent.empty(), expected)
        << name;
  };
  check("sse2", true);
  check("64bit", true);
  check("sse4.2", __builtin_cpu_supports("sse4.2"));
  check("popcnt", __builtin_cpu_supports("popcnt"));
  check("avx", __builtin_cpu_supports("avx"));
  check("avx2", __builtin_cpu_supports("avx2"));
  check("fma", __builtin_cpu_supports("fma"));
  check("bmi2", __builtin_cpu_supports("bmi2"));
  check("avx512f", __builtin_cpu_supports("avx512f"));
  check("avx512bw", __builtin_cpu_supports("avx512bw"));
  check("avx512vl", __builtin_cpu_supports("avx512vl"));
  check("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  check("avx512bf16", __builtin_cpu_supports("avx512bf16"));
}

TEST(CpuFeaturesTest, TheListOfMissingOnesIsSaid) {
  // No CPU has the features of both AMD and Intel alone.
  Result<void> result = checkTarget("cpu", "x86_64-unknown-linux-gnu", "mix",
                                    Names{"sse2", "xop", "amx-fp8", "tbm"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Resource);
  EXPECT_EQ(result.error().message.find("CPU: expected every feature of mix, "
                                        "found these missing: "),
            0u);
}

TEST(CpuFeaturesTest, AsksForTiles) {
  if (missingFeatures(Names{"amx-tile"}, thisCpu()).absent.empty()) {
    EXPECT_TRUE(checkTarget("cpu", "x86_64-unknown-linux-gnu", "amx",
                            Names{"amx-tile", "amx-int8"}));
  }
}

#endif // __x86_64__
