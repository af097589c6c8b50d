//===- Import.cpp - From a checkpoint to the input ops --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Import.h"

#include "compiler/Import/BuildModule.h"
#include "compiler/Import/Readers/Checkpoint.h"
#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "compiler/Import/Readers/Tokenizer.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Checkpoint;
using ::gemma::CheckpointTensor;
using ::gemma::Error;
using ::gemma::ModelConfig;
using ::gemma::Result;
using ::gemma::TokenizerFile;

constexpr int64_t kMaxRows = 65536;

static Result<void> checkEncodings(const ImportOptions &options) {
  const std::pair<const char *, const std::string *> flags[] = {
      {"--weights", &options.weights},
      {"--head-weights", &options.headWeights}};
  for (auto [flag, value] : flags) {
    bool mayBeEmpty = value == &options.headWeights;
    if (!(mayBeEmpty && value->empty()) && !symbolizeEncodingKind(*value)) {
      return ::gemma::invalidUsage(
          std::string(flag) +
          ": expected f32, f16, bf16, q8_0 or q4_0, found " +
          ::gemma::inQuotes(*value));
    }
  }
  if (options.q4Rule.empty()) {
    return {};
  }
  if (options.q4Rule != kQ4RuleMse && options.q4Rule != kQ4RuleGgml) {
    return ::gemma::invalidUsage("--q4_0-rule: expected mse or ggml, found " +
                                 ::gemma::inQuotes(options.q4Rule));
  }
  if (options.weights != "q4_0" && options.headWeights != "q4_0") {
    return ::gemma::invalidUsage("--q4_0-rule: expected together with "
                                 "--weights=q4_0 or --head-weights=q4_0");
  }
  return {};
}

static Result<void> checkOptions(const ImportOptions &options) {
  if (Result<void> checked = checkEncodings(options); !checked) {
    return checked;
  }
  if (!options.kv.empty() && options.kv != "bf16" && options.kv != "f32" &&
      options.kv != "int8") {
    return ::gemma::invalidUsage("--kv: expected bf16, f32 or int8, found " +
                                 ::gemma::inQuotes(options.kv));
  }
  if (options.maxRows < 1 || options.maxRows > kMaxRows) {
    return ::gemma::invalidUsage("--max-rows: expected 1 to " +
                                 std::to_string(kMaxRows) + ", found " +
                                 std::to_string(options.maxRows));
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// The element type of a tensor; null if it is none that a weight may have.
static Type elementType(MLIRContext *context, llvm::StringRef dtype) {
  if (dtype == "F32") {
    return Float32Type::get(context);
  }
  if (dtype == "BF16") {
    return BFloat16Type::get(context);
  }
  return dtype == "F16" ? Type(Float16Type::get(context)) : Type();
}

static std::string describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape) {
    text += (text.empty() ? "[" : ", ") + std::to_string(size);
  }
  return text + "]";
}

/// Whether a tensor may be left out: a buffer that is computed, or a copy of
/// the embedding that quantising tools leave behind.
static bool mayBeIgnored(llvm::StringRef name, bool tiedHead) {
  return name.ends_with("rotary_emb.inv_freq") ||
         (tiedHead && name == "lm_head.weight");
}

