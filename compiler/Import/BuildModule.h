//===- BuildModule.h - The graph of a model in gemma ops --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_BUILDMODULE_H
#define GEMMA_COMPILER_IMPORT_BUILDMODULE_H

#include "compiler/Import/ImportOptions.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "dialect/GemmaOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>
#include <vector>

namespace mlir::gemma {

/// A weight that a model of the family has.
struct WeightSpec {
  std::string symbol; ///< layers.3.q_proj
  std::string tensor; ///< model.layers.3.self_attn.q_proj.weight
  llvm::SmallVector<int64_t, 2> shape;
  /// The tensor's shape, which may have more rows: the weight is the first of
  /// them.
  llvm::SmallVector<int64_t, 2> tensorShape;
};

/// All weights of a model, in the order in which a row meets them. lm_head is
/// among them only if it is not tied to the embedding. `prefix` is what the
/// names of a checkpoint's tensors begin with: "model.",
/// "language_model.model." or "model.language_model.".
std::vector<WeightSpec> listWeights(const ::gemma::ModelConfig &config,
                                    llvm::StringRef prefix = "model.");

/// What a weight holds and where it comes from.
struct WeightOrigin {
  Type element; ///< f32, bf16 or f16
  Attribute source;
};

/// Builds the module of phase import: gemma.model and gemma.options, a
/// gemma.weight per weight with the origin that `originOf` gives, a
/// gemma.kv_cache per layer, which keeps a window if the layer is local, and
///
///   @forward(%tokens, %positions, %slots, %out_rows: tensor<?xi32>)
///       -> tensor<?xVOCABxf32>
///
/// `chatFormat` is that of Readers/ChatTemplate.h.
OwningOpRef<ModuleOp>
buildModule(MLIRContext *context, const ::gemma::ModelConfig &config,
            const ImportOptions &options, llvm::StringRef chatFormat,
            llvm::function_ref<WeightOrigin(const WeightSpec &)> originOf);

/// sqrt(hidden) rounded to bf16: Gemma's scale of embeddings.
double embeddingScale(int64_t hidden);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_BUILDMODULE_H
