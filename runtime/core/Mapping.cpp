//===- Mapping.cpp - Memory from mmap, given back by its owner ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Mapping.h"

#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <sys/mman.h>
#include <utility>

using namespace gemma;

// Buffers at least this large are worth huge pages: kernels that walk a few
// kilobytes at a time over several buffers lose up to 10 % to TLB misses.
static constexpr uint64_t kHugePageWorth = uint64_t(2) << 20;

Mapping::Mapping(Mapping &&other) noexcept
    : first(std::exchange(other.first, nullptr)),
      count(std::exchange(other.count, 0)) {}

Mapping &Mapping::operator=(Mapping &&other) noexcept {
  std::swap(first, other.first);
  std::swap(count, other.count);
  return *this;
}

Mapping::~Mapping() {
  if (count != 0) {
    munmap(first, count);
  }
}

void Mapping::protect() {
  // It cannot fail for a mapping of our own, and is a safeguard only.
  (void)mprotect(first, count, PROT_READ);
}

static Error noMemory(std::string_view what, uint64_t bytes, int reason) {
  return resourceError(
      std::string(what) + ": expected " + std::to_string(bytes) +
      " bytes of memory, found none (" + std::strerror(reason) + ")");
}

Result<Mapping> Mapping::zeroed(uint64_t bytes, std::string_view what) {
  if (bytes == 0) {
    return Mapping();
  }
  if (bytes > std::numeric_limits<size_t>::max() / 2) {
    return noMemory(what, bytes, ENOMEM);
  }
  void *address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) {
    return noMemory(what, bytes, errno);
  }
  if (bytes >= kHugePageWorth) {
    // Only advice: where it is not taken the pages are small.
    (void)madvise(address, bytes, MADV_HUGEPAGE);
  }
  return Mapping(static_cast<unsigned char *>(address), bytes);
}

Result<Mapping> Mapping::file(int descriptor, uint64_t offset, uint64_t bytes,
                              std::string_view what) {
  if (bytes == 0) {
    return Mapping();
  }
  if (bytes > std::numeric_limits<size_t>::max() / 2) {
    return noMemory(what, bytes, ENOMEM);
  }
  void *address = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor,
                       static_cast<off_t>(offset));
  if (address == MAP_FAILED) {
    return noMemory(what, bytes, errno);
  }
  return Mapping(static_cast<unsigned char *>(address), bytes);
}
