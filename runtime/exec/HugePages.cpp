//===- HugePages.cpp - Weights copied into huge pages ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/HugePages.h"

#include <algorithm>
#include <atomic>
#include <cstring>

using namespace gemma;

/// Bytes that a thread copies between two looks at `cancel`: whole huge pages.
static constexpr uint64_t kPiece = uint64_t(8) << 20;

Result<Mapping> gemma::copyToHugePages(const Mapping &weights, ThreadPool &pool,
                                       Progress &progress,
                                       const CancelFlag *cancel) {
  Result<Mapping> copy = Mapping::zeroed(weights.size(), "weights");
  if (!copy) {
    return copy;
  }
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stopped{false};
  pool.run([&](uint32_t) {
    for (uint64_t at; (at = next.fetch_add(kPiece)) < weights.size();) {
      if (cancel && cancel->requested()) {
        stopped.store(true, std::memory_order_relaxed);
        return;
      }
      uint64_t bytes = std::min<uint64_t>(kPiece, weights.size() - at);
      std::memcpy(copy->data() + at, weights.data() + at, bytes);
      progress.add(bytes);
    }
  });
  if (stopped) {
    return Error{ErrorCode::Interrupted, "weights: interrupted"};
  }
  copy->protect();
  return copy;
}
