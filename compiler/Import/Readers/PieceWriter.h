//===- PieceWriter.h - Writes sentencepiece models --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_PIECEWRITER_H
#define GEMMA_COMPILER_IMPORT_READERS_PIECEWRITER_H

#include "compiler/Import/Readers/TokenizerProto.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gemma {

// Fields of a protobuf message, with the numbers of sentencepiece_model.proto.

/// Appends a field of bytes, a string or a message.
void appendBytes(std::string &out, uint32_t field, std::string_view bytes);

/// Appends a number or a bool.
void appendNumber(std::string &out, uint32_t field, uint64_t number);

/// Appends a piece, field 1 of a model.
void appendPiece(std::string &out, std::string_view text, float score,
                 PieceType type);

/// `text` in the form that a model matches: U+2581 in the place of each space.
std::string withSpaceSigns(std::string_view text);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_PIECEWRITER_H
