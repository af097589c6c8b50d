//===- ImportOptions.h - What the user asks of a compile --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H
#define GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::gemma {

/// In place of an encoding: each matrix in one that holds what the checkpoint
/// stores (Pack/StoredKinds.h).
inline constexpr std::string_view kStoredWeights = "stored";

/// Becomes the module attribute gemma.options, which all later phases read.
struct ImportOptions {
  /// Encoding of matrices: "f32", "f16", "bf16", "q8_0", "q4_0" or
  /// kStoredWeights; for importCheckpoint, "" = kStoredWeights for a GGUF file,
  /// bf16 for a folder.
  std::string weights = "bf16";
  /// Encoding of the head; "" = getDefaultHeadWeights.
  std::string headWeights;
  /// How q4_0 finds its scales: "mse" or "ggml"; "" = mse, and ggml for random
  /// weights, which know nothing else.
  std::string q4Rule;
  /// Element of the KV cache: "bf16", "f32" or "int8"; "" = f32 with f32
  /// weights, else bf16.
  std::string kv;
  /// Rows of one forward at most; sizes the scratch arena.
  int64_t maxRows = 512;
  std::string triple = "x86_64-unknown-linux-gnu";
  std::string cpu;
  /// LLVM's names of the features that are on, in any order.
  std::vector<std::string> features;
  /// Fusions that are off, by their words (Fuse/Fusions.h).
  std::vector<std::string> noFuse;
  /// Whether the artifact carries no weight bytes.
  bool stub = false;
};

/// Encoding of the head and of the embedding where none is asked for: q8_0 in
/// place of q4_0. An embedding's error enters the residual stream undiminished
/// and a head's goes straight into the logits, where others average out over
/// layers; q8_0 costs 0.3 GB more in Gemma 2B.
inline std::string getDefaultHeadWeights(const std::string &weights) {
  return weights == "q4_0" ? "q8_0" : weights;
}

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H
