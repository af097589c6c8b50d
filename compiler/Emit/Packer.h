//===- Packer.h - Weights streamed through their encoders -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_PACKER_H
#define GEMMA_COMPILER_EMIT_PACKER_H

#include "compiler/Emit/WeightEncoder.h"
#include "runtime/artifact/Hash.h"
#include "runtime/core/Result.h"

#include "llvm/ADT/ArrayRef.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::gemma {

/// Where a packer's rows come from and where its bytes go.
struct PackerPorts {
  /// Writes rows [row, row + count) of weight number `weight` to `out`. Called
  /// by several threads at once.
  std::function<::gemma::Result<void>(size_t weight, int64_t row, int64_t count,
                                      float *out)>
      read;
  /// The tensor's own bytes of rows [row, row + count), for weights that take
  /// blocks over. Called by several threads at once.
  std::function<std::string_view(size_t weight, int64_t row, int64_t count)>
      blocks;
  /// Whether the error of the weight's encoding is wanted. Called by several
  /// threads; may be empty.
  std::function<bool(size_t weight)> isMeasured;
  /// Says that these rows are not needed again. Called by several threads.
  std::function<void(size_t weight, int64_t row, int64_t count)> release;
  /// Takes bytes of weight number `weight`, at `offset` in it. Called by the
  /// packer's caller's thread, weight by weight, offsets ascending.
  std::function<::gemma::Result<void>(size_t weight, uint64_t offset,
                                      std::string_view bytes)>
      write;
  /// What weight number `weight` is called in errors. Called by several
  /// threads.
  std::function<std::string(size_t weight)> name;
};

/// Encodes all weights, blocks of rows at a time: `jobs` threads read and
/// encode, the caller's thread hashes and writes in order. A block is at most
/// 4 MB of f32 (but at least one group of rows) and at most `jobs` + 2 blocks
/// exist at a time, so memory does not grow with the model. Gives the digest
/// of each weight, and in `errors` what the encodings of measured weights make
/// of them, the same for any number of jobs. Errors: the first, in order of the
/// weights, that a port gives, or InvalidData for a value that its encoding
/// cannot hold, NaN and infinity among them, with its row and column; Resource
/// if no thread can be started.
::gemma::Result<std::vector<::gemma::Digest>>
packWeights(llvm::ArrayRef<WeightEncoder> weights, const PackerPorts &ports,
            unsigned jobs, std::vector<EncodingError> *errors = nullptr);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_PACKER_H
