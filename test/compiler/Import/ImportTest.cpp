//===- ImportTest.cpp - Tests of Import.cpp -------------------------------===//
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
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace ::gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {
class ImportTest : public ::testing::Test {
protected:
  /// Imports the folder; the module must pass the phase's verifier.
  OwningOpRef<ModuleOp> import(ImportOptions options = {}) {
    notes.clear();
    auto module = importCheckpoint(&context, folder.path, options, &notes);
    EXPECT_TRUE(module) << (module ? "" : module.error().message);
    if (!module) {
      return {};
    }
    EXPECT_TRUE(succeeded(verify(**module)));
    PassManager passes(&context);
    passes.addPass(createVerifyImport());
    EXPECT_TRUE(succeeded(passes.run(**module)));
    return std::move(*module);
  }

  /// The message of an import that must fail.
  std::string
  failure(::gemma::ErrorCode code = ::gemma::ErrorCode::InvalidData) {
    auto module = importCheckpoint(&context, folder.path, ImportOptions());
    if (module) {
      return "no error";
    }
    EXPECT_EQ(module.error().code, code);
    EXPECT_EQ(module.error().message.find('\n'), std::string::npos);
    return module.error().message;
  }

  static DictionaryAttr modelOf(OwningOpRef<ModuleOp> &module) {
    return (*module)->getAttrOfType<DictionaryAttr>(kModelAttr);
  }

  MLIRContext context;
  TemporaryFolder folder;
  std::vector<std::string> notes;
};
} // namespace

TEST_F(ImportTest, ChatModelGetsFormatAndEndToken) {
  writeTinyCheckpoint(folder.path);
  auto module = import();
  ASSERT_TRUE(module);
  DictionaryAttr model = modelOf(module);
  EXPECT_EQ(model.getAs<StringAttr>("chat_format"), "gemma");
  EXPECT_THAT(model.getAs<DenseI64ArrayAttr>("eos_tokens").asArrayRef(),
              ElementsAre(1, 5));
  EXPECT_EQ(model.getAs<FloatAttr>("temperature").getValueAsDouble(), 0.5);
  auto tokenizer = (*module)->getAttrOfType<DictionaryAttr>(kTokenizerAttr);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer.getAs<StringAttr>("sha256").size(), 64u);
  EXPECT_EQ((*module)->getAttrOfType<StringAttr>(kCheckpointAttr), folder.path);
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ImportTest, TemplateDecidesWhetherThereIsASystemText) {
  writeTinyCheckpoint(folder.path);
  writeFile(folder / "chat_template.jinja",
            "<start_of_turn>{{ first_user_prefix + '\\n\\n' }}");
  auto module = import();
  ASSERT_TRUE(module);
  EXPECT_EQ(modelOf(module).getAs<StringAttr>("chat_format"), "gemma3");
  EXPECT_THAT(
      modelOf(module).getAs<DenseI64ArrayAttr>("eos_tokens").asArrayRef(),
      ElementsAre(1, 5));
}

TEST_F(ImportTest, BaseModelHasNoChatFormat) {
  writeTinyCheckpoint(folder.path);
  std::filesystem::remove(folder / "tokenizer_config.json");
  auto module = import();
  ASSERT_TRUE(module);
  EXPECT_EQ(modelOf(module).getAs<StringAttr>("chat_format"), "");
  EXPECT_THAT(
      modelOf(module).getAs<DenseI64ArrayAttr>("eos_tokens").asArrayRef(),
      ElementsAre(1));
}

TEST_F(ImportTest, TokenizerIsOptionalAndNoted) {
  writeTinyCheckpoint(folder.path);
  std::filesystem::remove(folder / "tokenizer.model");
  auto module = import();
  ASSERT_TRUE(module);
  EXPECT_FALSE((*module)->hasAttr(kTokenizerAttr));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("no tokenizer.model")));
  auto bytes = readArtifactTokenizer(*module);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, "");
}

