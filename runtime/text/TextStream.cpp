//===- TextStream.cpp - Token ids to text, as they come -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/TextStream.h"

#include "runtime/text/Utf8.h"

using namespace gemma;

std::string_view TextStream::add(int32_t token) {
  ready.clear();
  tokenizer->appendBytes(token, pending);
  std::string_view rest = pending;
  while (!rest.empty()) {
    Utf8Step step = nextUtf8(rest);
    if (step.kind == Utf8Step::Incomplete) {
      break;
    }
    ready += step.kind == Utf8Step::Valid ? rest.substr(0, step.size)
                                          : kReplacementCharacter;
    rest.remove_prefix(step.size);
  }
  pending.erase(0, pending.size() - rest.size());
  return ready;
}

std::string_view TextStream::finish() {
  ready.clear();
  if (!pending.empty()) {
    ready = kReplacementCharacter;
    pending.clear();
  }
  return ready;
}

std::string gemma::decode(const Tokenizer &tokenizer,
                          const std::vector<int32_t> &tokens) {
  TextStream stream(tokenizer);
  std::string text;
  for (int32_t token : tokens) {
    text += stream.add(token);
  }
  return text += stream.finish();
}
