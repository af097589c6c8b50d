//===- Checkpoint.h - The tensors of a checkpoint's folder ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_CHECKPOINT_H
#define GEMMA_COMPILER_IMPORT_READERS_CHECKPOINT_H

#include "compiler/Import/Readers/Safetensors.h"
#include "runtime/core/Result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Where an index says that a tensor is: tensor's name -> shard's file name.
using WeightMap = std::map<std::string, std::string, std::less<>>;

/// Reads model.safetensors.index.json. Every shard is the plain name of a
/// .safetensors file: an index cannot point out of its folder. `file` is the
/// name in messages.
Result<WeightMap> parseWeightMap(std::string_view text, std::string_view file);

/// Whether `name` is that of a file in a folder: no folder in it, no NUL, not
/// hidden.
bool isPlainFileName(std::string_view name);

/// Whether `name` can be a tensor file of a checkpoint: a plain name that ends
/// in .safetensors.
bool isShardName(std::string_view name);

/// A tensor and the file that it is in.
struct CheckpointTensor {
  const std::string *shard; ///< file name, relative to the folder
  const TensorEntry *entry;
};

/// The tensors of a folder in Hugging Face's layout: model.safetensors, or
/// shards with an index.
class Checkpoint {
public:
  /// Maps all files. Errors: NotFound if the folder or a file is missing,
  /// else InvalidData or Resource, naming the file.
  static Result<Checkpoint> open(const std::string &directory);

  /// The tensors by name. With an index, exactly those that it names.
  const std::map<std::string_view, CheckpointTensor> &getTensors() const {
    return tensors;
  }

  /// File to name in a message about a tensor that is missing.
  const std::string &getListFile() const { return listFile; }

private:
  Checkpoint() = default;

  Result<void> addShards(const std::string &directory, WeightMap map);

  // Maps keep their elements in place, which `tensors` points into.
  std::map<std::string, SafetensorsFile> shards;
  std::map<std::string_view, CheckpointTensor> tensors;
  std::string listFile;
};

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_CHECKPOINT_H
