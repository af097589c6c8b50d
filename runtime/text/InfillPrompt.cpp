//===- InfillPrompt.cpp - Text around a gap as tokens ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/InfillPrompt.h"

#include <string>

using namespace gemma;

Result<InfillPrompt> InfillPrompt::create(const Tokenizer &tokenizer,
                                          int32_t bos) {
  InfillPrompt prompt(tokenizer);
  prompt.bos = bos;
  struct {
    const char *piece;
    int32_t &token;
  } pieces[] = {{"<|fim_prefix|>", prompt.prefixToken},
                {"<|fim_suffix|>", prompt.suffixToken},
                {"<|fim_middle|>", prompt.middleToken}};
  for (const auto &[piece, token] : pieces) {
    std::optional<int32_t> found = tokenizer.find(piece);
    if (!found) {
      return invalidData(std::string("tokenizer: expected the piece '") +
                         piece +
                         "' of a model that fills in text (CodeGemma), found "
                         "none");
    }
    token = *found;
    prompt.ends.push_back(*found);
  }
  if (auto separator = tokenizer.find("<|file_separator|>")) {
    prompt.ends.push_back(*separator);
  }
  return prompt;
}

Result<std::vector<int32_t>> InfillPrompt::encode(std::string_view prefix,
                                                  std::string_view suffix,
                                                  size_t limit) const {
  if (prefix.empty() && suffix.empty()) {
    return invalidUsage("infilling: expected text before or behind the gap, "
                        "found none");
  }
  std::vector<int32_t> tokens;
  if (bos >= 0) {
    tokens.push_back(bos);
  }
  for (auto [token, text] :
       {std::pair(prefixToken, prefix), std::pair(suffixToken, suffix)}) {
    tokens.push_back(token);
    Result<std::vector<int32_t>> ids = tokenizer->encode(text, limit);
    if (!ids) {
      return ids.takeError();
    }
    tokens.insert(tokens.end(), ids->begin(), ids->end());
  }
  tokens.push_back(middleToken);
  return tokens;
}
