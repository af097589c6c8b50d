//===- Tokenizer.h - A checkpoint's tokenizer -------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_TOKENIZER_H
#define GEMMA_COMPILER_IMPORT_READERS_TOKENIZER_H

#include "compiler/Import/Readers/ModelConfig.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gemma {

/// Name of the tokenizer's file in a checkpoint.
constexpr const char *kTokenizerFile = "tokenizer.model";

/// A vetted tokenizer.
struct TokenizerFile {
  std::string sha256;        ///< of the checkpoint's file, in hexadecimal
  std::string artifactBytes; ///< with names of renamePieces, withControlPieces
  int64_t pieces = 0;
  int64_t startOfTurn = -1; ///< token, -1 = none
  int64_t endOfTurn = -1;
  /// Turn format of prompts: ModelConfig's if there are pieces for turns, ""
  /// for none.
  std::string chatFormat;
};

/// Vets the bytes of a sentencepiece model: not more pieces than the vocabulary
/// has rows. Pieces get the names that the configuration's added tokens have.
/// `path` is the name in messages. Errors: those of TokenizerProto::parse and
/// renamePieces.
Result<TokenizerFile> vetTokenizer(const std::string &bytes,
                                   const std::string &path,
                                   const ModelConfig &config);

/// Reads and vets tokenizer.model; nothing if the folder has none. It must
/// fit config.json: not more pieces than the vocabulary has rows. Errors:
/// those of TokenizerProto::parse and readSmallFile.
Result<std::optional<TokenizerFile>> readTokenizer(const std::string &directory,
                                                   const ModelConfig &config);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_TOKENIZER_H
