//===- TestingVocabulary.h - Vocabularies shaped like Gemma's ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models of 256000 and 262144 pieces in Gemma's arrangement, with made-up
// merges, and a second implementation of what sentencepiece does with them:
// few lines, no index, quadratic in the text.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGVOCABULARY_H
#define GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGVOCABULARY_H

#include "compiler/Import/Readers/TokenizerProto.h"
#include "test/compiler/Import/Readers/TestingCheckpoint.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gemma::testing {

constexpr const char *kSpace = "\xe2\x96\x81"; // U+2581

inline std::string repeated(const std::string &text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

/// The places that the families give their pieces (Gemma 1 and 2; Gemma 3).
struct VocabularyShape {
  int64_t size, startOfTurn, newline;
  bool isGemma3;
};
constexpr VocabularyShape kGemma2Shape = {256000, 106, 108, false};
constexpr VocabularyShape kGemma3Shape = {262144, 105, 107, true};
constexpr int64_t kToxicity = 255968, kStartOfImage = 255999;
/// Longest run of newlines, spaces or tabs with a piece of its own.
constexpr int kLongestRun = 31;

/// Writes pieces one after the other.
class VocabularyWriter {
public:
  void add(const std::string &text, PieceType type, float score = 0) {
    model += wirePiece(text, static_cast<int>(type), score);
    texts.insert(text);
    ++size;
  }
  bool has(const std::string &text) const { return texts.count(text) != 0; }

  std::string model;
  int64_t size = 0;

private:
  std::unordered_set<std::string> texts;
};

/// A tokenizer.model of a shape. As in Google's files, the turn pieces and
/// others that steer a model are USER_DEFINED.
inline std::string gemmaVocabulary(const VocabularyShape &shape) {
  VocabularyWriter out;
  auto user = [&](const std::string &text) {
    out.add(text, PieceType::UserDefined);
  };
  for (const char *text : {"<pad>", "<eos>", "<bos>"}) {
    out.add(text, PieceType::Control);
  }
  out.add("<unk>", PieceType::Unknown);
  for (const char *text : {"<mask>", "<2mass>", "[@BOS@]"}) {
    if (out.size == 4 || !shape.isGemma3) {
      user(text);
    }
  }
  if (shape.isGemma3) {
    user("[multimodal]");
  }
  int unused = 0;
  auto addUnused = [&](int64_t end) {
    while (out.size < end) {
      user("<unused" + std::to_string(unused++) + ">");
    }
  };
  addUnused(shape.startOfTurn);
  user("<start_of_turn>");
  user("<end_of_turn>");
  for (int count = 1; count <= kLongestRun; ++count) {
    user(repeated("\n", count));
  }
  for (int count = 2; count <= kLongestRun; ++count) {
    user(repeated(kSpace, count));
  }
  for (const char *tag : {"table", "tr", "td", "b", "i", "h1", "code"}) {
    user("<" + std::string(tag) + ">");
    user("</" + std::string(tag) + ">");
  }
  out.model += wireBytePieces();
  out.size += 256;
  // Merges of pieces that are there already, the oldest the best; single
  // characters have pieces too, which come last in Gemma and first here.
  std::vector<std::string> parts = {kSpace, "\xc3\xa9", "\xe6\x97\xa5",
                                    "\xe6\x9c\xac"};
  for (char c = '!'; c <= '~'; ++c) {
    parts.emplace_back(1, c);
  }
  for (const std::string &part : parts) {
    out.add(part, PieceType::Normal, -1e6f);
  }
  std::mt19937 random(7);
  // Small numbers are likelier, so that pieces of common pieces are common.
  auto draw = [&]() -> const std::string & {
    double share = static_cast<double>(random()) / 4294967296.0;
    return parts[static_cast<size_t>(share * share *
                                     static_cast<double>(parts.size()))];
  };
  while (out.size < kToxicity) {
    std::string text = draw() + draw();
    if (text.size() <= 16 && !out.has(text)) {
      out.add(text, PieceType::Normal, -static_cast<float>(parts.size()));
      parts.push_back(text);
    }
  }
  user("[toxicity=0]");
  for (int count = 2; count <= kLongestRun; ++count) {
    user(repeated("\t", count));
  }
  user("<start_of_image>");
  if (shape.isGemma3) {
    user("<end_of_image>");
  }
  addUnused(shape.size);
  return out.model + wireTrainer() + wireNormalizer();
}

/// Sentencepiece's BPE on the pieces of a model: USER_DEFINED pieces first,
/// always the longest, which never merge; then, as long as there is one, the
/// merge of the best score, the leftmost of several; bytes for the rest.
class ReferenceBpe {
public:
  /// The model must outlive the object.
  explicit ReferenceBpe(const TokenizerProto &model) {
    for (int64_t token = 0; token < model.size(); ++token) {
      const TokenizerPiece &piece = model.getPiece(token);
      bool user = piece.type == PieceType::UserDefined;
      if (user || piece.type == PieceType::Normal) {
        pieces[piece.text] = {token, piece.score, user};
      } else if (piece.type == PieceType::Byte) {
        bytes.push_back(token);
      }
      longest = std::max(longest, user ? piece.text.size() : 0);
    }
  }

  std::vector<int32_t> encode(std::string_view text) const {
    std::string escaped;
    for (char c : text) {
      if (c == ' ') {
        escaped += kSpace;
      } else {
        escaped += c;
      }
    }
    std::vector<Symbol> symbols = split(escaped);
    while (mergeBest(symbols)) {
    }
    std::vector<int32_t> tokens;
    for (const Symbol &symbol : symbols) {
      auto place = pieces.find(symbol.text);
      if (place != pieces.end()) {
        tokens.push_back(static_cast<int32_t>(place->second.token));
        continue;
      }
      for (unsigned char byte : symbol.text) {
        tokens.push_back(static_cast<int32_t>(bytes[byte]));
      }
    }
    return tokens;
  }

private:
  struct Piece {
    int64_t token;
    float score;
    bool user;
  };
  struct Symbol {
    std::string_view text;
    bool frozen;
  };

  std::vector<Symbol> split(std::string_view text) const {
    std::vector<Symbol> symbols;
    while (!text.empty()) {
      unsigned char lead = text.front();
      size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      bool frozen = false;
      for (size_t n = std::min(longest, text.size()); n > 0 && !frozen; --n) {
        auto place = pieces.find(text.substr(0, n));
        if (place != pieces.end() && place->second.user) {
          size = n;
          frozen = true;
        }
      }
      symbols.push_back({text.substr(0, size), frozen});
      text.remove_prefix(size);
    }
    return symbols;
  }

  bool mergeBest(std::vector<Symbol> &symbols) const {
    size_t best = symbols.size();
    float score = 0;
    for (size_t i = 1; i < symbols.size(); ++i) {
      if (symbols[i - 1].frozen || symbols[i].frozen) {
        continue;
      }
      auto place = pieces.find(joined(symbols[i - 1], symbols[i]));
      if (place != pieces.end() &&
          (best == symbols.size() || place->second.score > score)) {
        best = i;
        score = place->second.score;
      }
    }
    if (best == symbols.size()) {
      return false;
    }
    symbols[best - 1].text = joined(symbols[best - 1], symbols[best]);
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best));
    return true;
  }

  /// Neighbours in a text.
  static std::string_view joined(const Symbol &a, const Symbol &b) {
    return {a.text.data(), a.text.size() + b.text.size()};
  }

  std::unordered_map<std::string_view, Piece> pieces;
  std::vector<int64_t> bytes;
  size_t longest = 0;
};

} // namespace gemma::testing

#endif // GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGVOCABULARY_H
