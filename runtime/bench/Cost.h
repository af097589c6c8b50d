//===- Cost.h - What a run costs at the machine's limits --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_COST_H
#define GEMMA_RUNTIME_BENCH_COST_H

#include "runtime/bench/Limits.h"
#include "runtime/exec/Program.h"

#include <array>
#include <vector>

namespace gemma {

/// Which arithmetic each dispatch of a program does most of its work in:
/// matmuls that of their weights, attention that of its cache where the target
/// has a dot product for it, everything else f32.
std::vector<Arithmetic> dispatchArithmetics(const artifact::Manifest &manifest);

/// LLVM's names of the features that a program's code may use.
std::vector<std::string_view>
targetFeatures(const artifact::Manifest &manifest);

/// Where the time of a run goes if every dispatch runs at its limit, in
/// seconds.
struct IdealTime {
  /// Of dispatches that the read bandwidth bounds.
  double reading = 0;
  /// Of those that multiplying bounds, by Arithmetic.
  std::array<double, kArithmetics> multiplying{};

  double total() const;
};

/// Bytes and operations of a run, forward after forward.
class RunCost {
public:
  /// `arithmetics` are the program's; both outlive the object.
  RunCost(const artifact::Manifest &manifest,
          const std::vector<Arithmetic> &arithmetics)
      : manifest(manifest), arithmetics(arithmetics) {}

  /// A forward of rows at `positions` that gives `outRows` rows of logits.
  void addForward(Span<const int32_t> positions, uint64_t outRows);

  uint64_t bytes() const { return total.bytes; }
  uint64_t operations() const { return total.operations; }

  /// The sum over all dispatches of all forwards of the longer of reading and
  /// multiplying (bytes / bandwidth, operations / peak).
  IdealTime idealTime(const Limits &limits) const;

private:
  struct Entry {
    DispatchCost cost;
    Arithmetic arithmetic;
  };

  const artifact::Manifest &manifest;
  const std::vector<Arithmetic> &arithmetics;
  std::vector<Entry> entries;
  DispatchCost total;
};

/// Adds a dispatch's ideal time to `time`.
void addIdealTime(const DispatchCost &cost, Arithmetic arithmetic,
                  const Limits &limits, IdealTime &time);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_COST_H
