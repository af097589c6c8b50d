//===- BuildModule.cpp - The graph of a model in gemma ops ----------------===//
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
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Activation;
using ::gemma::ModelConfig;

static std::string layerSymbol(int64_t layer, StringRef name) {
  return "layers." + std::to_string(layer) + "." + name.str();
}

namespace {
/// A weight of every layer, as the checkpoint calls it.
struct LayerWeight {
  const char *symbol;
  const char *tensor;
  llvm::SmallVector<int64_t, 2> shape;
};
} // namespace

static std::vector<LayerWeight> listLayerWeights(const ModelConfig &config) {
  int64_t hidden = config.hidden;
  int64_t q = config.heads * config.headDim;
  int64_t kv = config.kvHeads * config.headDim;
  std::vector<LayerWeight> weights = {
      {"input_norm", "input_layernorm", {hidden}},
      {"q_proj", "self_attn.q_proj", {q, hidden}},
      {"k_proj", "self_attn.k_proj", {kv, hidden}},
      {"v_proj", "self_attn.v_proj", {kv, hidden}},
  };
  if (config.hasQkNorms) {
    weights.push_back({"q_norm", "self_attn.q_norm", {config.headDim}});
    weights.push_back({"k_norm", "self_attn.k_norm", {config.headDim}});
  }
  weights.push_back({"o_proj", "self_attn.o_proj", {hidden, q}});
  // Gemma 1's post_attention_layernorm stands before the feed-forward block,
  // later ones' behind attention; the name is kept as the checkpoint has it.
  weights.push_back(
      {"post_attention_norm", "post_attention_layernorm", {hidden}});
  if (config.hasPostNorms) {
    weights.push_back(
        {"pre_feedforward_norm", "pre_feedforward_layernorm", {hidden}});
  }
  weights.push_back({"gate_proj", "mlp.gate_proj", {config.ff, hidden}});
  weights.push_back({"up_proj", "mlp.up_proj", {config.ff, hidden}});
  weights.push_back({"down_proj", "mlp.down_proj", {hidden, config.ff}});
  if (config.hasPostNorms) {
    weights.push_back(
        {"post_feedforward_norm", "post_feedforward_layernorm", {hidden}});
  }
  return weights;
}

std::vector<WeightSpec> mlir::gemma::listWeights(const ModelConfig &config,
                                                 llvm::StringRef prefix) {
  int64_t hidden = config.hidden;
  llvm::SmallVector<int64_t, 2> table = {config.vocab, hidden};
  llvm::SmallVector<int64_t, 2> stored = {
      std::max(config.vocab, config.embeddingRows), hidden};
  std::vector<WeightSpec> weights;
  auto add = [&](std::string symbol, const Twine &tensor,
                 llvm::SmallVector<int64_t, 2> shape) {
    weights.push_back({std::move(symbol), tensor.str(), shape, shape});
  };
  add("embed_tokens", prefix + "embed_tokens.weight", table);
  weights.back().tensorShape = stored;
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    for (const LayerWeight &weight : listLayerWeights(config)) {
      add(layerSymbol(layer, weight.symbol),
          prefix + "layers." + Twine(layer) + "." + weight.tensor + ".weight",
          weight.shape);
    }
  }
  add("norm", prefix + "norm.weight", {hidden});
  if (!config.tiedHead) {
    // The head stands beside the text model, not in it.
    llvm::StringRef beside =
        prefix.starts_with("language_model.") ? "language_model." : "";
    add("lm_head", beside + "lm_head.weight", table);
    weights.back().tensorShape = stored;
  }
  return weights;
}

double mlir::gemma::embeddingScale(int64_t hidden) {
  llvm::APFloat scale(std::sqrt(static_cast<double>(hidden)));
  bool losesInfo;
  scale.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return scale.convertToDouble();
}

