//===- Tokenizer.cpp - Text to token ids and back -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Tokenizer.h"

#include "runtime/text/Utf8.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <cstdio>
#include <exception>

using namespace gemma;

// SentencePiece writes a space as U+2581.
static constexpr std::string_view kSpacePiece = "\xE2\x96\x81";

// Pieces that steer a Gemma model. Google's tokenizer files declare some of
// them USER_DEFINED, which text would match; here they are control pieces
// whatever the file says.
static constexpr std::string_view kSteeringPieces[] = {
    "<pad>",
    "<eos>",
    "<bos>",
    "<mask>",
    "<2mass>",
    "[@BOS@]",
    "<s>",
    "</s>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<start_of_image>",
    "<end_of_image>",
    "<image_soft_token>",
    "[multimodal]",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|file_separator|>",
};

struct Tokenizer::State {
  sentencepiece::SentencePieceProcessor processor;
  // Steering pieces that plain text would match, and their ids.
  std::vector<std::string> matchable;
  std::vector<int32_t> matchableIds;
  // Id of <0x00> … <0xFF>, or -1.
  int32_t byteIds[256];
  // Most bytes of text that one token can stand for.
  size_t longestPiece = 1;

  void encodeValid(std::string_view text, std::vector<int32_t> &out) const;
  void encodeUtf8(std::string_view text, std::vector<int32_t> &out) const;
};

/// Bytes of text of a piece, with a space where U+2581 stands.
static void appendSurface(std::string_view piece, std::string &out) {
  while (!piece.empty()) {
    if (piece.substr(0, kSpacePiece.size()) == kSpacePiece) {
      out += ' ';
      piece.remove_prefix(kSpacePiece.size());
    } else {
      out += piece.front();
      piece.remove_prefix(1);
    }
  }
}

/// Value of a byte piece "<0xNN>", or -1.
static int byteValue(std::string_view piece) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (piece.size() != 6 || piece.substr(0, 3) != "<0x" || piece[5] != '>') {
    return -1;
  }
  int high = digit(piece[3]), low = digit(piece[4]);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer &&) noexcept = default;
Tokenizer &Tokenizer::operator=(Tokenizer &&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::load(std::string_view model) {
  auto refuse = [](const std::string &why) {
    return invalidData("tokenizer: expected a SentencePiece model, found " +
                       why);
  };
  if (model.empty()) {
    return refuse("no bytes");
  }
  try {
    auto state = std::make_unique<State>();
    auto status = state->processor.LoadFromSerializedProto(model);
    if (!status.ok()) {
      return refuse(std::string("bytes that it refuses: ") + status.message());
    }
    const auto &processor = state->processor;
    std::fill(std::begin(state->byteIds), std::end(state->byteIds), -1);
    std::string surface;
    for (int32_t id = 0; id < processor.GetPieceSize(); ++id) {
      const std::string &piece = processor.IdToPiece(id);
      if (processor.IsByte(id)) {
        if (int value = byteValue(piece); value >= 0) {
          state->byteIds[value] = id;
        }
      } else if (!processor.IsControl(id)) {
        surface.clear();
        appendSurface(piece, surface);
        state->longestPiece = std::max(state->longestPiece, surface.size());
      }
    }
    for (std::string_view piece : kSteeringPieces) {
      std::vector<int> ids;
      if (processor.Encode(piece, &ids).ok() && ids.size() == 1 &&
          processor.IdToPiece(ids[0]) == piece) {
        state->matchable.emplace_back(piece);
        state->matchableIds.push_back(ids[0]);
      }
    }
    return Tokenizer(std::move(state));
  } catch (const std::exception &e) {
    return refuse(std::string("bytes that it refuses: ") + e.what());
  }
}

int32_t Tokenizer::size() const { return state->processor.GetPieceSize(); }

std::optional<int32_t> Tokenizer::find(std::string_view piece) const {
  // An unknown piece has the id of <unk>.
  int32_t id = state->processor.PieceToId(piece);
  if (id < 0 || id >= size() || state->processor.IdToPiece(id) != piece) {
    return std::nullopt;
  }
  return id;
}

bool Tokenizer::isControl(int32_t id) const {
  if (id < 0 || id >= size()) {
    return false;
  }
  const auto &ids = state->matchableIds;
  return state->processor.IsControl(id) ||
         std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Text that sentencepiece may see whole.
void Tokenizer::State::encodeValid(std::string_view text,
                                   std::vector<int32_t> &out) const {
  if (text.empty()) {
    return;
  }
  std::vector<int> ids;
  // It fails only for a model that is not loaded.
  if (processor.Encode(text, &ids).ok()) {
    out.insert(out.end(), ids.begin(), ids.end());
  }
}

/// Valid UTF-8, which may spell steering pieces. Such a piece is cut after its
/// first character: no token reaches over a cut.
void Tokenizer::State::encodeUtf8(std::string_view text,
                                  std::vector<int32_t> &out) const {
  auto spellsSteering = [&](std::string_view rest) {
    return std::any_of(matchable.begin(), matchable.end(),
                       [&](const std::string &piece) {
                         return rest.substr(0, piece.size()) == piece;
                       });
  };
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (spellsSteering(text.substr(i))) {
      encodeValid(text.substr(begin, i + 1 - begin), out);
      begin = i + 1;
    }
  }
  encodeValid(text.substr(begin), out);
}

size_t Tokenizer::mostBytes(size_t tokens) const {
  return tokens > kNoTokenLimit / state->longestPiece
             ? kNoTokenLimit
             : tokens * state->longestPiece;
}

Result<std::vector<int32_t>> Tokenizer::encode(std::string_view text,
                                               size_t limit) const {
  if (text.size() > mostBytes(limit)) {
    return invalidData("prompt: expected at most " + std::to_string(limit) +
                       " tokens, found at least " +
                       std::to_string(text.size() / state->longestPiece));
  }
  std::vector<int32_t> ids;
  try {
    size_t begin = 0;
    for (size_t i = 0; i < text.size();) {
      Utf8Step step = nextUtf8(text.substr(i));
      i += step.size;
      if (step.kind == Utf8Step::Valid) {
        continue;
      }
      state->encodeUtf8(text.substr(begin, i - step.size - begin), ids);
      for (size_t at = i - step.size; at < i; ++at) {
        unsigned char byte = text[at];
        if (state->byteIds[byte] < 0) {
          char hex[8];
          std::snprintf(hex, sizeof(hex), "0x%02x", byte);
          return invalidData("prompt: expected UTF-8, found byte " +
                             std::string(hex) + " (offset " +
                             std::to_string(at) + ")");
        }
        ids.push_back(state->byteIds[byte]);
      }
      begin = i;
    }
    state->encodeUtf8(text.substr(begin), ids);
  } catch (const std::exception &e) {
    return resourceError("prompt: expected to be tokenized, found " +
                         std::string(e.what()));
  }
  return ids;
}

void Tokenizer::appendBytes(int32_t id, std::string &out) const {
  if (id < 0 || id >= size() || state->processor.IsUnknown(id)) {
    out += kReplacementCharacter;
    return;
  }
  if (isControl(id)) {
    return;
  }
  const std::string &piece = state->processor.IdToPiece(id);
  int value = state->processor.IsByte(id) ? byteValue(piece) : -1;
  if (value >= 0) {
    out += static_cast<char>(value);
  } else {
    appendSurface(piece, out);
  }
}
