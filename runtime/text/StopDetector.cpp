//===- StopDetector.cpp - Where a generation ends -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/StopDetector.h"

#include <algorithm>

using namespace gemma;

StopDetector::StopDetector(std::vector<int32_t> tokens,
                           std::vector<std::string> strings)
    : tokens(std::move(tokens)), strings(std::move(strings)) {
  auto &all = this->strings;
  all.erase(std::remove(all.begin(), all.end(), std::string()), all.end());
}

bool StopDetector::stopsAt(int32_t token) const {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

/// Length of the longest end of `text` that begins `string` but is not all of
/// it.
static size_t overlap(std::string_view text, std::string_view string) {
  for (size_t n = std::min(text.size(), string.size() - 1); n > 0; --n) {
    if (text.substr(text.size() - n) == string.substr(0, n)) {
      return n;
    }
  }
  return 0;
}

std::string_view StopDetector::add(std::string_view text) {
  ready.clear();
  if (found) {
    return ready;
  }
  held += text;
  size_t end = std::string::npos, keep = 0;
  for (const std::string &string : strings) {
    end = std::min(end, held.find(string));
    keep = std::max(keep, overlap(held, string));
  }
  if (end != std::string::npos) {
    found = true;
    ready.assign(held, 0, end);
    held.clear();
    return ready;
  }
  ready.assign(held, 0, held.size() - keep);
  held.erase(0, held.size() - keep);
  return ready;
}

std::string_view StopDetector::finish() {
  ready = held;
  held.clear();
  return ready;
}
