//===- MemoryPlan.cpp - What a session needs, before it is allocated ------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/MemoryPlan.h"

#include "runtime/artifact/Limits.h"
#include "runtime/core/Threads.h"
#include "runtime/exec/KvCache.h"

#include <algorithm>

using namespace gemma;

static Result<void> inRange(const char *what, uint32_t value,
                            uint32_t highest) {
  if (value < 1 || value > highest) {
    return invalidUsage(std::string(what) + ": expected 1 to " +
                        std::to_string(highest) + ", found " +
                        std::to_string(value));
  }
  return {};
}

Result<SessionOptions> gemma::resolveOptions(const artifact::Manifest &manifest,
                                             const SessionOptions &options) {
  SessionOptions resolved = options;
  uint32_t longest = manifest.model()->context();
  if (resolved.context == 0) {
    resolved.context = longest;
  }
  if (resolved.outRows == 0) {
    resolved.outRows = std::min(resolved.slots, manifest.max_rows());
  }
  if (resolved.threads == 0) {
    resolved.threads = availableCpus();
  }
  for (Result<void> result :
       {inRange("context", resolved.context, longest),
        inRange("slots", resolved.slots, limits::kSlots),
        inRange("rows of logits", resolved.outRows, manifest.max_rows()),
        inRange("threads", resolved.threads, kMaxThreads)}) {
    if (!result) {
      return result.takeError();
    }
  }
  return resolved;
}

uint64_t gemma::indexArrayBytes(const artifact::Manifest &manifest) {
  return alignUp(manifest.max_rows() * sizeof(int32_t), kBufferAlignment);
}

uint64_t gemma::filledBytes(const artifact::Manifest &manifest) {
  uint64_t end = 0;
  for (const artifact::Weight *weight : each(manifest.weights())) {
    if (weight->fill()) {
      end = std::max(end, weight->offset() + weight->size());
    }
  }
  return end;
}

Result<MemoryPlan> gemma::planMemory(const artifact::Manifest &manifest,
                                     const SessionOptions &options) {
  Result<KvLayout> layout =
      KvLayout::plan(manifest, options.context, options.slots);
  if (!layout) {
    return layout.takeError();
  }
  MemoryPlan plan;
  plan.weights = rangeOf(manifest.weights_segment()).size +
                 rangeOf(manifest.stub_data()).size + filledBytes(manifest);
  plan.arena = manifest.arena_bytes();
  plan.kvCache = layout->bytes;
  // At most 2^16 rows of 2^24 tokens.
  plan.logits =
      uint64_t(options.outRows) * manifest.model()->vocab() * sizeof(float);
  plan.inputs = 4 * indexArrayBytes(manifest);
  return plan;
}
