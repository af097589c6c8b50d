//===- Checked.h - Arithmetic that tells of overflow ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_CHECKED_H
#define GEMMA_RUNTIME_CORE_CHECKED_H

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>

namespace gemma {

/// a + b, or nothing if it does not fit.
inline std::optional<uint64_t> checkedAdd(uint64_t a, uint64_t b) {
  if (b > std::numeric_limits<uint64_t>::max() - a) {
    return std::nullopt;
  }
  return a + b;
}

/// The product of all factors, or nothing if it does not fit.
inline std::optional<uint64_t>
checkedProduct(std::initializer_list<uint64_t> factors) {
  uint64_t product = 1;
  for (uint64_t factor : factors) {
    if (factor != 0 &&
        product > std::numeric_limits<uint64_t>::max() / factor) {
      return std::nullopt;
    }
    product *= factor;
  }
  return product;
}

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_CHECKED_H
