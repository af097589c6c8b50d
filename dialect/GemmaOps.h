//===- GemmaOps.h - The ops of the gemma dialect ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_GEMMAOPS_H
#define GEMMA_DIALECT_GEMMAOPS_H

#include "dialect/GemmaAttrs.h"
#include "dialect/GemmaDialect.h"
#include "dialect/GemmaInterfaces.h"
#include "dialect/GemmaTypes.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::gemma {

/// The session's KV caches. They are no memory that a value of the program
/// owns, so an op that touches one says so by this resource.
struct KvCacheResource : public SideEffects::Resource::Base<KvCacheResource> {
  llvm::StringRef getName() final { return "gemma.kv_cache"; }
};

} // namespace mlir::gemma

#define GET_OP_CLASSES
#include "dialect/GemmaOps.h.inc"

#endif // GEMMA_DIALECT_GEMMAOPS_H
