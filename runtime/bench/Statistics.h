//===- Statistics.h - Median and spread of repetitions ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_STATISTICS_H
#define GEMMA_RUNTIME_BENCH_STATISTICS_H

#include <algorithm>
#include <chrono>
#include <vector>

namespace gemma {

/// What is reported of repeated measurements.
struct Spread {
  double median = 0, min = 0, max = 0;
};

/// The median is the mean of the two in the middle if their number is even.
/// Zeros for no values.
inline Spread spreadOf(std::vector<double> values) {
  if (values.empty()) {
    return {};
  }
  std::sort(values.begin(), values.end());
  size_t half = values.size() / 2;
  double median = values.size() % 2 != 0
                      ? values[half]
                      : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

/// Seconds since it was made.
class Stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_STATISTICS_H
