//===- Safetensors.h - Tensors of a safetensors file ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_SAFETENSORS_H
#define GEMMA_COMPILER_IMPORT_READERS_SAFETENSORS_H

#include "compiler/Import/Readers/MappedFile.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// An element type of the format, as the file spells it.
struct DType {
  const char *name;
  int bits; ///< of one element
};

/// The element type of that name, null if the format has none.
const DType *findDType(std::string_view name);

/// A tensor of a file. [begin, end) counts from the end of the header.
struct TensorEntry {
  std::string name;
  const DType *dtype;
  std::vector<int64_t> shape;
  uint64_t begin;
  uint64_t end;

  /// "F32 [2000, 192]", for messages.
  std::string describe() const;
};

/// The tensors of a file, sorted by name, and where their bytes start.
struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;
  uint64_t dataOffset; ///< in the file

  /// The tensor of that name, null if there is none.
  const TensorEntry *find(std::string_view name) const;
};

/// Header of at most 100 MB, as the format's own reader has it.
constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr size_t kMaxTensors = 1 << 20;
constexpr size_t kMaxRank = 8;

/// Reads the header of a file: u64 little-endian size of a JSON object, that
/// object, the bytes of the tensors. Every tensor has dtype, shape and
/// data_offsets that agree; the tensors cover the rest of the file without
/// hole or overlap. `file` is the name in messages.
Result<SafetensorsHeader> parseSafetensors(std::string_view bytes,
                                           std::string_view file);

/// A mapped file and its header.
class SafetensorsFile {
public:
  /// Errors: those of MappedFile::open and parseSafetensors.
  static Result<SafetensorsFile> open(const std::string &path);

  const SafetensorsHeader &getHeader() const { return header; }

  /// Bytes of one of the file's tensors, not aligned.
  std::string_view bytesOf(const TensorEntry &tensor) const {
    return map.bytes().substr(header.dataOffset + tensor.begin,
                              tensor.end - tensor.begin);
  }

  /// Gives back the memory of bytes [offset, offset + count) of a tensor.
  void release(const TensorEntry &tensor, uint64_t offset,
               uint64_t count) const {
    map.release(header.dataOffset + tensor.begin + offset, count);
  }

private:
  SafetensorsFile(MappedFile map, SafetensorsHeader header)
      : map(std::move(map)), header(std::move(header)) {}

  MappedFile map;
  SafetensorsHeader header;
};

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_SAFETENSORS_H
