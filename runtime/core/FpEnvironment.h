//===- FpEnvironment.h - Rounding as everywhere -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_FPENVIRONMENT_H
#define GEMMA_RUNTIME_CORE_FPENVIRONMENT_H

#include <cfenv>

namespace gemma {

/// Sets the default floating-point environment while it lives (round to
/// nearest, subnormals kept, nothing traps), so that a host program that
/// changed it gets the same bits, from the caller's thread as from workers.
class FpEnvironment {
public:
  FpEnvironment() {
    std::fegetenv(&previous);
    std::fesetenv(FE_DFL_ENV);
  }
  FpEnvironment(const FpEnvironment &) = delete;
  FpEnvironment &operator=(const FpEnvironment &) = delete;
  ~FpEnvironment() { std::fesetenv(&previous); }

private:
  std::fenv_t previous;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_FPENVIRONMENT_H
