//===- PieceWriter.cpp - Writes sentencepiece models ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/PieceWriter.h"

#include "compiler/Import/Readers/WireReader.h"

#include <cstring>

using namespace gemma;
using Kind = WireField::Kind;

static void appendTag(std::string &out, uint32_t field, Kind kind) {
  appendVarint(out, field << 3 | static_cast<uint32_t>(kind));
}

void gemma::appendBytes(std::string &out, uint32_t field,
                        std::string_view bytes) {
  appendTag(out, field, Kind::Bytes);
  appendVarint(out, bytes.size());
  out += bytes;
}

void gemma::appendNumber(std::string &out, uint32_t field, uint64_t number) {
  appendTag(out, field, Kind::Varint);
  appendVarint(out, number);
}

void gemma::appendPiece(std::string &out, std::string_view text, float score,
                        PieceType type) {
  std::string message;
  appendBytes(message, 1, text);
  appendTag(message, 2, Kind::Fixed32);
  char bits[sizeof score];
  std::memcpy(bits, &score, sizeof score);
  message.append(bits, sizeof bits);
  appendNumber(message, 3, static_cast<uint64_t>(type));
  appendBytes(out, 1, message);
}

std::string gemma::withSpaceSigns(std::string_view text) {
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
