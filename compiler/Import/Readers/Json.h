//===- Json.h - JSON from untrusted files -----------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_JSON_H
#define GEMMA_COMPILER_IMPORT_READERS_JSON_H

#include "runtime/core/Result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace gemma {

/// What a JSON text may cost. The defaults fit every file of a checkpoint but
/// the header of a safetensors file.
struct JsonLimits {
  size_t depth = 64;       ///< nested arrays and objects
  size_t token = 1 << 20;  ///< bytes of one string or number
  size_t values = 1 << 20; ///< values in all
};

/// Checks depth and token length in one pass over `text`, without memory, so
/// that no parser meets a text that is expensive to take apart. It does not
/// check the grammar.
Result<void> checkJsonLimits(std::string_view text, std::string_view file,
                             const JsonLimits &limits = {});

/// Parses `text`. Errors (InvalidData, naming `file` and the place): broken
/// grammar, invalid UTF-8, a number out of range (NaN and Infinity are no
/// JSON), an object with a key twice, anything over the limits.
Result<nlohmann::json> parseJson(std::string_view text, std::string_view file,
                                 const JsonLimits &limits = {});

/// What a message calls a value: "a string", "null", or a number's text.
std::string describeJson(const nlohmann::json &value);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_JSON_H
