//===- Import.cpp - From a checkpoint to the input ops --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Import.h"

#include "compiler/Import/BuildModule.h"
#include "compiler/Import/ImportSteps.h"
#include "compiler/Import/Readers/Checkpoint.h"
#include "compiler/Import/Readers/Gguf.h"
#include "compiler/Import/Readers/MappedFile.h"
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
    if (!value->empty() && *value != kStoredWeights &&
        !symbolizeEncodingKind(*value)) {
      return ::gemma::invalidUsage(
          std::string(flag) +
          ": expected f32, f16, bf16, q8_0, q4_0 or stored, found " +
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

std::string mlir::gemma::describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape) {
    text += (text.empty() ? "[" : ", ") + std::to_string(size);
  }
  return text + "]";
}

/// What the names of the text model's tensors begin with.
static llvm::StringRef findPrefix(const Checkpoint &checkpoint) {
  for (llvm::StringRef prefix :
       {"language_model.model.", "model.language_model."}) {
    std::string name = (prefix + "embed_tokens.weight").str();
    if (checkpoint.getTensors().count(name)) {
      return prefix;
    }
  }
  return "model.";
}

/// Whether a tensor is of the vision model beside the text model.
static bool isVision(llvm::StringRef name, const ModelConfig &config) {
  name.consume_front("model.");
  return config.isMultimodal && (name.starts_with("vision_tower.") ||
                                 name.starts_with("multi_modal_projector."));
}

static bool isHead(llvm::StringRef name) {
  return name == "lm_head.weight" || name == "language_model.lm_head.weight";
}

/// Whether a tensor may be left out: a buffer that is computed, a copy of the
/// embedding that quantising tools leave behind, or one of the vision model.
static bool mayBeIgnored(llvm::StringRef name, const ModelConfig &config) {
  return name.ends_with("rotary_emb.inv_freq") ||
         (config.tiedHead && isHead(name)) || isVision(name, config);
}

/// Finds every weight's tensor. Gives origins by symbol.
static Result<std::map<std::string, WeightOrigin>>
findTensors(MLIRContext *context, llvm::StringRef directory,
            const Checkpoint &checkpoint, const ModelConfig &config,
            std::vector<std::string> *notes) {
  const auto &tensors = checkpoint.getTensors();
  std::map<std::string, WeightOrigin> origins;
  std::set<std::string_view> used;
  for (const WeightSpec &spec : listWeights(config, findPrefix(checkpoint))) {
    auto place = tensors.find(spec.tensor);
    if (place == tensors.end()) {
      return ::gemma::badField(
          checkpoint.getListFile(), ::gemma::inQuotes(spec.tensor),
          "a tensor " + describeShape(spec.tensorShape), "none");
    }
    const CheckpointTensor &tensor = place->second;
    std::string file = directory.str() + "/" + *tensor.shard;
    Type element = elementType(context, tensor.entry->dtype->name);
    if (!element) {
      return ::gemma::badField(file, ::gemma::inQuotes(spec.tensor),
                               "F32, BF16 or F16", tensor.entry->dtype->name);
    }
    if (ArrayRef<int64_t>(tensor.entry->shape) !=
        ArrayRef<int64_t>(spec.tensorShape)) {
      return ::gemma::badField(file, ::gemma::inQuotes(spec.tensor),
                               describeShape(spec.tensorShape) +
                                   " as config.json has it",
                               tensor.entry->describe());
    }
    origins[spec.symbol] = {
        element, TensorSourceAttr::get(context, *tensor.shard, spec.tensor)};
    used.insert(place->first);
  }
  size_t numVision = 0;
  for (const auto &[name, tensor] : tensors) {
    if (used.count(name)) {
      continue;
    }
    if (!mayBeIgnored(llvm::StringRef(name), config)) {
      return ::gemma::badField(
          directory.str() + "/" + *tensor.shard, ::gemma::inQuotes(name),
          "only tensors of " + config.architecture + " with " +
              std::to_string(config.layers) + " layers",
          "one more: " + tensor.entry->describe());
    }
    numVision += isVision(llvm::StringRef(name), config);
    if (notes && isHead(llvm::StringRef(name))) {
      notes->push_back(std::string(name) +
                       " is left out: tie_word_embeddings makes the embedding "
                       "the head");
    }
  }
  if (notes && numVision > 0) {
    notes->push_back(std::to_string(numVision) +
                     " tensors of the vision model are left out");
  }
  return origins;
}

