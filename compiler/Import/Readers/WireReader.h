//===- WireReader.h - Fields of a protobuf message --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_WIREREADER_H
#define GEMMA_COMPILER_IMPORT_READERS_WIREREADER_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gemma {

/// One field of a message, by its place in the file.
struct WireField {
  enum class Kind { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
  uint32_t number;
  Kind kind;
  size_t tag;     ///< where the field starts
  size_t begin;   ///< of the value
  size_t end;     ///< of the value
  uint64_t value; ///< of a varint
};

/// Walks a range of a protobuf file field by field. Groups are no part of the
/// schemas here and are refused.
class WireReader {
public:
  /// Fields in bytes [begin, end), which must lie in `bytes`.
  WireReader(std::string_view bytes, size_t begin, size_t end)
      : bytes(bytes), position(begin), end(end) {}

  /// The next field; nothing at the end or where the bytes are broken.
  std::optional<WireField> next();

  /// What is wrong, empty if nothing is.
  const std::string &getProblem() const { return problem; }

private:
  std::optional<uint64_t> varint();
  std::nullopt_t broken(size_t at, const char *what);

  std::string_view bytes;
  size_t position;
  size_t end;
  std::string problem;
};

/// Appends `value` in protobuf's variable-length form.
void appendVarint(std::string &out, uint64_t value);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_WIREREADER_H
