//===- TestingGguf.h - GGUF files made by tests -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Header-only and without MLIR: the readers' tests run under sanitizers.

#ifndef GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGGGUF_H
#define GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGGGUF_H

#include "test/compiler/Import/Readers/TestingCheckpoint.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace gemma::testing {

/// Numbers of the format's types.
enum : uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kString,
  kArray,
  kU64,
  kI64,
  kF64
};

/// The bytes of a number.
template <typename T> std::string raw(T value) {
  return {reinterpret_cast<const char *>(&value), sizeof value};
}

inline std::string ggufText(const std::string &text) {
  return raw<uint64_t>(text.size()) + text;
}

/// A key with a value of `type`, whose bytes follow.
inline std::string ggufPair(const std::string &key, uint32_t type,
                            const std::string &bytes) {
  return ggufText(key) + raw(type) + bytes;
}

inline std::string ggufU32(const std::string &key, uint32_t value) {
  return ggufPair(key, kU32, raw(value));
}
inline std::string ggufF32(const std::string &key, float value) {
  return ggufPair(key, kF32, raw(value));
}
inline std::string ggufBool(const std::string &key, bool value) {
  return ggufPair(key, kBool, raw<uint8_t>(value));
}
inline std::string ggufString(const std::string &key,
                              const std::string &value) {
  return ggufPair(key, kString, ggufText(value));
}
inline std::string ggufArray(const std::string &key, uint32_t type,
                             const std::vector<std::string> &items) {
  std::string bytes = raw(type) + raw<uint64_t>(items.size());
  for (const std::string &item : items) {
    bytes += item;
  }
  return ggufPair(key, kArray, bytes);
}

/// A tensor's description; `shape` with the rows first.
inline std::string ggufInfo(const std::string &name,
                            const std::vector<uint64_t> &shape, uint32_t type,
                            uint64_t offset) {
  std::string bytes = ggufText(name) + raw<uint32_t>(shape.size());
  for (auto size = shape.rbegin(); size != shape.rend(); ++size) {
    bytes += raw(*size);
  }
  return bytes + raw(type) + raw(offset);
}

inline std::string ggufHeader(uint64_t tensors, uint64_t pairs,
                              uint32_t version = 3) {
  return "GGUF" + raw(version) + raw(tensors) + raw(pairs);
}

inline std::string padded(std::string bytes, size_t alignment = 32) {
  bytes.resize((bytes.size() + alignment - 1) / alignment * alignment, '\0');
  return bytes;
}

/// A file of these pairs and f32 tensors of testValue()s.
struct GgufBuilder {
  std::vector<std::string> pairs;
  std::vector<TestTensor> tensors;

  std::string build() const {
    std::string head = ggufHeader(tensors.size(), pairs.size()), data;
    for (const std::string &pair : pairs) {
      head += pair;
    }
    for (const TestTensor &tensor : tensors) {
      std::vector<uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
      uint32_t type = tensor.dtype == "F32"   ? 0
                      : tensor.dtype == "F16" ? 1
                                              : 30;
      head += ggufInfo(tensor.name, shape, type, data.size());
      for (int64_t i = 0; i < elementsOf(tensor); ++i) {
        data += encodeValue(tensor.dtype, testValue(i));
      }
      data = padded(data);
    }
    return padded(head) + data;
  }
};

/// The pairs of tinyConfig's model, as a list that tests may change.
inline std::vector<std::string> tinyGgufPairs() {
  return {ggufString("general.architecture", "gemma"),
          ggufU32("gemma.context_length", 64),
          ggufU32("gemma.embedding_length", 8),
          ggufU32("gemma.block_count", 2),
          ggufU32("gemma.feed_forward_length", 12),
          ggufU32("gemma.attention.head_count", 2),
          ggufU32("gemma.attention.head_count_kv", 1),
          ggufU32("gemma.attention.key_length", 4),
          ggufU32("gemma.attention.value_length", 4),
          ggufF32("gemma.attention.layer_norm_rms_epsilon", 1e-6f)};
}

/// The vocabulary of 269 pieces that tinyTokenizer() has.
inline std::vector<std::string> tinyGgufVocabulary() {
  std::vector<std::string> tokens, scores, types;
  auto add = [&](const std::string &text, int32_t type, float score = 0) {
    tokens.push_back(ggufText(text));
    scores.push_back(raw(score));
    types.push_back(raw(type));
  };
  add("<pad>", 3);
  add("<eos>", 3);
  add("<bos>", 3);
  add("<unk>", 2);
  add("<start_of_turn>", 4);
  add("<end_of_turn>", 4);
  for (int value = 0; value < 256; ++value) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", value);
    add(name, 6);
  }
  add("\xe2\x96\x81", 1, -1);
  add("a", 1, -2);
  add("b", 1, -3);
  add("ab", 1, -4);
  add("\n", 4);
  add("<b>", 4);
  return {ggufString("tokenizer.ggml.model", "llama"),
          ggufArray("tokenizer.ggml.tokens", kString, tokens),
          ggufArray("tokenizer.ggml.scores", kF32, scores),
          ggufArray("tokenizer.ggml.token_type", kI32, types),
          ggufU32("tokenizer.ggml.bos_token_id", 2),
          ggufU32("tokenizer.ggml.eos_token_id", 1),
          ggufU32("tokenizer.ggml.padding_token_id", 0),
          ggufBool("tokenizer.ggml.add_bos_token", true),
          ggufBool("tokenizer.ggml.add_space_prefix", false),
          ggufString("tokenizer.chat_template", "<start_of_turn>")};
}

/// The tensors of tinyConfig's model by their names in GGUF.
inline std::vector<TestTensor> tinyGgufTensors(const std::string &dtype) {
  std::vector<TestTensor> tensors = {{"token_embd.weight", dtype, {300, 8}}};
  for (int layer = 0; layer < 2; ++layer) {
    const std::vector<TestTensor> kLayer = {
        {"attn_norm", "F32", {8}},      {"attn_q", dtype, {8, 8}},
        {"attn_k", dtype, {4, 8}},      {"attn_v", dtype, {4, 8}},
        {"attn_output", dtype, {8, 8}}, {"ffn_norm", "F32", {8}},
        {"ffn_gate", dtype, {12, 8}},   {"ffn_up", dtype, {12, 8}},
        {"ffn_down", dtype, {8, 12}},
    };
    for (TestTensor tensor : kLayer) {
      tensor.name =
          "blk." + std::to_string(layer) + "." + tensor.name + ".weight";
      tensors.push_back(tensor);
    }
  }
  tensors.push_back({"output_norm.weight", "F32", {8}});
  return tensors;
}

/// A model of tinyConfig's shape. With a vocabulary the embedding has as many
/// rows as there are pieces.
inline GgufBuilder tinyGguf(const std::string &dtype = "BF16",
                            bool hasVocabulary = true) {
  GgufBuilder builder{tinyGgufPairs(), tinyGgufTensors(dtype)};
  if (hasVocabulary) {
    for (const std::string &pair : tinyGgufVocabulary()) {
      builder.pairs.push_back(pair);
    }
    builder.tensors[0].shape[0] = 268;
  }
  return builder;
}

} // namespace gemma::testing

#endif // GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGGGUF_H
