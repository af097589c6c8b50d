//===- Program.cpp - The interpreter of dispatch lists --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/Program.h"

#include "runtime/core/FpEnvironment.h"

#include <algorithm>

using namespace gemma;

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

static uint64_t nanosecondsSince(std::chrono::steady_clock::time_point start) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::steady_clock::now() - start)
          .count());
}

/// What every thread does in a forward.
template <bool Tracing> void Program::work(uint32_t thread) {
  while (const Step *step = current) {
    const int64_t scalars[2] = {step->overOutRows ? outRows : rows,
                                step->capacity};
    uint64_t entered = Tracing ? nanosecondsSince(begun) : 0;
    bool worked = false;
    for (uint64_t begin, end; items.take(begin, end);) {
      step->kernel(step->pointers, scalars, static_cast<int64_t>(begin),
                   static_cast<int64_t>(end));
      worked = true;
    }
    if (Tracing && worked) {
      size_t number = static_cast<size_t>(step - steps.data());
      events[number * pool.threads() + thread] = {static_cast<uint32_t>(number),
                                                  thread, entered,
                                                  nanosecondsSince(begun)};
    }
    barrier.arrive([this] { advance(); });
  }
}

/// Goes on with `step`, or the first one after it that has rows to work on,
/// unless the forward was cancelled.
void Program::start(const Step *step) {
  if (cancel->requested() || (sharedCancel && sharedCancel->requested())) {
    stopped = true;
    current = nullptr;
    return;
  }
  const Step *end = steps.data() + steps.size();
  while (step != end && step->overOutRows && outRows == 0) {
    ++step;
  }
  if (step == end) {
    current = nullptr;
    return;
  }
  uint64_t count = step->tiles;
  if (step->rowTile != 0) {
    auto height = static_cast<uint64_t>(step->overOutRows ? outRows : rows);
    count *= (height + step->rowTile - 1) / step->rowTile;
  }
  items.reset(count, pool.threads());
  current = step;
}

/// The border of two dispatches.
void Program::advance() {
  if (!profiles.empty()) {
    measure();
  }
  start(current + 1);
}

bool Program::run(uint32_t rowCount, uint32_t outRowCount,
                  const CancelFlag &flag, const CancelFlag *sharedFlag) {
  rows = rowCount;
  outRows = outRowCount;
  cancel = &flag;
  sharedCancel = sharedFlag;
  stopped = false;
  const bool tracing = !events.empty();
  std::fill(events.begin(), events.end(), DispatchEvent());
  begun = lastBorder = std::chrono::steady_clock::now();
  start(steps.data());
  pool.run([this, tracing](uint32_t thread) {
    FpEnvironment environment;
    tracing ? work<true>(thread) : work<false>(thread);
  });
  if (tracing) {
    collectTrace();
  }
  return !stopped;
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

Program::Program(const artifact::Manifest &manifest, Span<const Kernel> kernels,
                 const Buffers &buffers, ThreadPool &pool, bool profile)
    : manifest(manifest), buffers(buffers), pool(pool),
      barrier(pool.threads()) {
  auto add = [&](const artifact::Binding &binding) {
    switch (binding.kind()) {
    case artifact::BindingKind_Scratch:
      pointers.push_back(buffers.arena + binding.offset());
      break;
    case artifact::BindingKind_Tokens:
      pointers.push_back(buffers.tokens);
      break;
    case artifact::BindingKind_Positions:
      pointers.push_back(buffers.positions);
      break;
    case artifact::BindingKind_Slots:
      pointers.push_back(buffers.slots);
      break;
    case artifact::BindingKind_OutRows:
      pointers.push_back(buffers.outRows);
      break;
    case artifact::BindingKind_Logits:
      pointers.push_back(buffers.logits);
      break;
    case artifact::BindingKind_Weight:
      // Kernels only read it, and its pages are read-only.
      pointers.push_back(const_cast<unsigned char *>(
          buffers.weights[binding.index()] + binding.offset()));
      break;
    case artifact::BindingKind_KvCache:
      pointers.push_back(buffers.cache->keys(binding.index()));
      pointers.push_back(buffers.cache->values(binding.index()));
      break;
    }
  };
  // Two passes: `pointers` moves while it grows.
  std::vector<size_t> firstPointer;
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    firstPointer.push_back(pointers.size());
    for (const artifact::Binding *binding : each(dispatch->bindings())) {
      add(*binding);
    }
  }
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    Step step;
    step.kernel = kernels[dispatch->kernel()];
    step.pointers = pointers.data() + firstPointer[steps.size()];
    step.capacity = 0;
    for (const artifact::Binding *binding : each(dispatch->bindings())) {
      if (binding->kind() == artifact::BindingKind_KvCache) {
        step.capacity =
            static_cast<int64_t>(buffers.cache->capacity(binding->index()));
      }
    }
    step.overOutRows = dispatch->rows() == artifact::RowCount_OutRows;
    step.tiles = dispatch->tiles();
    step.rowTile = dispatch->row_tile();
    steps.push_back(step);
  }
  if (profile) {
    resetProfile();
  }
}

