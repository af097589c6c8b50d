//===- GgufConfig.cpp - What a GGUF file's metadata say of a model --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufConfig.h"

#include "compiler/Import/Readers/ChatTemplate.h"
#include "compiler/Import/Readers/GgufTokenizer.h"
#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/ModelLimits.h"

#include <algorithm>
#include <utility>

using namespace gemma;

constexpr const char *kEmbedding = "token_embd.weight";
constexpr const char *kHead = "output.weight";
constexpr const char *kTokens = "tokenizer.ggml.tokens";

//===----------------------------------------------------------------------===//
// Names of tensors
//===----------------------------------------------------------------------===//

std::string gemma::ggufTensorName(const std::string &symbol,
                                  const ModelConfig &config) {
  static constexpr std::pair<std::string_view, const char *> kModel[] = {
      {"embed_tokens", kEmbedding},
      {"norm", "output_norm.weight"},
      {"lm_head", kHead}};
  for (auto [name, tensor] : kModel) {
    if (symbol == name) {
      return tensor;
    }
  }
  static constexpr std::pair<std::string_view, const char *> kLayer[] = {
      {"input_norm", "attn_norm"},
      {"q_proj", "attn_q"},
      {"k_proj", "attn_k"},
      {"v_proj", "attn_v"},
      {"q_norm", "attn_q_norm"},
      {"k_norm", "attn_k_norm"},
      {"o_proj", "attn_output"},
      {"post_attention_norm", "post_attention_norm"},
      {"pre_feedforward_norm", "ffn_norm"},
      {"gate_proj", "ffn_gate"},
      {"up_proj", "ffn_up"},
      {"down_proj", "ffn_down"},
      {"post_feedforward_norm", "post_ffw_norm"}};
  constexpr std::string_view kPrefix = "layers.";
  size_t dot = symbol.find('.', kPrefix.size());
  if (symbol.compare(0, kPrefix.size(), kPrefix) != 0 ||
      dot == std::string::npos) {
    return "";
  }
  std::string number = symbol.substr(kPrefix.size(), dot - kPrefix.size());
  std::string name = symbol.substr(dot + 1);
  // Gemma 1's norm of this name stands before the feed-forward block.
  if (name == "post_attention_norm" && !config.hasPostNorms) {
    name = "pre_feedforward_norm";
  }
  for (auto [known, tensor] : kLayer) {
    if (name == known) {
      return "blk." + number + "." + tensor + ".weight";
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Config
//===----------------------------------------------------------------------===//

/// Whether a value is the number 0.
static bool isZero(const GgufValue &value) {
  return (value.type == GgufType::F32 || value.type == GgufType::F64) &&
         value.bytes.find_first_not_of('\0') == std::string_view::npos;
}

namespace {
/// An architecture, and what llama.cpp takes where a file says nothing; 0 = the
/// file must say it.
struct Architecture {
  const char *name;
  const char *model; ///< for messages
  int generation;
  double ropeTheta;
  int64_t window;
  /// All layers but every so-manyth are local.
  int64_t period;
  /// The number of layers of the model whose queries are scaled otherwise.
  int64_t scaledLayers;
  double attentionSoftcap, finalSoftcap;
};

constexpr Architecture kArchitectures[] = {
    {"gemma", "GemmaForCausalLM", 1, 1e4, 0, 0, 0, 0, 0},
    {"gemma2", "Gemma2ForCausalLM", 2, 1e4, 4096, 2, 46, 50, 30},
    {"gemma3", "Gemma3ForCausalLM", 3, 1e6, 0, 6, 62, 0, 0},
};

/// Reads the keys of one architecture.
class ConfigReader {
public:
  ConfigReader(GgufFields &fields, const Architecture &architecture)
      : fields(fields), architecture(architecture) {
    config.family = architecture.name;
    config.architecture = architecture.model;
    config.normUnitOffset = false;
  }

  ModelConfig read() {
    readSizes();
    config.epsilon =
        fields.number(key("attention.layer_norm_rms_epsilon"), 0, 1);
    readRope();
    config.queryScalar = static_cast<double>(config.headDim);
    if (architecture.generation > 1) {
      readLaterMembers();
    }
    if (!fields.boolean(key("attention.causal"), true)) {
      fields.fail(key("attention.causal"), "true", "false");
    }
    return config;
  }

private:
  std::string key(const char *name) const {
    return std::string(architecture.name) + "." + name;
  }

  void readSizes() {
    config.hidden = fields.integer(key("embedding_length"), 1, kMaxWidth);
    config.layers = fields.integer(key("block_count"), 1, kMaxLayers);
    config.ff = fields.integer(key("feed_forward_length"), 1, kMaxWidth);
    config.context = fields.integer(key("context_length"), 1, kMaxContext);
    config.heads = fields.integer(key("attention.head_count"), 1, kMaxHeads);
    config.kvHeads = fields.integer(key("attention.head_count_kv"), 1,
                                    kMaxHeads, config.heads);
    config.headDim = fields.integer(
        key("attention.key_length"), 2, kMaxHeadDim,
        std::clamp<int64_t>(config.hidden / config.heads, 2, kMaxHeadDim));
    if (config.headDim % 2 != 0) {
      fields.fail(key("attention.key_length"), "an even number",
                  std::to_string(config.headDim));
    }
    (void)fields.integer(key("attention.value_length"), config.headDim,
                         config.headDim, config.headDim);
    if (config.heads % config.kvHeads != 0) {
      fields.fail(key("attention.head_count_kv"),
                  "a divisor of head_count = " + std::to_string(config.heads),
                  std::to_string(config.kvHeads));
    }
    if (config.heads * config.headDim > kMaxWidth) {
      fields.fail(key("attention.key_length"),
                  "at most " + std::to_string(kMaxWidth) +
                      " elements in all heads",
                  std::to_string(config.heads * config.headDim));
    }
  }

  /// Gemma 3's global layers may be linearly scaled, no other is.
  void readRope() {
    config.ropeTheta = fields.number(key("rope.freq_base"), 0, kMaxTheta,
                                     architecture.ropeTheta);
    config.localRopeTheta = config.ropeTheta;
    (void)fields.integer(key("rope.dimension_count"), config.headDim,
                         config.headDim, config.headDim);
    bool mayBeScaled = architecture.generation == 3;
    std::string_view expected = mayBeScaled ? "'none' or 'linear'" : "'none'";
    std::string typeKey = key("rope.scaling.type");
    std::string factorKey = key("rope.scaling.factor");
    bool hasFactor = fields.find(factorKey) && !isZero(*fields.find(factorKey));
    // As in llama.cpp: a factor of 0 is none, one without a type is linear.
    std::string_view type = fields.text(typeKey).value_or(
        hasFactor && mayBeScaled ? "linear" : "none");
    bool isLinear = mayBeScaled && type == "linear";
    if (type != "none" && !isLinear) {
      fields.fail(typeKey, expected, inQuotes(type));
    }
    double factor = hasFactor ? fields.number(factorKey, 0, kMaxRopeFactor) : 1;
    if (!isLinear && factor != 1) {
      fields.fail(factorKey, "1 or no linear scaling",
                  fields.find(factorKey)->describe());
    }
    config.ropeFactor = factor;
    if (fields.find(key("rope.scale_linear"))) {
      fields.fail(key("rope.scale_linear"), "rope.scaling.factor in its place",
                  "this key");
    }
  }

  void readLaterMembers() {
    if (config.layers == architecture.scaledLayers) {
      config.queryScalar = static_cast<double>(config.hidden) /
                           static_cast<double>(config.heads);
    }
    if (architecture.generation == 3) {
      config.localRopeTheta =
          fields.number(key("rope.freq_base_swa"), 0, kMaxTheta, 1e4);
    }
    readWindow();
    config.attentionSoftcap =
        readSoftcap("attn_logit_softcapping", architecture.attentionSoftcap);
    config.finalSoftcap =
        readSoftcap("final_logit_softcapping", architecture.finalSoftcap);
    config.hasQkNorms = architecture.generation == 3;
    config.hasPostNorms = true;
  }

  /// 0 is how a file says that there is none, as config.json says null.
  double readSoftcap(const char *name, double otherwise) {
    const GgufValue *value = fields.find(key(name));
    if (!value) {
      return otherwise;
    }
    return isZero(*value) ? 0 : fields.number(key(name), 0, kMaxSoftcap);
  }

  void readWindow() {
    config.window =
        fields.integer(key("attention.sliding_window"), 1, kMaxContext,
                       architecture.window ? std::optional(architecture.window)
                                           : std::nullopt);
    std::string pattern = key("attention.sliding_window_pattern");
    const GgufValue *value = fields.find(pattern);
    if (value && value->type == GgufType::Array) {
      readLocalLayers(pattern);
      return;
    }
    int64_t period =
        fields.integer(pattern, 1, kMaxLayers, architecture.period);
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      config.localLayers.push_back((layer + 1) % period != 0);
    }
    dropUnusedWindow();
  }

  void readLocalLayers(const std::string &pattern) {
    const GgufValue *array = fields.array(pattern, GgufType::Bool);
    auto layers = static_cast<uint64_t>(config.layers);
    if (array && array->count != layers) {
      fields.fail(pattern, std::to_string(layers) + " bools, one a layer",
                  array->describe());
    }
    for (uint64_t i = 0; array && !fields.error && i < layers; ++i) {
      config.localLayers.push_back(boolAt(*array, i));
    }
    dropUnusedWindow();
  }

  void dropUnusedWindow() {
    const std::vector<bool> &local = config.localLayers;
    if (std::find(local.begin(), local.end(), true) == local.end()) {
      config.localLayers.clear();
      config.window = 0;
    }
  }

  GgufFields &fields;
  const Architecture &architecture;
  ModelConfig config;
};
} // namespace

static const Architecture *findArchitecture(GgufFields &fields) {
  constexpr const char *kKey = "general.architecture";
  constexpr const char *kExpected = "'gemma', 'gemma2' or 'gemma3'";
  std::optional<std::string_view> name = fields.text(kKey);
  for (const Architecture &each : kArchitectures) {
    if (name && *name == each.name) {
      return &each;
    }
  }
  fields.fail(kKey, kExpected, name ? inQuotes(*name) : "none");
  return nullptr;
}

/// The vocabulary, from the embedding and the list of tokens.
static Result<void> readVocabulary(const GgufCheckpoint &checkpoint,
                                   GgufFields &fields, ModelConfig &config) {
  const auto &tensors = checkpoint.getTensors();
  auto embedding = tensors.find(kEmbedding);
  if (embedding == tensors.end()) {
    return badField(checkpoint.getPath(), inQuotes(kEmbedding), "the embedding",
                    "none");
  }
  const GgufTensor &tensor = *embedding->second.tensor;
  if (tensor.shape.size() != 2 || tensor.shape[0] > kMaxVocab) {
    return badField(checkpoint.getDirectory() + "/" + *embedding->second.file,
                    inQuotes(kEmbedding),
                    "a matrix of at most " + std::to_string(kMaxVocab) +
                        " rows",
                    tensor.describe());
  }
  config.vocab = config.embeddingRows = tensor.shape[0];
  if (const GgufValue *tokens = fields.array(kTokens, GgufType::String)) {
    auto count = static_cast<int64_t>(tokens->count);
    if (count < 1 || count > config.vocab) {
      fields.fail(kTokens,
                  "1 to " + std::to_string(config.vocab) +
                      " strings, as the embedding has rows",
                  tokens->describe());
      return {};
    }
    config.vocab =
        static_cast<int64_t>(countTextTokens(checkpoint.getMetadata()));
  }
  config.tiedHead = tensors.count(kHead) == 0;
  return {};
}

/// The token of <eos>, -1 if no text up to `last` is that.
static int64_t findEos(GgufFields &fields, int64_t last) {
  const GgufValue *tokens = fields.array(kTokens, GgufType::String);
  if (!tokens) {
    return -1;
  }
  std::vector<std::string_view> texts = stringsOf(*tokens);
  auto place = std::find(texts.begin(), texts.end(), "<eos>");
  int64_t token = place - texts.begin();
  return token <= last ? token : -1;
}

static void readTokens(GgufFields &fields, ModelConfig &config) {
  int64_t last = config.vocab - 1;
  auto token = [&](const char *name, std::optional<int64_t> missing) {
    std::string key = std::string("tokenizer.ggml.") + name;
    return fields.find(key) ? fields.integer(key, 0, last) : *missing;
  };
  config.bosToken = token("bos_token_id", last >= 2 ? 2 : -1);
  config.padToken = token("padding_token_id", -1);
  // Files of tuned models often name <end_of_turn> only.
  config.eosTokens.clear();
  for (int64_t end : {findEos(fields, last),
                      token("eos_token_id", std::min<int64_t>(1, last)),
                      token("eot_token_id", -1)}) {
    std::vector<int64_t> &ends = config.eosTokens;
    if (end >= 0 && std::find(ends.begin(), ends.end(), end) == ends.end()) {
      ends.push_back(end);
    }
  }
  config.addBos = fields.boolean("tokenizer.ggml.add_bos_token", true);
  config.chatFormat =
      chatFormatOf(fields.text("tokenizer.chat_template").value_or(""));
}

Result<ModelConfig> gemma::readGgufConfig(const GgufCheckpoint &checkpoint) {
  GgufFields fields(checkpoint.getMetadata(), checkpoint.getPath());
  const Architecture *architecture = findArchitecture(fields);
  if (!architecture) {
    return *fields.error;
  }
  ModelConfig config = ConfigReader(fields, *architecture).read();
  if (fields.error) {
    return *fields.error;
  }
  if (Result<void> read = readVocabulary(checkpoint, fields, config); !read) {
    return read.takeError();
  }
  if (!fields.error) {
    readTokens(fields, config);
  }
  if (fields.error) {
    return *fields.error;
  }
  return config;
}
