//===- Cost.cpp - What a run costs at the machine's limits ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Cost.h"

#include <algorithm>
#include <numeric>

using namespace gemma;

std::vector<std::string_view>
gemma::targetFeatures(const artifact::Manifest &manifest) {
  std::vector<std::string_view> features;
  for (const flatbuffers::String *name : each(manifest.target()->features())) {
    features.push_back(text(name));
  }
  return features;
}

static Arithmetic arithmeticOfDispatch(const artifact::Manifest &manifest,
                                       const artifact::Dispatch &dispatch) {
  std::string_view op = text(manifest.kernels()->Get(dispatch.kernel())->op());
  // It copies rows, whatever they are encoded in.
  if (op == "embed") {
    return Arithmetic::F32;
  }
  bool attention = op.find("attention") != std::string_view::npos;
  uint64_t largest = 0;
  Arithmetic result = Arithmetic::F32;
  for (const artifact::Binding *binding : each(dispatch.bindings())) {
    if (attention && binding->kind() == artifact::BindingKind_KvCache) {
      const auto &cache = *manifest.kv_caches()->Get(binding->index());
      return cache.element_bytes() == 2 ? Arithmetic::Bf16 : Arithmetic::F32;
    }
    if (!attention && binding->kind() == artifact::BindingKind_Weight) {
      // A fused matmul also reads its norm's weight, or a rotation table.
      const auto &weight = *manifest.weights()->Get(binding->index());
      if (weight.size() > largest) {
        largest = weight.size();
        result = arithmeticOf(text(weight.encoding()->kind()));
      }
    }
  }
  return result;
}

std::vector<Arithmetic>
gemma::dispatchArithmetics(const artifact::Manifest &manifest) {
  std::vector<Arithmetic> result;
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    result.push_back(arithmeticOfDispatch(manifest, *dispatch));
  }
  return result;
}

double IdealTime::total() const {
  return std::accumulate(multiplying.begin(), multiplying.end(), reading);
}

void gemma::addIdealTime(const DispatchCost &cost, Arithmetic arithmetic,
                         const Limits &limits, IdealTime &time) {
  double reading = static_cast<double>(cost.bytes) / limits.bandwidth;
  double multiplying =
      static_cast<double>(cost.operations) / limits.peak(arithmetic);
  if (multiplying > reading) {
    time.multiplying[static_cast<size_t>(arithmetic)] += multiplying;
  } else {
    time.reading += reading;
  }
}

void RunCost::addForward(Span<const int32_t> positions, uint64_t outRows) {
  size_t number = 0;
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    Arithmetic arithmetic = arithmetics[number++];
    if (outRows == 0 && dispatch->rows() == artifact::RowCount_OutRows) {
      continue;
    }
    DispatchCost cost = dispatchCost(manifest, *dispatch, positions, outRows);
    entries.push_back({cost, arithmetic});
    total.bytes += cost.bytes;
    total.operations += cost.operations;
  }
}

IdealTime RunCost::idealTime(const Limits &limits) const {
  IdealTime time;
  for (const Entry &entry : entries) {
    addIdealTime(entry.cost, entry.arithmetic, limits, time);
  }
  return time;
}