namespace {
/// Builds one module. Every op gets the name of its place in the model as its
/// location: "layers.3.q_proj".
class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext *context, const ModelConfig &config,
                const ImportOptions &options)
      : config(config), options(options), builder(context),
        f32(builder.getF32Type()) {
    context
        ->loadDialect<GemmaDialect, func::FuncDialect, arith::ArithDialect>();
    rowIndices =
        RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
  }

  OwningOpRef<ModuleOp>
  build(StringRef chatFormat,
        llvm::function_ref<WeightOrigin(const WeightSpec &)> originOf) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc("model"));
    (*module)->setAttr(kModelAttr, modelAttr(chatFormat));
    (*module)->setAttr(kOptionsAttr, optionsAttr());
    builder.setInsertionPointToEnd(module->getBody());
    for (const WeightSpec &spec : listWeights(config)) {
      WeightOrigin origin = originOf(spec);
      auto type = RankedTensorType::get(spec.shape, origin.element);
      WeightOp::create(builder, loc(spec.symbol), spec.symbol, type,
                       origin.source, EncodingAttr());
      weights[spec.symbol] = type;
    }
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      std::string name = cacheName(layer);
      KvCacheOp::create(builder, loc(name), name, cacheType(layer));
    }
    buildForward();
    return module;
  }

