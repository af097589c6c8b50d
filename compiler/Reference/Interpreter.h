//===- Interpreter.h - The dialect's executable specification ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Plain loops in f64 over every form of a program: on tensors (phases import,
// fuse, pack), on buffers (bufferize) and as dispatches. See Memory.h for what
// is rounded, and for the errors that buffers give.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_INTERPRETER_H
#define GEMMA_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/Reference/Memory.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "runtime/core/Result.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <variant>

namespace mlir::gemma::reference {

/// The key and the value of one token, all heads.
struct CacheRow {
  std::vector<double> key;
  std::vector<double> value;
};

/// Rows of one KV cache by (slot, position).
using CacheRows = std::map<std::pair<int64_t, int64_t>, CacheRow>;

/// A KV cache as a value.
struct CacheHandle {
  CacheRows *rows;
  bool writable = true;
};

/// What an SSA value holds: a scalar, a tensor or memref, scratch memory (a
/// memref of bytes), a weight by name, or a KV cache.
using RuntimeValue =
    std::variant<double, View, std::shared_ptr<Arena>, WeightOp, CacheHandle>;

/// Runs functions of one module. The KV caches live as long as it does, so
/// that a forward sees what forwards before it wrote.
class Interpreter {
public:
  /// Writes rows [row, row + count) of a weight as f32, before encoding.
  using ReadRows = std::function<::gemma::Result<void>(
      WeightOp weight, int64_t row, int64_t count, float *out)>;

  /// With `keepRows`, rows for quantised weights keep their values: what
  /// remains is the rounding of the weights.
  Interpreter(ModuleOp module, ReadRows readRows, bool keepRows = false)
      : module(module), readRows(std::move(readRows)), keepRows(keepRows) {}

  ModuleOp getModule() const { return module; }
  bool keepsRows() const { return keepRows; }

  /// Results of `function`. Errors are reported at the op that fails.
  FailureOr<llvm::SmallVector<RuntimeValue>>
  call(func::FuncOp function, llvm::ArrayRef<RuntimeValue> arguments);

  /// The rows of the cache `name`, created empty.
  CacheRows &getCache(llvm::StringRef name) { return caches[name]; }

  /// Rows [row, row + count) of a weight, rounded as its encoding says.
  FailureOr<std::vector<double>> readWeight(Operation *reader, WeightOp weight,
                                            int64_t row, int64_t count);

private:
  ModuleOp module;
  ReadRows readRows;
  bool keepRows;
  llvm::StringMap<CacheRows> caches;
};

/// The values of one call.
class Frame {
public:
  explicit Frame(Interpreter &interpreter) : interpreter(interpreter) {}

  Interpreter &getInterpreter() { return interpreter; }
  void set(Value value, RuntimeValue runtime) {
    values[value] = std::move(runtime);
  }
  const RuntimeValue &get(Value value) { return values[value]; }
  double getScalar(Value value) { return std::get<double>(get(value)); }
  int64_t getInt(Value value) { return static_cast<int64_t>(getScalar(value)); }
  const CacheHandle &getCache(Value value) {
    return std::get<CacheHandle>(get(value));
  }
  /// A tensor or a memref; a weight's values if it is one. Reports a memref of
  /// bytes at `reader`.
  FailureOr<View> getView(Operation *reader, Value value);

private:
  Interpreter &interpreter;
  llvm::DenseMap<Value, RuntimeValue> values;
};

/// A tensor or a buffer of constants.
View makeConstant(DenseElementsAttr elements);

// Each of these runs one op of a kind and puts its results into the frame.

LogicalResult runDecoderOp(Operation *op, Frame &frame);
/// An op of dialect memref: isMemoryOp says which.
LogicalResult runMemoryOp(Operation *op, Frame &frame);
bool isMemoryOp(Operation *op);
/// An op that isScalarOp knows, on scalars or tensors.
LogicalResult runElementwiseOp(Operation *op, Frame &frame);
LogicalResult runGenericOp(linalg::GenericOp op, Frame &frame);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_INTERPRETER_H
