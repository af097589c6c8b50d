//===- ForwardTest.cpp - One forward of a program, in any form ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Forward.h"
#include "compiler/Phases.h"
#include "compiler/RegisterAll.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

namespace {

// Attention over embeddings: every row depends on all rows before it.
constexpr llvm::StringLiteral kProgram = R"mlir(
!cache = !gemma.kv_cache<heads = 1, head_dim = 4, element = f32, window = 0>
module attributes {gemma.options = {weights = "f32", max_rows = 8 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [],
    stub = false}, gemma.model = {family = "gemma", hidden = 8 : i64,
    layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64,
    ff = 8 : i64, vocab = 16 : i64, context = 512 : i64, bos_token = -1 : i64,
    pad_token = -1 : i64, eos_tokens = array<i64>, add_bos = false,
    chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64,
    top_p = 0.0 : f64}} {
  gemma.weight @embed_tokens : tensor<16x8xf32>
      from #gemma.random<seed = 1, bound = 1.0 : f64>
  gemma.weight @k_proj : tensor<4x8xf32>
      from #gemma.random<seed = 1, bound = 1.0 : f64>
  gemma.kv_cache @kv.0 : !cache
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>,
                     %slots: tensor<?xi32>, %out_rows: tensor<?xi32>)
      -> tensor<?x16xf32> {
    %table = gemma.weight_ref @embed_tokens : tensor<16x8xf32>
    %x = gemma.embed(%tokens, %table) {scale = 1.0 : f64}
        : (tensor<?xi32>, tensor<16x8xf32>) -> tensor<?x8xf32>
    %w = gemma.weight_ref @k_proj : tensor<4x8xf32>
    %k = gemma.linear(%x, %w)
        : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
    %r = gemma.rope(%k, %positions) {head_dim = 4 : i64, rotated = 4 : i64,
        base = 1.0e4 : f64, position_scale = 1.0 : f64}
        : (tensor<?x4xf32>, tensor<?xi32>) -> tensor<?x4xf32>
    %cache = gemma.kv_cache_ref @kv.0 : !cache
    gemma.cache_write(%r, %k, %cache, %positions, %slots)
        : (tensor<?x4xf32>, tensor<?x4xf32>, !cache, tensor<?xi32>,
           tensor<?xi32>) -> ()
    %a = gemma.attention(%x, %cache, %positions, %slots)
        {q_scale = 0.5 : f64, window = 0 : i64}
        : (tensor<?x8xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
          -> tensor<?x8xf32>
    %y = arith.addf %x, %a : tensor<?x8xf32>
    %s = gemma.select_rows(%y, %out_rows)
        : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
    %logits = gemma.linear(%s, %table)
        : (tensor<?x8xf32>, tensor<16x8xf32>) -> tensor<?x16xf32>
    return %logits : tensor<?x16xf32>
  }
}
)mlir";

class ForwardTest : public testing::Test {
protected:
  ForwardTest() {
    DialectRegistry registry;
    mlir::gemma::registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    module = parseSourceString<ModuleOp>(kProgram, &context);
  }

  /// Lowers the module up to the end of `last`.
  void lowerThrough(Phase last) {
    PassManager passes(&context);
    for (Phase phase : getPhases()) {
      if (phase != Phase::Import && phase <= last) {
        buildPhasePipeline(passes, phase);
      }
    }
    ASSERT_TRUE(succeeded(passes.run(*module)));
  }

  Interpreter makeInterpreter() {
    // Any values will do: those of a weight depend on its shape only.
    return Interpreter(
        *module,
        [](WeightOp weight, int64_t row, int64_t count,
           float *out) -> ::gemma::Result<void> {
          auto source = llvm::dyn_cast_or_null<RopeTableSourceAttr>(
              weight.getSourceAttr());
          auto type = llvm::cast<RankedTensorType>(weight.getType());
          int64_t size = type.getNumElements() / type.getDimSize(0);
          for (int64_t i = 0; i < count * size; ++i) {
            int64_t index = row * size + i;
            out[i] = static_cast<float>(std::sin(1.0 + 7.0 * index));
            if (source) {
              out[i] = tableValue(source, index / size, index % size);
            }
          }
          return {};
        });
  }

