//===- LoadedModel.h - An artifact ready to run -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_LOADEDMODEL_H
#define GEMMA_RUNTIME_EXEC_LOADEDMODEL_H

#include "runtime/artifact/Reader.h"
#include "runtime/core/Mapping.h"
#include "runtime/cpu/CodeImage.h"
#include "runtime/gemma.h"

#include <memory>
#include <vector>

namespace gemma {

/// What Model shares: the verified artifact, its kernels loaded and its
/// weights mapped. Immutable.
class LoadedModel {
public:
  /// See Model::open.
  static Result<std::shared_ptr<const LoadedModel>>
  open(const std::string &path, const ModelOptions &options);

  const artifact::Manifest &manifest() const { return source.manifest(); }
  const ModelInfo &info() const { return description; }
  std::string_view tokenizer() const { return source.tokenizer(); }
  Span<const Kernel> kernels() const { return image.kernels(); }
  /// Address of each weight.
  Span<const unsigned char *const> weights() const { return addresses; }
  /// All mapped weights together (of a stub: those that were filled).
  Span<const unsigned char> mappedWeights() const {
    return {weightBytes.data(), weightBytes.size()};
  }

private:
  LoadedModel(Artifact source, CodeImage image)
      : source(std::move(source)), image(std::move(image)) {}
  Result<void> mapWeights(const ModelOptions &options);
  Result<void> verifyWeights(const ModelOptions &options) const;
  void resolveWeights();

  Artifact source;
  CodeImage image;
  ModelInfo description;
  /// In a stub: the filled weights; else the weights segment.
  Mapping weightBytes;
  Mapping stubData;
  std::vector<const unsigned char *> addresses;
};

/// What is behind a Model, for tools that measure.
struct ModelAccess {
  static const LoadedModel &of(const Model &model) { return *model.state; }
};

/// The description of a verified manifest's model.
ModelInfo describeModel(const artifact::Manifest &manifest);

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_LOADEDMODEL_H
