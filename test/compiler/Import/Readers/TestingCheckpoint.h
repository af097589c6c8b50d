//===- TestingCheckpoint.h - Tiny checkpoints made by tests -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Header-only and without MLIR: the readers' tests run under sanitizers.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGCHECKPOINT_H
#define GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGCHECKPOINT_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace gemma::testing {

/// A folder that goes with its owner.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "gemma-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  /// Full name of a file in the folder.
  std::string operator/(const std::string &name) const {
    return path + "/" + name;
  }

  std::string path;
};

inline void writeFile(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A tensor to write. Its values are 0, 1, 2, ... / 64.
struct TestTensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
};

inline int64_t elementsOf(const TestTensor &tensor) {
  int64_t count = 1;
  for (int64_t size : tensor.shape) {
    count *= size;
  }
  return count;
}

/// Element `index` of every test tensor: exact in f32, bf16 and f16.
inline float testValue(int64_t index) {
  return static_cast<float>(index % 100 - 50) / 64.0f;
}

/// Bytes of `value` as `dtype`, F32, BF16 or F16.
inline std::string encodeValue(const std::string &dtype, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  std::string bytes(4, '\0');
  if (dtype == "BF16") {
    bits >>= 16;
  } else if (dtype == "F16") {
    // Normal values and zero only, which is what tests write.
    uint32_t sign = bits >> 16 & 0x8000;
    int exponent = static_cast<int>(bits >> 23 & 0xff) - 127 + 15;
    bits = value == 0 ? sign
                      : sign | static_cast<uint32_t>(exponent) << 10 |
                            (bits >> 13 & 0x3ff);
  }
  std::memcpy(bytes.data(), &bits, 4);
  bytes.resize(dtype == "F32" ? 4 : 2);
  return bytes;
}

/// u64 little-endian size, then the header itself.
inline std::string withHeaderSize(const std::string &header) {
  std::string bytes(8, '\0');
  uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header;
}

/// A safetensors file of these tensors.
inline std::string safetensors(const std::vector<TestTensor> &tensors) {
  std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
  std::string data;
  for (const TestTensor &tensor : tensors) {
    size_t begin = data.size();
    for (int64_t i = 0; i < elementsOf(tensor); ++i) {
      data += encodeValue(tensor.dtype, testValue(i));
    }
    header += ",\"" + tensor.name + "\":{\"dtype\":\"" + tensor.dtype +
              "\",\"shape\":[";
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
      header += (i ? "," : "") + std::to_string(tensor.shape[i]);
    }
    header += "],\"data_offsets\":[" + std::to_string(begin) + "," +
              std::to_string(data.size()) + "]}";
  }
  return withHeaderSize(header + "}") + data;
}

/// config.json of a model of hidden 8, 2 layers, 2 heads of 4, 1 KV head,
/// ff 12, vocabulary 300. `more` is put in front: ", \"key\": value"; JSON
/// readers refuse a key twice, so it is for keys that are not here.
inline std::string tinyConfig(const std::string &more = "") {
  return "{\"model_type\": \"gemma\", \"architectures\": "
         "[\"GemmaForCausalLM\"], \"hidden_size\": 8, \"num_hidden_layers\": "
         "2, \"num_attention_heads\": 2, \"num_key_value_heads\": 1, "
         "\"head_dim\": 4, \"intermediate_size\": 12, \"vocab_size\": 300, "
         "\"max_position_embeddings\": 64, \"hidden_act\": \"gelu\", "
         "\"bos_token_id\": 2, \"eos_token_id\": 1, \"pad_token_id\": 0" +
         more + "}";
}

/// The tensors of tinyConfig.
inline std::vector<TestTensor> tinyTensors(const std::string &dtype) {
  std::vector<TestTensor> tensors = {
      {"model.embed_tokens.weight", dtype, {300, 8}}};
  for (int layer = 0; layer < 2; ++layer) {
    std::string prefix = "model.layers." + std::to_string(layer) + ".";
    const std::vector<TestTensor> kLayer = {
        {"input_layernorm", dtype, {8}},
        {"self_attn.q_proj", dtype, {8, 8}},
        {"self_attn.k_proj", dtype, {4, 8}},
        {"self_attn.v_proj", dtype, {4, 8}},
        {"self_attn.o_proj", dtype, {8, 8}},
        {"post_attention_layernorm", dtype, {8}},
        {"mlp.gate_proj", dtype, {12, 8}},
        {"mlp.up_proj", dtype, {12, 8}},
        {"mlp.down_proj", dtype, {8, 12}},
    };
    for (TestTensor tensor : kLayer) {
      tensor.name = prefix + tensor.name + ".weight";
      tensors.push_back(tensor);
    }
  }
  tensors.push_back({"model.norm.weight", dtype, {8}});
  return tensors;
}

