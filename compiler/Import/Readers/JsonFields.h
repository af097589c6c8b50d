//===- JsonFields.h - Fields of a JSON object, checked ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_JSONFIELDS_H
#define GEMMA_COMPILER_IMPORT_READERS_JSONFIELDS_H

#include "compiler/Import/Readers/Json.h"

#include <optional>
#include <string>
#include <string_view>

namespace gemma {

/// Takes fields out of an object, each with its type and range. The first
/// error is kept; getters then give their default, so that a reader asks for
/// everything and looks at the error once.
class JsonFields {
public:
  /// Both must outlive this.
  JsonFields(const nlohmann::json &object, std::string_view file)
      : object(object), file(file) {}

  /// The value of a key; null if it is absent or JSON's null.
  const nlohmann::json *find(const char *key) const;
  /// Whether the key is there with JSON's null.
  bool isNull(const char *key) const;

  /// An integer in [low, high]. A missing one is an error without `missing`.
  int64_t integer(const char *key, int64_t low, int64_t high,
                  std::optional<int64_t> missing = std::nullopt);
  /// A number in (low, high], written with or without a fraction.
  double number(const char *key, double low, double high, double missing);
  bool boolean(const char *key, bool missing);

  /// Keeps the error "<file>: <key>: expected ..., found ..." if it is the
  /// first.
  void fail(std::string_view key, std::string_view expected,
            std::string_view found);

  std::optional<Error> error;

private:
  const nlohmann::json &object;
  std::string_view file;
};

/// Parses `text`, which must hold an object.
Result<nlohmann::json> parseJsonObject(std::string_view text,
                                       std::string_view file);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_JSONFIELDS_H
