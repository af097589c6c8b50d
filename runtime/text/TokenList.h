//===- TokenList.h - Token ids that a user wrote ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_TOKENLIST_H
#define GEMMA_RUNTIME_TEXT_TOKENLIST_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gemma {

/// Reads token ids, "2,5,7": decimal numbers below `vocab`, separated by
/// commas, white space, or both.
/// Errors: `code`, also if there is no number; `where` is the flag or file.
Result<std::vector<int32_t>> parseTokenList(std::string_view text,
                                            uint32_t vocab, ErrorCode code,
                                            std::string_view where);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_TOKENLIST_H
