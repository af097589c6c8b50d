//===- Message.cpp - One-line messages about hostile input ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Message.h"

using namespace gemma;

static void appendEscaped(std::string &out, unsigned char c) {
  static const char *const digits = "0123456789abcdef";
  out += "\\x";
  out += digits[c >> 4];
  out += digits[c & 15];
}

static std::string printable(std::string_view text, bool asciiOnly,
                             size_t limit) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == limit) {
      return out + "...";
    }
    unsigned char c = text[i];
    if (c < 0x20 || c == 0x7f || (asciiOnly && c >= 0x80)) {
      appendEscaped(out, c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string gemma::inQuotes(std::string_view text) {
  return "'" + printable(text, /*asciiOnly=*/true, 64) + "'";
}

std::string gemma::printablePath(std::string_view path) {
  return printable(path, /*asciiOnly=*/false, 4096);
}

Error gemma::badField(std::string_view file, std::string_view field,
                      std::string_view expected, std::string_view found) {
  return invalidData(printablePath(file) + ": " +
                     printable(field, /*asciiOnly=*/true, 160) + ": expected " +
                     std::string(expected) + ", found " +
                     printable(found, /*asciiOnly=*/true, 160));
}

Error gemma::badFile(std::string_view file, std::string_view expected,
                     std::string_view found) {
  return invalidData(printablePath(file) + ": expected " +
                     std::string(expected) + ", found " +
                     printable(found, /*asciiOnly=*/true, 160));
}

bool gemma::isLfsPointer(std::string_view bytes) {
  constexpr std::string_view kStart = "version https://git-lfs.github.com/";
  return bytes.substr(0, kStart.size()) == kStart;
}

Error gemma::lfsPointer(std::string_view file) {
  return badFile(file, "the file itself",
                 "a git-lfs pointer (fetch it with 'git lfs pull')");
}
