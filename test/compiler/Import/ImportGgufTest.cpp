//===- ImportGgufTest.cpp - Tests of ImportGguf.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Import.h"
#include "compiler/Import/Passes.h"
#include "compiler/Import/WeightStore.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "runtime/core/HalfFloat.h"
#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::gemma;
using namespace ::gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {
class ImportGgufTest : public ::testing::Test {
protected:
  ImportGgufTest() { options.weights.clear(); }

  /// Imports a file; the module must pass the phase's verifier.
  OwningOpRef<ModuleOp> import(const GgufBuilder &builder) {
    writeFile(folder / "m.gguf", builder.build());
    auto module =
        importCheckpoint(&context, folder / "m.gguf", options, &notes);
    EXPECT_TRUE(module) << (module ? "" : module.error().message);
    if (!module) {
      return {};
    }
    PassManager passes(&context);
    passes.addPass(createVerifyImport());
    EXPECT_TRUE(succeeded(verify(**module)));
    EXPECT_TRUE(succeeded(passes.run(**module)));
    return std::move(*module);
  }

  std::string failure(const GgufBuilder &builder) {
    writeFile(folder / "m.gguf", builder.build());
    auto module = importCheckpoint(&context, folder / "m.gguf", options);
    if (module) {
      return "no error";
    }
    EXPECT_EQ(module.error().code, ::gemma::ErrorCode::InvalidData);
    return module.error().message;
  }

  static llvm::StringRef option(OwningOpRef<ModuleOp> &module,
                                llvm::StringRef key) {
    return (*module)
        ->getAttrOfType<DictionaryAttr>(kOptionsAttr)
        .getAs<StringAttr>(key)
        .getValue();
  }

  MLIRContext context;
  TemporaryFolder folder;
  ImportOptions options;
  std::vector<std::string> notes;
};
} // namespace

TEST_F(ImportGgufTest, ModelAndTokenizer) {
  auto module = import(tinyGguf());
  ASSERT_TRUE(module);
  auto model = (*module)->getAttrOfType<DictionaryAttr>(kModelAttr);
  EXPECT_EQ(model.getAs<StringAttr>("chat_format"), "gemma");
  EXPECT_EQ(model.getAs<IntegerAttr>("vocab").getInt(), 268);
  EXPECT_THAT(model.getAs<DenseI64ArrayAttr>("eos_tokens").asArrayRef(),
              ElementsAre(1, 5));
  EXPECT_EQ((*module)->getAttrOfType<StringAttr>(kCheckpointAttr), folder.path);
  auto tokenizer = (*module)->getAttrOfType<DictionaryAttr>(kTokenizerAttr);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer.getAs<StringAttr>("file"), "m.gguf");
  EXPECT_THAT(notes, IsEmpty());
  auto bytes = readArtifactTokenizer(*module);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_FALSE(bytes->empty());
  // Another vocabulary is not taken for the one that was imported.
  GgufBuilder other = tinyGguf();
  for (std::string &pair : other.pairs) {
    if (pair.find("tokenizer.ggml.scores") != std::string::npos) {
      pair.back() = 'x';
    }
  }
  writeFile(folder / "m.gguf", other.build());
  bytes = readArtifactTokenizer(*module);
  ASSERT_FALSE(bytes);
  EXPECT_THAT(bytes.error().message,
              HasSubstr("m.gguf: expected the file that was imported"));
  (*module)->setAttr(
      kTokenizerAttr,
      parseAttribute("{file = \"../m.gguf\", sha256 = \"0\"}", &context));
  EXPECT_THAT(readArtifactTokenizer(*module).error().message,
              HasSubstr("expected the name of a file of the checkpoint"));
}

TEST_F(ImportGgufTest, NormsAreStoredAsOnePlusW) {
  auto module = import(tinyGguf());
  ASSERT_TRUE(module);
  int norms = 0;
  (*module)->walk([&](RmsNormOp norm) {
    EXPECT_FALSE(norm.getUnitOffset());
    ++norms;
  });
  EXPECT_EQ(norms, 5);
}

TEST_F(ImportGgufTest, StoredTypesAreTheDefault) {
  auto module = import(tinyGguf("BF16"));
  ASSERT_TRUE(module);
  EXPECT_EQ(option(module, "weights"), "stored");
  EXPECT_EQ(option(module, kHeadWeightsKey), "stored");
  EXPECT_EQ(option(module, "kv"), "bf16");
  auto weight = module->lookupSymbol<WeightOp>("layers.0.q_proj");
  auto source = cast<TensorSourceAttr>(weight.getSourceAttr());
  EXPECT_EQ(source.getFile(), "m.gguf");
  EXPECT_EQ(source.getTensor(), "blk.0.attn_q.weight");
  EXPECT_EQ(source.getFormat(), "BF16");
  // All in f32 is the exact mode.
  module = import(tinyGguf("F32"));
  EXPECT_EQ(option(module, "weights"), "f32");
  EXPECT_EQ(option(module, "kv"), "f32");
  // Vectors have no say, one matrix has.
  GgufBuilder builder = tinyGguf("F32");
  ASSERT_EQ(builder.tensors[1].shape.size(), 1u);
  builder.tensors[1].dtype = "F16";
  module = import(builder);
  EXPECT_EQ(option(module, "weights"), "f32");
  builder.tensors[2].dtype = "BF16";
  module = import(builder);
  EXPECT_EQ(option(module, "weights"), "stored");
  EXPECT_EQ(option(module, "kv"), "bf16");
  options.weights = "q8_0";
  options.headWeights = "stored";
  module = import(tinyGguf("F32"));
  EXPECT_EQ(option(module, "weights"), "q8_0");
  EXPECT_EQ(option(module, kHeadWeightsKey), "stored");
}

