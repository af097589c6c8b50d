//===- TokenizerProto.h - A sentencepiece model, vetted ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_TOKENIZERPROTO_H
#define GEMMA_COMPILER_IMPORT_READERS_TOKENIZERPROTO_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gemma {

struct WireField;

/// What a piece is to sentencepiece; the numbers of its schema.
enum class PieceType {
  Normal = 1,
  Unknown = 2,
  Control = 3,     ///< never matched in text
  UserDefined = 4, ///< matched in text before anything else
  Unused = 5,
  Byte = 6,
};

/// One piece of the vocabulary; its number is its token.
struct TokenizerPiece {
  std::string_view text;
  float score = 0;
  PieceType type = PieceType::Normal;
  size_t tag = 0;   ///< where the piece's field starts in the file
  size_t begin = 0; ///< of the piece's message, after tag and length
  size_t end = 0;
  size_t typeByte = 0; ///< of the type's value; 0 if the type is not written
};

/// Names that are control tokens in every Gemma checkpoint, whatever type
/// its file gives them.
const std::unordered_set<std::string_view> &builtinSpecialPieces();

/// A tokenizer.model, taken apart without protobuf and checked for all that
/// sentencepiece trusts, before it sees the file: lengths, piece types, UTF-8,
/// scores that order, no piece twice, one <unk>, all 256 bytes or none. A
/// precompiled_charsmap is refused: its trie would be walked unchecked, and
/// Gemma's normaliser is the identity, which has none. So is a specification
/// that adds, removes or does not mark white space: Gemma keeps it as it is.
class TokenizerProto {
public:
  static constexpr size_t kMaxPieceBytes = 4096;
  static constexpr size_t kMaxPieces = 1 << 20;
  static constexpr uint64_t kMaxFileBytes = 64 << 20;

  /// Checks `bytes`, which must outlive the result. `file` is the name in
  /// messages. Errors: InvalidData.
  static Result<TokenizerProto> parse(std::string_view bytes,
                                      std::string_view file);

  int64_t size() const { return static_cast<int64_t>(pieces.size()); }
  const TokenizerPiece &getPiece(int64_t token) const { return pieces[token]; }

  /// The token of that text, -1 if there is none.
  int64_t find(std::string_view text) const;

  /// The file with every piece of `special` (and of builtinSpecialPieces())
  /// that text could produce made a CONTROL piece: user text never becomes a
  /// control token. A piece of one character stays what it is: sentencepiece
  /// looks single characters up among control pieces too, and fails on a text
  /// that has one. The self test is left out, its samples may have held such
  /// a piece. Everything else stays byte for byte.
  std::string withControlPieces(const std::vector<std::string> &special) const;

private:
  explicit TokenizerProto(std::string_view bytes) : bytes(bytes) {}

  Result<void> addPiece(const WireField &message, std::string_view file);
  Result<void> checkVocabulary(bool byteFallback, std::string_view file) const;

  std::string_view bytes;
  std::vector<TokenizerPiece> pieces;
  std::unordered_map<std::string_view, int64_t> tokens;
  /// Fields that withControlPieces leaves out, as ranges with their tags.
  std::vector<std::pair<size_t, size_t>> selfTests;
};

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_TOKENIZERPROTO_H
