//===- FuzzPrompt.cpp - Prompts of any bytes, with the bundled tokenizer --===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/ChatPrompt.h"
#include "runtime/text/TextStream.h"
#include "runtime/text/Tokenizer.h"
#include "runtime/text/Utf8.h"
#include "test/fuzz/FuzzSupport.h"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace gemma;
using namespace gemma::fuzzing;

constexpr int32_t kBos = 2;

static const Tokenizer &bundled() {
  static const Tokenizer tokenizer = [] {
    std::ifstream file(GEMMA_SOURCE_DIR
                       "/test/models/tiny-gemma-it/tokenizer.model",
                       std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    Result<Tokenizer> loaded = Tokenizer::load(bytes);
    require(bool(loaded), "the bundled tokenizer");
    return std::move(*loaded);
  }();
  return tokenizer;
}

/// SentencePiece's sign for a space is the one thing that is not kept.
static std::string withSpaces(std::string_view text) {
  std::string out(text);
  for (size_t at; (at = out.find("\xe2\x96\x81")) != std::string::npos;) {
    out.replace(at, 3, " ");
  }
  return out;
}

static void encode(std::string_view text) {
  Result<std::vector<int32_t>> tokens = bundled().encode(text);
  require(bool(tokens), "tokens of any bytes");
  std::string bytes;
  for (int32_t token : *tokens) {
    require(!bundled().isControl(token), "text to stay text", text);
    bundled().appendBytes(token, bytes);
  }
  require(withSpaces(bytes) == withSpaces(text), text, bytes);
  std::string shown = decode(bundled(), *tokens);
  for (std::string_view rest = shown; !rest.empty();) {
    Utf8Step step = nextUtf8(rest);
    require(step.kind == Utf8Step::Valid, "UTF-8", shown);
    rest.remove_prefix(step.size);
  }
}

static void converse(const std::string &text) {
  static const ChatPrompt chat = *ChatPrompt::create(bundled(), "gemma3", kBos);
  static const int32_t turn = *bundled().find("<start_of_turn>");
  Result<std::vector<int32_t>> tokens = chat.encode(
      {{"system", text}, {"user", text}, {"model", text}, {"user", text}});
  require(bool(tokens), "turns of any bytes");
  require(std::count(tokens->begin(), tokens->end(), kBos) == 1,
          "one begin token", text);
  require(std::count(tokens->begin(), tokens->end(), turn) == 4,
          "as many turns as were given", text);
  require(bool(chat.encodeNext(text)), "a next turn of any bytes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  encode(text);
  converse(text);
  return 0;
}