/// Tokens of text that are not in tokenizer.model, which alone is compiled: no
/// text becomes one. Those of images lie behind the vocabulary.
///
/// tokenizer.json, which newer checkpoints name some of them in, is read for
/// this note alone: one that cannot be read is no reason to stop.
static void noteAddedTokens(llvm::StringRef directory,
                            const ModelConfig &config, int64_t pieces,
                            std::vector<std::string> *notes) {
  if (!notes || pieces >= config.vocab) {
    return;
  }
  std::set<int64_t> added;
  std::string path = directory.str() + "/tokenizer.json";
  if (::gemma::entryExists(path)) {
    Result<std::set<int64_t>> tokens = ::gemma::readAddedTokens(path);
    if (tokens) {
      added = std::move(*tokens);
    } else {
      notes->push_back("tokens that tokenizer.json adds are not known: " +
                       tokens.error().message);
    }
  }
  for (const auto &[token, text] : config.addedTokens) {
    added.insert(token);
  }
  auto count =
      std::distance(added.lower_bound(pieces), added.lower_bound(config.vocab));
  if (count > 0) {
    notes->push_back(std::to_string(count) +
                     (count == 1 ? " added token is" : " added tokens are") +
                     " left out, as tokenizer.model has " +
                     std::to_string(pieces) +
                     " pieces and no more: no text becomes " +
                     (count == 1 ? "it" : "one of them"));
  }
}

