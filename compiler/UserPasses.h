//===- UserPasses.h - Users' passes inside a compile ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_USERPASSES_H
#define GEMMA_COMPILER_USERPASSES_H

#include "compiler/Phases.h"
#include "runtime/core/Result.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace mlir::gemma {

/// A user's passes that run inside the compile.
struct UserPipeline {
  Phase after;
  /// Passes on the module, as MLIR writes them: "a,b{option=1}" or
  /// "builtin.module(a,b)".
  std::string pipeline;
};

/// Loads shared libraries that register passes with MLIR. Errors: NotFound for
/// one that is not there, InvalidData for one that is no plugin.
::gemma::Result<void> loadPassPlugins(llvm::ArrayRef<std::string> paths);

/// Appends the passes of a user's pipeline to `passes`, which run on a module.
/// Errors: InvalidUsage.
::gemma::Result<void> parseUserPipeline(const UserPipeline &user,
                                        OpPassManager &passes);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_USERPASSES_H