  static float tableValue(RopeTableSourceAttr table, int64_t row,
                          int64_t column) {
    int64_t half = table.getRotated() / 2;
    int64_t coarse = table.getShape()[0] - RopeTableSourceAttr::kStride;
    int64_t position = row < coarse ? 256 * row : row - coarse;
    double angle = static_cast<double>(position) *
                   std::pow(1e4, -2.0 * static_cast<double>(column % half) / 4);
    return static_cast<float>(column < half ? std::cos(angle)
                                            : std::sin(angle));
  }

  std::vector<double> run(Interpreter &interpreter, const ForwardRows &rows) {
    FailureOr<Logits> logits = runForward(interpreter, rows);
    EXPECT_TRUE(succeeded(logits));
    if (failed(logits)) {
      return {};
    }
    EXPECT_EQ(logits->vocab, 16);
    EXPECT_EQ(logits->rows, static_cast<int64_t>(rows.outRows.size()));
    return logits->values;
  }

  /// Row `row` of logits.
  static std::vector<double> rowOf(const std::vector<double> &logits,
                                   int64_t row) {
    return {logits.begin() + 16 * row, logits.begin() + 16 * (row + 1)};
  }

  /// All tokens in one forward.
  std::vector<double> whole() {
    Interpreter interpreter = makeInterpreter();
    return run(interpreter, ForwardRows::makeRun(tokens, 0, 0));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  const std::vector<int64_t> tokens = {3, 1, 4, 15, 9};
};

TEST_F(ForwardTest, DecodeAfterPrefillIsOneRun) {
  std::vector<double> expected = whole();
  Interpreter interpreter = makeInterpreter();
  run(interpreter, ForwardRows::makeRun({3, 1, 4}, 0, 0));
  EXPECT_EQ(run(interpreter, ForwardRows::makeRun({15}, 0, 3)),
            rowOf(expected, 3));
  EXPECT_EQ(run(interpreter, ForwardRows::makeRun({9}, 0, 4)),
            rowOf(expected, 4));
}

TEST_F(ForwardTest, SlotsDoNotSeeEachOther) {
  std::vector<double> expected = whole();
  Interpreter interpreter = makeInterpreter();
  ForwardRows rows = ForwardRows::makeRun({3, 1, 4}, 7, 0);
  ForwardRows other = ForwardRows::makeRun({9, 9}, 2, 0);
  rows.tokens.insert(rows.tokens.begin(), other.tokens.begin(),
                     other.tokens.end());
  rows.positions.insert(rows.positions.begin(), other.positions.begin(),
                        other.positions.end());
  rows.slots.insert(rows.slots.begin(), other.slots.begin(), other.slots.end());
  rows.outRows = {4, 2};
  std::vector<double> logits = run(interpreter, rows);
  EXPECT_EQ(rowOf(logits, 0), rowOf(expected, 2));
  EXPECT_EQ(rowOf(logits, 1), rowOf(expected, 0));
}

TEST_F(ForwardTest, EveryFormGivesTheSame) {
  std::vector<double> expected = whole();
  EXPECT_EQ(getMaxRows(*getForward(*module)), std::nullopt);
  for (Phase phase : {Phase::Pack, Phase::Bufferize, Phase::Dispatch}) {
    module = parseSourceString<ModuleOp>(kProgram, &context);
    lowerThrough(phase);
    EXPECT_EQ(whole(), expected) << getWord(phase).str();
  }
  EXPECT_EQ(getMaxRows(*getForward(*module)), 8);
}

TEST_F(ForwardTest, BuffersTakeNoMoreThanTheirRows) {
  lowerThrough(Phase::Bufferize);
  std::string error;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    error = diagnostic.str();
    return success();
  });
  Interpreter interpreter = makeInterpreter();
  std::vector<int64_t> nine(9, 1);
  EXPECT_TRUE(
      failed(runForward(interpreter, ForwardRows::makeRun(nine, 0, 0))));
  EXPECT_THAT(error, testing::HasSubstr("expected at most 8 rows, found 9"));
}

TEST_F(ForwardTest, NoLogitsAskedFor) {
  Interpreter interpreter = makeInterpreter();
  ForwardRows rows = ForwardRows::makeRun(tokens, 0, 0);
  rows.outRows.clear();
  EXPECT_TRUE(run(interpreter, rows).empty());
}

} // namespace
