//===- BuildModuleTest.cpp - Tests of BuildModule.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/BuildModule.h"

#include "dialect/ModuleAttrs.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::ModelConfig;
using ::testing::ElementsAre;

namespace {
class BuildModuleTest : public ::testing::Test {
protected:
  BuildModuleTest() {
    context.loadDialect<GemmaDialect>();
    config.hidden = 24;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.headDim = 10;
    config.queryScalar = 10;
    config.ff = 32;
    config.vocab = 99;
    config.context = 128;
  }

  OwningOpRef<ModuleOp> build() {
    auto module =
        buildModule(&context, config, options, "", [&](const WeightSpec &) {
          return WeightOrigin{Float32Type::get(&context), Attribute()};
        });
    EXPECT_TRUE(succeeded(verify(*module)));
    return module;
  }

  static func::FuncOp forwardOf(OwningOpRef<ModuleOp> &module) {
    return module->lookupSymbol<func::FuncOp>("forward");
  }

  template <typename OpTy> static OpTy first(OwningOpRef<ModuleOp> &module) {
    return *forwardOf(module).getOps<OpTy>().begin();
  }

  MLIRContext context;
  ModelConfig config;
  ImportOptions options;
};
} // namespace

TEST_F(BuildModuleTest, OpsFollowTheDecoder) {
  config.layers = 1;
  auto module = build();
  std::vector<std::string> names;
  for (Operation &op : forwardOf(module).getBody().front()) {
    if (!isa<WeightRefOp, KvCacheRefOp>(op)) {
      names.push_back(op.getName().stripDialect().str());
    }
  }
  EXPECT_THAT(names,
              ElementsAre("embed", "rms_norm", "linear", "linear", "linear",
                          "rope", "rope", "cache_write", "attention", "linear",
                          "addf", "rms_norm", "linear", "linear", "geglu",
                          "linear", "addf", "select_rows", "rms_norm", "linear",
                          "return"));
}

TEST_F(BuildModuleTest, CachesHaveTheElementAskedFor) {
  options.weights = "f32";
  for (auto [kv, name] : {std::pair("", "f32"),
                          {"f32", "f32"},
                          {"bf16", "bf16"},
                          {"int8", "int8"}}) {
    options.kv = kv;
    auto module = build();
    Type element = first<AttentionOp>(module).getCache().getType().getElement();
    EXPECT_EQ(element.isF32(), llvm::StringRef(name) == "f32");
    EXPECT_EQ(element.isBF16(), llvm::StringRef(name) == "bf16");
    EXPECT_EQ(element.isInteger(8), llvm::StringRef(name) == "int8");
    auto entries = (*module)->getAttrOfType<DictionaryAttr>(kOptionsAttr);
    EXPECT_EQ(entries.getAs<StringAttr>("kv").getValue(), name);
  }
}

TEST_F(BuildModuleTest, AttributesFollowTheConfig) {
  config.epsilon = 1e-5;
  config.ropeTheta = 5e4;
  config.activation = ::gemma::Activation::GeluErf;
  auto module = build();
  EXPECT_EQ(first<EmbedOp>(module).getScale().convertToDouble(), 4.90625);
  auto norm = first<RmsNormOp>(module);
  EXPECT_EQ(norm.getEpsilon().convertToDouble(), 1e-5);
  EXPECT_TRUE(norm.getUnitOffset());
  auto rope = first<RopeOp>(module);
  EXPECT_EQ(rope.getBase().convertToDouble(), 5e4);
  EXPECT_EQ(rope.getHeadDim(), 10u);
  EXPECT_EQ(rope.getRotated(), 10u);
  auto attention = first<AttentionOp>(module);
  EXPECT_DOUBLE_EQ(attention.getQScale().convertToDouble(),
                   0.31622776601683794);
  EXPECT_FALSE(attention.getSoftcap().has_value());
  EXPECT_EQ(first<GegluOp>(module).getGelu(), Gelu::Erf);
}

TEST_F(BuildModuleTest, HeadIsTheEmbeddingIfTied) {
  for (bool tied : {true, false}) {
    config.tiedHead = tied;
    auto module = build();
    auto end = forwardOf(module).getBody().front().getTerminator();
    auto head = end->getOperand(0).getDefiningOp<LinearOp>();
    auto weight = head.getWeight().getDefiningOp<WeightRefOp>();
    EXPECT_EQ(weight.getWeight(), tied ? "embed_tokens" : "lm_head");
    EXPECT_EQ(bool(module->lookupSymbol("lm_head")), !tied);
  }
}

