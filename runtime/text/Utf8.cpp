//===- Utf8.cpp - Where UTF-8 is valid ------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Utf8.h"

using namespace gemma;

Utf8Step gemma::nextUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) {
    return {Utf8Step::Valid, 1, lead};
  }
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) {
    return {Utf8Step::Invalid, 1, 0};
  }
  // Only the second byte has a range that depends on the lead byte.
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t codePoint = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size()) {
      return {Utf8Step::Incomplete, i, 0};
    }
    if (byte(i) < low || byte(i) > high) {
      return {Utf8Step::Invalid, i, 0};
    }
    codePoint = codePoint << 6 | (byte(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {Utf8Step::Valid, length, codePoint};
}

/// The code points for which Python's `str.isspace()` holds.
static bool isSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 ||
         c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::string_view gemma::trimUnicode(std::string_view text) {
  size_t begin = 0, end = 0;
  for (size_t i = 0; i < text.size();) {
    Utf8Step step = nextUtf8(text.substr(i));
    i += step.size;
    bool space = step.kind == Utf8Step::Valid && isSpace(step.codePoint);
    if (!space) {
      end = i;
    } else if (end == 0) {
      begin = i;
    }
  }
  return end == 0 ? std::string_view() : text.substr(begin, end - begin);
}
