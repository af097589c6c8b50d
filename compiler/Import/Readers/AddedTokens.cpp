//===- AddedTokens.cpp - Pieces that a checkpoint renamed -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/AddedTokens.h"

#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/WireReader.h"

#include <cstring>

using namespace gemma;
using Kind = WireField::Kind;

/// The text of a token as a model has it.
static std::string pieceText(const std::string &text) {
  std::string piece;
  for (char c : text) {
    if (c == ' ') {
      piece += "\xe2\x96\x81"; // U+2581
    } else {
      piece += c;
    }
  }
  return piece;
}

static void appendTag(std::string &out, unsigned field, Kind kind) {
  appendVarint(out, field << 3 | static_cast<unsigned>(kind));
}

/// A piece, field 1 of a model, with the field numbers of
/// sentencepiece_model.proto.
static void appendPiece(std::string &out, const TokenizerPiece &piece,
                        const std::string &text) {
  PieceType type = piece.type == PieceType::Control ? PieceType::Control
                                                    : PieceType::UserDefined;
  std::string message;
  appendTag(message, 1, Kind::Bytes);
  appendVarint(message, text.size());
  message += text;
  appendTag(message, 2, Kind::Fixed32);
  char score[sizeof piece.score];
  std::memcpy(score, &piece.score, sizeof score);
  message.append(score, sizeof score);
  appendTag(message, 3, Kind::Varint);
  appendVarint(message, static_cast<uint64_t>(type));
  appendTag(out, 1, Kind::Bytes);
  appendVarint(out, message.size());
  out += message;
}

Result<std::string> gemma::renamePieces(std::string_view bytes,
                                        const TokenizerProto &model,
                                        const AddedTokens &added,
                                        std::string_view file) {
  std::string out;
  size_t copied = 0;
  for (const auto &[token, name] : added) {
    if (token < 0 || token >= model.size()) {
      continue;
    }
    const TokenizerPiece &piece = model.getPiece(token);
    std::string text = pieceText(name);
    if (text == piece.text) {
      continue;
    }
    if (piece.type == PieceType::Byte || piece.type == PieceType::Unknown) {
      return badField(file, "piece " + std::to_string(token),
                      inQuotes(piece.text) + " in tokenizer_config.json too",
                      inQuotes(name));
    }
    out += bytes.substr(copied, piece.tag - copied);
    appendPiece(out, piece, text);
    copied = piece.end;
  }
  if (copied != 0) {
    out += bytes.substr(copied);
  }
  return out;
}
