//===- VerifyBufferize.cpp - State what may remain after phase bufferize -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Bufferize/Passes.h"
#include "compiler/VerifyElementwise.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYBUFFERIZE
#include "compiler/Bufferize/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// A view of the arena: constant, aligned and inside.
static LogicalResult verifyView(memref::ViewOp view) {
  APInt offset;
  if (!matchPattern(view.getByteShift(), m_ConstantInt(&offset))) {
    return view.emitOpError("expected a constant offset");
  }
  auto type = view.getType();
  auto arena = cast<MemRefType>(view.getSource().getType());
  if (!type.hasStaticShape() || !arena.hasStaticShape()) {
    return view.emitOpError("expected static shapes");
  }
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  int64_t room = arena.getNumElements();
  int64_t start = offset.getSExtValue();
  if (start % 64 != 0) {
    return view.emitOpError("offset ") << start << " is not a multiple of 64";
  }
  if (start < 0 || bytes > room || start > room - bytes) {
    return view.emitOpError("needs ") << bytes << " bytes at offset " << start
                                      << ", the arena has " << room;
  }
  return success();
}

static LogicalResult verifyOp(Operation &op) {
  for (Type type : op.getOperandTypes()) {
    if (isa<TensorType>(type)) {
      return op.emitOpError("has a tensor operand after phase bufferize");
    }
  }
  if (auto view = dyn_cast<memref::ViewOp>(op)) {
    return verifyView(view);
  }
  if (auto decoderOp = dyn_cast<DecoderOpInterface>(op)) {
    if (!decoderOp.isBuffered()) {
      return op.emitOpError("is not in its buffer form");
    }
    return success();
  }
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    return verifyElementwise(generic);
  }
  if (isa<WeightRefOp, KvCacheRefOp, memref::SubViewOp, arith::ConstantOp,
          func::ReturnOp>(op)) {
    return success();
  }
  return op.emitOpError("may not remain after phase bufferize");
}

namespace {

struct VerifyBufferize
    : public mlir::gemma::impl::VerifyBufferizeBase<VerifyBufferize> {
  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntry(getOperation());
    if (failed(entry)) {
      return signalPassFailure();
    }
    for (Operation &op : entry->getBody().front()) {
      if (failed(verifyOp(op))) {
        return signalPassFailure();
      }
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
