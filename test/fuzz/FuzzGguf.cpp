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

#include <vector>

using namespace gemma;
using namespace gemma::fuzzing;

/// Reads all values: tensors do not overlap, so that there are few.
static void readValues(std::string_view data, const GgufTensor &tensor) {
  const GgmlType &type = *tensor.type;
  require(tensor.size % type.bytes == 0, "whole blocks", tensor.describe());
  uint64_t blocks = tensor.size / type.bytes, elements = 1;
  for (int64_t extent : tensor.shape) {
    require(extent > 0 && !__builtin_mul_overflow(elements, extent, &elements),
            "a shape that can be counted", tensor.describe());
  }
  require(elements == blocks * type.elements, "as many bytes as the shape says",
          tensor.describe());
  require(tensor.shape.back() % type.elements == 0, "rows of whole blocks",
          tensor.describe());
  if (type.convert) {
    std::vector<float> values(elements);
    dequantize(type, data.data(), static_cast<int64_t>(blocks), values.data());
  }
}

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
    readValues(bytes.substr(header->dataOffset + tensor.offset, tensor.size),
               tensor);
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
  requireSane(*config);
  Result<std::optional<TokenizerFile>> tokenizer = readGgufTokenizer(
      checkpoint->getMetadata(), checkpoint->getPath(), *config);
  if (!tokenizer) {
    requireGoodError(tokenizer.error());
  } else if (*tokenizer) {
    require((*tokenizer)->pieces == config->vocab, "a piece for every token",
            std::to_string((*tokenizer)->pieces));
  }
  return 0;
}
