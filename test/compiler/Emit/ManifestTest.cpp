//===- ManifestTest.cpp - From dispatches to bindings ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Manifest.h"
#include "test/compiler/Emit/TestingProgram.h"
#include "test/compiler/TestingModule.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::testing;
namespace artifact = ::gemma::artifact;

namespace {

/// "kind index offset row_bytes writes", one per binding.
std::string describe(const artifact::DispatchT &dispatch) {
  std::string text;
  for (const auto &binding : dispatch.bindings) {
    text += std::string(artifact::EnumNameBindingKind(binding->kind)) + " " +
            std::to_string(binding->index) + " " +
            std::to_string(binding->offset) + " " +
            std::to_string(binding->row_bytes) +
            (binding->writes ? " writes\n" : "\n");
  }
  return text;
}

class ManifestTest : public ::testing::Test {
protected:
  ::gemma::Result<Program> build(std::string from = "", std::string to = "") {
    std::string text = getProgram(false);
    if (!from.empty()) {
      text.replace(text.find(from), from.size(), to);
    }
    module = parse(*context, text);
    EXPECT_TRUE(module);
    return buildProgram(*module);
  }

  std::unique_ptr<MLIRContext> context = makeContext();
  OwningOpRef<ModuleOp> module;
};

TEST_F(ManifestTest, Bindings) {
  auto program = build();
  ASSERT_TRUE(static_cast<bool>(program)) << program.error().message;
  const auto &forward = program->manifest.forward;
  ASSERT_EQ(forward.size(), 3u);
  EXPECT_EQ(describe(*forward[0]),
            "Tokens 0 0 0\nWeight 0 0 0\nScratch 0 0 128 writes\n"
            "Weight 1 0 0\nWeight 2 0 0\n");
  EXPECT_EQ(describe(*forward[1]),
            "KvCache 0 0 0 writes\nPositions 0 0 0\nSlots 0 0 0\n"
            "Scratch 0 1024 4 writes\n");
  EXPECT_EQ(describe(*forward[2]),
            "OutRows 0 0 0\nWeight 0 0 0\nLogits 0 0 160 writes\n");
  EXPECT_EQ(forward[0]->rows, artifact::RowCount_Rows);
  EXPECT_EQ(forward[2]->rows, artifact::RowCount_OutRows);
  EXPECT_EQ(forward[0]->tiles, 2u);
  EXPECT_EQ(forward[0]->row_tile, 4u);
  EXPECT_EQ(forward[0]->fixed_bytes, 1u);
  EXPECT_EQ(forward[0]->row_bytes, 2u);
  EXPECT_EQ(forward[0]->row_operations, 3u);
  EXPECT_EQ(forward[0]->key_bytes, 4u);
  EXPECT_EQ(forward[0]->key_operations, 5u);
  EXPECT_EQ(forward[2]->kernel, 2u);
}

TEST_F(ManifestTest, KernelsWeightsAndCaches) {
  auto program = build();
  ASSERT_TRUE(static_cast<bool>(program));
  const artifact::ManifestT &manifest = program->manifest;
  ASSERT_EQ(manifest.kernels.size(), 3u);
  EXPECT_EQ(manifest.kernels[2]->symbol, "linear_12");
  EXPECT_EQ(manifest.kernels[2]->op, "linear");
  EXPECT_EQ(manifest.kernels[1]->op, "cache_write");
  // In order of first use, the unused one left out.
  ASSERT_EQ(manifest.weights.size(), 3u);
  EXPECT_EQ(manifest.weights[0]->name, "table");
  EXPECT_EQ(manifest.weights[0]->size, 48u * 32 * 4);
  EXPECT_EQ(manifest.weights[0]->encoding->panel, 16u);
  EXPECT_EQ(manifest.weights[2]->name, "rope.0");
  EXPECT_EQ(manifest.weights[2]->shape, (std::vector<uint64_t>{257, 2, 8}));
  ASSERT_EQ(manifest.kv_caches.size(), 1u);
  EXPECT_EQ(manifest.kv_caches[0]->name, "kv.0");
  EXPECT_EQ(manifest.kv_caches[0]->element_bytes, 4u);
  EXPECT_EQ(manifest.max_rows, 8u);
  EXPECT_EQ(manifest.arena_bytes, 4096u);
  EXPECT_EQ(manifest.model->eos_tokens, (std::vector<int32_t>{1, 3}));
  EXPECT_EQ(manifest.model->top_p, 0.25f);
  EXPECT_EQ(manifest.target->features, std::vector<std::string>{"sse3"});
}

TEST_F(ManifestTest, NamesTheDispatchAndOperandThatItCannotSay) {
  auto program =
      build("memref.view %arena[%c1024]", "memref.view %arena[%rows]");
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().message,
            "dispatch 1 (@cache_write_0), operand 3: expected a view of the "
            "arena of static shape at a constant offset, found memref<8xf32>");
  program = build("%x = memref.view %arena[%c0][] : memref<4096xi8> to",
                  "%x = memref.alloc() :");
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().message,
            "dispatch 0 (@embed_0), operand 2: expected a buffer, a weight or "
            "a KV cache, found the result of memref.alloc");
  program = build("rows(%num_out)", "rows(%c0)");
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message.find("dispatch 2 (@linear_12): expected"),
            std::string::npos);
}

TEST_F(ManifestTest, WhatIsNoStepDoesNothing) {
  // A dispatch that hangs on a condition would not run at all.
  auto program = build("    return\n  }\n}", R"mlir(
    %yes = arith.constant true
    scf.if %yes {
      gemma.dispatch @kernels::@embed_0(%x) rows(%rows)
        {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64: 0>,
         fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
         key_bytes = 0 : i64, key_operations = 0 : i64} : memref<8x32xf32>
    }
    return
  }
})mlir");
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().message,
            "module: expected no effect beside the dispatches of @forward, "
            "found scf.if");
}

TEST_F(ManifestTest, NumbersBeyondTheFieldsBecomeNoOthers) {
  auto program = build("hidden = 32", "hidden = 4294967328");
  ASSERT_TRUE(static_cast<bool>(program)) << program.error().message;
  EXPECT_EQ(program->manifest.model->hidden, 2147483647u);
  program = build("array<i64: 1, 3>", "array<i64: 4294967297, 3>");
  ASSERT_TRUE(static_cast<bool>(program)) << program.error().message;
  EXPECT_EQ(program->manifest.model->eos_tokens,
            (std::vector<int32_t>{2147483647, 3}));
}

TEST_F(ManifestTest, LogitsHaveRows) {
  for (const char *type : {"memref<0x40xf32>", "memref<?x40xf32>"}) {
    std::string text = getProgram(false);
    std::string good = "memref<8x40xf32>";
    for (size_t at; (at = text.find(good)) != std::string::npos;) {
      text.replace(at, good.size(), type);
    }
    module = parse(*context, text);
    ASSERT_TRUE(module);
    EXPECT_FALSE(buildProgram(*module)) << type;
  }
}

} // namespace