/// config.json of a multimodal Gemma 3 of tinyConfig's sizes, a local and a
/// global layer, and an embedding of `rows` rows, 300 of them text.
inline std::string gemma3Config(int64_t rows) {
  return "{\"model_type\": \"gemma3\", \"architectures\": "
         "[\"Gemma3ForConditionalGeneration\"], \"image_token_index\": 300, "
         "\"eos_token_id\": [1], \"vision_config\": {\"hidden_size\": 9}, "
         "\"text_config\": {\"model_type\": \"gemma3_text\", "
         "\"hidden_size\": 8, \"num_hidden_layers\": 2, "
         "\"num_attention_heads\": 2, \"num_key_value_heads\": 1, "
         "\"head_dim\": 4, \"intermediate_size\": 12, \"vocab_size\": " +
         std::to_string(rows) +
         ", \"max_position_embeddings\": 64, \"sliding_window\": 8, "
         "\"sliding_window_pattern\": 2, \"rope_scaling\": {\"factor\": 8.0, "
         "\"rope_type\": \"linear\"}}}";
}

/// The text tensors of gemma3Config.
inline std::vector<TestTensor> gemma3Tensors(const std::string &prefix,
                                             int64_t rows) {
  std::vector<TestTensor> tensors = tinyTensors("BF16");
  tensors.front().shape[0] = rows;
  for (int layer = 0; layer < 2; ++layer) {
    std::string place = "model.layers." + std::to_string(layer) + ".";
    for (const char *name : {"q_norm", "k_norm"}) {
      tensors.push_back({place + "self_attn." + name + ".weight", "BF16", {4}});
    }
    for (const char *name : {"pre_feedforward", "post_feedforward"}) {
      tensors.push_back({place + name + "_layernorm.weight", "BF16", {8}});
    }
  }
  for (TestTensor &tensor : tensors) {
    tensor.name = prefix + tensor.name.substr(std::string("model.").size());
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// tokenizer.model
//===----------------------------------------------------------------------===//

inline std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>(value | 0x80);
  }
  return bytes + static_cast<char>(value);
}

/// A length-delimited field.
inline std::string wireBytes(int field, const std::string &bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}

inline std::string wireNumber(int field, uint64_t value) {
  return varint(field << 3) + varint(value);
}

/// A piece of a sentencepiece model; type 0 is not written.
inline std::string wirePiece(const std::string &text, int type,
                             float score = 0) {
  std::string bits(4, '\0');
  std::memcpy(bits.data(), &score, 4);
  return wireBytes(1, wireBytes(1, text) + varint(2 << 3 | 5) + bits +
                          (type ? wireNumber(3, type) : ""));
}

/// trainer_spec of a BPE model with byte fallback.
inline std::string wireTrainer() {
  return wireBytes(2, wireNumber(3, 2) + wireNumber(35, 1));
}

/// normalizer_spec that keeps white space as it is.
inline std::string wireNormalizer() {
  return wireBytes(3, wireBytes(1, "identity") + wireNumber(3, 0) +
                          wireNumber(4, 0));
}

inline std::string wireBytePieces() {
  std::string pieces;
  for (int value = 0; value < 256; ++value) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", value);
    pieces += wirePiece(name, 6);
  }
  return pieces;
}

/// The four pieces that start every vocabulary of Gemma.
inline std::string wireFirstPieces() {
  return wirePiece("<pad>", 3) + wirePiece("<eos>", 3) + wirePiece("<bos>", 3) +
         wirePiece("<unk>", 2);
}

/// A model of 269 pieces that sentencepiece can load. The turn pieces are
/// USER_DEFINED, as in Gemma's own files: tokens 4 and 5.
inline std::string tinyTokenizer(const std::string &more = "") {
  return wireFirstPieces() + wirePiece("<start_of_turn>", 4) +
         wirePiece("<end_of_turn>", 4) + wireBytePieces() +
         wirePiece("\xe2\x96\x81", 0, -1) + wirePiece("a", 0, -2) +
         wirePiece("b", 0, -3) + wirePiece("ab", 1, -4) + wirePiece("\n", 4) +
         wirePiece("<b>", 4) + more + wireTrainer() + wireNormalizer();
}

/// Writes a whole checkpoint with a chat model's files.
inline void writeTinyCheckpoint(const std::string &folder,
                                const std::string &dtype = "BF16") {
  writeFile(folder + "/config.json", tinyConfig());
  writeFile(folder + "/generation_config.json",
            "{\"eos_token_id\": [1], \"temperature\": 0.5, \"top_k\": 7}");
  writeFile(folder + "/tokenizer_config.json",
            "{\"chat_template\": \"<start_of_turn>\", \"add_bos_token\": "
            "true}");
  writeFile(folder + "/tokenizer.model", tinyTokenizer());
  writeFile(folder + "/model.safetensors", safetensors(tinyTensors(dtype)));
}

} // namespace gemma::testing

#endif // GEMMA_TEST_COMPILER_IMPORT_READERS_TESTINGCHECKPOINT_H
