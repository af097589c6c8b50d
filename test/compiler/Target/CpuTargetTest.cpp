//===- CpuTargetTest.cpp - Levels by feature list ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/CpuTarget.h"

#include "dialect/GemmaDialect.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::gemma;

TEST(CpuTargetTest, TakesTheBestLevelWhoseFeaturesAreAllThere) {
  EXPECT_EQ(getCpuTarget({"avx512f", "avx512bw", "avx512vl", "avx512dq",
                          "avx512bf16", "avx512vnni", "fma", "avx2"})
                .name,
            "avx512-bf16");
  EXPECT_EQ(getCpuTarget({"avx512f", "avx512bw", "avx512vl", "avx512dq",
                          "avx512vnni", "fma", "avx2"})
                .name,
            "avx512-vnni");
  // All CPUs with bf16 dot products have those of bytes.
  EXPECT_EQ(getCpuTarget({"avx512f", "avx512bw", "avx512vl", "avx512dq",
                          "avx512bf16", "fma", "avx2"})
                .name,
            "avx512");
  EXPECT_EQ(getCpuTarget(
                {"avx512f", "avx512bw", "avx512vl", "avx512dq", "fma", "avx2"})
                .name,
            "avx512");
  EXPECT_EQ(getCpuTarget({"avx512f", "avx2", "f16c", "fma"}).name, "avx2");
  EXPECT_EQ(getCpuTarget({"avx2", "fma"}).name, "generic");
  EXPECT_EQ(getCpuTarget(ArrayRef<StringRef>()).name, "generic");
}

TEST(CpuTargetTest, EveryLevelEndsInSingleRows) {
  const StringRef avx2[] = {"avx2", "f16c", "fma"};
  for (ArrayRef<StringRef> features :
       {ArrayRef<StringRef>(), ArrayRef<StringRef>(avx2)}) {
    const CpuTarget &target = getCpuTarget(features);
    EXPECT_EQ(target.rowBlocks.back(), 1);
    EXPECT_TRUE(llvm::is_sorted(target.rowBlocks, std::greater<int64_t>()));
  }
}

TEST(CpuTargetTest, ReadsTheFeaturesOfAModule) {
  MLIRContext context;
  context.loadDialect<GemmaDialect>();
  auto module = parseSourceString<ModuleOp>(
      R"(module attributes {gemma.options = {weights = "f32",
            max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu",
            cpu = "haswell", features = ["avx2", "f16c", "fma"],
            stub = false}} {})",
      &context);
  ASSERT_TRUE(module);
  EXPECT_EQ(getCpuTarget(*module).name, "avx2");
  (*module)->removeAttr("gemma.options");
  EXPECT_EQ(getCpuTarget(*module).name, "generic");
}