// tokenizer.model has 268 pieces, config.json 300 tokens.
TEST_F(ImportTest, TokensBeyondTheModelAreNoted) {
  auto decoder = [](const std::string &tokens) {
    return "{\"chat_template\": \"\", \"added_tokens_decoder\": {" + tokens +
           "}}";
  };
  writeTinyCheckpoint(folder.path);
  writeFile(folder / "tokenizer_config.json",
            decoder(R"("4": {"content": "<start_of_turn>"},
                       "268": {"content": "<x>"}, "299": {"content": "<y>"},
                       "300": {"content": "<image_soft_token>"})"));
  ASSERT_TRUE(import());
  EXPECT_THAT(notes, ElementsAre("2 added tokens are left out, as "
                                 "tokenizer.model has 268 pieces and no more: "
                                 "no text becomes one of them"));
  writeFile(folder / "tokenizer.json",
            R"({"added_tokens": [{"id": 0}, {"id": 268}, {"id": 270}]})");
  ASSERT_TRUE(import());
  EXPECT_THAT(notes, ElementsAre(HasSubstr("3 added tokens are left out")));
  writeFile(folder / "tokenizer_config.json", decoder(""));
  writeFile(folder / "tokenizer.json", R"({"added_tokens": [{"id": 268}]})");
  ASSERT_TRUE(import());
  EXPECT_THAT(notes, ElementsAre("1 added token is left out, as "
                                 "tokenizer.model has 268 pieces and no more: "
                                 "no text becomes it"));
  writeFile(folder / "tokenizer.json", R"({"added_tokens": [{"id": 267}]})");
  ASSERT_TRUE(import());
  EXPECT_THAT(notes, IsEmpty());
  writeFile(folder / "tokenizer.json", R"({"added_tokens": 3})");
  ASSERT_TRUE(import());
  EXPECT_THAT(notes, ElementsAre(HasSubstr("tokenizer.json: added_tokens: "
                                           "expected a list, found 3")));
}

// The rule is that of GGUF files (ImportGgufTest).
TEST_F(ImportTest, StoredF32IsTheExactMode) {
  ImportOptions options;
  options.weights = kStoredWeights;
  auto optionOf = [](OwningOpRef<ModuleOp> &module, llvm::StringRef key) {
    return (*module)
        ->getAttrOfType<DictionaryAttr>(kOptionsAttr)
        .getAs<StringAttr>(key)
        .getValue();
  };
  auto expect = [&](llvm::StringRef weights, llvm::StringRef kv) {
    auto module = import(options);
    ASSERT_TRUE(module);
    EXPECT_EQ(optionOf(module, "weights"), weights);
    EXPECT_EQ(optionOf(module, "kv"), kv);
  };
  writeTinyCheckpoint(folder.path, "F32");
  expect("f32", "f32");
  options.kv = "int8";
  expect("f32", "int8");
  options.kv.clear();
  // Vectors have no say, one matrix has.
  auto tensors = tinyTensors("F32");
  ASSERT_EQ(tensors[1].shape.size(), 1u);
  tensors[1].dtype = "BF16";
  writeFile(folder / "model.safetensors", safetensors(tensors));
  expect("f32", "f32");
  tensors[2].dtype = "BF16";
  writeFile(folder / "model.safetensors", safetensors(tensors));
  expect("stored", "bf16");
  writeTinyCheckpoint(folder.path, "F16");
  expect("stored", "bf16");
}

TEST_F(ImportTest, WeightsKeepTheirTypeAndSource) {
  writeTinyCheckpoint(folder.path);
  auto tensors = tinyTensors("BF16");
  tensors[1].dtype = "F32"; // layers.0.input_layernorm
  tensors[2].dtype = "F16"; // layers.0.q_proj
  tensors[3].dtype = "F32"; // layers.0.k_proj
  writeFile(folder / "model.safetensors", safetensors(tensors));
  auto module = import();
  ASSERT_TRUE(module);
  auto q = module->lookupSymbol<WeightOp>("layers.0.q_proj");
  ASSERT_TRUE(q);
  EXPECT_TRUE(cast<RankedTensorType>(q.getType()).getElementType().isF16());
  auto source = dyn_cast<TensorSourceAttr>(q.getSourceAttr());
  ASSERT_TRUE(source);
  EXPECT_EQ(source.getTensor(), "model.layers.0.self_attn.q_proj.weight");
  Rounding rounding = countRounded(*module);
  EXPECT_EQ(rounding.f32Tensors, 1); // the norm stays f32
  EXPECT_EQ(rounding.f16Tensors, 1);
  EXPECT_EQ(rounding.describe(),
            "--weights=bf16 rounds 1 f32 and 1 f16 tensors to bf16 "
            "(--weights=f32 keeps them)");
  EXPECT_THAT(notes, ElementsAre(rounding.describe()));
  ImportOptions options;
  options.weights = "f32";
  auto exact = import(options);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(countRounded(*exact).describe(), "");
  options.weights = "f16";
  auto half = import(options);
  EXPECT_EQ(countRounded(*half).f32Tensors, 1);
  EXPECT_EQ(countRounded(*half).f16Tensors, 0);
  EXPECT_GT(countRounded(*half).bf16Tensors, 1);
  EXPECT_THAT(countRounded(*half).describe(),
              ::testing::StartsWith("--weights=f16 rounds 1 f32 and "));
  options.weights = "q8_0";
  auto quantized = import(options);
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ImportTest, TiedModelLeavesOutItsHead) {
  writeTinyCheckpoint(folder.path);
  auto tensors = tinyTensors("BF16");
  tensors.push_back({"lm_head.weight", "BF16", {300, 8}});
  tensors.push_back(
      {"model.layers.0.self_attn.rotary_emb.inv_freq", "F32", {2}});
  writeFile(folder / "model.safetensors", safetensors(tensors));
  auto module = import();
  ASSERT_TRUE(module);
  EXPECT_FALSE(module->lookupSymbol("lm_head"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("lm_head.weight is left out")));
}

TEST_F(ImportTest, UntiedModelNeedsItsHead) {
  writeTinyCheckpoint(folder.path);
  writeFile(folder / "config.json",
            tinyConfig(", \"tie_word_embeddings\": false"));
  EXPECT_THAT(failure(), HasSubstr("'lm_head.weight': expected a tensor "
                                   "[300, 8], found none"));
  auto tensors = tinyTensors("BF16");
  tensors.push_back({"lm_head.weight", "BF16", {300, 8}});
  writeFile(folder / "model.safetensors", safetensors(tensors));
  auto module = import();
  ASSERT_TRUE(module);
  EXPECT_TRUE(module->lookupSymbol("lm_head"));
}

/// The files of a multimodal Gemma 3 with `rows` rows of the embedding, whose
/// text tensors begin with `prefix`.
static std::vector<TestTensor> writeMultimodal(const TemporaryFolder &folder,
                                               const std::string &prefix,
                                               int64_t rows) {
  writeTinyCheckpoint(folder.path);
  writeFile(folder / "config.json", gemma3Config(rows));
  std::vector<TestTensor> tensors = gemma3Tensors(prefix, rows);
  bool isNew = prefix.find("language_model") != 0;
  std::string vision = isNew ? "model." : "";
  tensors.push_back({vision + "vision_tower.x.weight", "BF16", {3, 3}});
  tensors.push_back({vision + "multi_modal_projector.y", "BF16", {5}});
  tensors.push_back({isNew ? "lm_head.weight" : "language_model.lm_head.weight",
                     "BF16",
                     {rows, 8}});
  writeFile(folder / "model.safetensors", safetensors(tensors));
  return tensors;
}

TEST_F(ImportTest, MultimodalModelsGiveTheirText) {
  for (const char *prefix :
       {"language_model.model.", "model.language_model."}) {
    writeMultimodal(folder, prefix, 364);
    auto module = import();
    ASSERT_TRUE(module) << prefix;
    EXPECT_EQ(modelOf(module).getAs<StringAttr>("family"), "gemma3");
    // As many rows as the tokenizer has pieces.
    auto table = module->lookupSymbol<WeightOp>("embed_tokens");
    auto type = cast<RankedTensorType>(table.getType());
    int64_t vocab = modelOf(module).getAs<IntegerAttr>("vocab").getInt();
    EXPECT_EQ(type.getDimSize(0), vocab);
    EXPECT_LT(vocab, 300);
    EXPECT_FALSE(module->lookupSymbol("lm_head"));
    EXPECT_TRUE(module->lookupSymbol("layers.1.post_feedforward_norm"));
    EXPECT_THAT(notes, ElementsAre(HasSubstr("lm_head.weight is left out"),
                                   "2 tensors of the vision model are left "
                                   "out"));
    auto store = WeightStore::open(*module);
    ASSERT_TRUE(store) << store.error().message;
    std::filesystem::remove(folder / "tokenizer.model");
    auto without = import();
    // From image_token_index on the rows are no text.
    EXPECT_EQ(modelOf(without).getAs<IntegerAttr>("vocab").getInt(), 300);
  }
}

TEST_F(ImportTest, ControlTokensMustBeText) {
  writeMultimodal(folder, "language_model.model.", 364);
  writeFile(folder / "generation_config.json", "{\"eos_token_id\": 299}");
  EXPECT_THAT(failure(), HasSubstr("config.json: control tokens: expected "
                                   "tokens below "));
}

TEST_F(ImportTest, MultimodalTensorsMustFit) {
  auto tensors = writeMultimodal(folder, "language_model.model.", 364);
  auto with = [&](auto change) {
    auto copy = tensors;
    change(copy);
    writeFile(folder / "model.safetensors", safetensors(copy));
    return failure();
  };
  EXPECT_THAT(with([](auto &all) { all.front().shape = {300, 8}; }),
              HasSubstr("'language_model.model.embed_tokens.weight': expected "
                        "[364, 8] as config.json has it"));
  EXPECT_THAT(
      with([](auto &all) { all.push_back({"audio_tower.x", "BF16", {1}}); }),
      HasSubstr("expected only tensors of "
                "Gemma3ForConditionalGeneration with 2 layers"));
  // A text model has no vision tensors.
  writeTinyCheckpoint(folder.path);
  tensors = tinyTensors("BF16");
  EXPECT_THAT(
      with([](auto &all) { all.push_back({"vision_tower.x", "BF16", {1}}); }),
      HasSubstr("expected only tensors of GemmaForCausalLM"));
}

TEST_F(ImportTest, ReadsShards) {
  writeTinyCheckpoint(folder.path);
  std::filesystem::remove(folder / "model.safetensors");
  auto tensors = tinyTensors("BF16");
  std::vector<TestTensor> first(tensors.begin(), tensors.begin() + 7);
  std::vector<TestTensor> second(tensors.begin() + 7, tensors.end());
  writeFile(folder / "a.safetensors", safetensors(first));
  writeFile(folder / "b.safetensors", safetensors(second));
  std::string map;
  for (size_t i = 0; i < tensors.size(); ++i) {
    map += (i ? ", \"" : "\"") + tensors[i].name + "\": \"" +
           (i < 7 ? "a" : "b") + ".safetensors\"";
  }
  writeFile(folder / "model.safetensors.index.json",
            "{\"weight_map\": {" + map + "}}");
  auto module = import();
  ASSERT_TRUE(module);
  auto norm = module->lookupSymbol<WeightOp>("norm");
  EXPECT_EQ(cast<TensorSourceAttr>(norm.getSourceAttr()).getFile(),
            "b.safetensors");
  std::filesystem::remove(folder / "b.safetensors");
  EXPECT_THAT(failure(::gemma::ErrorCode::NotFound),
              HasSubstr("expected the file 'b.safetensors' beside it"));
}

TEST_F(ImportTest, NamesTensorsThatDoNotFit) {
  writeTinyCheckpoint(folder.path);
  auto tensors = tinyTensors("BF16");
  auto with = [&](auto change) {
    auto copy = tensors;
    change(copy);
    writeFile(folder / "model.safetensors", safetensors(copy));
    return failure();
  };
  EXPECT_THAT(with([](auto &all) { all.pop_back(); }),
              HasSubstr("'model.norm.weight': expected a tensor [8], found "
                        "none"));
  EXPECT_THAT(with([](auto &all) { all.back().shape = {9}; }),
              HasSubstr("'model.norm.weight': expected [8] as config.json has "
                        "it, found BF16 [9]"));
  EXPECT_THAT(with([](auto &all) {
                all.push_back(
                    {"model.layers.0.self_attn.q_proj.bias", "BF16", {8}});
              }),
              HasSubstr("expected only tensors of GemmaForCausalLM"));
  EXPECT_THAT(with([](auto &all) { all.back().dtype = "I16"; }),
              HasSubstr("'model.norm.weight': expected F32, BF16 or F16, found "
                        "I16"));
}

TEST_F(ImportTest, ArtifactTokenizerIsTheImportedOne) {
  writeTinyCheckpoint(folder.path);
  auto module = import();
  ASSERT_TRUE(module);
  auto bytes = readArtifactTokenizer(*module);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->size(), tinyTokenizer().size());
  EXPECT_NE(*bytes, tinyTokenizer());
  writeFile(folder / "tokenizer.model", tinyTokenizer(wirePiece("c", 1)));
  auto changed = readArtifactTokenizer(*module);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, HasSubstr("the file that was imported"));
}

