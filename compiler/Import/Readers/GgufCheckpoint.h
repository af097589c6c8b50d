//===- GgufCheckpoint.h - The tensors of a model of GGUF --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGUFCHECKPOINT_H
#define GEMMA_COMPILER_IMPORT_READERS_GGUFCHECKPOINT_H

#include "compiler/Import/Readers/Gguf.h"
#include "runtime/core/Result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gemma {

/// A tensor and the name of the file that it is in.
struct GgufPlace {
  const std::string *file;
  const GgufTensor *tensor;
};

/// The parts of STEM-00001-of-00003.gguf.
struct GgufSplitName {
  std::string stem;
  uint64_t number; ///< from 1
  uint64_t count;

  /// The name of the file of another number.
  std::string nameOf(uint64_t number) const;
};

/// Takes the name of a file of several apart; nothing for another name.
std::optional<GgufSplitName> parseGgufSplitName(std::string_view name);

/// The path with ".gguf" and the number of a file of several taken off.
std::string_view ggufStem(std::string_view path);

/// The tensors and the metadata of a model. Several files have split.no and
/// split.count and lie beside each other; the first one has the metadata.
class GgufCheckpoint {
public:
  static constexpr uint64_t kMaxFiles = 4096;

  /// Maps all files, `path` being the only or the first one. Errors: NotFound
  /// if one is missing, else InvalidData or Resource, naming the file.
  static Result<GgufCheckpoint> open(const std::string &path);

  const std::string &getPath() const { return path; }
  /// The folder, "." for a plain name.
  const std::string &getDirectory() const { return directory; }
  /// The name of the first file in it.
  const std::string &getFileName() const { return fileName; }

  const GgufMetadata &getMetadata() const {
    return files.at(fileName).getHeader().metadata;
  }
  const std::map<std::string_view, GgufPlace> &getTensors() const {
    return tensors;
  }

private:
  GgufCheckpoint() = default;

  Result<const GgufHeader *> addFile(const std::string &name);
  Result<void> addOthers(uint64_t count);

  std::string path, directory, fileName;
  // Maps keep their elements in place, which `tensors` points into.
  std::map<std::string, GgufFile, std::less<>> files;
  std::map<std::string_view, GgufPlace> tensors;
};

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGUFCHECKPOINT_H
