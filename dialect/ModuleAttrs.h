//===- ModuleAttrs.h - Attributes that a module of a model carries *- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_MODULEATTRS_H
#define GEMMA_DIALECT_MODULEATTRS_H

#include "mlir/IR/Operation.h"

namespace mlir::gemma {

/// Names of the module attributes that make a dump complete. See README.md
/// for their keys.
inline constexpr llvm::StringLiteral kCheckpointAttr = "gemma.checkpoint";
inline constexpr llvm::StringLiteral kTokenizerAttr = "gemma.tokenizer";
inline constexpr llvm::StringLiteral kModelAttr = "gemma.model";
inline constexpr llvm::StringLiteral kOptionsAttr = "gemma.options";

/// Keys of gemma.options: the encoding of the head, by default that of
/// `weights`; and how q4_0 finds its scales, only if a weight is q4_0.
inline constexpr llvm::StringLiteral kHeadWeightsKey = "head_weights";
inline constexpr llvm::StringLiteral kQ4RuleKey = "q4_0_rule";
inline constexpr llvm::StringLiteral kQ4RuleMse = "mse";
inline constexpr llvm::StringLiteral kQ4RuleGgml = "ggml";

/// The key of gemma.options that lists the fusions that are off.
inline constexpr llvm::StringLiteral kNoFuseKey = "no_fuse";

/// Checks one `gemma.*` attribute: that it stands on a module and that its
/// keys are known, complete and of the right types.
LogicalResult verifyModuleAttribute(Operation *op, NamedAttribute attribute);

} // namespace mlir::gemma

#endif // GEMMA_DIALECT_MODULEATTRS_H