private:
  void buildForward() {
    auto logits = rows(config.vocab);
    auto type = builder.getFunctionType(
        {rowIndices, rowIndices, rowIndices, rowIndices}, {logits});
    auto forward =
        func::FuncOp::create(builder, loc("forward"), "forward", type);
    Block *body = forward.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    Value tokens = name(body->getArgument(0), "tokens");
    positions = name(body->getArgument(1), "positions");
    slots = name(body->getArgument(2), "slots");
    Value outRows = name(body->getArgument(3), "out_rows");

    Value x = EmbedOp::create(builder, loc("embed_tokens"), rows(config.hidden),
                              tokens, weight("embed_tokens"), Value(), Value(),
                              f64(embeddingScale(config.hidden)))
                  .getResult();
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      x = buildFeedForward(layer, buildAttention(layer, x));
    }
    x = SelectRowsOp::create(builder, loc("select_rows"), x.getType(), x,
                             outRows, Value(), Value())
            .getResult();
    x = norm("norm", x);
    x = LinearOp::create(builder, loc("lm_head"), logits, x,
                         weight(config.tiedHead ? "embed_tokens" : "lm_head"),
                         Value(), Value())
            .getResult();
    if (config.finalSoftcap != 0) {
      x = SoftcapOp::create(builder, loc("softcap"), logits, x, Value(),
                            Value(), f64(config.finalSoftcap))
              .getResult();
    }
    func::ReturnOp::create(builder, loc("return"), x);
  }

  /// x + o_proj(attention(input_norm(x))), normed before it is added where the
  /// family has post norms.
  Value buildAttention(int64_t layer, Value x) {
    Value y = norm(layerSymbol(layer, "input_norm"), x);
    Value q = linear(layerSymbol(layer, "q_proj"), y);
    Value k = linear(layerSymbol(layer, "k_proj"), y);
    Value v = linear(layerSymbol(layer, "v_proj"), y);
    if (config.hasQkNorms) {
      IntegerAttr head = builder.getI64IntegerAttr(config.headDim);
      q = norm(layerSymbol(layer, "q_norm"), q, head);
      k = norm(layerSymbol(layer, "k_norm"), k, head);
    }
    q = rope(layer, "q_rope", q);
    k = rope(layer, "k_rope", k);
    Value cache = KvCacheRefOp::create(builder, loc(cacheName(layer)),
                                       cacheType(layer), cacheName(layer));
    CacheWriteOp::create(builder, loc(layerSymbol(layer, "cache_write")), k, v,
                         cache, positions, slots, Value());
    double scale = 1.0 / std::sqrt(config.queryScalar);
    FloatAttr softcap = config.attentionSoftcap == 0
                            ? FloatAttr()
                            : f64(config.attentionSoftcap);
    Value o = AttentionOp::create(builder, loc(layerSymbol(layer, "attention")),
                                  q.getType(), q, cache, positions, slots,
                                  Value(), Value(), f64(scale), softcap,
                                  builder.getI64IntegerAttr(window(layer)))
                  .getResult();
    o = linear(layerSymbol(layer, "o_proj"), o);
    if (config.hasPostNorms) {
      o = norm(layerSymbol(layer, "post_attention_norm"), o);
    }
    return add(layerSymbol(layer, "attention_residual"), x, o);
  }

  /// x + down_proj(geglu(gate_proj(y), up_proj(y))), y = norm(x); normed before
  /// it is added where the family has post norms.
  Value buildFeedForward(int64_t layer, Value x) {
    StringRef before =
        config.hasPostNorms ? "pre_feedforward_norm" : "post_attention_norm";
    Value y = norm(layerSymbol(layer, before), x);
    Value gate = linear(layerSymbol(layer, "gate_proj"), y);
    Value up = linear(layerSymbol(layer, "up_proj"), y);
    Gelu gelu =
        config.activation == Activation::GeluErf ? Gelu::Erf : Gelu::Tanh;
    Value h = GegluOp::create(builder, loc(layerSymbol(layer, "geglu")),
                              gate.getType(), gate, up, Value(), Value(), gelu)
                  .getResult();
    h = linear(layerSymbol(layer, "down_proj"), h);
    if (config.hasPostNorms) {
      h = norm(layerSymbol(layer, "post_feedforward_norm"), h);
    }
    return add(layerSymbol(layer, "mlp_residual"), x, h);
  }

  /// A norm of whole rows, or of groups of `group` elements.
  Value norm(StringRef symbol, Value x, IntegerAttr group = IntegerAttr()) {
    return RmsNormOp::create(builder, loc(symbol), x.getType(), x,
                             weight(symbol), Value(), Value(),
                             f64(config.epsilon),
                             builder.getBoolAttr(config.normUnitOffset), group)
        .getResult();
  }

  Value linear(StringRef symbol, Value x) {
    Value w = weight(symbol);
    int64_t columns = cast<RankedTensorType>(w.getType()).getDimSize(0);
    return LinearOp::create(builder, loc(symbol), rows(columns), x, w, Value(),
                            Value())
        .getResult();
  }

  /// Local layers have a base of their own and never scale positions.
  Value rope(int64_t layer, StringRef name, Value x) {
    IntegerAttr headDim = builder.getI64IntegerAttr(config.headDim);
    bool isLocal = config.isLocal(layer);
    return RopeOp::create(
               builder, loc(layerSymbol(layer, name)), x.getType(), x,
               positions, Value(), Value(), Value(), headDim, headDim,
               f64(isLocal ? config.localRopeTheta : config.ropeTheta),
               f64(isLocal ? 1.0 : config.ropeFactor))
        .getResult();
  }

  Value add(StringRef name, Value x, Value y) {
    return arith::AddFOp::create(builder, loc(name), x, y);
  }

  Value weight(StringRef symbol) {
    return WeightRefOp::create(builder, loc(symbol), weights.at(symbol.str()),
                               symbol);
  }

  /// Keys that a row of a layer sees; 0 = all before it.
  int64_t window(int64_t layer) const {
    return config.isLocal(layer) ? config.window : 0;
  }

  KvCacheType cacheType(int64_t layer) {
    return KvCacheType::get(builder.getContext(), config.kvHeads,
                            config.headDim, cacheElement(), window(layer));
  }

  static std::string cacheName(int64_t layer) {
    return "kv." + std::to_string(layer);
  }

  Value name(BlockArgument argument, StringRef text) {
    argument.setLoc(loc(text));
    return argument;
  }

  Location loc(StringRef text) {
    return NameLoc::get(builder.getStringAttr(text));
  }

  RankedTensorType rows(int64_t columns) {
    return RankedTensorType::get({ShapedType::kDynamic, columns}, f32);
  }

  FloatAttr f64(double value) { return builder.getF64FloatAttr(value); }

  DictionaryAttr modelAttr(StringRef chatFormat) {
    auto number = [&](StringRef key, int64_t value) {
      return builder.getNamedAttr(key, builder.getI64IntegerAttr(value));
    };
    return builder.getDictionaryAttr({
        builder.getNamedAttr("family", builder.getStringAttr(config.family)),
        number("hidden", config.hidden),
        number("layers", config.layers),
        number("heads", config.heads),
        number("kv_heads", config.kvHeads),
        number("head_dim", config.headDim),
        number("ff", config.ff),
        number("vocab", config.vocab),
        number("context", config.context),
        number("bos_token", config.bosToken),
        number("pad_token", config.padToken),
        builder.getNamedAttr("eos_tokens",
                             builder.getDenseI64ArrayAttr(config.eosTokens)),
        builder.getNamedAttr("add_bos", builder.getBoolAttr(config.addBos)),
        builder.getNamedAttr("chat_format", builder.getStringAttr(chatFormat)),
        builder.getNamedAttr("temperature", f64(config.temperature)),
        number("top_k", config.topK),
        builder.getNamedAttr("top_p", f64(config.topP)),
    });
  }

  /// What "kv" of gemma.options says.
  StringRef cacheElementName() const {
    if (!options.kv.empty()) {
      return options.kv;
    }
    return options.weights == "f32" ? "f32" : "bf16";
  }

  Type cacheElement() {
    StringRef name = cacheElementName();
    if (name == "int8") {
      return builder.getI8Type();
    }
    return name == "f32" ? f32 : FloatType(builder.getBF16Type());
  }

  DictionaryAttr optionsAttr() {
    llvm::SmallVector<StringRef> features(options.features.begin(),
                                          options.features.end());
    llvm::sort(features);
    llvm::SmallVector<NamedAttribute> entries = {
        builder.getNamedAttr("weights", builder.getStringAttr(options.weights)),
        builder.getNamedAttr("kv", builder.getStringAttr(cacheElementName())),
        builder.getNamedAttr("max_rows",
                             builder.getI64IntegerAttr(options.maxRows)),
        builder.getNamedAttr("triple", builder.getStringAttr(options.triple)),
        builder.getNamedAttr("cpu", builder.getStringAttr(options.cpu)),
        builder.getNamedAttr("features", builder.getStrArrayAttr(features)),
        builder.getNamedAttr("stub", builder.getBoolAttr(options.stub)),
    };
    std::string head = options.headWeights.empty()
                           ? getDefaultHeadWeights(options.weights)
                           : options.headWeights;
    entries.push_back(
        builder.getNamedAttr(kHeadWeightsKey, builder.getStringAttr(head)));
    if (options.weights == "q4_0" || head == "q4_0") {
      StringRef rule =
          options.q4Rule.empty() ? StringRef(kQ4RuleMse) : options.q4Rule;
      entries.push_back(
          builder.getNamedAttr(kQ4RuleKey, builder.getStringAttr(rule)));
    }
    if (!options.noFuse.empty()) {
      llvm::SmallVector<StringRef> words(options.noFuse.begin(),
                                         options.noFuse.end());
      entries.push_back(
          builder.getNamedAttr(kNoFuseKey, builder.getStrArrayAttr(words)));
    }
    return builder.getDictionaryAttr(entries);
  }

  const ModelConfig &config;
  const ImportOptions &options;
  OpBuilder builder;
  FloatType f32;
  RankedTensorType rowIndices;
  std::map<std::string, RankedTensorType> weights;
  Value positions, slots;
};
} // namespace

OwningOpRef<ModuleOp> mlir::gemma::buildModule(
    MLIRContext *context, const ModelConfig &config,
    const ImportOptions &options, StringRef chatFormat,
    llvm::function_ref<WeightOrigin(const WeightSpec &)> originOf) {
  return ModuleBuilder(context, config, options).build(chatFormat, originOf);
}
