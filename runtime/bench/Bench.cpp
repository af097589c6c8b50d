//===- Bench.cpp - Times prefill and decode of a model --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Bench.h"

#include "runtime/bench/Summary.h"
#include "runtime/bench/Workload.h"
#include "runtime/core/Guard.h"
#include "runtime/core/Progress.h"
#include "runtime/core/Text.h"
#include "runtime/exec/LoadedModel.h"

#include <algorithm>
#include <numeric>

using namespace gemma;

// On the progress bar a forward of one row is as long as this many of a
// prefill.
static constexpr uint64_t kForwardUnits = 16;

namespace {
class Bench {
public:
  Bench(const LoadedModel &model, const BenchOptions &options, Session session,
        LimitProbe probe, std::vector<Arithmetic> arithmetics)
      : model(model), manifest(model.manifest()), options(options),
        session(std::move(session)), probe(std::move(probe)),
        arithmetics(std::move(arithmetics)) {
    for (const artifact::KvCache *cache : each(manifest.kv_caches())) {
      windowed |= cache->window() != 0;
    }
  }

  Result<BenchReport> run();

private:
  uint32_t maxRows() const { return manifest.max_rows(); }
  void planTests();
  Result<double> forward(uint32_t position, uint32_t rows, uint32_t outRows);
  Result<void> fill();
  Result<double> runs(WorkloadKind kind, uint32_t count);
  Result<double> repeat(Workload &test);
  void collectProfile(Workload &test);
  Result<void> record(BenchReport &report);
  Result<ForwardTrace> recordForward(const char *what, uint32_t rows);
  void describe(BenchReport &report) const;
  void reportLimits(BenchReport &report) const;

  const LoadedModel &model;
  const artifact::Manifest &manifest;
  const BenchOptions &options;
  Session session;
  LimitProbe probe;
  const std::vector<Arithmetic> arithmetics;
  std::vector<Workload> tests;
  std::vector<Limits> probes;
  std::optional<Progress> progress;
  bool windowed = false;
  /// End of what was written since the depth was filled; none: fill it.
  std::optional<uint32_t> highest;
};
} // namespace

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// The token at a position: SplitMix64 of it, below the vocabulary.
static int32_t tokenAt(uint64_t position, uint32_t vocab) {
  uint64_t mixed = (position + 1) * 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return static_cast<int32_t>((mixed ^ (mixed >> 31)) % vocab);
}

/// One forward, with logits of its last rows; its seconds.
Result<double> Bench::forward(uint32_t position, uint32_t rows,
                              uint32_t outRows) {
  std::vector<int32_t> tokens(rows), out(outRows);
  for (uint32_t row = 0; row < rows; ++row) {
    tokens[row] = tokenAt(position + row, model.info().vocab);
  }
  std::iota(out.begin(), out.end(), static_cast<int32_t>(rows - outRows));
  const Run run{0, position, tokens};
  Stopwatch watch;
  Result<Span<const float>> logits = session.forward({&run, 1}, out);
  double seconds = watch.seconds();
  if (!logits) {
    return logits.takeError();
  }
  highest = std::max(highest.value_or(0), position + rows);
  progress->add(std::max<uint64_t>(rows, kForwardUnits));
  return seconds;
}

/// Makes the cache hold the first `depth` tokens. It still does after a test,
/// unless a layer with a window has forgotten what a new start looks back to.
Result<void> Bench::fill() {
  bool lost = windowed && highest && *highest > options.depth + maxRows();
  if (highest && !lost) {
    return {};
  }
  highest = options.depth;
  for (uint32_t done = 0; done < options.depth;) {
    uint32_t rows = std::min(maxRows(), options.depth - done);
    if (Result<double> time = forward(done, rows, 0); !time) {
      return time.takeError();
    }
    done += rows;
  }
  return {};
}

/// A prefill or a decode; its seconds.
Result<double> Bench::runs(WorkloadKind kind, uint32_t count) {
  double seconds = 0;
  uint32_t chunk = kind == WorkloadKind::Prefill ? maxRows() : 1;
  for (uint32_t done = 0; done < count;) {
    uint32_t rows = std::min(chunk, count - done);
    bool logits = kind == WorkloadKind::Decode || done + rows == count;
    Result<double> time = forward(options.depth + done, rows, logits ? 1 : 0);
    if (!time) {
      return time;
    }
    seconds += *time;
    done += rows;
  }
  return seconds;
}

void Bench::collectProfile(Workload &test) {
  Span<const DispatchProfile> found = session.profile();
  test.profile.resize(found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    DispatchProfile &sum = test.profile[i];
    sum.op = found[i].op;
    sum.calls += found[i].calls;
    sum.nanoseconds += found[i].nanoseconds;
    sum.bytes += found[i].bytes;
    sum.operations += found[i].operations;
  }
  session.resetProfile();
}

