//===- FuzzGguf.cpp - GGUF files: header, model, vocabulary ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufCheckpoint.h"
#include "compiler/Import/Readers/GgufConfig.h"
#include "compiler/Import/Readers/GgufTokenizer.h"
#include "test/fuzz/FuzzSupport.h"

using namespace gemma;
using namespace gemma::fuzzing;

static void readHeader(std::string_view bytes) {
  Result<GgufHeader> header = parseGguf(bytes, "f");
  if (!header) {
    return requireGoodError(header.error());
  }
  require(header->dataOffset <= bytes.size(), "data in the file");
  uint64_t size = bytes.size() - header->dataOffset;
  for (const GgufTensor &tensor : header->tensors) {
    require(tensor.offset <= size && tensor.size <= size - tensor.offset,
            "a tensor in the file", tensor.name);
    require(header->find(tensor.name) == &tensor, "a tensor by its name",
            tensor.name);
    (void)tensor.describe();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // Once from memory of just that size, which shows a read beyond the end, and
  // once as the file that it would be.
  readHeader({reinterpret_cast<const char *>(data), size});
  static MemoryFile file;
  Result<GgufCheckpoint> checkpoint = GgufCheckpoint::open(
      file.with({reinterpret_cast<const char *>(data), size}));
  if (!checkpoint) {
    if (checkpoint.error().code != ErrorCode::NotFound) {
      requireGoodError(checkpoint.error()); // else: one of several files
    }
    return 0;
  }
  Result<ModelConfig> config = readGgufConfig(*checkpoint);
  if (!config) {
    requireGoodError(config.error());
    return 0;
  }
  require(config->heads % config->kvHeads == 0, "heads that KV heads divide");
  require(config->headDim % 2 == 0, "pairs to rotate");
  Result<std::optional<TokenizerFile>> tokenizer = readGgufTokenizer(
      checkpoint->getMetadata(), checkpoint->getPath(), *config);
  if (!tokenizer) {
    requireGoodError(tokenizer.error());
  }
  return 0;
}
