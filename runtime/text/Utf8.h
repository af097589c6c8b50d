//===- Utf8.h - Where UTF-8 is valid ----------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_UTF8_H
#define GEMMA_RUNTIME_TEXT_UTF8_H

#include <cstddef>
#include <string_view>

namespace gemma {

/// What stands at the front of some bytes.
struct Utf8Step {
  enum Kind {
    Valid,      ///< a whole code point of `size` bytes
    Invalid,    ///< `size` bytes that start no code point, whatever follows
    Incomplete, ///< the start of a code point, cut off by the end of the text
  };
  Kind kind;
  size_t size;
  char32_t codePoint; ///< only if Valid
};

/// Looks at the front of `text`, which must not be empty. Well-formed is what
/// table 3-7 of the Unicode standard allows: no surrogates, no overlong forms,
/// nothing above U+10FFFF. An invalid step covers the "maximal subpart" of the
/// standard (section 3.9), so that one U+FFFD stands for each step.
Utf8Step nextUtf8(std::string_view text);

/// U+FFFD, which is shown in place of bytes that are no UTF-8.
constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// Without leading and trailing white space, as Python's `str.strip()` and
/// with it Jinja's `trim` see white space.
std::string_view trimUnicode(std::string_view text);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_UTF8_H
