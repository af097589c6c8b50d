//===- WeightStore.h - The values of a module's weights ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_WEIGHTSTORE_H
#define GEMMA_COMPILER_IMPORT_WEIGHTSTORE_H

#include "compiler/Import/Readers/GgmlTypes.h"
#include "dialect/GemmaOps.h"
#include "runtime/core/Result.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace mlir::gemma {

/// Rows of a weight: those of its first dimension; a vector is one row.
int64_t getWeightRows(WeightOp weight);

/// Elements of one row: the product of the other dimensions.
int64_t getWeightRowSize(WeightOp weight);

/// Reads the weights of a module from where their sources say, a block of rows
/// at a time, so that memory does not grow with the model. Tensors come from
/// mapped files.
class WeightStore {
public:
  /// Opens every file that a weight of `module` names. They lie in
  /// `checkpointOverride` if it is not empty, else in the module's
  /// gemma.checkpoint. Errors: NotFound for a missing folder or file,
  /// InvalidData for a broken file or a tensor that is not what the weight's
  /// type says. A matrix may be the first rows of its tensor.
  static ::gemma::Result<WeightStore>
  open(ModuleOp module, llvm::StringRef checkpointOverride = "");

  WeightStore(WeightStore &&) noexcept;
  WeightStore &operator=(WeightStore &&) noexcept;
  ~WeightStore();

  /// Writes rows [row, row + count) to `out`, count * getWeightRowSize(weight)
  /// floats: tensors converted exactly, random values as RandomWeights draws
  /// them, rope tables rounded once from f64. Any thread may call it. Errors:
  /// InvalidData for a weight without source, Internal for one that was not in
  /// the module when the store was opened, or rows that it does not have.
  ::gemma::Result<void> readRows(WeightOp weight, int64_t row, int64_t count,
                                 float *out) const;

  /// The type of a weight's tensor in a GGUF file, null for other sources.
  const ::gemma::GgmlType *getBlockType(WeightOp weight) const;

  /// The bytes of rows [row, row + count) of such a tensor, as they lie in the
  /// file; none for another weight or rows that it does not have. Any thread
  /// may call it.
  std::string_view getBlocks(WeightOp weight, int64_t row, int64_t count) const;

  /// Gives back the memory of rows that are not needed again soon.
  void release(WeightOp weight, int64_t row, int64_t count) const;

private:
  struct State;

  explicit WeightStore(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_WEIGHTSTORE_H