//===----------------------------------------------------------------------===//
// Profile
//===----------------------------------------------------------------------===//

void Program::resetProfile() {
  profiles.clear();
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    const artifact::Kernel *kernel =
        manifest.kernels()->Get(dispatch->kernel());
    DispatchProfile entry;
    entry.op = text(kernel->op());
    entry.kernel = text(kernel->symbol());
    profiles.push_back(entry);
  }
}

/// Keys that rows at `positions` see, each those of its own sequence up to
/// itself, or the last `window` of them.
static uint64_t keysSeen(Span<const int32_t> positions, uint32_t window) {
  uint64_t keys = 0;
  for (int32_t position : positions) {
    auto seen = static_cast<uint64_t>(position) + 1;
    keys += window == 0 ? seen : std::min<uint64_t>(seen, window);
  }
  return keys;
}

DispatchCost gemma::dispatchCost(const artifact::Manifest &manifest,
                                 const artifact::Dispatch &dispatch,
                                 Span<const int32_t> positions,
                                 uint64_t outRows) {
  uint64_t height = dispatch.rows() == artifact::RowCount_OutRows
                        ? outRows
                        : positions.size();
  uint64_t keys = 0;
  if (dispatch.key_bytes() != 0 || dispatch.key_operations() != 0) {
    for (const artifact::Binding *binding : each(dispatch.bindings())) {
      if (binding->kind() == artifact::BindingKind_KvCache) {
        keys = keysSeen(positions,
                        manifest.kv_caches()->Get(binding->index())->window());
      }
    }
  }
  return {dispatch.fixed_bytes() + height * dispatch.row_bytes() +
              keys * dispatch.key_bytes(),
          height * dispatch.row_operations() +
              keys * dispatch.key_operations()};
}

/// Adds the dispatch that ends now to the profile.
void Program::measure() {
  auto now = std::chrono::steady_clock::now();
  size_t number = static_cast<size_t>(current - steps.data());
  DispatchCost cost =
      dispatchCost(manifest, *manifest.forward()->Get(number),
                   {buffers.positions, static_cast<size_t>(rows)},
                   static_cast<uint64_t>(outRows));
  DispatchProfile &entry = profiles[number];
  ++entry.calls;
  entry.nanoseconds += static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - lastBorder)
          .count());
  entry.bytes += cost.bytes;
  entry.operations += cost.operations;
  lastBorder = now;
}

//===----------------------------------------------------------------------===//
// Trace
//===----------------------------------------------------------------------===//

void Program::setTracing(bool on) {
  events.assign(on ? steps.size() * pool.threads() : 0, DispatchEvent());
  recorded.clear();
  recorded.reserve(events.size());
}

/// Keeps the events that happened.
void Program::collectTrace() {
  recorded.clear();
  for (const DispatchEvent &event : events) {
    if (event.end != 0) {
      recorded.push_back(event);
    }
  }
}
