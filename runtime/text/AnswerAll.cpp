//===- AnswerAll.cpp - Greedy answers to many prompts at once -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/AnswerAll.h"

#include <algorithm>
#include <string>

using namespace gemma;

namespace {
/// A slot at work on a prompt.
struct Lane {
  uint32_t slot;
  size_t prompt;
  // Tokens in the slot.
  uint32_t position = 0;
  std::vector<int32_t> answer;
  // Tokens of this lane in the forward at hand.
  size_t rows = 0;
};
} // namespace

/// What a lane has to run next: the rest of its prompt, or its last token.
static Span<const int32_t> nextTokens(const Lane &lane,
                                      const std::vector<int32_t> &prompt) {
  if (!lane.answer.empty()) {
    return {&lane.answer.back(), 1};
  }
  return {prompt.data() + lane.position, prompt.size() - lane.position};
}

static Result<void> checkPrompts(Span<const std::vector<int32_t>> prompts,
                                 uint32_t context) {
  for (size_t i = 0; i < prompts.size(); ++i) {
    if (prompts[i].empty() || prompts[i].size() > context) {
      return invalidData("prompt " + std::to_string(i + 1) +
                         ": expected 1 to " + std::to_string(context) +
                         " tokens (the context), found " +
                         std::to_string(prompts[i].size()));
    }
  }
  return {};
}

Result<void> gemma::answerAll(
    const ForwardFunction &forward, const AnswerLimits &limits,
    Span<const std::vector<int32_t>> prompts, const StopDetector &stop,
    const std::function<void(size_t, const std::vector<int32_t> &)> &onAnswer) {
  if (Result<void> fit = checkPrompts(prompts, limits.context); !fit) {
    return fit;
  }
  Result<Sampler> greedy = Sampler::create({});
  if (!greedy) {
    return greedy.takeError();
  }
  std::vector<Lane> lanes;
  for (uint32_t slot = 0; slot < limits.slots && slot < prompts.size();
       ++slot) {
    lanes.push_back({slot, slot});
  }
  size_t nextPrompt = lanes.size();
  std::vector<Run> runs;
  std::vector<int32_t> outRows;
  std::vector<Lane *> speaking;
  while (!lanes.empty()) {
    runs.clear();
    outRows.clear();
    speaking.clear();
    size_t free = limits.maxRows;
    size_t waiting = lanes.size();
    for (Lane &lane : lanes) {
      // Every lane behind this one gets at least one row.
      Span<const int32_t> tokens = nextTokens(lane, prompts[lane.prompt]);
      lane.rows = std::min(tokens.size(), free - --waiting);
      runs.push_back({lane.slot, lane.position, {tokens.data(), lane.rows}});
      free -= lane.rows;
      if (lane.rows == tokens.size()) {
        outRows.push_back(static_cast<int32_t>(limits.maxRows - free - 1));
        speaking.push_back(&lane);
      }
    }
    Result<Span<const float>> logits = forward(runs, outRows);
    if (!logits) {
      return logits.takeError();
    }
    for (Lane &lane : lanes) {
      lane.position += lane.rows;
    }
    const size_t vocab =
        speaking.empty() ? 0 : logits->size() / speaking.size();
    for (size_t i = 0; i < speaking.size(); ++i) {
      Lane &lane = *speaking[i];
      Result<int32_t> token =
          greedy->sample({logits->data() + i * vocab, vocab});
      if (!token) {
        return token.takeError();
      }
      bool ends = stop.stopsAt(*token);
      if (!ends) {
        lane.answer.push_back(*token);
      }
      if (!ends && lane.answer.size() != limits.tokens &&
          lane.position < limits.context) {
        continue;
      }
      onAnswer(lane.prompt, lane.answer);
      lane = {lane.slot, nextPrompt++};
    }
    lanes.erase(std::remove_if(lanes.begin(), lanes.end(),
                               [&](const Lane &lane) {
                                 return lane.prompt >= prompts.size();
                               }),
                lanes.end());
  }
  return {};
}
