//===- ImportSteps.h - What imports of all formats share --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_IMPORTSTEPS_H
#define GEMMA_COMPILER_IMPORT_IMPORTSTEPS_H

#include "compiler/Import/BuildModule.h"
#include "compiler/Import/ImportOptions.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "compiler/Import/Readers/Tokenizer.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/core/Result.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlir::gemma {

/// A checkpoint whose files have been read and agree with each other.
struct Imported {
  ::gemma::ModelConfig config;
  std::optional<::gemma::TokenizerFile> tokenizer;
  std::string tokenizerName;                   ///< its file's name
  std::string folder;                          ///< absolute
  std::map<std::string, WeightOrigin> origins; ///< by symbol
};

/// "[2000, 192]", for messages.
std::string describeShape(llvm::ArrayRef<int64_t> shape);

/// Where a checkpoint is, from wherever a dump will be read.
std::string absoluteFolder(llvm::StringRef directory);

/// Builds the module of a checkpoint, with the attributes that say where it
/// is. With a chat format the token that ends a turn becomes an end token. What
/// stays as it is stored is f32, the exact mode, if all matrices are.
OwningOpRef<ModuleOp> buildImported(MLIRContext *context, Imported imported,
                                    const ImportOptions &options,
                                    std::vector<std::string> *notes);

/// importCheckpoint for a GGUF file, the first one if there are several. The
/// options have been checked; `weights` may be "".
::gemma::Result<OwningOpRef<ModuleOp>>
importGguf(MLIRContext *context, llvm::StringRef path,
           const ImportOptions &options, std::vector<std::string> *notes);

/// The vetted vocabulary of the GGUF file at `path`; nothing if it has none.
::gemma::Result<std::optional<::gemma::TokenizerFile>>
readGgufVocabulary(const std::string &path);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_IMPORTSTEPS_H
