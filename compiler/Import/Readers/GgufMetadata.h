//===- GgufMetadata.h - Keys and values of a GGUF file ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGUFMETADATA_H
#define GEMMA_COMPILER_IMPORT_READERS_GGUFMETADATA_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// What a value is; the numbers of the format.
enum class GgufType : uint32_t {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64
};

/// Walks a file's bytes; what would reach beyond their end is not there.
class GgufCursor {
public:
  explicit GgufCursor(std::string_view bytes) : bytes(bytes) {}

  uint64_t getPosition() const { return position; }
  uint64_t getRest() const { return bytes.size() - position; }

  std::optional<std::string_view> take(uint64_t count);
  std::optional<uint32_t> takeU32();
  std::optional<uint64_t> takeU64();
  /// A length of 64 bits and as many bytes.
  std::optional<std::string_view> takeString();

private:
  std::string_view bytes;
  uint64_t position = 0;
};

/// A value, as a view of the file.
struct GgufValue {
  GgufType type = GgufType::U8;
  GgufType itemType = GgufType::U8; ///< of an array
  uint64_t count = 0;               ///< items of an array
  /// A string's text, an array's items, a number's bytes.
  std::string_view bytes;

  /// "u32 7", "string 'a'" or "an array of 3 strings", for messages.
  std::string describe() const;
};

/// The key-value pairs of a file, each key once.
class GgufMetadata {
public:
  static constexpr uint64_t kMaxPairs = 1 << 16;
  static constexpr uint64_t kMaxKeyBytes = (1 << 16) - 1;
  static constexpr uint64_t kMaxItems = 1 << 24;
  static constexpr int kMaxDepth = 4; ///< of arrays in arrays

  /// Reads `pairs` pairs. Lengths and counts are compared with what is left of
  /// the file before anything is done with them. Errors: InvalidData.
  static Result<GgufMetadata> parse(GgufCursor &cursor, uint64_t pairs,
                                    std::string_view file);

  /// The value of a key, null if it is absent.
  const GgufValue *find(std::string_view key) const;

  /// Whether a key starts with `prefix`.
  bool hasPrefix(std::string_view prefix) const;

private:
  std::map<std::string_view, GgufValue, std::less<>> values;
};

/// Reads typed values, in the manner of JsonFields: the first error is kept,
/// and what is read after it does not matter.
class GgufFields {
public:
  GgufFields(const GgufMetadata &metadata, std::string_view file)
      : metadata(metadata), file(file) {}

  const GgufValue *find(std::string_view key) const {
    return metadata.find(key);
  }

  /// An integer of any width in [low, high]. A missing one is an error without
  /// `missing`.
  int64_t integer(const std::string &key, int64_t low, int64_t high,
                  std::optional<int64_t> missing = std::nullopt);
  /// A number, f32 or f64, above `low` and at most `high`.
  double number(const std::string &key, double low, double high,
                std::optional<double> missing = std::nullopt);
  bool boolean(const std::string &key, bool missing);
  /// A string; nothing, and no error, if it is missing.
  std::optional<std::string_view> text(const std::string &key);
  /// An array of `type`; null with an error if it is another value, null
  /// without one if it is missing.
  const GgufValue *array(const std::string &key, GgufType type);

  /// Notes that `key` is not what was expected.
  void fail(std::string_view key, std::string_view expected,
            std::string_view found);

  std::optional<Error> error;

private:
  /// The value of a key that may be missing only with `optional`.
  const GgufValue *require(const std::string &key, std::string_view expected,
                           bool optional);

  const GgufMetadata &metadata;
  std::string file;
};

/// The strings of an array of strings.
std::vector<std::string_view> stringsOf(const GgufValue &array);
/// Item `index` of an array of f32, i32 or bool.
float floatAt(const GgufValue &array, uint64_t index);
int32_t intAt(const GgufValue &array, uint64_t index);
bool boolAt(const GgufValue &array, uint64_t index);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGUFMETADATA_H
