//===- CancelFlag.h - A request to stop -------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_CANCELFLAG_H
#define GEMMA_RUNTIME_CORE_CANCELFLAG_H

#include <atomic>

namespace gemma {

/// A request to stop, raised from any thread or from a signal handler. Long
/// work looks at it between its steps and returns ErrorCode::Interrupted.
class CancelFlag {
public:
  void request() noexcept { flag.store(true, std::memory_order_relaxed); }
  void reset() noexcept { flag.store(false, std::memory_order_relaxed); }
  bool requested() const noexcept {
    return flag.load(std::memory_order_relaxed);
  }

private:
  std::atomic<bool> flag{false};
  static_assert(std::atomic<bool>::is_always_lock_free,
                "a signal handler may raise it");
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_CANCELFLAG_H
