//===- StopDetector.h - Where a generation ends -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_STOPDETECTOR_H
#define GEMMA_RUNTIME_TEXT_STOPDETECTOR_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Finds the end of a generation: an end token, or one of some strings in the
/// text. The string itself is not part of the text.
class StopDetector {
public:
  /// Empty strings are ignored.
  explicit StopDetector(std::vector<int32_t> tokens,
                        std::vector<std::string> strings = {});

  /// Whether the token ends the generation.
  bool stopsAt(int32_t token) const;

  /// Takes the next text and returns what may be shown of all text so far:
  /// what could still turn out to begin a stop string is held back. Valid
  /// until the next call.
  std::string_view add(std::string_view text);

  /// Whether a stop string was found; later text is ignored.
  bool foundString() const { return found; }

  /// What was held back, at the end of the text. Valid until the next call.
  std::string_view finish();

private:
  std::vector<int32_t> tokens;
  std::vector<std::string> strings;
  std::string held, ready;
  bool found = false;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_STOPDETECTOR_H
