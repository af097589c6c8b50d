//===- Error.h - The one error type of runtime and readers -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_ERROR_H
#define GEMMA_RUNTIME_CORE_ERROR_H

#include <string>
#include <utility>

namespace gemma {

/// What went wrong, by who can mend it. The value is the exit code of a tool
/// that ends with the error (sysexits.h; 130 is the shell's code for SIGINT).
enum class ErrorCode {
  InvalidUsage = 64, ///< flags or arguments of a call
  InvalidData = 65,  ///< a file or a prompt that is not what it should be
  NotFound = 66,     ///< an input that is not there or cannot be read
  Resource = 69,     ///< memory, disk, or a CPU or device that lacks something
  Internal = 70,     ///< a bug of ours
  Interrupted = 130, ///< stopped by the user
};

/// An error and its one-line message: "<what>: expected ..., found ...
/// (where)", lower-case start, no final period.
struct Error {
  ErrorCode code;
  std::string message;

  /// Exit code of a tool that ends with this error.
  int exitCode() const { return static_cast<int>(code); }
};

inline Error invalidUsage(std::string message) {
  return {ErrorCode::InvalidUsage, std::move(message)};
}
inline Error invalidData(std::string message) {
  return {ErrorCode::InvalidData, std::move(message)};
}
inline Error notFound(std::string message) {
  return {ErrorCode::NotFound, std::move(message)};
}
inline Error resourceError(std::string message) {
  return {ErrorCode::Resource, std::move(message)};
}
inline Error internalError(std::string message) {
  return {ErrorCode::Internal, std::move(message)};
}

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_ERROR_H
