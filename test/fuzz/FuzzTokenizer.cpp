//===- FuzzTokenizer.cpp - Sentencepiece models, from file to tokens ------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Tokenizer.h"
#include "compiler/Import/Readers/TokenizerProto.h"
#include "runtime/text/Tokenizer.h"
#include "test/fuzz/FuzzSupport.h"

#include <algorithm>

using namespace gemma;
using namespace gemma::fuzzing;

/// Texts with what steers a model, white space, and what may have no piece.
static const char *const kTexts[] = {
    "",
    " ",
    "a",
    "ab  ba\n\n\n",
    "<start_of_turn>user\nab<end_of_turn>\n<bos><eos><unk><pad>",
    "<b>a</b>\t\t<0x0A>[toxicity=0]<unused0>",
    "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80",
    "a\xff\xfe b",
};

static bool hasType(const TokenizerProto &model, PieceType type) {
  for (int64_t token = 0; token < model.size(); ++token) {
    if (model.getPiece(token).type == type) {
      return true;
    }
  }
  return false;
}

static void tokenize(const std::string &bytes) {
  // A model that was vetted must not bring down the library.
  Result<Tokenizer> tokenizer = Tokenizer::load(bytes);
  if (!tokenizer) {
    return requireGoodError(tokenizer.error());
  }
  Result<TokenizerProto> model = TokenizerProto::parse(bytes, "f");
  require(bool(model), "a model that stays acceptable");
  // Without a piece for the space, the bytes of U+2581 stand for one.
  int64_t space = model->find("\xe2\x96\x81");
  bool lossless = hasType(*model, PieceType::Byte) && space >= 0 &&
                  model->getPiece(space).type == PieceType::Normal;
  for (std::string_view text : kTexts) {
    Result<std::vector<int32_t>> tokens = tokenizer->encode(text);
    if (!tokens) {
      requireGoodError(tokens.error());
      continue;
    }
    std::string decoded;
    for (int32_t token : *tokens) {
      require(token >= 0 && token < tokenizer->size(), "a token",
              std::to_string(token));
      require(!tokenizer->isControl(token), "text to stay text", text);
      tokenizer->appendBytes(token, decoded);
    }
    require(!lossless || decoded == text, text, decoded);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string bytes(reinterpret_cast<const char *>(data), size);
  ModelConfig config;
  config.vocab = 4096;
  config.specialPieces = {"<b>", "\n", "ab"};
  config.chatFormat = "gemma";
  Result<TokenizerFile> plain = vetTokenizer(bytes, "f", config);
  if (plain) {
    require(plain->startOfTurn < plain->pieces &&
                plain->endOfTurn < plain->pieces,
            "tokens of the model");
    tokenize(plain->artifactBytes);
  } else {
    requireGoodError(plain.error());
  }
  config.addedTokens = {{4, "<|im start|>"}, {265, "b"}, {266, "<x>"}};
  Result<TokenizerFile> renamed = vetTokenizer(bytes, "f", config);
  if (renamed) {
    tokenize(renamed->artifactBytes);
  } else {
    requireGoodError(renamed.error());
  }
  return 0;
}
