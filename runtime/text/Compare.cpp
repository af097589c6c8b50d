//===- Compare.cpp - How far two models' predictions are apart ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace gemma;

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

namespace {
struct Distribution {
  size_t best;
  /// ln of the sum of exp(logit).
  double logSum;
};
} // namespace

/// Errors: InvalidData if a logit is not finite.
static Result<Distribution> normalise(Span<const float> logits) {
  size_t best = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (!std::isfinite(logits[i])) {
      return invalidData("logits: expected finite numbers, found " +
                         std::to_string(logits[i]) + " for token " +
                         std::to_string(i));
    }
    best = logits[i] > logits[best] ? i : best;
  }
  // No term exceeds 1, so nothing overflows.
  const double highest = logits[best];
  double sum = 0;
  for (float logit : logits) {
    sum += std::exp(logit - highest);
  }
  return Distribution{best, highest + std::log(sum)};
}

Result<void> Comparison::add(Span<const float> a, Span<const float> b,
                             int32_t next) {
  Result<Distribution> ofA = normalise(a), ofB = normalise(b);
  if (!ofA || !ofB) {
    return ofA ? ofB.takeError() : ofA.takeError();
  }
  double kl = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    double logA = a[i] - ofA->logSum, logB = b[i] - ofB->logSum;
    kl += std::exp(logA) * (logA - logB);
  }
  // It is never negative; a sum of rounded terms can be.
  kl = std::max(kl, 0.0);
  if (kl > klMost) {
    klMost = kl;
    klMostAt = count;
  }
  klSum += kl;
  agreed += ofA->best == ofB->best;
  surpriseA += ofA->logSum - a[static_cast<size_t>(next)];
  surpriseB += ofB->logSum - b[static_cast<size_t>(next)];
  ++count;
  return {};
}

double Comparison::perplexityA() const {
  return std::exp(perPosition(surpriseA));
}

double Comparison::perplexityB() const {
  return std::exp(perPosition(surpriseB));
}

std::string Comparison::table() const {
  char text[512];
  std::snprintf(text, sizeof text,
                "positions         %llu\n"
                "KL(A || B)        mean %.3g nats, max %.3g (position %llu)\n"
                "top-1 agreement   %.2f %%\n"
                "perplexity        A %.4f, B %.4f\n",
                static_cast<unsigned long long>(count), meanKl(), maxKl(),
                static_cast<unsigned long long>(klMostAt),
                100 * top1Agreement(), perplexityA(), perplexityB());
  return text;
}

std::string Comparison::json() const {
  nlohmann::ordered_json json = {
      {"positions", count},
      {"mean_kl", meanKl()},
      {"max_kl", maxKl()},
      {"max_kl_position", klMostAt},
      {"top1_agreement", top1Agreement()},
      {"perplexity", {{"a", perplexityA()}, {"b", perplexityB()}}}};
  return json.dump();
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

Result<std::vector<int32_t>>
gemma::encodeEvaluationText(const Tokenizer &tokenizer, std::string_view text,
                            bool turns) {
  static constexpr std::string_view kMarkers[] = {"<start_of_turn>",
                                                  "<end_of_turn>"};
  std::vector<int32_t> tokens;
  while (!text.empty()) {
    size_t at = std::string_view::npos;
    std::string_view marker;
    for (std::string_view candidate : kMarkers) {
      size_t found = turns ? text.find(candidate) : std::string_view::npos;
      if (found < at) {
        at = found;
        marker = candidate;
      }
    }
    Result<std::vector<int32_t>> part = tokenizer.encode(text.substr(0, at));
    if (!part) {
      return part.takeError();
    }
    tokens.insert(tokens.end(), part->begin(), part->end());
    if (marker.empty()) {
      break;
    }
    std::optional<int32_t> id = tokenizer.find(marker);
    if (!id) {
      return invalidData("tokenizer: expected a piece " + std::string(marker) +
                         ", found none");
    }
    tokens.push_back(*id);
    text.remove_prefix(at + marker.size());
  }
  return tokens;
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// One window: runs all of it but its last token.
static Result<void> compareWindow(const ForwardFunction &a,
                                  const ForwardFunction &b,
                                  Span<const int32_t> window, uint32_t rows,
                                  Comparison &comparison,
                                  const std::function<void(uint64_t)> &onRows) {
  std::vector<int32_t> outRows;
  for (size_t done = 0; done + 1 < window.size();) {
    size_t count = std::min<size_t>(rows, window.size() - 1 - done);
    outRows.resize(count);
    std::iota(outRows.begin(), outRows.end(), 0);
    const Run run{
        0, static_cast<uint32_t>(done), {window.data() + done, count}};
    Result<Span<const float>> ofA = a({&run, 1}, outRows);
    if (!ofA) {
      return ofA.takeError();
    }
    Result<Span<const float>> ofB = b({&run, 1}, outRows);
    if (!ofB) {
      return ofB.takeError();
    }
    size_t vocab = ofA->size() / count;
    for (size_t row = 0; row < count; ++row) {
      Result<void> added = comparison.add({ofA->data() + row * vocab, vocab},
                                          {ofB->data() + row * vocab, vocab},
                                          window[done + row + 1]);
      if (!added) {
        return added;
      }
    }
    done += count;
    onRows(count);
  }
  return {};
}

Result<Comparison>
gemma::compareModels(const ForwardFunction &a, const ForwardFunction &b,
                     Span<const int32_t> tokens, const CompareWindows &windows,
                     const std::function<void(uint64_t)> &onRows) {
  Comparison comparison;
  const size_t share = windows.window - (windows.begin >= 0 ? 1 : 0);
  std::vector<int32_t> window;
  for (size_t at = 0; at < tokens.size(); at += share) {
    size_t count = std::min(share, tokens.size() - at);
    window.clear();
    if (windows.begin >= 0) {
      window.push_back(windows.begin);
    }
    window.insert(window.end(), tokens.begin() + at,
                  tokens.begin() + at + count);
    Result<void> done =
        compareWindow(a, b, window, windows.rows, comparison, onRows);
    if (!done) {
      return done.takeError();
    }
  }
  if (comparison.positions() == 0) {
    return invalidData("text: expected a token to predict, found none");
  }
  return comparison;
}
