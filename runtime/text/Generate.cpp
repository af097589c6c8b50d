//===- Generate.cpp - Prefill, decode, and where to stop ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Generate.h"

#include <algorithm>
#include <chrono>
#include <string>

using namespace gemma;

Sequence Sequence::of(Session &session, const Model &model) {
  return Sequence(
      [&session](Span<const Run> runs, Span<const int32_t> outRows) {
        return session.forward(runs, outRows);
      },
      session.options().context, model.info().maxRows);
}

Result<Span<const float>> Sequence::append(Span<const int32_t> tokens) {
  if (tokens.empty()) {
    return invalidData("prompt: expected at least one token, found none");
  }
  if (tokens.size() > contextTokens - position) {
    std::string used = position == 0 ? " (the context)"
                                     : " (what is left of a context of " +
                                           std::to_string(contextTokens) + ")";
    return invalidData("prompt: expected at most " +
                       std::to_string(contextTokens - position) + " tokens" +
                       used + ", found " + std::to_string(tokens.size()));
  }
  const uint32_t start = position;
  for (size_t done = 0;;) {
    size_t rows = std::min<size_t>(maxRows, tokens.size() - done);
    bool last = done + rows == tokens.size();
    Run run{slot, position, {tokens.data() + done, rows}};
    const int32_t outRow = static_cast<int32_t>(rows - 1);
    Result<Span<const float>> logits =
        forward({&run, 1}, {&outRow, last ? size_t(1) : size_t(0)});
    if (!logits) {
      position = start;
      return logits;
    }
    position += rows;
    done += rows;
    if (last) {
      return logits;
    }
  }
}

Result<Generation>
gemma::generate(Sequence &sequence, Span<const int32_t> prompt,
                Sampler &sampler, const StopDetector &stop, uint64_t limit,
                const std::function<bool(int32_t)> &onToken) {
  using Clock = std::chrono::steady_clock;
  auto seconds = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  };
  Generation result;
  result.promptTokens = prompt.size();
  const auto start = Clock::now();
  auto prefilled = start;
  int32_t token = -1;
  for (Span<const int32_t> next = prompt;; next = {&token, 1}) {
    Result<Span<const float>> logits = sequence.append(next);
    if (!logits) {
      return logits.takeError();
    }
    result.pendingToken = -1;
    Result<int32_t> drawn = sampler.sample(*logits);
    if (!drawn) {
      return drawn.takeError();
    }
    token = *drawn;
    if (++result.generatedTokens == 1) {
      prefilled = Clock::now();
    }
    if (stop.stopsAt(token)) {
      result.reason = StopReason::EndToken;
      break;
    }
    result.pendingToken = token;
    if (!onToken(token)) {
      result.reason = StopReason::Caller;
      break;
    }
    if (limit != 0 && result.generatedTokens == limit) {
      result.reason = StopReason::Limit;
      break;
    }
    if (sequence.length() == sequence.context()) {
      result.reason = StopReason::ContextFull;
      break;
    }
  }
  result.prefillSeconds = seconds(start, prefilled);
  result.decodeSeconds = seconds(prefilled, Clock::now());
  return result;
}
