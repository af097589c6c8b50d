//===- Guard.h - No exception leaves the library ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_GUARD_H
#define GEMMA_RUNTIME_CORE_GUARD_H

#include "runtime/core/Result.h"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace gemma {

/// Calls `body`, which returns a Result, and makes errors of the exceptions
/// that the standard library throws in it: std::bad_alloc means Resource,
/// anything else is a bug. For the functions of the public interface.
template <typename Body> auto guarded(Body &&body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc &) {
    // Short enough for the string's own buffer: nothing is allocated here.
    return resourceError("out of memory");
  } catch (const std::exception &exception) {
    return internalError(std::string("exception: ") + exception.what());
  }
}

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_GUARD_H