/// Finds every weight's tensor. Gives origins by symbol.
static Result<std::map<std::string, WeightOrigin>>
findTensors(MLIRContext *context, llvm::StringRef directory,
            const Checkpoint &checkpoint, const ModelConfig &config,
            std::vector<std::string> *notes) {
  const auto &tensors = checkpoint.getTensors();
  std::map<std::string, WeightOrigin> origins;
  std::set<std::string_view> used;
  for (const WeightSpec &spec : listWeights(config)) {
    auto place = tensors.find(spec.tensor);
    if (place == tensors.end()) {
      return ::gemma::badField(checkpoint.getListFile(),
                               ::gemma::inQuotes(spec.tensor),
                               "a tensor " + describeShape(spec.shape), "none");
    }
    const CheckpointTensor &tensor = place->second;
    std::string file = directory.str() + "/" + *tensor.shard;
    Type element = elementType(context, tensor.entry->dtype->name);
    if (!element) {
      return ::gemma::badField(file, ::gemma::inQuotes(spec.tensor),
                               "F32, BF16 or F16", tensor.entry->dtype->name);
    }
    if (ArrayRef<int64_t>(tensor.entry->shape) !=
        ArrayRef<int64_t>(spec.shape)) {
      return ::gemma::badField(file, ::gemma::inQuotes(spec.tensor),
                               describeShape(spec.shape) +
                                   " as config.json has it",
                               tensor.entry->describe());
    }
    origins[spec.symbol] = {
        element, TensorSourceAttr::get(context, *tensor.shard, spec.tensor)};
    used.insert(place->first);
  }
  for (const auto &[name, tensor] : tensors) {
    if (used.count(name)) {
      continue;
    }
    if (!mayBeIgnored(llvm::StringRef(name), config.tiedHead)) {
      return ::gemma::badField(directory.str() + "/" + *tensor.shard,
                               ::gemma::inQuotes(name),
                               "only tensors of GemmaForCausalLM with " +
                                   std::to_string(config.layers) + " layers",
                               "one more: " + tensor.entry->describe());
    }
    if (notes && name == "lm_head.weight") {
      notes->push_back("lm_head.weight is left out: tie_word_embeddings makes "
                       "the embedding the head");
    }
  }
  return origins;
}

//===----------------------------------------------------------------------===//
// Import
//===----------------------------------------------------------------------===//

/// Where a checkpoint is, from wherever a dump will be read.
static std::string absoluteFolder(llvm::StringRef directory) {
  llvm::SmallString<256> path(directory);
  (void)llvm::sys::fs::make_absolute(path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/false);
  return path.str().str();
}

Result<OwningOpRef<ModuleOp>>
mlir::gemma::importCheckpoint(MLIRContext *context, llvm::StringRef directory,
                              const ImportOptions &options,
                              std::vector<std::string> *notes) {
  if (Result<void> checked = checkOptions(options); !checked) {
    return checked.takeError();
  }
  while (directory.size() > 1 && directory.ends_with("/")) {
    directory = directory.drop_back();
  }
  Result<ModelConfig> config = ::gemma::readModelConfig(directory.str());
  if (!config) {
    return config.takeError();
  }
  Result<std::optional<TokenizerFile>> tokenizer =
      ::gemma::readTokenizer(directory.str(), *config);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  Result<Checkpoint> checkpoint = Checkpoint::open(directory.str());
  if (!checkpoint) {
    return checkpoint.takeError();
  }
  context->loadDialect<GemmaDialect>();
  auto origins = findTensors(context, directory, *checkpoint, *config, notes);
  if (!origins) {
    return origins.takeError();
  }
  llvm::StringRef chatFormat;
  if (*tokenizer && (*tokenizer)->isChat()) {
    chatFormat = "gemma";
    auto &ends = config->eosTokens;
    if (!llvm::is_contained(ends, (*tokenizer)->endOfTurn)) {
      ends.push_back((*tokenizer)->endOfTurn);
    }
  }
  if (notes && !*tokenizer) {
    notes->push_back("there is no tokenizer.model: the artifact will know "
                     "token numbers only");
  }
  OwningOpRef<ModuleOp> module = buildModule(
      context, *config, options, chatFormat,
      [&](const WeightSpec &spec) { return origins->at(spec.symbol); });
  Builder builder(context);
  (*module)->setAttr(kCheckpointAttr,
                     builder.getStringAttr(absoluteFolder(directory)));
  if (std::string rounding = countRounded(*module).describe();
      notes && !rounding.empty()) {
    notes->push_back(rounding);
  }
  if (*tokenizer) {
    (*module)->setAttr(
        kTokenizerAttr,
        builder.getDictionaryAttr(
            {builder.getNamedAttr(
                 "file", builder.getStringAttr(::gemma::kTokenizerFile)),
             builder.getNamedAttr(
                 "sha256", builder.getStringAttr((*tokenizer)->sha256))}));
  }
  return module;
}

/// Bound of uniform values for a weight. A value drawn from [-b, b) has the
/// variance b^2/3, so that sqrt(3/K) keeps the variance of what it multiplies;
/// the embedding, scaled by sqrt(hidden), starts at 1, and so do the logits of
/// a tied head. Norm weights stand beside 1.
static double randomBound(const WeightSpec &spec) {
  return spec.shape.size() == 1
             ? 0.1
             : std::sqrt(3.0 / static_cast<double>(spec.shape[1]));
}

