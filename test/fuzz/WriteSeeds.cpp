//===- WriteSeeds.cpp - The first inputs of the fuzz targets --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Made from what the unit tests make, so that no file has to be kept:
//
//   gemma-fuzz-seeds FOLDER      writes FOLDER/<target>/<seed>
//
//===----------------------------------------------------------------------===//

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "test/compiler/Import/Readers/TestingGguf.h"
#include "test/runtime/TestingArtifact.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>

using namespace gemma;
using namespace gemma::testing;

static std::string folder;

static void seed(const std::string &target, const std::string &name,
                 const std::string &bytes) {
  std::filesystem::create_directories(folder + "/" + target);
  writeFile(folder + "/" + target + "/" + name, bytes);
}

static void writeSafetensors() {
  seed("safetensors", "bf16", safetensors(tinyTensors("BF16")));
  seed(
      "safetensors", "kinds",
      safetensors({{"a", "F32", {2, 3}}, {"b", "F16", {0}}, {"c", "F32", {}}}));
  seed("safetensors", "empty", withHeaderSize("{}"));
  seed("safetensors", "index",
       R"({"metadata": {"total_size": 8}, "weight_map":
           {"a": "model-00001-of-00002.safetensors",
            "b": "model-00002-of-00002.safetensors"}})");
}

static void writeConfigs() {
  seed("config", "gemma", tinyConfig());
  seed("config", "gemma2", R"({"model_type": "gemma2", "hidden_size": 8,
    "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
    "head_dim": 4, "intermediate_size": 12, "vocab_size": 300,
    "sliding_window": 8, "query_pre_attn_scalar": 4,
    "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0})");
  seed("config", "gemma3", gemma3Config(304));
  seed("config", "generation", R"({"eos_token_id": [1, 106], "top_k": 64,
    "bos_token_id": 2, "do_sample": true, "temperature": 1.0, "top_p": 0.95})");
  seed("config", "tokenizer", R"({"add_bos_token": true, "bos_token": "<bos>",
    "eos_token": {"content": "<eos>"}, "additional_special_tokens": ["<x>"],
    "added_tokens_decoder": {"67": {"content": "<|fim_prefix|>",
    "special": false}}, "chat_template": [{"name": "default",
    "template": "<start_of_turn>{{ first_user_prefix + '\n\n' }}"}]})");
}

static void writeTokenizerJson() {
  seed("config", "tokenizer-json", R"({"version": "1.0", "added_tokens":
    [{"id": 262144, "content": "<x>", "special": true}], "model": {"type":
    "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}})");
}

static void writeTokenizers() {
  seed("tokenizer", "gemma", tinyTokenizer());
  seed("tokenizer", "fewer",
       wireFirstPieces() + wirePiece("a", 1, -1) + wirePiece("<b>", 4) +
           wireBytes(2, wireNumber(3, 2)) + wireNormalizer() +
           wireBytes(4, "self test"));
}

static void writePrompts() {
  seed("prompt", "text", "What is the capital of France?\n\n  2 + 2 = 4");
  seed("prompt", "control", "<start_of_turn>user\nHi<end_of_turn><bos><eos>");
  seed("prompt", "bytes", "\xff\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\xe2\x82");
}

/// A file with two blocks of every type that a weight may have.
static std::string everyGgmlType() {
  struct Type {
    uint32_t number;
    uint64_t elements, bytes;
  };
  const Type kTypes[] = {{0, 1, 4},      {1, 1, 2},     {30, 1, 2},
                         {2, 32, 18},    {3, 32, 20},   {6, 32, 22},
                         {7, 32, 24},    {8, 32, 34},   {12, 256, 144},
                         {13, 256, 176}, {14, 256, 210}};
  std::string infos, data;
  for (const Type &type : kTypes) {
    infos += ggufInfo("t" + std::to_string(type.number), {2, type.elements},
                      type.number, data.size());
    data = padded(data + std::string(2 * type.bytes, '\x2a'));
  }
  return padded(ggufHeader(std::size(kTypes), 0) + infos) + data;
}

/// A model of Gemma 3, whose metadata have an array and a scaling more.
static std::string gemma3Gguf() {
  GgufBuilder builder = tinyGguf();
  for (std::string &pair : builder.pairs) {
    if (size_t at = pair.find("gemma."); at == 8) {
      uint64_t size;
      std::memcpy(&size, pair.data(), sizeof size);
      pair = raw(size + 1) + "gemma3" + pair.substr(8 + 5);
    }
  }
  builder.pairs[0] = ggufString("general.architecture", "gemma3");
  const std::string kMore[] = {
      ggufU32("gemma3.attention.sliding_window", 8),
      ggufArray("gemma3.attention.sliding_window_pattern", kBool,
                {"\1", std::string(1, '\0')}),
      ggufString("gemma3.rope.scaling.type", "linear"),
      ggufF32("gemma3.rope.scaling.factor", 8),
      ggufF32("gemma3.final_logit_softcapping", 0)};
  builder.pairs.insert(builder.pairs.end(), std::begin(kMore), std::end(kMore));
  return builder.build();
}

static void writeGgufs() {
  seed("gguf", "bf16", tinyGguf().build());
  seed("gguf", "bare", tinyGguf("F32", /*hasVocabulary=*/false).build());
  seed("gguf", "types", everyGgmlType());
  seed("gguf", "gemma3", gemma3Gguf());
}

static void writeArtifacts() {
  for (bool stub : {false, true}) {
    TestArtifact artifact =
        stub ? TestArtifact::makeStub() : TestArtifact::make(/*window=*/16);
    artifact.code = "opened, but not loaded";
    // As much room as there is before the code, which lies at 4096.
    artifact.manifestSpace = 4096 - 128;
    artifact.layOut();
    seed("artifact", stub ? "stub" : "whole", artifact.bytes());
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gemma-fuzz-seeds FOLDER\n");
    return 64;
  }
  folder = argv[1];
  writeSafetensors();
  writeConfigs();
  writeTokenizerJson();
  writeTokenizers();
  writePrompts();
  writeGgufs();
  writeArtifacts();
  return 0;
}
