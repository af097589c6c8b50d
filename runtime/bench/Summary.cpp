//===- Summary.cpp - From measurements to a result ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Summary.h"

#include <algorithm>
#include <map>

using namespace gemma;

/// The arithmetic that bounds more of the time than any other, and than
/// reading does; none if reading does.
static std::optional<Arithmetic> bound(const IdealTime &time) {
  auto most =
      std::max_element(time.multiplying.begin(), time.multiplying.end());
  if (*most <= time.reading) {
    return std::nullopt;
  }
  return static_cast<Arithmetic>(most - time.multiplying.begin());
}

/// The medians of the limits around a test's runs.
static Limits medians(const std::vector<Limits> &all) {
  auto median = [&](auto &&value) {
    std::vector<double> values;
    for (const Limits &limits : all) {
      values.push_back(value(limits));
    }
    return spreadOf(values).median;
  };
  Limits result;
  result.bandwidth = median([](const Limits &l) { return l.bandwidth; });
  for (size_t i = 0; i < kArithmetics; ++i) {
    result.peaks[i] = median([i](const Limits &l) { return l.peaks[i]; });
  }
  return result;
}

static std::vector<OpProfile>
profileOf(const Workload &test, const Limits &limits,
          const std::vector<Arithmetic> &arithmetics) {
  const auto repetitions = static_cast<double>(test.seconds.size());
  std::map<std::string_view, OpProfile> byOp;
  for (size_t i = 0; i < test.profile.size(); ++i) {
    const DispatchProfile &dispatch = test.profile[i];
    IdealTime ideal;
    addIdealTime({dispatch.bytes, dispatch.operations}, arithmetics[i], limits,
                 ideal);
    OpProfile &op = byOp[dispatch.op];
    op.op = dispatch.op;
    op.calls += static_cast<double>(dispatch.calls) / repetitions;
    op.seconds += static_cast<double>(dispatch.nanoseconds) / 1e9 / repetitions;
    op.bytes += static_cast<double>(dispatch.bytes) / repetitions;
    op.operations += static_cast<double>(dispatch.operations) / repetitions;
    op.idealSeconds += ideal.total() / repetitions;
  }
  std::vector<OpProfile> result;
  for (auto &entry : byOp) {
    result.push_back(std::move(entry.second));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const OpProfile &a, const OpProfile &b) {
                     return a.seconds > b.seconds;
                   });
  return result;
}

BenchResult gemma::summarise(const Workload &test,
                             const std::vector<Arithmetic> &probed,
                             const std::vector<Arithmetic> &arithmetics) {
  BenchResult result;
  result.name = test.name;
  result.tokens = test.tokens;
  result.bytes = test.cost.bytes();
  result.operations = test.cost.operations();
  result.seconds = spreadOf(test.seconds);
  std::vector<double> speeds;
  for (double seconds : test.seconds) {
    speeds.push_back(static_cast<double>(test.tokens) / seconds);
  }
  result.tokensPerSecond = spreadOf(speeds);
  result.share = spreadOf(test.shares);
  const Limits limits = medians(test.limits);
  result.limitValue = limits.bandwidth;
  if (auto arithmetic = bound(test.cost.idealTime(limits))) {
    result.limit = static_cast<size_t>(
        std::find(probed.begin(), probed.end(), *arithmetic) - probed.begin() +
        1);
    result.limitValue = limits.peak(*arithmetic);
  }
  if (!test.againstOneRow.empty()) {
    result.againstOneRow = spreadOf(test.againstOneRow);
  }
  result.profile = profileOf(test, limits, arithmetics);
  return result;
}
