//===- Workload.cpp - One test of a benchmark -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Workload.h"

#include <algorithm>
#include <numeric>

using namespace gemma;

Workload gemma::planWorkload(WorkloadKind kind, uint32_t count, uint32_t depth,
                             const artifact::Manifest &manifest,
                             const std::vector<Arithmetic> &arithmetics) {
  const char *prefix = kind == WorkloadKind::Prefill  ? "pp"
                       : kind == WorkloadKind::Decode ? "tg"
                                                      : "rows";
  std::string name = prefix + std::to_string(count);
  if (depth != 0) {
    name += "@d" + std::to_string(depth);
  }
  const uint32_t maxRows = manifest.max_rows();
  RunCost cost(manifest, arithmetics);
  std::vector<int32_t> positions;
  auto add = [&](uint32_t begin, uint32_t rows, uint32_t outRows) {
    positions.resize(rows);
    std::iota(positions.begin(), positions.end(),
              static_cast<int32_t>(depth + begin));
    cost.addForward(positions, outRows);
  };
  switch (kind) {
  case WorkloadKind::Prefill:
    for (uint32_t done = 0; done < count; done += maxRows) {
      uint32_t rows = std::min(maxRows, count - done);
      add(done, rows, done + rows == count ? 1 : 0);
    }
    break;
  case WorkloadKind::Decode:
    for (uint32_t done = 0; done < count; ++done) {
      add(done, 1, 1);
    }
    break;
  case WorkloadKind::Rows:
    for (uint32_t i = 0; i < kRowForwards; ++i) {
      add(0, count, count);
    }
    break;
  }
  uint64_t tokens = kind == WorkloadKind::Rows ? uint64_t(count) * kRowForwards
                                               : uint64_t(count);
  return {kind, count, std::move(name), tokens, std::move(cost), {}, {}, {},
          {},   {}};
}