TEST_F(ImportTest, KnownConfigsHaveTheReportsSizes) {
  struct Size {
    const char *name;
    int64_t embedding; // elements, with the rows of the checkpoints
    int64_t rest;
  };
  // Gemma report, table 2; Gemma 2 report, table 2. Gemma 3's rounds to
  // millions: 698, 3209, 10759 and 25600, and says nothing of 270M.
  const Size kSizes[] = {
      {"gemma-2b", 256000LL * 2048, 1981884416},
      {"gemma-7b", 256000LL * 3072, 7751248896},
      {"gemma2-2b", 256000LL * 2304, 2024517888},
      {"gemma2-9b", 256000LL * 3584, 8324201984},
      {"gemma2-27b", 256000LL * 4608, 26047480320},
      {"gemma3-270m", 262144LL * 640, 100326016},
      {"gemma3-1b", 262144LL * 1152, 697896064},
      {"gemma3-4b", 262144LL * 2560, 3209010688},
      {"gemma3-12b", 262144LL * 3840, 10759155456},
      {"gemma3-27b", 262144LL * 5376, 25599716096},
  };
  for (const Size &size : kSizes) {
    auto module = importConfig(&context, size.name, 3, ImportOptions());
    ASSERT_TRUE(module) << module.error().message;
    EXPECT_TRUE(succeeded(verify(**module)));
    int64_t elements = 0;
    for (auto weight : (*module)->getOps<WeightOp>()) {
      elements += cast<RankedTensorType>(weight.getType()).getNumElements();
      EXPECT_TRUE(isa<RandomSourceAttr>(weight.getSourceAttr()));
    }
    EXPECT_EQ(elements - size.embedding, size.rest) << size.name;
    EXPECT_FALSE((**module)->hasAttr(kCheckpointAttr));
    EXPECT_EQ(countRounded(**module).describe(), "");
  }
}

