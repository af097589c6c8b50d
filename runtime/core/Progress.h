//===- Progress.h - A progress bar ------------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_PROGRESS_H
#define GEMMA_RUNTIME_CORE_PROGRESS_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace gemma {

/// A bar on stderr for work that takes longer than a blink. It stays silent if
/// stderr is no terminal, if TERM is "dumb", or if it is not enabled; it erases
/// itself at the end.
class Progress {
public:
  /// `total` is in any unit; `label` is one short line.
  Progress(std::string label, uint64_t total, bool enabled);
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  ~Progress();

  /// `amount` more is done. From any thread.
  void add(uint64_t amount);

  /// The bar's line for a share done, in [0, 1]: "label [###   ]  50 %".
  static std::string line(const std::string &label, double share);

private:
  using Clock = std::chrono::steady_clock;

  std::string label;
  uint64_t total;
  bool visible;
  Clock::time_point start;
  std::atomic<uint64_t> done{0};
  std::mutex drawing;
  int drawnPercent = -1;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_PROGRESS_H
