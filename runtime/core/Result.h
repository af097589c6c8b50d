//===- Result.h - A value or an Error --------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_RESULT_H
#define GEMMA_RUNTIME_CORE_RESULT_H

#include "runtime/core/Error.h"

#include <optional>
#include <utility>
#include <variant>

namespace gemma {

/// A value or the error that kept it from being made.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return *std::get_if<0>(&state); }
  const T &operator*() const { return *std::get_if<0>(&state); }
  T *operator->() { return std::get_if<0>(&state); }
  const T *operator->() const { return std::get_if<0>(&state); }

  /// The error. Call it only when there is no value.
  const Error &error() const { return *std::get_if<1>(&state); }
  Error takeError() { return std::move(*std::get_if<1>(&state)); }

private:
  std::variant<T, Error> state;
};

/// Success or an error.
template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error) : failure(std::move(error)) {}

  explicit operator bool() const { return !failure.has_value(); }
  const Error &error() const { return *failure; }
  Error takeError() { return std::move(*failure); }

private:
  std::optional<Error> failure;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_RESULT_H
