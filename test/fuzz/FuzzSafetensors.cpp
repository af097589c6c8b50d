//===- FuzzSafetensors.cpp - Headers and indices of safetensors files -----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Checkpoint.h"
#include "compiler/Import/Readers/Safetensors.h"
#include "test/fuzz/FuzzSupport.h"

using namespace gemma;
using namespace gemma::fuzzing;

static void readHeader(std::string_view bytes) {
  Result<SafetensorsHeader> header = parseSafetensors(bytes, "f");
  if (!header) {
    return requireGoodError(header.error());
  }
  require(header->dataOffset <= bytes.size(), "data in the file");
  uint64_t size = bytes.size() - header->dataOffset;
  for (const TensorEntry &tensor : header->tensors) {
    require(tensor.begin <= tensor.end && tensor.end <= size,
            "a tensor in the file", tensor.name);
    require(header->find(tensor.name) == &tensor, "a tensor by its name",
            tensor.name);
    // The shape says as many bytes, so that whole rows may be read.
    uint64_t elements = 1;
    for (int64_t extent : tensor.shape) {
      require(extent >= 0 &&
                  !__builtin_mul_overflow(
                      elements, static_cast<uint64_t>(extent), &elements),
              "a shape that can be counted", tensor.describe());
    }
    unsigned __int128 bits = elements;
    bits *= static_cast<unsigned>(tensor.dtype->bits);
    require(bits == (unsigned __int128)(tensor.end - tensor.begin) * 8,
            "as many bytes as the shape says", tensor.describe());
  }
}

static void readIndex(std::string_view bytes) {
  Result<WeightMap> map = parseWeightMap(bytes, "f");
  if (!map) {
    return requireGoodError(map.error());
  }
  for (const auto &[tensor, shard] : *map) {
    require(isShardName(shard) && shard.find('/') == std::string::npos,
            "a file of the same folder", shard);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  readHeader(bytes);
  readIndex(bytes);
  return 0;
}