TEST_F(BuildModuleTest, CacheHasTheWeightsPrecision) {
  for (const char *weights : {"f32", "bf16"}) {
    options.weights = weights;
    auto module = build();
    auto cache = module->lookupSymbol<KvCacheOp>("kv.1");
    ASSERT_TRUE(cache);
    auto type = cast<KvCacheType>(cache.getType());
    EXPECT_EQ(type.getElement().isF32(), options.weights == "f32");
    EXPECT_EQ(type.getHeads(), 2);
    EXPECT_EQ(type.getHeadDim(), 10);
  }
}

TEST_F(BuildModuleTest, OptionsAreSortedAndComplete) {
  options.features = {"fma", "avx2"};
  options.stub = true;
  auto module = build();
  auto written = (*module)->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  auto features = written.getAs<ArrayAttr>("features");
  EXPECT_EQ(cast<StringAttr>(features[0]), "avx2");
  EXPECT_EQ(cast<StringAttr>(features[1]), "fma");
  EXPECT_TRUE(written.getAs<BoolAttr>("stub").getValue());
}

TEST_F(BuildModuleTest, OptionsNameTheHeadsEncodingAndTheRule) {
  auto written = [&](const char *weights, const char *head, const char *rule) {
    options.weights = weights;
    options.headWeights = head;
    options.q4Rule = rule;
    auto module = build();
    auto entries = (*module)->getAttrOfType<DictionaryAttr>(kOptionsAttr);
    auto q4Rule = entries.getAs<StringAttr>(kQ4RuleKey);
    return entries.getAs<StringAttr>(kHeadWeightsKey).str() + " " +
           (q4Rule ? q4Rule.str() : "none");
  };
  EXPECT_EQ(written("bf16", "", ""), "bf16 none");
  EXPECT_EQ(written("q8_0", "", ""), "q8_0 none");
  EXPECT_EQ(written("q4_0", "", ""), "q8_0 mse");
  EXPECT_EQ(written("q4_0", "q4_0", "ggml"), "q4_0 ggml");
  EXPECT_EQ(written("q8_0", "q4_0", ""), "q4_0 mse");
}

TEST_F(BuildModuleTest, OpsAreLocatedByName) {
  auto module = build();
  std::vector<std::string> places;
  for (auto linear : forwardOf(module).getOps<LinearOp>()) {
    places.push_back(cast<NameLoc>(linear.getLoc()).getName().str());
  }
  EXPECT_EQ(places.front(), "layers.0.q_proj");
  EXPECT_EQ(places[7], "layers.1.q_proj");
  EXPECT_EQ(places.back(), "lm_head");
}

TEST_F(BuildModuleTest, ListsWeightsWithTheirTensors) {
  std::vector<WeightSpec> weights = listWeights(config);
  ASSERT_EQ(weights.size(), 2u + 9 * 2);
  EXPECT_EQ(weights[4].symbol, "layers.0.v_proj");
  EXPECT_EQ(weights[4].tensor, "model.layers.0.self_attn.v_proj.weight");
  EXPECT_THAT(weights[4].shape, ElementsAre(20, 24));
  EXPECT_THAT(weights[5].shape, ElementsAre(24, 40));
}

/// Gemma 3's form: windows, four norms, q and k norms, two rotations.
static void makeGemma3(ModelConfig &config) {
  config.family = "gemma3";
  config.layers = 3;
  config.window = 16;
  config.localLayers = {true, true, false};
  config.ropeTheta = 1e6;
  config.ropeFactor = 8;
  config.queryScalar = 25;
  config.hasQkNorms = true;
  config.hasPostNorms = true;
}

