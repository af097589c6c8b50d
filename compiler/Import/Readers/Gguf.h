//===- Gguf.h - Tensors and metadata of a GGUF file -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGUF_H
#define GEMMA_COMPILER_IMPORT_READERS_GGUF_H

#include "compiler/Import/Readers/GgmlTypes.h"
#include "compiler/Import/Readers/GgufMetadata.h"
#include "compiler/Import/Readers/MappedFile.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// A tensor of a file. Its bytes are [offset, offset + size) of the data.
struct GgufTensor {
  std::string name;
  const GgmlType *type;
  /// Rows first, as everywhere in this compiler; files have it the other way
  /// round. 1 to 4 dimensions, all positive.
  std::vector<int64_t> shape;
  uint64_t offset;
  uint64_t size;

  /// "Q4_0 [2000, 192]", for messages.
  std::string describe() const;
};

/// The metadata of a file (views of its bytes), its tensors sorted by name, and
/// where their bytes start.
struct GgufHeader {
  GgufMetadata metadata;
  std::vector<GgufTensor> tensors;
  uint64_t dataOffset; ///< in the file

  /// The tensor of that name, null if there is none.
  const GgufTensor *find(std::string_view name) const;
};

constexpr uint64_t kMaxGgufTensors = 1 << 16;
constexpr uint64_t kMaxGgufAlignment = 1 << 16;

/// Whether `bytes` starts like a GGUF file.
bool isGguf(std::string_view bytes);

/// Reads a little-endian file of version 2 or 3. Its tensors follow one
/// another, each at the next multiple of general.alignment (32 without it);
/// they fill the file up to padding. Errors: InvalidData. `file` is the name in
/// messages.
Result<GgufHeader> parseGguf(std::string_view bytes, std::string_view file);

/// A mapped file and its header.
class GgufFile {
public:
  /// Errors: those of MappedFile::open and parseGguf.
  static Result<GgufFile> open(const std::string &path);

  const GgufHeader &getHeader() const { return header; }

  /// Bytes of one of the file's tensors, not aligned.
  std::string_view bytesOf(const GgufTensor &tensor) const {
    return map.bytes().substr(header.dataOffset + tensor.offset, tensor.size);
  }

  /// Gives back the memory of bytes [offset, offset + count) of a tensor.
  void release(const GgufTensor &tensor, uint64_t offset,
               uint64_t count) const {
    map.release(header.dataOffset + tensor.offset + offset, count);
  }

private:
  GgufFile(MappedFile map, GgufHeader header)
      : map(std::move(map)), header(std::move(header)) {}

  MappedFile map;
  GgufHeader header;
};

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGUF_H
