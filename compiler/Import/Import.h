//===- Import.h - From a checkpoint to the input ops ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_IMPORT_H
#define GEMMA_COMPILER_IMPORT_IMPORT_H

#include "compiler/Import/ImportOptions.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/core/Result.h"

#include <string>
#include <vector>

namespace mlir::gemma {

/// Imports a checkpoint's folder in Hugging Face's layout: config.json and
/// model.safetensors or its shards; generation_config.json,
/// tokenizer_config.json and tokenizer.model where they are there.
///
/// Every tensor that the model needs must be there with its shape, as f32,
/// bf16 or f16, under "model.", "language_model.model." or
/// "model.language_model.". A tensor that it has no use for is an error, since
/// what it means would be lost, but rotary inv_freq buffers, the lm_head of a
/// tied model and a multimodal model's vision tensors are left out. Gemma 3's
/// vocabulary is cut to the tokenizer's.
///
/// `notes` gets one line for each thing that a user may want to know and that
/// is no error: a tensor left out, no tokenizer, values that will be rounded.
/// Errors: InvalidUsage for options out of range, NotFound,
/// InvalidData, Resource.
::gemma::Result<OwningOpRef<ModuleOp>>
importCheckpoint(MLIRContext *context, llvm::StringRef directory,
                 const ImportOptions &options,
                 std::vector<std::string> *notes = nullptr);

/// Builds the model `name` (findKnownConfig) with random weights. They
/// are scaled so that activations and logits keep a size around 1 through all
/// layers. Errors: InvalidUsage.
::gemma::Result<OwningOpRef<ModuleOp>>
importConfig(MLIRContext *context, llvm::StringRef name, uint64_t seed,
             const ImportOptions &options);

/// Tensors of the checkpoint that `--weights=bf16` or `f16` rounds.
struct Rounding {
  std::string weights;
  int64_t f32Tensors = 0;
  int64_t bf16Tensors = 0;
  int64_t f16Tensors = 0;

  /// One line that says so, "" if nothing is rounded.
  std::string describe() const;
};

/// Counts the matrices from tensors of other types if the module's weights are
/// bf16 or f16. Vectors stay f32 and lose nothing; that q8_0 and q4_0 round is
/// what they are asked for.
Rounding countRounded(ModuleOp module);

/// The tokenizer's bytes for the artifact, "" if the module has none: the
/// checkpoint's file with its special pieces made control pieces. The file
/// must still be the one that was imported. Errors as for importCheckpoint.
::gemma::Result<std::string>
readArtifactTokenizer(ModuleOp module, llvm::StringRef checkpointOverride = "");

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_IMPORT_H
