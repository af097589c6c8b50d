//===- Summary.h - From measurements to a result -------------- -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_SUMMARY_H
#define GEMMA_RUNTIME_BENCH_SUMMARY_H

#include "runtime/bench/Report.h"
#include "runtime/bench/Workload.h"

namespace gemma {

/// Medians and spreads of what was measured of a test. `probed` are the
/// arithmetics of BenchReport::limits from its second on (the first is the
/// read bandwidth); `arithmetics` are those of the dispatches.
BenchResult summarise(const Workload &test,
                      const std::vector<Arithmetic> &probed,
                      const std::vector<Arithmetic> &arithmetics);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_SUMMARY_H