/// One repetition; its seconds.
Result<double> Bench::repeat(Workload &test) {
  if (Result<void> filled = fill(); !filled) {
    return filled.takeError();
  }
  session.resetProfile();
  if (test.kind != WorkloadKind::Rows) {
    Result<double> seconds = runs(test.kind, test.count);
    collectProfile(test);
    return seconds;
  }
  double one = 0, all = 0;
  for (uint32_t i = 0; i < kRowForwards; ++i) {
    Result<double> single = forward(options.depth, 1, 1);
    if (!single) {
      return single;
    }
    session.resetProfile();
    Result<double> several = forward(options.depth, test.count, test.count);
    if (!several) {
      return several;
    }
    collectProfile(test);
    one += *single;
    all += *several;
  }
  test.againstOneRow.push_back(all / one);
  return all;
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

void Bench::planTests() {
  auto add = [&](WorkloadKind kind, uint32_t count) {
    tests.push_back(
        planWorkload(kind, count, options.depth, manifest, arithmetics));
  };
  if (options.prompt != 0) {
    add(WorkloadKind::Prefill, options.prompt);
  }
  if (options.generate != 0) {
    add(WorkloadKind::Decode, options.generate);
  }
  for (uint32_t rows : options.rows) {
    add(WorkloadKind::Rows, rows);
  }
}

/// Units of the progress bar of a number of tokens in forwards of `rows`.
static uint64_t units(uint64_t tokens, uint64_t rows) {
  return (tokens + rows - 1) / rows * std::max(rows, kForwardUnits);
}

Result<BenchReport> Bench::run() {
  planTests();
  uint64_t total = units(options.depth, maxRows());
  for (const Workload &test : tests) {
    uint64_t rows = test.kind == WorkloadKind::Prefill
                        ? std::min(maxRows(), test.count)
                    : test.kind == WorkloadKind::Decode ? 1
                                                        : test.count;
    // Where there are one-row forwards too, and once to warm up.
    uint64_t twice = test.kind == WorkloadKind::Rows ? 2 : 1;
    total += units(test.tokens, rows) * twice * options.repetitions;
  }
  progress.emplace("benchmark", total, options.progress);
  // The first run of everything meets cold code and memory.
  if (Result<void> filled = fill(); !filled) {
    return filled.takeError();
  }
  for (auto [kind, count] :
       {std::pair(WorkloadKind::Prefill, std::min(options.prompt, maxRows())),
        std::pair(WorkloadKind::Decode,
                  std::min<uint32_t>(options.generate, 4))}) {
    if (Result<double> time = runs(kind, count); !time) {
      return time.takeError();
    }
  }
  auto measure = [&]() -> Result<void> {
    Result<Limits> found = probe.measure();
    if (!found) {
      return found.takeError();
    }
    probes.push_back(*found);
    return {};
  };
  if (Result<void> first = measure(); !first) {
    return first.takeError();
  }
  for (uint32_t repetition = 0; repetition < options.repetitions;
       ++repetition) {
    for (Workload &test : tests) {
      Result<double> seconds = repeat(test);
      if (!seconds) {
        return seconds.takeError();
      }
      Limits before = probes.back();
      if (Result<void> next = measure(); !next) {
        return next.takeError();
      }
      Limits limits = Limits::between(before, probes.back());
      test.seconds.push_back(*seconds);
      test.limits.push_back(limits);
      test.shares.push_back(test.cost.idealTime(limits).total() / *seconds);
    }
  }
  BenchReport report;
  describe(report);
  reportLimits(report);
  for (const Workload &test : tests) {
    report.results.push_back(summarise(test, probe.arithmetics(), arithmetics));
  }
  if (options.trace) {
    if (Result<void> recorded = record(report); !recorded) {
      return recorded.takeError();
    }
  }
  progress.reset();
  return report;
}

//===----------------------------------------------------------------------===//
// Report
//===----------------------------------------------------------------------===//

void Bench::describe(BenchReport &report) const {
  for (const artifact::Property *property : each(manifest.properties())) {
    if (text(property->key()) == "weights") {
      report.weights = text(property->value());
    }
  }
  report.cpu = text(manifest.target()->cpu());
  for (const artifact::Weight *weight : each(manifest.weights())) {
    // Tables are not learned.
    if (text(weight->name()).substr(0, 5) == "rope.") {
      continue;
    }
    uint64_t values = 1;
    for (uint64_t extent : shapeOf(*weight)) {
      values *= extent;
    }
    report.parameters += values;
  }
  report.weightBytes = session.memoryPlan().weights;
  report.stub = manifest.stub();
  report.pinned = options.session.pin;
  report.threads = session.options().threads;
  report.repetitions = options.repetitions;
  report.depth = options.depth;
  report.context = session.options().context;
}

/// The read bandwidth, and each peak that some dispatch uses.
void Bench::reportLimits(BenchReport &report) const {
  std::vector<double> values;
  for (const Limits &limits : probes) {
    values.push_back(limits.bandwidth);
  }
  report.limits.push_back({"read_bandwidth", "bytes/s", spreadOf(values),
                           byteCount(probe.bytes()) + " of weights, loop " +
                               probe.readLoop().name});
  for (Arithmetic arithmetic : probe.arithmetics()) {
    values.clear();
    for (const Limits &limits : probes) {
      values.push_back(limits.peak(arithmetic));
    }
    report.limits.push_back({probe.peakLoop(arithmetic).name, "operations/s",
                             spreadOf(values), "in registers"});
  }
}

//===----------------------------------------------------------------------===//
// Trace
//===----------------------------------------------------------------------===//

/// One forward of `rows` rows at the depth, recorded.
Result<ForwardTrace> Bench::recordForward(const char *what, uint32_t rows) {
  if (Result<double> time = forward(options.depth, rows, 1); !time) {
    return time.takeError();
  }
  ForwardTrace trace;
  trace.title = std::string(what) + ", " + std::to_string(rows) +
                (rows == 1 ? " token" : " tokens");
  trace.threads = session.options().threads;
  Span<const DispatchEvent> events = session.trace();
  trace.events.assign(events.begin(), events.end());
  std::vector<int32_t> positions(rows);
  std::iota(positions.begin(), positions.end(),
            static_cast<int32_t>(options.depth));
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    const auto *kernel = manifest.kernels()->Get(dispatch->kernel());
    trace.dispatches.push_back(
        {std::string(text(kernel->op())), std::string(text(kernel->symbol())),
         dispatchCost(manifest, *dispatch, positions, 1)});
  }
  return trace;
}

