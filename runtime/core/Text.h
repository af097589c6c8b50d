//===- Text.h - Text in messages --------------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_TEXT_H
#define GEMMA_RUNTIME_CORE_TEXT_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gemma {

/// `text` for a message of one line: control characters as \xNN, and no more
/// than `limit` bytes of it (then "…").
std::string printable(std::string_view text, size_t limit = 512);

/// A number of bytes for people: "1.5 GiB", "812 bytes".
std::string byteCount(uint64_t bytes);

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_TEXT_H
