//===- Session.cpp - The public Session -----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Guard.h"
#include "runtime/exec/LoadedModel.h"
#include "runtime/exec/MemoryPlan.h"
#include "runtime/exec/Program.h"
#include "runtime/gemma.h"

#include <algorithm>
#include <utility>

using namespace gemma;

namespace gemma {
/// What a Session owns.
class SessionState {
public:
  static Result<std::unique_ptr<SessionState>>
  create(std::shared_ptr<const LoadedModel> model,
         const SessionOptions &options, const MemoryPlan &plan);

  Result<Span<const float>> forward(Span<const Run> runs,
                                    Span<const int32_t> outRows);

  SessionOptions options;
  MemoryPlan plan;
  CancelFlag cancel;
  KvCache cache;
  std::unique_ptr<Program> program;

private:
  SessionState(std::shared_ptr<const LoadedModel> model,
               const SessionOptions &options, const MemoryPlan &plan,
               KvCache cache)
      : options(options), plan(plan), cache(std::move(cache)),
        model(std::move(model)), runEnd(options.slots) {}
  Result<void> check(Span<const Run> runs, Span<const int32_t> outRows);
  Result<void> checkRun(const Run &run, size_t number);
  uint32_t writeInputs(Span<const Run> runs, Span<const int32_t> outRows);

  std::shared_ptr<const LoadedModel> model;
  std::unique_ptr<ThreadPool> pool;
  Mapping arena, logits, inputs;
  Buffers buffers;
  /// While a call is checked: where the runs so far of each slot end, or 0.
  std::vector<uint32_t> runEnd;
};
} // namespace gemma

Result<std::unique_ptr<SessionState>>
SessionState::create(std::shared_ptr<const LoadedModel> model,
                     const SessionOptions &options, const MemoryPlan &plan) {
  const artifact::Manifest &manifest = model->manifest();
  Result<KvLayout> layout =
      KvLayout::plan(manifest, options.context, options.slots);
  if (!layout) {
    return layout.takeError();
  }
  Result<KvCache> cache = KvCache::create(std::move(*layout), options.slots);
  if (!cache) {
    return cache.takeError();
  }
  std::unique_ptr<SessionState> state(
      new SessionState(std::move(model), options, plan, std::move(*cache)));
  struct {
    Mapping &mapping;
    uint64_t bytes;
    const char *what;
  } memory[] = {{state->arena, plan.arena, "scratch memory"},
                {state->logits, plan.logits, "logits"},
                {state->inputs, plan.inputs, "inputs"}};
  for (auto &part : memory) {
    Result<Mapping> mapping = Mapping::zeroed(part.bytes, part.what);
    if (!mapping) {
      return mapping.takeError();
    }
    part.mapping = std::move(*mapping);
  }
  Result<std::unique_ptr<ThreadPool>> pool =
      ThreadPool::create(options.threads, options.pin);
  if (!pool) {
    return pool.takeError();
  }
  state->pool = std::move(*pool);

  Buffers &buffers = state->buffers;
  buffers.arena = state->arena.data();
  buffers.logits = reinterpret_cast<float *>(state->logits.data());
  uint64_t step = indexArrayBytes(manifest);
  auto indexArray = [&](uint64_t number) {
    return reinterpret_cast<int32_t *>(state->inputs.data() + number * step);
  };
  buffers.tokens = indexArray(0);
  buffers.positions = indexArray(1);
  buffers.slots = indexArray(2);
  buffers.outRows = indexArray(3);
  buffers.weights = state->model->weights();
  buffers.cache = &state->cache;
  state->program =
      std::make_unique<Program>(manifest, state->model->kernels(), buffers,
                                *state->pool, options.profile);
  return state;
}

static Error outOfRange(const char *what, const std::string &where,
                        int64_t highest, int64_t found) {
  return invalidUsage(std::string(what) + ": expected 0 to " +
                      std::to_string(highest) + ", found " +
                      std::to_string(found) + " (" + where + ")");
}

Result<void> SessionState::checkRun(const Run &run, size_t number) {
  auto where = [&] { return "run " + std::to_string(number); };
  if (run.slot >= options.slots) {
    return outOfRange("slot", where(), int64_t(options.slots) - 1, run.slot);
  }
  if (run.tokens.empty()) {
    return invalidUsage("run: expected at least one token, found none (" +
                        where() + ")");
  }
  if (run.position > options.context ||
      run.tokens.size() > options.context - run.position) {
    return invalidUsage("context: expected positions below " +
                        std::to_string(options.context) + ", found " +
                        std::to_string(run.tokens.size()) +
                        " tokens from position " +
                        std::to_string(run.position) + " (" + where() + ")");
  }
  uint32_t vocab = model->info().vocab;
  for (int32_t token : run.tokens) {
    if (token < 0 || static_cast<uint32_t>(token) >= vocab) {
      return outOfRange("token", where(), int64_t(vocab) - 1, token);
    }
  }
  uint32_t &end = runEnd[run.slot];
  if (end != 0 && run.position != end) {
    return invalidUsage("position: expected " + std::to_string(end) +
                        ", where an earlier run of slot " +
                        std::to_string(run.slot) + " ends, found " +
                        std::to_string(run.position) + " (" + where() + ")");
  }
  if (end == 0) {
    if (auto result = cache.checkStart(run.slot, run.position); !result) {
      return result;
    }
  }
  end = run.position + static_cast<uint32_t>(run.tokens.size());
  return {};
}

