//===- OutlineKernels.cpp - One function per distinct kernel -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/Cost.h"
#include "compiler/Dispatch/Grid.h"
#include "compiler/Dispatch/Passes.h"
#include "compiler/VerifyElementwise.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "compiler/Dispatch/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// One op of the entry with what it works on, before it becomes a step.
struct Step {
  Operation *op;
  /// Views of the rows in use that belong to the op (elementwise ops only).
  /// One per buffer; the same one twice if passes have made them one.
  SmallVector<Operation *> views;
  SmallVector<Value> buffers;
  SmallVector<int64_t> writes;
  Value rows;
};

} // namespace

/// Whether `operand` is where `op` leaves rows in pieces.
static bool isWrittenPartials(Operation *op, Value operand) {
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    return operand == attention.getPartials() && !attention.getCombine();
  }
  auto attention = dyn_cast<RopeAttentionOp>(op);
  return attention && operand == attention.getPartials() &&
         !attention.getCombine();
}

static Step getDecoderStep(DecoderOpInterface op) {
  Step step{op, {}, {}, {}, op.getRows()};
  // The count of rows is the last operand, the buffers written those before.
  unsigned count = op->getNumOperands() - 1;
  unsigned firstOut = count - op.getOuts().size();
  for (Value operand : op->getOperands().take_front(count)) {
    bool isOut = step.buffers.size() >= firstOut;
    bool isCache =
        isa<CacheWriteOp, NormQkvOp>(op) && isa<KvCacheType>(operand.getType());
    if (isOut || isCache || isWrittenPartials(op, operand)) {
      step.writes.push_back(step.buffers.size());
    }
    step.buffers.push_back(operand);
  }
  return step;
}

static FailureOr<Step> getElementwiseStep(linalg::GenericOp generic) {
  if (failed(verifyElementwise(generic))) {
    return failure();
  }
  Step step{generic, {}, {}, {}, Value()};
  for (Value operand : generic->getOperands()) {
    auto view = operand.getDefiningOp<memref::SubViewOp>();
    step.views.push_back(view);
    step.buffers.push_back(view.getSource());
    step.rows = view.getSizes().front();
  }
  step.writes.push_back(step.buffers.size() - 1);
  return step;
}

/// "rms_norm" for gemma.rms_norm; "elementwise_addf" for a linalg.generic
/// over arith.addf.
static std::string getBaseName(Operation *op) {
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    StringRef name = generic.getBody()->front().getName().stripDialect();
    return ("elementwise_" + name).str();
  }
  return op->getName().stripDialect().str();
}

/// The kernel of a step; its name is set later.
static func::FuncOp buildKernel(OpBuilder &builder, const Step &step) {
  Location loc = builder.getUnknownLoc();
  SmallVector<Type> types;
  for (Value buffer : step.buffers) {
    types.push_back(buffer.getType());
  }
  types.append(3, builder.getIndexType());
  auto kernel = func::FuncOp::create(
      loc, "kernel", builder.getFunctionType(types, TypeRange()));
  Block *block = kernel.addEntryBlock();
  OpBuilder body = OpBuilder::atBlockEnd(block);
  // Operand by operand: an op may work on one buffer twice, in place say, and
  // the kernel must know its arguments by their place.
  unsigned count = step.buffers.size();
  Value rows = block->getArgument(count);
  SmallVector<Value> operands(block->getArguments().take_front(count));
  for (size_t i = 0; i < step.views.size(); ++i) {
    IRMapping mapping;
    mapping.map(step.rows, rows);
    mapping.map(step.buffers[i], operands[i]);
    operands[i] = body.clone(*step.views[i], mapping)->getResult(0);
  }
  if (step.views.empty()) {
    operands.push_back(rows);
  }
  body.clone(*step.op)->setOperands(operands);
  func::ReturnOp::create(body, loc);
  // A kernel is shared: where its ops came from says nothing about it.
  kernel->walk([&](Operation *op) { op->setLoc(loc); });
  return kernel;
}

namespace {

struct OutlineKernels
    : public mlir::gemma::impl::OutlineKernelsBase<OutlineKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<func::FuncOp> entry = getEntry(module);
    if (failed(entry)) {
      return signalPassFailure();
    }
    if (module.lookupSymbol(kKernelModule)) {
      module.emitError("expected @forward and no module @") << kKernelModule;
      return signalPassFailure();
    }
    OpBuilder builder(*entry);
    kernels = ModuleOp::create(builder, module.getLoc(), kKernelModule);
    target = &getCpuTarget(module);

    SmallVector<Operation *> ops;
    for (Operation &op : entry->getBody().front()) {
      if (isa<DecoderOpInterface, linalg::GenericOp>(op)) {
        ops.push_back(&op);
      }
    }
    for (Operation *op : ops) {
      if (failed(outline(op))) {
        return signalPassFailure();
      }
    }
  }

private:
  LogicalResult outline(Operation *op) {
    FailureOr<Step> step;
    if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      step = getElementwiseStep(generic);
    } else if (auto decoderOp = cast<DecoderOpInterface>(op);
               decoderOp.isBuffered()) {
      step = getDecoderStep(decoderOp);
    } else {
      return op->emitOpError("is not in its buffer form");
    }
    if (failed(step)) {
      return failure();
    }
    OpBuilder builder(op);
    StringAttr kernel = getKernel(builder, *step);
    Grid grid = getGrid(op, *target);
    Cost cost = getCost(op);
    auto symbol = SymbolRefAttr::get(builder.getStringAttr(kKernelModule),
                                     {FlatSymbolRefAttr::get(kernel)});
    DispatchOp::create(builder, op->getLoc(), symbol, step->buffers, step->rows,
                       grid.tiles, grid.rowTile, step->writes, cost.fixedBytes,
                       cost.rowBytes, cost.rowOperations, cost.keyBytes,
                       cost.keyOperations);
    op->erase();
    for (Operation *view : llvm::SmallSetVector<Operation *, 4>(
             step->views.begin(), step->views.end())) {
      if (view->use_empty()) {
        view->erase();
      }
    }
    return success();
  }

  /// The name of the step's kernel, which is made if no equal one exists.
  StringAttr getKernel(OpBuilder &builder, const Step &step) {
    func::FuncOp kernel = buildKernel(builder, step);
    std::string text;
    llvm::raw_string_ostream stream(text);
    kernel.print(stream);
    StringAttr &name = names[text];
    if (name) {
      kernel.erase();
      return name;
    }
    std::string base = getBaseName(step.op);
    name = builder.getStringAttr(base + "_" + Twine(counts[base]++));
    kernel.setSymNameAttr(name);
    kernels.push_back(kernel);
    return name;
  }

  ModuleOp kernels;
  const CpuTarget *target = nullptr;
  /// Name by the text of the kernel under a common name.
  llvm::StringMap<StringAttr> names;
  /// Kernels so far with a base name.
  llvm::StringMap<int64_t> counts;
};

} // namespace
