//===- Forward.cpp - One forward of a program, in any form ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Forward.h"

#include <numeric>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

ForwardRows ForwardRows::makeRun(llvm::ArrayRef<int64_t> tokens, int64_t slot,
                                 int64_t position) {
  ForwardRows rows;
  rows.tokens = tokens.vec();
  rows.slots.assign(tokens.size(), slot);
  rows.positions.resize(tokens.size());
  std::iota(rows.positions.begin(), rows.positions.end(), position);
  rows.outRows.resize(tokens.size());
  std::iota(rows.outRows.begin(), rows.outRows.end(), 0);
  return rows;
}

FailureOr<func::FuncOp> mlir::gemma::reference::getForward(ModuleOp module) {
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  if (!forward) {
    return module.emitError("expected a function @forward, found none");
  }
  // The four lists of rows come first in every form.
  if (forward.getNumArguments() < 4 ||
      !llvm::all_of(forward.getArgumentTypes().take_front(4), [](Type type) {
        auto shaped = llvm::dyn_cast<ShapedType>(type);
        return shaped && shaped.hasRank() && shaped.getRank() == 1 &&
               shaped.getElementType().isInteger(32);
      })) {
    return forward.emitOpError("expected (tokens, positions, slots, out_rows) "
                               "of i32 first");
  }
  return forward;
}

std::optional<int64_t>
mlir::gemma::reference::getMaxRows(func::FuncOp forward) {
  if (auto type = llvm::dyn_cast<MemRefType>(forward.getArgumentTypes()[0])) {
    return type.getDimSize(0);
  }
  return std::nullopt;
}

/// One list of rows as an argument: all of a tensor, the front of a buffer.
static View makeList(Type type, llvm::ArrayRef<int64_t> entries) {
  auto shaped = llvm::cast<ShapedType>(type);
  int64_t count = static_cast<int64_t>(entries.size());
  int64_t room = llvm::isa<MemRefType>(type) ? shaped.getDimSize(0) : count;
  View list = View::create(shaped.getElementType(), {room});
  std::vector<double> values(entries.begin(), entries.end());
  list.takeFront(count).write(values);
  return list.readOnly();
}

FailureOr<Logits> mlir::gemma::reference::runForward(Interpreter &interpreter,
                                                     const ForwardRows &rows) {
  FailureOr<func::FuncOp> forward = getForward(interpreter.getModule());
  if (failed(forward)) {
    return failure();
  }
  llvm::ArrayRef<Type> types = forward->getArgumentTypes();
  std::optional<int64_t> maxRows = getMaxRows(*forward);
  for (const std::vector<int64_t> *list : {&rows.tokens, &rows.outRows}) {
    if (maxRows && static_cast<int64_t>(list->size()) > *maxRows) {
      return forward->emitOpError("expected at most ")
             << *maxRows << " rows, found " << list->size();
    }
  }
  llvm::SmallVector<RuntimeValue> arguments;
  const std::vector<int64_t> *lists[] = {&rows.tokens, &rows.positions,
                                         &rows.slots, &rows.outRows};
  for (auto [type, list] : llvm::zip(types, lists)) {
    arguments.push_back(makeList(type, *list));
  }
  std::optional<View> logits;
  double counts[] = {static_cast<double>(rows.tokens.size()),
                     static_cast<double>(rows.outRows.size())};
  const double *count = counts;
  for (Type type : types.drop_front(4)) {
    auto buffer = llvm::dyn_cast<MemRefType>(type);
    if (buffer && buffer.hasStaticShape() &&
        buffer.getElementType().isInteger(8)) {
      arguments.push_back(std::make_shared<Arena>(buffer.getNumElements()));
    } else if (buffer && buffer.hasStaticShape() && !logits) {
      logits = View::create(buffer.getElementType(), buffer.getShape());
      arguments.push_back(*logits);
    } else if (type.isIndex() && count != std::end(counts)) {
      arguments.push_back(*count++);
    } else {
      return forward->emitOpError("expected logits, arena and two counts, "
                                  "found ")
             << type;
    }
  }
  auto results = interpreter.call(*forward, arguments);
  if (failed(results)) {
    return failure();
  }
  if (!logits && results->size() == 1) {
    if (auto *view = std::get_if<View>(&results->front())) {
      logits = *view;
    }
  }
  if (!logits || logits->getSizes().size() != 2) {
    return forward->emitOpError("expected logits, one row per entry of "
                                "out_rows");
  }
  auto outRows = static_cast<int64_t>(rows.outRows.size());
  auto values = logits->takeFront(outRows).read(*forward);
  if (failed(values)) {
    return failure();
  }
  return Logits{outRows, logits->getSizes()[1], std::move(*values)};
}
