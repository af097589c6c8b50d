//===- PromptEncoder.cpp - A model's prompts as tokens --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/PromptEncoder.h"

#include "runtime/text/Utf8.h"

using namespace gemma;

Result<PromptEncoder> PromptEncoder::create(std::string_view model,
                                            const ModelInfo &info, bool raw) {
  if (model.empty()) {
    return invalidData("model: expected a tokenizer, as text is asked for, "
                       "found none (token ids work without)");
  }
  Result<Tokenizer> tokenizer = Tokenizer::load(model);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  PromptEncoder encoder(std::move(*tokenizer));
  encoder.begin = info.addBos ? info.bosToken : -1;
  if (!raw && !info.chatFormat.empty()) {
    Result<ChatPrompt> chat =
        ChatPrompt::create(*encoder.pieces, info.chatFormat, info.bosToken);
    if (!chat) {
      return chat.takeError();
    }
    encoder.chat = *chat;
  }
  return encoder;
}

static Result<void> refuseEmpty(const char *what, std::string_view text) {
  if (trimUnicode(text).empty()) {
    return invalidUsage(std::string(what) + ": expected text, found none");
  }
  return {};
}

Result<void> PromptEncoder::setSystem(std::string_view text, const char *name) {
  if (Result<void> ok = refuseEmpty(name, text); !ok) {
    return ok;
  }
  if (!chat || !chat->takesSystem()) {
    return invalidData(std::string("model: expected one whose turns have a "
                                   "place for a system text, found ") +
                       (chat ? "one that was trained without (such a text can "
                               "stand in the first prompt)"
                             : "no turns"));
  }
  system = text;
  return {};
}

Result<std::vector<int32_t>> PromptEncoder::first(std::string_view text,
                                                  size_t limit) const {
  if (chat) {
    if (Result<void> ok = refuseEmpty("prompt", text); !ok) {
      return ok.takeError();
    }
    std::vector<ChatMessage> messages;
    if (system) {
      messages.push_back({"system", *system});
    }
    messages.push_back({"user", std::string(text)});
    return chat->encode(messages, limit);
  }
  Result<std::vector<int32_t>> tokens = pieces->encode(text, limit);
  if (tokens && begin >= 0) {
    tokens->insert(tokens->begin(), begin);
  }
  return tokens;
}

Result<std::vector<int32_t>> PromptEncoder::next(std::string_view text,
                                                 size_t limit) const {
  if (Result<void> ok = refuseEmpty("prompt", text); !ok) {
    return ok.takeError();
  }
  return chat->encodeNext(text, limit);
}
