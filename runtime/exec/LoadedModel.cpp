//===- LoadedModel.cpp - An artifact ready to run -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/LoadedModel.h"

#include "runtime/artifact/WeightHashes.h"
#include "runtime/core/Text.h"
#include "runtime/core/Threads.h"
#include "runtime/cpu/CpuFeatures.h"
#include "runtime/exec/HugePages.h"
#include "runtime/exec/MemoryPlan.h"
#include "runtime/exec/StubWeights.h"

#include <utility>

using namespace gemma;

ModelInfo gemma::describeModel(const artifact::Manifest &manifest) {
  const artifact::Model &model = *manifest.model();
  ModelInfo info;
  info.family = text(model.family());
  info.hidden = model.hidden();
  info.layers = model.layers();
  info.heads = model.heads();
  info.kvHeads = model.kv_heads();
  info.headDim = model.head_dim();
  info.ff = model.ff();
  info.vocab = model.vocab();
  info.context = model.context();
  info.maxRows = manifest.max_rows();
  info.bosToken = model.bos_token();
  info.padToken = model.pad_token();
  for (int32_t token : each(model.eos_tokens())) {
    info.eosTokens.push_back(token);
  }
  info.addBos = model.add_bos();
  info.chatFormat = text(model.chat_format());
  info.temperature = model.temperature();
  info.topP = model.top_p();
  info.topK = model.top_k();
  return info;
}

static Result<std::unique_ptr<ThreadPool>>
createPool(const ModelOptions &options) {
  return ThreadPool::create(options.threads ? options.threads
                                            : availableCpus());
}

Result<void> LoadedModel::verifyWeights(const ModelOptions &options) const {
  Result<std::unique_ptr<ThreadPool>> pool = createPool(options);
  if (!pool) {
    return pool.takeError();
  }
  Progress progress("verifying weights", ::weightBytes(source),
                    options.progress);
  return checkWeightBytes(source, **pool, progress, options.cancel);
}

Result<void> LoadedModel::mapWeights(const ModelOptions &options) {
  bool isStub = manifest().stub();
  Range range =
      rangeOf(isStub ? manifest().stub_data() : manifest().weights_segment());
  Result<Mapping> mapped = source.file().map(range.offset, range.size);
  if (!mapped) {
    return mapped.takeError();
  }
  (isStub ? stubData : weightBytes) = std::move(*mapped);
  if (!isStub && !options.hugePages) {
    return {};
  }
  Result<std::unique_ptr<ThreadPool>> pool = createPool(options);
  if (!pool) {
    return pool.takeError();
  }
  if (isStub) {
    Progress progress("filling stub weights", filledBytes(manifest()),
                      options.progress);
    Result<Mapping> filled =
        fillStubWeights(manifest(), **pool, progress, options.cancel);
    if (!filled) {
      return filled.takeError();
    }
    weightBytes = std::move(*filled);
  }
  if (options.hugePages) {
    Progress progress("copying weights", weightBytes.size(), options.progress);
    Result<Mapping> copy =
        copyToHugePages(weightBytes, **pool, progress, options.cancel);
    if (!copy) {
      return copy.takeError();
    }
    weightBytes = std::move(*copy);
  }
  return {};
}

void LoadedModel::resolveWeights() {
  for (const artifact::Weight *weight : each(manifest().weights())) {
    bool stored = manifest().stub() && !weight->fill();
    addresses.push_back((stored ? stubData : weightBytes).data() +
                        weight->offset());
  }
}

Result<std::shared_ptr<const LoadedModel>>
LoadedModel::open(const std::string &path, const ModelOptions &options) {
  Result<Artifact> source = Artifact::open(path);
  if (!source) {
    return source.takeError();
  }
  const artifact::Manifest &manifest = source->manifest();
  std::vector<std::string_view> features, symbols;
  for (const flatbuffers::String *name : each(manifest.target()->features())) {
    features.push_back(text(name));
  }
  for (const artifact::Kernel *kernel : each(manifest.kernels())) {
    symbols.push_back(text(kernel->symbol()));
  }
  auto located = [&](Error error) {
    error.message += " (" + printable(path) + ")";
    return error;
  };
  const artifact::Target &target = *manifest.target();
  if (auto result = checkTarget(text(target.device()), text(target.triple()),
                                text(target.cpu()), features);
      !result) {
    return located(result.takeError());
  }
  Range code = rangeOf(manifest.code());
  Result<CodeImage> image =
      CodeImage::load(source->file(), code.offset, code.size,
                      digestOf(manifest.code()->sha256()), symbols);
  if (!image) {
    return located(image.takeError());
  }
  std::shared_ptr<LoadedModel> model(
      new LoadedModel(std::move(*source), std::move(*image)));
  // The data of a stub is small and nothing else covers it.
  if (options.verifyWeights || model->manifest().stub()) {
    if (auto result = model->verifyWeights(options); !result) {
      return result.takeError();
    }
  }
  if (auto result = model->mapWeights(options); !result) {
    return result.takeError();
  }
  model->resolveWeights();
  model->description = describeModel(model->manifest());
  return std::shared_ptr<const LoadedModel>(std::move(model));
}
