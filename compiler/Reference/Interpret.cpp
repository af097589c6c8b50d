//===- Interpret.cpp - The interpreter as a pass --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/WeightStore.h"
#include "compiler/Reference/Forward.h"
#include "compiler/Reference/Npy.h"
#include "compiler/Reference/Passes.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_INTERPRET
#include "compiler/Reference/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

//===----------------------------------------------------------------------===//
// Printing results of @main
//===----------------------------------------------------------------------===//

static void printElements(llvm::raw_ostream &out, llvm::ArrayRef<int64_t> sizes,
                          llvm::ArrayRef<double> values) {
  if (sizes.empty()) {
    out << llvm::format("%.6g", values.front());
    return;
  }
  size_t step = sizes.front() == 0 ? 0 : values.size() / sizes.front();
  out << '[';
  for (int64_t i = 0; i < sizes.front(); ++i) {
    out << (i == 0 ? "" : ", ");
    printElements(out, sizes.drop_front(), values.slice(i * step, step));
  }
  out << ']';
}

/// One line: the type as it turned out at run time, and the values.
static LogicalResult printResult(llvm::raw_ostream &out, Operation *reader,
                                 Type type, const RuntimeValue &value) {
  if (auto *scalar = std::get_if<double>(&value)) {
    out << type << " " << llvm::format("%.6g", *scalar) << "\n";
    return success();
  }
  auto *view = std::get_if<View>(&value);
  if (!view) {
    return reader->emitOpError("expected a result that is a number, a tensor "
                               "or a buffer, found ")
           << type;
  }
  FailureOr<std::vector<double>> values = view->read(reader);
  if (failed(values)) {
    return failure();
  }
  for (int64_t size : view->getSizes()) {
    out << size << "x";
  }
  out << view->getElementType() << " ";
  printElements(out, view->getSizes(), *values);
  out << "\n";
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct Interpret : public mlir::gemma::impl::InterpretBase<Interpret> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    auto store = WeightStore::open(getOperation(), checkpoint);
    if (!store) {
      getOperation().emitError() << store.error().message;
      return signalPassFailure();
    }
    Interpreter interpreter(
        getOperation(),
        [&store](WeightOp weight, int64_t row, int64_t count, float *out) {
          return store->readRows(weight, row, count, out);
        },
        keepRows);
    if (failed(tokens.empty() ? runMain(interpreter)
                              : runTokens(interpreter))) {
      signalPassFailure();
    }
  }

private:
  LogicalResult runMain(Interpreter &interpreter) {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main) {
      return getOperation().emitError(
          "expected a function @main or the option tokens");
    }
    auto results = interpreter.call(main, {});
    if (failed(results)) {
      return failure();
    }
    for (auto [type, value] : llvm::zip(main.getResultTypes(), *results)) {
      if (failed(printResult(llvm::outs(), main, type, value))) {
        return failure();
      }
    }
    return success();
  }

  LogicalResult runTokens(Interpreter &interpreter) {
    if (output.empty() || (dtype != "f32" && dtype != "f64") || chunk < 0) {
      return getOperation().emitError(
                 "expected output=FILE, dtype=f32 or f64 and a chunk of 0 or "
                 "more, found output=")
             << output.getValue() << " dtype=" << dtype.getValue()
             << " chunk=" << chunk.getValue();
    }
    FailureOr<func::FuncOp> forward = getForward(getOperation());
    if (failed(forward)) {
      return failure();
    }
    auto total = static_cast<int64_t>(tokens.size());
    int64_t step = chunk == 0 ? total : chunk;
    step = std::min(step, getMaxRows(*forward).value_or(step));
    if (step <= 0) {
      return forward->emitOpError("expected room for rows, found none");
    }
    Logits all;
    for (int64_t first = 0; first < total; first += step) {
      llvm::ArrayRef<int64_t> run(&tokens[first],
                                  std::min(step, total - first));
      auto rows = ForwardRows::makeRun(run, /*slot=*/0, first);
      FailureOr<Logits> logits = runForward(interpreter, rows);
      if (failed(logits)) {
        return failure();
      }
      all.rows += logits->rows;
      all.vocab = logits->vocab;
      all.values.insert(all.values.end(), logits->values.begin(),
                        logits->values.end());
    }
    NpyElement element = dtype == "f64" ? NpyElement::F64 : NpyElement::F32;
    auto written = writeNpy(output, element, all.rows, all.vocab, all.values);
    if (!written) {
      return getOperation().emitError() << written.error().message;
    }
    return success();
  }
};

} // namespace
