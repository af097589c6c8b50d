//===- Progress.cpp - A progress bar --------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>
#include <utility>

using namespace gemma;

// Work that ends sooner than this shows no bar.
static constexpr std::chrono::milliseconds kBlink(200);
static constexpr int kBarWidth = 30;

static bool onTerminal() {
  const char *terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) && terminal &&
         std::string_view(terminal) != "dumb";
}

Progress::Progress(std::string label, uint64_t total, bool enabled)
    : label(std::move(label)), total(total),
      visible(enabled && total != 0 && onTerminal()), start(Clock::now()) {}

Progress::~Progress() {
  if (drawnPercent >= 0) {
    std::fputs("\r\033[K", stderr);
  }
}

std::string Progress::line(const std::string &label, double share) {
  share = std::clamp(share, 0.0, 1.0);
  int filled = static_cast<int>(share * kBarWidth);
  char percent[16];
  std::snprintf(percent, sizeof percent, "] %3d %%",
                static_cast<int>(share * 100));
  return label + " [" + std::string(filled, '#') +
         std::string(kBarWidth - filled, ' ') + percent;
}

void Progress::add(uint64_t amount) {
  uint64_t now = done.fetch_add(amount, std::memory_order_relaxed) + amount;
  if (!visible || Clock::now() - start < kBlink) {
    return;
  }
  // A thread that finds another one drawing has nothing newer to show.
  std::unique_lock<std::mutex> lock(drawing, std::try_to_lock);
  if (!lock.owns_lock()) {
    return;
  }
  double share = static_cast<double>(now) / static_cast<double>(total);
  int percent = static_cast<int>(share * 100);
  if (percent > drawnPercent) {
    drawnPercent = percent;
    std::fprintf(stderr, "\r%s", line(label, share).c_str());
  }
}
