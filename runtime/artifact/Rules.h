//===- Rules.h - Helpers of the rules ---------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_RULES_H
#define GEMMA_RUNTIME_ARTIFACT_RULES_H

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/Verify.h"
#include "runtime/core/Text.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace gemma::rules {

using Rule = Result<void> (*)(const ManifestInFile &);

/// Checks rules in order, up to the first violation.
inline Result<void> checkAll(std::initializer_list<Rule> rules,
                             const ManifestInFile &file) {
  for (Rule rule : rules) {
    if (Result<void> result = rule(file); !result) {
      return result;
    }
  }
  return {};
}

/// The violation "what: expected ..., found ...".
inline Error violation(std::string_view what, std::string_view expected,
                       std::string_view found) {
  return invalidData(printable(what) + ": expected " + std::string(expected) +
                     ", found " + printable(found));
}
inline Error violation(std::string_view what, std::string_view expected,
                       uint64_t found) {
  return violation(what, expected, std::to_string(found));
}

/// lowest <= value <= highest.
inline Result<void> inRange(std::string_view what, uint64_t value,
                            uint64_t lowest, uint64_t highest) {
  if (value < lowest || value > highest) {
    return violation(
        what, std::to_string(lowest) + " to " + std::to_string(highest), value);
  }
  return {};
}

/// [offset, offset + size) lies in [0, limit).
inline bool fits(uint64_t offset, uint64_t size, uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

/// A non-empty name of letters, digits and the characters of `others`, as the
/// symbols of the IR and of object files have them, in any locale.
inline bool isSymbol(std::string_view name, std::string_view others) {
  bool symbol = !name.empty() && name.size() <= limits::kStringBytes;
  for (char c : name) {
    symbol = symbol && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') ||
                        others.find(c) != std::string_view::npos);
  }
  return symbol;
}

/// "weight 3", for messages.
inline std::string numbered(const char *kind, size_t index) {
  return std::string(kind) + " " + std::to_string(index);
}

} // namespace gemma::rules

#endif // GEMMA_RUNTIME_ARTIFACT_RULES_H
