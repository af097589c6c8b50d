//===- TestingTokenizer.h - The bundled tokenizer for tests -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_TEXT_TESTINGTOKENIZER_H
#define GEMMA_TEST_RUNTIME_TEXT_TESTINGTOKENIZER_H

#include "runtime/text/Tokenizer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace gemma::testing {

// Ids that the bundled model shares with Gemma 1.
constexpr int32_t kEos = 1, kBos = 2, kStartOfTurn = 106, kEndOfTurn = 107,
                  kNewline = 108;

inline std::string readTestFile(const std::string &name) {
  std::ifstream file(GEMMA_SOURCE_DIR "/test/" + name, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

inline std::string tinyModel() {
  return readTestFile("models/tiny-gemma-it/tokenizer.model");
}

inline const Tokenizer &tinyTokenizer() {
  static const Tokenizer tokenizer = [] {
    Result<Tokenizer> loaded = Tokenizer::load(tinyModel());
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }();
  return tokenizer;
}

/// Types of SentencePiece pieces, as in its ModelProto.
enum PieceType : char { Control = 3, UserDefined = 4, Unused = 5 };

/// Gives a piece another type. In the proto a piece is its text (field 1), its
/// score (field 2: tag 0x15 and four bytes) and its type (field 3: tag 0x18).
inline void setPieceType(std::string &model, std::string_view piece,
                         PieceType type) {
  std::string field = {'\n', static_cast<char>(piece.size())};
  size_t at = model.find(field.append(piece));
  ASSERT_NE(at, std::string::npos) << piece;
  at += field.size();
  ASSERT_EQ(model[at], '\x15');
  ASSERT_EQ(model[at + 5], '\x18');
  model[at + 6] = type;
}

inline std::vector<int32_t> encoded(const Tokenizer &tokenizer,
                                    std::string_view text) {
  Result<std::vector<int32_t>> ids = tokenizer.encode(text);
  EXPECT_TRUE(ids) << ids.error().message;
  return ids ? *ids : std::vector<int32_t>();
}

/// The bytes of all tokens, valid UTF-8 or not.
inline std::string bytesOf(const Tokenizer &tokenizer,
                           const std::vector<int32_t> &ids) {
  std::string bytes;
  for (int32_t id : ids) {
    tokenizer.appendBytes(id, bytes);
  }
  return bytes;
}

inline void appendUtf8(char32_t c, std::string &out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out += static_cast<char>((0xFF00 >> (more + 1) & 0xFF) | c >> 6 * more);
  while (more-- > 0) {
    out += static_cast<char>(0x80 | (c >> 6 * more & 0x3F));
  }
}

/// Random code points, mostly of few bytes. U+2581 is not among them:
/// SentencePiece writes a space so, and gives a space back.
inline std::string randomUtf8(std::mt19937 &random, size_t count) {
  static constexpr char32_t kLimits[] = {0x80,   0x80,    0x80,    0x800,
                                         0x3000, 0x10000, 0x110000};
  std::string text;
  while (count > 0) {
    char32_t c = random() % kLimits[random() % std::size(kLimits)];
    if ((c >= 0xD800 && c < 0xE000) || c == 0x2581) {
      continue;
    }
    appendUtf8(c, text);
    --count;
  }
  return text;
}

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_TEXT_TESTINGTOKENIZER_H
