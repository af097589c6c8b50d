//===- Neighbours.cpp - Other sequences in the same forwards --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Neighbours.h"

#include <algorithm>

using namespace gemma;

size_t Neighbours::addRuns(const Run &measured, size_t rows,
                           std::vector<Run> &runs) {
  const size_t place = step % (tokens.size() + 1);
  size_t before = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i == place) {
      runs.push_back(measured);
    }
    size_t count = std::min<size_t>(1 + (i + step) % rows, context);
    if (positions[i] + count > context) {
      positions[i] = 0;
    }
    tokens[i].clear();
    for (size_t row = 0; row < count; ++row) {
      // Primes, so that neighbours and positions close to each other differ in
      // their tokens.
      uint64_t mixed = (i + 1) * 7919 + (positions[i] + row) * 104729;
      tokens[i].push_back(static_cast<int32_t>(mixed % vocab));
    }
    runs.push_back({static_cast<uint32_t>(i + 1), positions[i], tokens[i]});
    positions[i] += static_cast<uint32_t>(count);
    before += i < place ? count : 0;
  }
  if (place == tokens.size()) {
    runs.push_back(measured);
  }
  ++step;
  return before;
}
