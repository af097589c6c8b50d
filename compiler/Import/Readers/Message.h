//===- Message.h - One-line messages about hostile input --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_MESSAGE_H
#define GEMMA_COMPILER_IMPORT_READERS_MESSAGE_H

#include "runtime/core/Error.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gemma {

/// `text` fit for one line of a message: in single quotes, everything but
/// printable ASCII escaped as \xNN, cut after 64 bytes.
std::string inQuotes(std::string_view text);

/// A path fit for one line of a message: control characters escaped, other
/// bytes (UTF-8 of any script) kept.
std::string printablePath(std::string_view path);

/// Bad data in a field: "<file>: <field>: expected <expected>, found <found>".
/// `field` and `found` may come from the file; both are made printable unless
/// they are (a caller's inQuotes() text passes unchanged).
Error badField(std::string_view file, std::string_view field,
               std::string_view expected, std::string_view found);

/// Bad data in a file as a whole: "<file>: expected <expected>, found
/// <found>".
Error badFile(std::string_view file, std::string_view expected,
              std::string_view found);

/// Whether `bytes` is what git leaves in the place of a large file that was
/// not fetched.
bool isLfsPointer(std::string_view bytes);

/// The error that says so.
Error lfsPointer(std::string_view file);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_MESSAGE_H