Result<OwningOpRef<ModuleOp>>
mlir::gemma::importConfig(MLIRContext *context, llvm::StringRef name,
                          uint64_t seed, const ImportOptions &options) {
  if (Result<void> checked = checkOptions(options); !checked) {
    return checked.takeError();
  }
  if (options.q4Rule == kQ4RuleMse) {
    return ::gemma::invalidUsage("--q4_0-rule: expected ggml or none for "
                                 "random weights, found 'mse'");
  }
  ImportOptions random = options;
  random.q4Rule = kQ4RuleGgml;
  const ModelConfig *config = ::gemma::findKnownConfig(std::string_view(name));
  if (!config) {
    return ::gemma::invalidUsage("--config: expected gemma-2b or gemma-7b, "
                                 "found " +
                                 ::gemma::inQuotes(std::string_view(name)));
  }
  context->loadDialect<GemmaDialect>();
  Builder builder(context);
  return buildModule(
      context, *config, random, /*chatFormat=*/"", [&](const WeightSpec &spec) {
        return WeightOrigin{
            builder.getF32Type(),
            RandomSourceAttr::get(context, static_cast<int64_t>(seed),
                                  builder.getF64FloatAttr(randomBound(spec)))};
      });
}

//===----------------------------------------------------------------------===//
// What the emitter and the tool ask
//===----------------------------------------------------------------------===//

std::string Rounding::describe() const {
  std::string counts;
  const std::pair<const char *, int64_t> types[] = {
      {"f32", f32Tensors}, {"bf16", bf16Tensors}, {"f16", f16Tensors}};
  for (auto [type, count] : types) {
    if (count) {
      counts +=
          (counts.empty() ? "" : " and ") + std::to_string(count) + " " + type;
    }
  }
  return counts.empty()
             ? ""
             : "--weights=" + weights + " rounds " + counts + " tensors to " +
                   weights + " (--weights=f32 keeps them)";
}

Rounding mlir::gemma::countRounded(ModuleOp module) {
  Rounding rounding;
  auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  auto weights = options ? options.getAs<StringAttr>("weights") : StringAttr();
  if (!weights ||
      (weights.getValue() != "bf16" && weights.getValue() != "f16")) {
    return rounding;
  }
  rounding.weights = weights.str();
  bool isF16 = rounding.weights == "f16";
  for (WeightOp weight : module.getOps<WeightOp>()) {
    auto type = cast<RankedTensorType>(weight.getType());
    if (type.getRank() == 2 &&
        isa_and_nonnull<TensorSourceAttr>(weight.getSourceAttr())) {
      rounding.f32Tensors += type.getElementType().isF32();
      rounding.bf16Tensors += isF16 && type.getElementType().isBF16();
      rounding.f16Tensors += !isF16 && type.getElementType().isF16();
    }
  }
  return rounding;
}

Result<std::string>
mlir::gemma::readArtifactTokenizer(ModuleOp module,
                                   llvm::StringRef checkpointOverride) {
  auto reference = module->getAttrOfType<DictionaryAttr>(kTokenizerAttr);
  if (!reference) {
    return std::string();
  }
  auto checkpoint = module->getAttrOfType<StringAttr>(kCheckpointAttr);
  if (checkpointOverride.empty() && checkpoint) {
    checkpointOverride = checkpoint.getValue();
  }
  if (checkpointOverride.empty()) {
    return ::gemma::invalidData("module: gemma.checkpoint: expected the folder "
                                "of the tokenizer, found none");
  }
  std::string folder = checkpointOverride.str();
  Result<ModelConfig> config = ::gemma::readModelConfig(folder);
  if (!config) {
    return config.takeError();
  }
  auto tokenizer = ::gemma::readTokenizer(folder, *config);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  auto expected = reference.getAs<StringAttr>("sha256");
  std::string found = *tokenizer ? (*tokenizer)->sha256 : "no file";
  if (!expected || expected.getValue() != found) {
    return ::gemma::badFile(folder + "/" + ::gemma::kTokenizerFile,
                            "the file that was imported, SHA-256 " +
                                (expected ? expected.str() : "missing"),
                            found);
  }
  return std::move((*tokenizer)->artifactBytes);
}
