//===- Sampler.h - Draws the next token from logits -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_SAMPLER_H
#define GEMMA_RUNTIME_TEXT_SAMPLER_H

#include "runtime/core/Result.h"
#include "runtime/core/Span.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace gemma {

/// How the next token is chosen.
struct SamplerOptions {
  /// Logits are divided by it; 0 takes the token with the largest logit
  /// (greedy), and nothing below matters.
  double temperature = 0;
  /// Only the `topK` largest logits; 0 = all.
  uint32_t topK = 0;
  /// Of these, only the fewest whose probabilities add up to `topP`, the most
  /// likely first; 1 = all.
  double topP = 1;
  /// The same seed and logits give the same tokens, on every platform.
  uint64_t seed = 0;
};

/// Draws tokens. Filters apply in the order of Hugging Face transformers:
/// temperature, top-k, top-p. Of equal logits the lower id counts as larger.
class Sampler {
public:
  /// Errors: InvalidUsage if an option is out of range.
  static Result<Sampler> create(const SamplerOptions &options);

  /// Next token for the logits of one row, [vocab]. A logit may be -inf (never
  /// drawn). Errors: InvalidData if one is NaN or +inf, or none is finite.
  Result<int32_t> sample(Span<const float> logits);

private:
  struct Candidate {
    float logit;
    int32_t token;
    double weight;
  };

  explicit Sampler(const SamplerOptions &options);
  double uniform();
  void sortUpTo(size_t from, size_t to, size_t count);

  SamplerOptions options;
  uint64_t random[4];
  // Kept between calls, so that a decode loop does not allocate.
  std::vector<Candidate> candidates;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_SAMPLER_H