TEST_F(BuildModuleTest, LaterFamiliesHaveFourNormsPerLayer) {
  makeGemma3(config);
  config.layers = 1;
  config.finalSoftcap = 30;
  auto module = build();
  std::vector<std::string> places;
  for (Operation &op : forwardOf(module).getBody().front()) {
    if (!isa<WeightRefOp, KvCacheRefOp, func::ReturnOp>(op)) {
      places.push_back(cast<NameLoc>(op.getLoc()).getName().str());
    }
  }
  EXPECT_THAT(
      places,
      ElementsAre("embed_tokens", "layers.0.input_norm", "layers.0.q_proj",
                  "layers.0.k_proj", "layers.0.v_proj", "layers.0.q_norm",
                  "layers.0.k_norm", "layers.0.q_rope", "layers.0.k_rope",
                  "layers.0.cache_write", "layers.0.attention",
                  "layers.0.o_proj", "layers.0.post_attention_norm",
                  "layers.0.attention_residual",
                  "layers.0.pre_feedforward_norm", "layers.0.gate_proj",
                  "layers.0.up_proj", "layers.0.geglu", "layers.0.down_proj",
                  "layers.0.post_feedforward_norm", "layers.0.mlp_residual",
                  "select_rows", "norm", "lm_head", "softcap"));
}

TEST_F(BuildModuleTest, LocalAndGlobalLayersDiffer) {
  makeGemma3(config);
  config.attentionSoftcap = 50;
  auto module = build();
  std::vector<std::pair<double, double>> ropes;
  for (auto rope : forwardOf(module).getOps<RopeOp>()) {
    ropes.emplace_back(rope.getBase().convertToDouble(),
                       rope.getPositionScale().convertToDouble());
  }
  std::pair<double, double> local(1e4, 1), global(1e6, 8);
  EXPECT_THAT(ropes, ElementsAre(local, local, local, local, global, global));
  std::vector<int64_t> windows;
  for (auto attention : forwardOf(module).getOps<AttentionOp>()) {
    windows.push_back(static_cast<int64_t>(attention.getWindow()));
    EXPECT_EQ(attention.getCache().getType().getWindow(), windows.back());
    EXPECT_EQ(attention.getSoftcap()->convertToDouble(), 50);
    EXPECT_EQ(attention.getQScale().convertToDouble(), 0.2);
  }
  EXPECT_THAT(windows, ElementsAre(16, 16, 0));
  // Norms of heads are over heads, with a weight of one head.
  int64_t heads = 0;
  for (auto norm : forwardOf(module).getOps<RmsNormOp>()) {
    heads += norm.getGroupSize().has_value();
    EXPECT_EQ(norm.getGroup(), norm.getGroupSize().has_value() ? 10 : 24);
  }
  EXPECT_EQ(heads, 6);
}

TEST_F(BuildModuleTest, ListsTheTensorsOfEveryLayout) {
  makeGemma3(config);
  config.tiedHead = false;
  config.embeddingRows = 163;
  for (auto [prefix, head] :
       {std::pair("model.", "lm_head.weight"),
        {"model.language_model.", "lm_head.weight"},
        {"language_model.model.", "language_model.lm_head.weight"}}) {
    std::vector<WeightSpec> weights = listWeights(config, prefix);
    ASSERT_EQ(weights.size(), 3u + 13 * 3);
    EXPECT_EQ(weights.front().tensor,
              std::string(prefix) + "embed_tokens.weight");
    EXPECT_THAT(weights.front().shape, ElementsAre(99, 24));
    EXPECT_THAT(weights.front().tensorShape, ElementsAre(163, 24));
    EXPECT_EQ(weights[5].symbol, "layers.0.q_norm");
    EXPECT_EQ(weights[5].tensor,
              std::string(prefix) + "layers.0.self_attn.q_norm.weight");
    EXPECT_THAT(weights[5].shape, ElementsAre(10));
    EXPECT_EQ(weights[9].tensor,
              std::string(prefix) +
                  "layers.0.pre_feedforward_layernorm.weight");
    EXPECT_EQ(weights[13].symbol, "layers.0.post_feedforward_norm");
    EXPECT_EQ(weights.back().tensor, head);
    EXPECT_THAT(weights.back().tensorShape, ElementsAre(163, 24));
  }
}

TEST(EmbeddingScaleTest, IsRoundedToBf16) {
  // The values that the family's implementations name.
  EXPECT_EQ(embeddingScale(2048), 45.25);
  EXPECT_EQ(embeddingScale(3072), 55.5);
  EXPECT_EQ(embeddingScale(2304), 48.0);
  EXPECT_EQ(embeddingScale(640), 25.25);
}
