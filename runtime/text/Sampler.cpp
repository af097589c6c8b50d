//===- Sampler.cpp - Draws the next token from logits ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Equal results on every platform need more than an equal generator: exp() of
// the C library and the conversions of <random> differ between libraries. Both
// are replaced by IEEE additions and multiplications in a fixed order.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Sampler.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

using namespace gemma;

/// exp(x) for x <= 0 to about 1e-15, the same bits everywhere: x = k ln2 + r,
/// |r| <= ln2 / 2, and a Taylor series for r. Below 1e-304 it is 0.
static double expNonPositive(double x) {
  if (!(x > -700)) {
    return 0;
  }
  constexpr double kLog2E = 1.4426950408889634;
  // ln2 in two parts; the first has zeros at the end, so that k times it is
  // exact.
  constexpr double kLn2High = 0x1.62e42fee00000p-1;
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  constexpr double kInverse[] = {
      1.0 / 14, 1.0 / 13, 1.0 / 12, 1.0 / 11, 1.0 / 10, 1.0 / 9, 1.0 / 8,
      1.0 / 7,  1.0 / 6,  1.0 / 5,  1.0 / 4,  1.0 / 3,  1.0 / 2, 1.0};
  int64_t k = static_cast<int64_t>(x * kLog2E - 0.5);
  double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1;
  for (double inverse : kInverse) {
    sum = 1 + sum * (r * inverse);
  }
  // 2^k, k > -1022, from its bits.
  uint64_t bits = static_cast<uint64_t>(k + 1023) << 52;
  double scale;
  std::memcpy(&scale, &bits, sizeof(scale));
  return sum * scale;
}

static uint64_t rotateLeft(uint64_t x, int n) { return x << n | x >> (64 - n); }

Sampler::Sampler(const SamplerOptions &options) : options(options) {
  // SplitMix64 fills the state, as the authors of xoshiro recommend.
  uint64_t state = options.seed;
  for (uint64_t &word : random) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

Result<Sampler> Sampler::create(const SamplerOptions &options) {
  auto refuse = [](const char *what, const char *expected, double found) {
    char number[32];
    std::snprintf(number, sizeof(number), "%g", found);
    return invalidUsage(std::string(what) + ": expected " + expected +
                        ", found " + number);
  };
  if (!(options.temperature >= 0) || std::isinf(options.temperature)) {
    return refuse("temperature", "a number of at least 0", options.temperature);
  }
  if (!(options.topP > 0 && options.topP <= 1)) {
    return refuse("top-p", "a number above 0 and at most 1", options.topP);
  }
  return Sampler(options);
}

/// xoshiro256++ (Blackman and Vigna, 2019); the upper 53 bits as [0, 1).
double Sampler::uniform() {
  uint64_t *s = random;
  uint64_t result = rotateLeft(s[0] + s[3], 23) + s[0];
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotateLeft(s[3], 45);
  return static_cast<double>(result >> 11) * 0x1p-53;
}

/// Number of the largest logit, the first of equal ones.
static Result<int32_t> largest(Span<const float> logits) {
  size_t best = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (!(logits[i] < INFINITY)) {
      return invalidData("logits: expected finite values, found " +
                         std::string(std::isnan(logits[i]) ? "nan" : "inf") +
                         " (token " + std::to_string(i) + ")");
    }
    if (logits[i] > logits[best]) {
      best = i;
    }
  }
  if (logits.empty() || std::isinf(logits[best])) {
    return invalidData("logits: expected a finite value, found none");
  }
  return static_cast<int32_t>(best);
}

/// Puts the largest of the candidates [from, count) into [from, to), in order.
void Sampler::sortUpTo(size_t from, size_t to, size_t count) {
  auto greater = [](const Candidate &a, const Candidate &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  auto begin = candidates.begin();
  if (to < count) {
    std::nth_element(begin + from, begin + to, begin + count, greater);
  }
  std::sort(begin + from, begin + to, greater);
}

Result<int32_t> Sampler::sample(Span<const float> logits) {
  Result<int32_t> best = largest(logits);
  if (!best || options.temperature == 0) {
    return best;
  }
  candidates.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    candidates[i] = {logits[i], static_cast<int32_t>(i), 0};
  }
  size_t count = candidates.size(), sorted = 0;
  if (options.topK > 0 && options.topK < count) {
    sortUpTo(0, options.topK, count);
    count = sorted = options.topK;
  }
  const double maximum = logits[*best];
  double total = 0;
  for (size_t i = 0; i < count; ++i) {
    Candidate &candidate = candidates[i];
    candidate.weight =
        expNonPositive((candidate.logit - maximum) / options.temperature);
    total += candidate.weight;
  }
  if (options.topP < 1) {
    // Few candidates make up most of the probability as a rule: sort only as
    // many as it takes.
    const double wanted = options.topP * total;
    double sum = 0;
    size_t kept = 0;
    while (kept < count && sum < wanted) {
      if (kept == sorted) {
        size_t next = std::min(count, std::max<size_t>(64, 8 * sorted));
        sortUpTo(sorted, next, count);
        sorted = next;
      }
      sum += candidates[kept++].weight;
    }
    count = kept;
    total = sum;
  }
  double rest = uniform() * total;
  // Rounding may leave a rest behind the last candidate: take the last one
  // that has any weight.
  int32_t token = *best;
  for (size_t i = 0; i < count; ++i) {
    if (candidates[i].weight > 0) {
      token = candidates[i].token;
      rest -= candidates[i].weight;
      if (rest < 0) {
        break;
      }
    }
  }
  return token;
}