Result<void> SessionState::check(Span<const Run> runs,
                                 Span<const int32_t> outRows) {
  // First the number of rows: it bounds the rest of the work.
  uint32_t maxRows = model->info().maxRows;
  uint64_t rows = 0;
  for (const Run &run : runs) {
    rows += std::min<uint64_t>(run.tokens.size(), uint64_t(maxRows) + 1);
    if (rows > maxRows) {
      break;
    }
  }
  if (rows < 1 || rows > maxRows) {
    return invalidUsage("rows: expected 1 to " + std::to_string(maxRows) +
                        ", found " + (rows == 0 ? "none" : "more"));
  }
  if (outRows.size() > options.outRows) {
    return invalidUsage("rows of logits: expected at most " +
                        std::to_string(options.outRows) + ", found " +
                        std::to_string(outRows.size()));
  }
  for (int32_t row : outRows) {
    if (row < 0 || static_cast<uint64_t>(row) >= rows) {
      return outOfRange("row of logits", "out rows",
                        static_cast<int64_t>(rows) - 1, row);
    }
  }
  std::fill(runEnd.begin(), runEnd.end(), 0);
  for (size_t number = 0; number < runs.size(); ++number) {
    if (auto result = checkRun(runs[number], number); !result) {
      return result;
    }
  }
  return {};
}

uint32_t SessionState::writeInputs(Span<const Run> runs,
                                   Span<const int32_t> outRows) {
  uint32_t row = 0;
  for (const Run &run : runs) {
    for (size_t i = 0; i < run.tokens.size(); ++i, ++row) {
      buffers.tokens[row] = run.tokens[i];
      buffers.positions[row] = static_cast<int32_t>(run.position + i);
      buffers.slots[row] = static_cast<int32_t>(run.slot);
    }
  }
  std::copy(outRows.begin(), outRows.end(), buffers.outRows);
  return row;
}

Result<Span<const float>> SessionState::forward(Span<const Run> runs,
                                                Span<const int32_t> outRows) {
  if (auto result = check(runs, outRows); !result) {
    return result.takeError();
  }
  uint32_t rows = writeInputs(runs, outRows);
  for (const Run &run : runs) {
    cache.beginWrite(run.slot, run.position,
                     run.position + static_cast<uint32_t>(run.tokens.size()));
  }
  bool finished = program->run(rows, static_cast<uint32_t>(outRows.size()),
                               cancel, options.cancel);
  if (!finished) {
    cancel.reset();
    return Error{ErrorCode::Interrupted, "forward: interrupted"};
  }
  for (const Run &run : runs) {
    cache.endWrite(run.slot,
                   run.position + static_cast<uint32_t>(run.tokens.size()));
  }
  return Span<const float>(buffers.logits,
                           outRows.size() * model->info().vocab);
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

Session::Session(std::unique_ptr<SessionState> state)
    : state(std::move(state)) {}
Session::Session(Session &&) noexcept = default;
Session &Session::operator=(Session &&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Model &model,
                                const SessionOptions &options) {
  return guarded([&]() -> Result<Session> {
    const artifact::Manifest &manifest = model.state->manifest();
    Result<SessionOptions> resolved = resolveOptions(manifest, options);
    if (!resolved) {
      return resolved.takeError();
    }
    Result<MemoryPlan> plan = planMemory(manifest, *resolved);
    if (!plan) {
      return plan.takeError();
    }
    Result<std::unique_ptr<SessionState>> state =
        SessionState::create(model.state, *resolved, *plan);
    if (!state) {
      return state.takeError();
    }
    return Session(std::move(*state));
  });
}

Result<Span<const float>> Session::forward(Span<const Run> runs,
                                           Span<const int32_t> outRows) {
  return guarded([&] { return state->forward(runs, outRows); });
}

void Session::cancel() noexcept { state->cancel.request(); }

uint32_t Session::length(uint32_t slot) const {
  return slot < state->options.slots ? state->cache.length(slot) : 0;
}

const SessionOptions &Session::options() const { return state->options; }

const MemoryPlan &Session::memoryPlan() const { return state->plan; }

Span<const DispatchProfile> Session::profile() const {
  return state->program->profile();
}

void Session::resetProfile() {
  if (state->options.profile) {
    state->program->resetProfile();
  }
}

Result<void> Session::setTracing(bool on) {
  return guarded([&]() -> Result<void> {
    state->program->setTracing(on);
    return {};
  });
}

Span<const DispatchEvent> Session::trace() const {
  return state->program->trace();
}
