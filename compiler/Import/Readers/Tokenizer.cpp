//===- Tokenizer.cpp - A checkpoint's tokenizer ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Tokenizer.h"

#include "compiler/Import/Readers/MappedFile.h"
#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/TokenizerProto.h"

#include <openssl/sha.h>

using namespace gemma;

static std::string sha256Of(const std::string &bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(),
         digest);
  std::string text;
  for (unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Result<TokenizerFile> gemma::vetTokenizer(const std::string &bytes,
                                          const std::string &path,
                                          const ModelConfig &config) {
  Result<TokenizerProto> proto = TokenizerProto::parse(bytes, path);
  if (!proto) {
    return proto.takeError();
  }
  Result<std::string> renamed =
      renamePieces(bytes, *proto, config.addedTokens, path);
  if (!renamed) {
    return renamed.takeError();
  }
  if (!renamed->empty()) {
    proto = TokenizerProto::parse(
        *renamed, path + " with tokenizer_config.json's added_tokens_decoder");
    if (!proto) {
      return proto.takeError();
    }
  }
  if (proto->size() > config.vocab) {
    return badField(path, "pieces",
                    "at most vocab_size = " + std::to_string(config.vocab),
                    std::to_string(proto->size()));
  }
  TokenizerFile file;
  file.sha256 = sha256Of(bytes);
  file.artifactBytes = proto->withControlPieces(config.specialPieces);
  file.pieces = static_cast<int64_t>(proto->size());
  file.startOfTurn = proto->find("<start_of_turn>");
  file.endOfTurn = proto->find("<end_of_turn>");
  if (file.startOfTurn >= 0 && file.endOfTurn >= 0) {
    file.chatFormat = config.chatFormat;
  }
  return file;
}

Result<std::optional<TokenizerFile>>
gemma::readTokenizer(const std::string &directory, const ModelConfig &config) {
  std::string path = directory + "/" + kTokenizerFile;
  if (!entryExists(path)) {
    return std::optional<TokenizerFile>();
  }
  Result<std::string> bytes =
      readSmallFile(path, TokenizerProto::kMaxFileBytes);
  if (!bytes) {
    return bytes.takeError();
  }
  Result<TokenizerFile> file = vetTokenizer(*bytes, path, config);
  if (!file) {
    return file.takeError();
  }
  return std::optional<TokenizerFile>(std::move(*file));
}
