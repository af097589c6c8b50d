//===- ChatPrompt.cpp - Turns of a conversation as tokens -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/ChatPrompt.h"

#include "runtime/core/Text.h"
#include "runtime/text/Utf8.h"

using namespace gemma;

Result<ChatPrompt> ChatPrompt::create(const Tokenizer &tokenizer,
                                      std::string_view format, int32_t bos) {
  if (format != "gemma" && format != "gemma3") {
    return invalidData("chat format: expected 'gemma' or 'gemma3', found '" +
                       printable(format) + "'");
  }
  ChatPrompt prompt(tokenizer);
  prompt.bos = bos;
  prompt.systemPrefix = format == "gemma3";
  auto start = tokenizer.find("<start_of_turn>");
  auto end = tokenizer.find("<end_of_turn>");
  if (!start || !end) {
    return invalidData(std::string("tokenizer: expected the piece '") +
                       (start ? "<end_of_turn>" : "<start_of_turn>") +
                       "' of the chat format, found none");
  }
  prompt.startOfTurn = *start;
  prompt.endOfTurn = *end;
  return prompt;
}

/// Appends text between two control tokens: one text for the tokenizer, as
/// pieces may reach from the role into the content.
Result<void> ChatPrompt::add(std::string_view text, size_t limit,
                             std::vector<int32_t> &tokens) const {
  Result<std::vector<int32_t>> ids = tokenizer->encode(text, limit);
  if (!ids) {
    return ids.takeError();
  }
  tokens.insert(tokens.end(), ids->begin(), ids->end());
  return {};
}

Result<void> ChatPrompt::addTurn(std::string_view role, std::string_view prefix,
                                 std::string_view content, size_t limit,
                                 std::vector<int32_t> &tokens) const {
  tokens.push_back(startOfTurn);
  std::string text(role);
  text += '\n';
  text += prefix;
  text += trimUnicode(content);
  if (Result<void> done = add(text, limit, tokens); !done) {
    return done;
  }
  tokens.push_back(endOfTurn);
  return add("\n", limit, tokens);
}

Result<void> ChatPrompt::addModelStart(size_t limit,
                                       std::vector<int32_t> &tokens) const {
  tokens.push_back(startOfTurn);
  return add("model\n", limit, tokens);
}

/// "user" and "model", as they are written, or an error. `turn` counts from 0,
/// `number`, of the message, from 1.
static Result<std::string> roleOf(const ChatMessage &message, size_t turn,
                                  size_t number, bool takesSystem) {
  auto refuse = [&](const char *expected) {
    return invalidData("conversation: expected " + std::string(expected) +
                       ", found role '" + printable(message.role) +
                       "' (message " + std::to_string(number) + ")");
  };
  if (message.role == "system") {
    return refuse(takesSystem ? "a system message before all others"
                              : "no system message, which this model was not "
                                "trained on");
  }
  bool model = message.role == "assistant" || message.role == "model";
  if (!model && message.role != "user") {
    return refuse("a role 'user' or 'assistant'");
  }
  if (model != (turn % 2 == 1)) {
    return refuse("user and assistant in turns, beginning with the user");
  }
  return std::string(model ? "model" : "user");
}

Result<std::vector<int32_t>>
ChatPrompt::encode(const std::vector<ChatMessage> &messages,
                   size_t limit) const {
  std::vector<int32_t> tokens;
  if (bos >= 0) {
    tokens.push_back(bos);
  }
  size_t first = 0;
  std::string prefix;
  if (systemPrefix && !messages.empty() && messages[0].role == "system") {
    prefix = messages[0].content + "\n\n";
    first = 1;
  }
  // Else a system text would be lost without a word.
  if (first == messages.size()) {
    return invalidData("conversation: expected a user message, found none");
  }
  for (size_t i = first; i < messages.size(); ++i) {
    Result<std::string> role =
        roleOf(messages[i], i - first, i + 1, systemPrefix);
    if (!role) {
      return role.takeError();
    }
    Result<void> done =
        addTurn(*role, prefix, messages[i].content, limit, tokens);
    if (!done) {
      return done.takeError();
    }
    prefix.clear();
  }
  if (Result<void> done = addModelStart(limit, tokens); !done) {
    return done.takeError();
  }
  return tokens;
}

Result<std::vector<int32_t>> ChatPrompt::encodeNext(std::string_view content,
                                                    size_t limit) const {
  std::vector<int32_t> tokens = {endOfTurn};
  Result<void> done = add("\n", limit, tokens);
  if (done) {
    done = addTurn("user", "", content, limit, tokens);
  }
  if (done) {
    done = addModelStart(limit, tokens);
  }
  if (!done) {
    return done.takeError();
  }
  return tokens;
}
