//===- ImportGguf.cpp - From a GGUF file to the input ops -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/ImportSteps.h"
#include "compiler/Import/Readers/GgufConfig.h"
#include "compiler/Import/Readers/GgufTokenizer.h"
#include "compiler/Import/Readers/Message.h"

#include <set>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::GgmlType;
using ::gemma::GgufCheckpoint;
using ::gemma::GgufPlace;
using ::gemma::GgufTensor;
using ::gemma::ModelConfig;
using ::gemma::Result;
using ::gemma::TokenizerFile;

/// The element that a tensor's values have in the IR: its own, or f32 for the
/// quantised types.
static Type elementOf(MLIRContext *context, const GgmlType &type) {
  llvm::StringRef name = type.name;
  return name == "F16"    ? Type(Float16Type::get(context))
         : name == "BF16" ? Type(BFloat16Type::get(context))
                          : Type(Float32Type::get(context));
}

static Result<WeightOrigin> originOf(MLIRContext *context,
                                     const GgufCheckpoint &checkpoint,
                                     const WeightSpec &spec,
                                     const std::string &name,
                                     const GgufPlace &place) {
  const GgufTensor &tensor = *place.tensor;
  std::string file = checkpoint.getDirectory() + "/" + *place.file;
  if (!tensor.type->convert) {
    return ::gemma::badField(file, ::gemma::inQuotes(name),
                             ::gemma::describeReadableTypes(),
                             tensor.type->name);
  }
  if (ArrayRef<int64_t>(tensor.shape) != ArrayRef<int64_t>(spec.tensorShape)) {
    return ::gemma::badField(file, ::gemma::inQuotes(name),
                             describeShape(spec.tensorShape) +
                                 " as the metadata have it",
                             tensor.describe());
  }
  return WeightOrigin{
      elementOf(context, *tensor.type),
      TensorSourceAttr::get(context, *place.file, name, tensor.type->name)};
}

/// Whether a tensor is of the vision model of Gemma 3, which some files hold.
static bool isVision(llvm::StringRef name, const ModelConfig &config) {
  return config.family == "gemma3" &&
         (name.starts_with("v.") || name.starts_with("mm."));
}

/// Finds every weight's tensor.
static Result<std::map<std::string, WeightOrigin>>
findTensors(MLIRContext *context, const GgufCheckpoint &checkpoint,
            const ModelConfig &config, std::vector<std::string> *notes) {
  const auto &tensors = checkpoint.getTensors();
  std::map<std::string, WeightOrigin> origins;
  std::set<std::string_view> used;
  for (const WeightSpec &spec : listWeights(config)) {
    std::string name = ::gemma::ggufTensorName(spec.symbol, config);
    auto place = tensors.find(name);
    if (place == tensors.end()) {
      return ::gemma::badField(checkpoint.getPath(), ::gemma::inQuotes(name),
                               "a tensor " + describeShape(spec.tensorShape),
                               "none");
    }
    Result<WeightOrigin> origin =
        originOf(context, checkpoint, spec, name, place->second);
    if (!origin) {
      return origin.takeError();
    }
    origins[spec.symbol] = *origin;
    used.insert(place->first);
  }
  size_t numVision = 0;
  for (const auto &[name, place] : tensors) {
    if (isVision(llvm::StringRef(name), config)) {
      ++numVision;
    } else if (!used.count(name)) {
      return ::gemma::badField(checkpoint.getDirectory() + "/" + *place.file,
                               ::gemma::inQuotes(name),
                               "only tensors of " + config.architecture +
                                   " with " + std::to_string(config.layers) +
                                   " layers",
                               "one more: " + place.tensor->describe());
    }
  }
  if (notes && numVision > 0) {
    notes->push_back(std::to_string(numVision) +
                     " tensors of the vision model are left out");
  }
  return origins;
}

/// Early files of Gemma 3 lack the scaling of positions that all but its
/// smallest models have.
static void noteMissingScaling(const GgufCheckpoint &checkpoint,
                               const ModelConfig &config,
                               std::vector<std::string> *notes) {
  constexpr int64_t kUnscaledContext = 32768;
  if (notes && config.family == "gemma3" && config.context > kUnscaledContext &&
      !checkpoint.getMetadata().hasPrefix("gemma3.rope.scaling.")) {
    notes->push_back("there is no gemma3.rope.scaling.factor: positions are "
                     "not scaled (4B, 12B and 27B were made with a factor of "
                     "8)");
  }
}

Result<OwningOpRef<ModuleOp>>
mlir::gemma::importGguf(MLIRContext *context, llvm::StringRef path,
                        const ImportOptions &options,
                        std::vector<std::string> *notes) {
  Result<GgufCheckpoint> checkpoint = GgufCheckpoint::open(path.str());
  if (!checkpoint) {
    return checkpoint.takeError();
  }
  Imported imported;
  Result<ModelConfig> config = ::gemma::readGgufConfig(*checkpoint);
  if (!config) {
    return config.takeError();
  }
  imported.config = std::move(*config);
  noteMissingScaling(*checkpoint, imported.config, notes);
  auto tokenizer = ::gemma::readGgufTokenizer(
      checkpoint->getMetadata(), checkpoint->getPath(), imported.config);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  imported.tokenizer = std::move(*tokenizer);
  imported.tokenizerName = checkpoint->getFileName();
  imported.folder = absoluteFolder(checkpoint->getDirectory());
  context->loadDialect<GemmaDialect>();
  auto origins = findTensors(context, *checkpoint, imported.config, notes);
  if (!origins) {
    return origins.takeError();
  }
  imported.origins = std::move(*origins);
  ImportOptions resolved = options;
  if (resolved.weights.empty()) {
    resolved.weights = kStoredWeights;
  }
  return buildImported(context, std::move(imported), resolved, notes);
}

Result<std::optional<TokenizerFile>>
mlir::gemma::readGgufVocabulary(const std::string &path) {
  Result<GgufCheckpoint> checkpoint = GgufCheckpoint::open(path);
  if (!checkpoint) {
    return checkpoint.takeError();
  }
  Result<ModelConfig> config = ::gemma::readGgufConfig(*checkpoint);
  if (!config) {
    return config.takeError();
  }
  return ::gemma::readGgufTokenizer(checkpoint->getMetadata(), path, *config);
}