// What an encoding changes is measured when it is written; the element in the
// IR, f32 for all quantised types, does not say.
TEST_F(ImportGgufTest, ElementsAreNotCountedAsRounded) {
  options.weights = "bf16";
  auto module = import(tinyGguf("F32"));
  ASSERT_TRUE(module);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(countRounded(*module).describe(), "");
  auto weight = module->lookupSymbol<WeightOp>("layers.0.q_proj");
  ASSERT_TRUE(weight);
  weight.setSourceAttr(TensorSourceAttr::get(&context, "m.safetensors", "q"));
  EXPECT_EQ(countRounded(*module).f32Tensors, 1);
}

TEST_F(ImportGgufTest, ReadsRows) {
  GgufBuilder builder = tinyGguf("F16", false);
  auto module = import(builder);
  ASSERT_TRUE(module);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("no vocabulary in m.gguf")));
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(store) << store.error().message;
  auto weight = module->lookupSymbol<WeightOp>("layers.1.gate_proj");
  EXPECT_STREQ(store->getBlockType(weight)->name, "F16");
  float rows[2 * 8];
  ASSERT_TRUE(store->readRows(weight, 3, 2, rows));
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(rows[i], testValue(24 + i));
  }
  EXPECT_EQ(store->getBlocks(weight, 3, 2).size(), 32u);
  EXPECT_TRUE(store->getBlocks(weight, 11, 2).empty());
  EXPECT_TRUE(store->getBlocks(weight, -1, 1).empty());
  // One that the store has not seen.
  weight.setSymName("other");
  EXPECT_TRUE(store->getBlocks(weight, 3, 2).empty());
  EXPECT_EQ(store->getBlockType(weight), nullptr);
  weight.setSymName("layers.1.gate_proj");
  store->release(weight, 3, 2);
  auto norm = module->lookupSymbol<WeightOp>("norm");
  ASSERT_TRUE(store->readRows(norm, 0, 1, rows));
  EXPECT_EQ(rows[7], testValue(7));
}

TEST_F(ImportGgufTest, EmbeddingBeyondTheVocabularyIsCut) {
  GgufBuilder builder = tinyGguf();
  builder.tensors[0].shape[0] = 300;
  auto module = import(builder);
  ASSERT_TRUE(module);
  auto table = module->lookupSymbol<WeightOp>("embed_tokens");
  EXPECT_EQ(cast<RankedTensorType>(table.getType()).getDimSize(0), 268);
  EXPECT_TRUE(WeightStore::open(*module));
}

TEST_F(ImportGgufTest, StoreChecksWhatADumpSays) {
  writeFile(folder / "m.gguf", tinyGguf("F16").build());
  auto open = [&](const std::string &type, const std::string &source) {
    auto module = parseSourceString<ModuleOp>(
        "module attributes {gemma.checkpoint = \"" + folder.path +
            "\"} { gemma.weight @w : tensor<" + type + "> from #gemma.tensor<" +
            source + "> }",
        &context);
    EXPECT_TRUE(module);
    auto store = WeightStore::open(*module);
    return store ? std::string("no error") : store.error().message;
  };
  context.loadDialect<GemmaDialect>();
  const std::string kQ = "\"blk.0.attn_q.weight\"";
  EXPECT_EQ(open("8x8xf16", "\"m.gguf\", " + kQ + ", \"F16\""), "no error");
  EXPECT_THAT(open("8x8xf32", "\"m.gguf\", " + kQ + ", \"F16\""),
              HasSubstr("expected F16 for a weight of F32 [8, 8], found F16"));
  EXPECT_THAT(open("8x8xf32", "\"m.gguf\", " + kQ + ", \"Q8_0\""),
              HasSubstr("expected Q8_0 for a weight of F32"));
  EXPECT_THAT(open("9x8xf16", "\"m.gguf\", " + kQ + ", \"F16\""),
              HasSubstr("found F16 [8, 8]"));
  EXPECT_THAT(open("8x8xf16", "\"m.gguf\", \"x\", \"F16\""),
              HasSubstr("found none"));
  EXPECT_THAT(open("8x8xf16", "\"../m.gguf\", " + kQ + ", \"F16\""),
              HasSubstr("expected the name of a GGUF file"));
  EXPECT_THAT(open("8x8xf16", "\"n.gguf\", " + kQ + ", \"F16\""),
              HasSubstr("expected a file, found none"));
}

TEST_F(ImportGgufTest, RefusesTensors) {
  GgufBuilder builder = tinyGguf();
  builder.tensors.erase(builder.tensors.begin() + 3);
  EXPECT_THAT(failure(builder), HasSubstr("'blk.0.attn_k.weight': expected a "
                                          "tensor [4, 8], found none"));
  builder = tinyGguf();
  builder.tensors[3].shape = {8, 4};
  EXPECT_THAT(failure(builder),
              HasSubstr("expected [4, 8] as the metadata have it, found BF16"));
  builder = tinyGguf();
  builder.tensors.push_back({"blk.2.attn_q.weight", "F32", {8, 8}});
  EXPECT_THAT(failure(builder),
              HasSubstr("expected only tensors of GemmaForCausalLM with 2 "
                        "layers, found one more: F32 [8, 8]"));
}