Result<void> Bench::record(BenchReport &report) {
  if (Result<void> filled = fill(); !filled) {
    return filled.takeError();
  }
  if (Result<void> on = session.setTracing(true); !on) {
    return on;
  }
  uint32_t room = session.options().context - options.depth;
  uint32_t chunk = options.prompt != 0 ? options.prompt : maxRows();
  chunk = std::min({chunk, maxRows(), room});
  for (auto [what, rows] :
       {std::pair("prefill", chunk), std::pair("decode", uint32_t(1))}) {
    Result<ForwardTrace> trace = recordForward(what, rows);
    if (!trace) {
      return trace.takeError();
    }
    report.trace.push_back(std::move(*trace));
  }
  return session.setTracing(false);
}

//===----------------------------------------------------------------------===//
// Start
//===----------------------------------------------------------------------===//

static Result<void> checkOptions(const ModelInfo &info,
                                 const BenchOptions &options) {
  if (options.prompt == 0 && options.generate == 0 && options.rows.empty()) {
    return invalidUsage("benchmark: expected a prompt, tokens to generate or "
                        "rows, found none of them");
  }
  if (options.repetitions == 0) {
    return invalidUsage("repetitions: expected at least 1, found 0");
  }
  uint64_t longest = std::max({options.prompt, options.generate, uint32_t(1)});
  for (uint32_t rows : options.rows) {
    if (rows < 1 || rows > info.maxRows) {
      return invalidUsage("rows: expected 1 to " +
                          std::to_string(info.maxRows) + ", found " +
                          std::to_string(rows));
    }
    longest = std::max<uint64_t>(longest, rows);
  }
  uint64_t context =
      options.session.context != 0 ? options.session.context : info.context;
  if (options.depth + longest > context) {
    return invalidUsage("context: expected room for " +
                        std::to_string(options.depth + longest) +
                        " tokens (a depth of " + std::to_string(options.depth) +
                        " and " + std::to_string(longest) + " more), found " +
                        std::to_string(context));
  }
  return {};
}

Result<BenchReport> gemma::runBench(const Model &model,
                                    const BenchOptions &options) {
  return guarded([&]() -> Result<BenchReport> {
    if (auto checked = checkOptions(model.info(), options); !checked) {
      return checked.takeError();
    }
    SessionOptions sessionOptions = options.session;
    sessionOptions.slots = 1;
    sessionOptions.outRows = 1;
    for (uint32_t rows : options.rows) {
      sessionOptions.outRows = std::max(sessionOptions.outRows, rows);
    }
    Result<Session> session = Session::create(model, sessionOptions);
    if (!session) {
      return session.takeError();
    }
    const LoadedModel &loaded = ModelAccess::of(model);
    const artifact::Manifest &manifest = loaded.manifest();
    std::vector<Arithmetic> arithmetics = dispatchArithmetics(manifest);
    std::vector<Arithmetic> used = arithmetics;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    Result<LimitProbe> probe =
        LimitProbe::create(loaded.mappedWeights(), targetFeatures(manifest),
                           used, session->options().threads,
                           options.session.pin, options.session.cancel);
    if (!probe) {
      return probe.takeError();
    }
    return Bench(loaded, options, std::move(*session), std::move(*probe),
                 std::move(arithmetics))
        .run();
  });
}