TEST_F(ImportTest, RandomWeightsKeepVariance) {
  auto module = importConfig(&context, "gemma-2b", 3, ImportOptions());
  ASSERT_TRUE(module);
  auto store = WeightStore::open(**module);
  ASSERT_TRUE(store);
  auto weight = (*module)->lookupSymbol<WeightOp>("layers.5.down_proj");
  std::vector<float> row(16384);
  ASSERT_TRUE(store->readRows(weight, 100, 1, row.data()));
  double squares = 0;
  for (float value : row) {
    squares += static_cast<double>(value) * value;
  }
  EXPECT_NEAR(squares, 1.0, 0.05);
}

TEST_F(ImportTest, RefusesAnUnknownCacheElement) {
  ImportOptions options;
  options.kv = "q8_0";
  auto module = importConfig(&context, "gemma-2b", 1, options);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, ::gemma::ErrorCode::InvalidUsage);
  EXPECT_NE(module.error().message.find("expected bf16, f32 or int8"),
            std::string::npos);
}

TEST_F(ImportTest, EncodingsOfRandomWeights) {
  ImportOptions options;
  auto refusal = [&] {
    auto module = importConfig(&context, "gemma-2b", 1, options);
    return module ? std::string() : module.error().message;
  };
  options.headWeights = "q5";
  EXPECT_EQ(refusal(), "--head-weights: expected f32, f16, bf16, q8_0, q4_0 or "
                       "stored, found 'q5'");
  options.headWeights = "";
  options.q4Rule = "ggml";
  EXPECT_EQ(refusal(), "--q4_0-rule: expected together with --weights=q4_0 or "
                       "--head-weights=q4_0");
  options.weights = "q4_0";
  EXPECT_EQ(refusal(), "");
  options.q4Rule = "best";
  EXPECT_EQ(refusal(), "--q4_0-rule: expected mse or ggml, found 'best'");
  options.q4Rule = "mse";
  EXPECT_EQ(refusal(), "--q4_0-rule: expected ggml or none for random weights, "
                       "found 'mse'");
  options.q4Rule = "";
  auto module = importConfig(&context, "gemma-2b", 1, options);
  ASSERT_TRUE(module);
  auto written = (**module)->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  EXPECT_EQ(written.getAs<StringAttr>(kQ4RuleKey), "ggml");
}

TEST_F(ImportTest, RefusesOptionsOutOfRange) {
  for (auto [weights, maxRows] :
       {std::pair("q4_1", 512), {"f32", 0}, {"f32", 65537}}) {
    ImportOptions options;
    options.weights = weights;
    options.maxRows = maxRows;
    auto module = importConfig(&context, "gemma-2b", 1, options);
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().code, ::gemma::ErrorCode::InvalidUsage);
  }
  EXPECT_FALSE(importConfig(&context, "gemma-3b", 1, ImportOptions()));
}