/// Cuts Gemma 3's vocabulary to the tokenizer's: its checkpoints pad the
/// embedding with rows that are no text.
static Result<void> cutVocabulary(llvm::StringRef directory, int64_t pieces,
                                  ModelConfig &config) {
  if (config.family != "gemma3" || pieces >= config.vocab) {
    return {};
  }
  config.vocab = pieces;
  std::vector<int64_t> tokens = config.eosTokens;
  tokens.push_back(config.bosToken);
  tokens.push_back(config.padToken);
  for (int64_t token : tokens) {
    if (token >= pieces) {
      return ::gemma::badField(directory.str() + "/config.json",
                               "control tokens",
                               "tokens below " + std::to_string(pieces) +
                                   ", which the tokenizer has",
                               std::to_string(token));
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Import
//===----------------------------------------------------------------------===//

std::string mlir::gemma::absoluteFolder(llvm::StringRef directory) {
  llvm::SmallString<256> path(directory);
  (void)llvm::sys::fs::make_absolute(path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/false);
  return path.str().str();
}

/// Whether all matrices are stored as f32.
static bool areMatricesF32(const Imported &imported) {
  return llvm::all_of(listWeights(imported.config), [&](const auto &spec) {
    const WeightOrigin &origin = imported.origins.at(spec.symbol);
    // The element of a GGUF file's quantised tensors is f32 too.
    auto source = cast<TensorSourceAttr>(origin.source);
    bool isPlain = source.getFormat().empty() || source.getFormat() == "F32";
    return spec.shape.size() != 2 || (origin.element.isF32() && isPlain);
  });
}

OwningOpRef<ModuleOp>
mlir::gemma::buildImported(MLIRContext *context, Imported imported,
                           const ImportOptions &asked,
                           std::vector<std::string> *notes) {
  ImportOptions options = asked;
  // The exact mode, KV cache too, is that of f32.
  if (options.weights == kStoredWeights && areMatricesF32(imported)) {
    options.weights = "f32";
  }
  const std::optional<TokenizerFile> &tokenizer = imported.tokenizer;
  llvm::StringRef chatFormat;
  if (tokenizer && !tokenizer->chatFormat.empty()) {
    chatFormat = tokenizer->chatFormat;
    auto &ends = imported.config.eosTokens;
    if (!llvm::is_contained(ends, tokenizer->endOfTurn)) {
      ends.push_back(tokenizer->endOfTurn);
    }
  }
  if (notes && !tokenizer) {
    notes->push_back("there is no " +
                     (imported.tokenizerName == ::gemma::kTokenizerFile
                          ? imported.tokenizerName
                          : "vocabulary in " + imported.tokenizerName) +
                     ": the artifact will know token numbers only");
  }
  OwningOpRef<ModuleOp> module = buildModule(
      context, imported.config, options, chatFormat,
      [&](const WeightSpec &spec) { return imported.origins.at(spec.symbol); });
  Builder builder(context);
  (*module)->setAttr(kCheckpointAttr, builder.getStringAttr(imported.folder));
  if (std::string rounding = countRounded(*module).describe();
      notes && !rounding.empty()) {
    notes->push_back(rounding);
  }
  if (tokenizer) {
    (*module)->setAttr(
        kTokenizerAttr,
        builder.getDictionaryAttr(
            {builder.getNamedAttr(
                 "file", builder.getStringAttr(imported.tokenizerName)),
             builder.getNamedAttr("sha256",
                                  builder.getStringAttr(tokenizer->sha256))}));
  }
  return module;
}

/// Whether the input is a GGUF file and no folder: by its name, or, as some
/// tools store files under a hash, by its first bytes.
static bool isGgufFile(const std::string &path) {
  if (llvm::sys::fs::is_directory(path)) {
    return false;
  }
  if (llvm::StringRef(path).ends_with(".gguf")) {
    return true;
  }
  Result<::gemma::MappedFile> file = ::gemma::MappedFile::open(path);
  return file && ::gemma::isGguf(file->bytes());
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
  if (isGgufFile(directory.str())) {
    return importGguf(context, directory, options, notes);
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
  if (*tokenizer) {
    noteAddedTokens(directory, *config, (*tokenizer)->pieces, notes);
    Result<void> cut = cutVocabulary(directory, (*tokenizer)->pieces, *config);
    if (!cut) {
      return cut.takeError();
    }
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
  ImportOptions resolved = options;
  if (resolved.weights.empty()) {
    resolved.weights = "bf16";
  }
  return buildImported(context,
                       {std::move(*config), std::move(*tokenizer),
                        ::gemma::kTokenizerFile, absoluteFolder(directory),
                        std::move(*origins)},
                       resolved, notes);
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
  if (options.weights == kStoredWeights ||
      options.headWeights == kStoredWeights) {
    return ::gemma::invalidUsage("--weights: expected an encoding for random "
                                 "weights, found 'stored'");
  }
  if (options.q4Rule == kQ4RuleMse) {
    return ::gemma::invalidUsage("--q4_0-rule: expected ggml or none for "
                                 "random weights, found 'mse'");
  }
  ImportOptions random = options;
  random.q4Rule = kQ4RuleGgml;
  if (random.weights.empty()) {
    random.weights = "bf16";
  }
  const ModelConfig *config = ::gemma::findKnownConfig(std::string_view(name));
  if (!config) {
    return ::gemma::invalidUsage("--config: expected " +
                                 ::gemma::describeKnownConfigs() + ", found " +
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
    auto source = dyn_cast_or_null<TensorSourceAttr>(weight.getSourceAttr());
    // The element of a GGUF file's tensor is not what it is stored as.
    if (type.getRank() == 2 && source && source.getFormat().empty()) {
      rounding.f32Tensors += type.getElementType().isF32();
      rounding.bf16Tensors += isF16 && type.getElementType().isBF16();
      rounding.f16Tensors += !isF16 && type.getElementType().isF16();
    }
  }
  return rounding;
}

/// The tokenizer of a folder: tokenizer.model, or the vocabulary of a GGUF file
/// of another name.
static Result<std::optional<TokenizerFile>>
readTokenizerOf(const std::string &folder, const std::string &file) {
  if (file != ::gemma::kTokenizerFile) {
    if (!::gemma::isPlainFileName(file)) {
      return ::gemma::badField("module", "gemma.tokenizer",
                               "the name of a file of the checkpoint",
                               ::gemma::inQuotes(file));
    }
    return readGgufVocabulary(folder + "/" + file);
  }
  Result<ModelConfig> config = ::gemma::readModelConfig(folder);
  if (!config) {
    return config.takeError();
  }
  return ::gemma::readTokenizer(folder, *config);
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
  auto fileName = reference.getAs<StringAttr>("file");
  std::string path = folder + "/" + fileName.str();
  auto tokenizer = readTokenizerOf(folder, fileName.str());
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  auto expected = reference.getAs<StringAttr>("sha256");
  std::string found = *tokenizer ? (*tokenizer)->sha256 : "no file";
  if (!expected || expected.getValue() != found) {
    return ::gemma::badFile(path,
                            "the file that was imported, SHA-256 " +
                                (expected ? expected.str() : "missing"),
                            found);
  }
  return std::move((*tokenizer)->artifactBytes);
}
