//===- Scalars.cpp - Arithmetic of the interpreter ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Scalars.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace mlir;

using Evaluate = double (*)(Operation *op, llvm::ArrayRef<double> x);

static bool compareFloats(arith::CmpFPredicate predicate, double a, double b) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::AlwaysTrue:
    return true;
  case P::OEQ:
    return !unordered && a == b;
  case P::OGT:
    return a > b;
  case P::OGE:
    return a >= b;
  case P::OLT:
    return a < b;
  case P::OLE:
    return a <= b;
  case P::ONE:
    return !unordered && a != b;
  case P::ORD:
    return !unordered;
  case P::UEQ:
    return unordered || a == b;
  case P::UGT:
    return unordered || a > b;
  case P::UGE:
    return unordered || a >= b;
  case P::ULT:
    return unordered || a < b;
  case P::ULE:
    return unordered || a <= b;
  case P::UNE:
    return unordered || a != b;
  case P::UNO:
    return unordered;
  }
  llvm_unreachable("all predicates are above");
}

static bool compareInts(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  using P = arith::CmpIPredicate;
  auto ua = static_cast<uint64_t>(a);
  auto ub = static_cast<uint64_t>(b);
  switch (predicate) {
  case P::eq:
    return a == b;
  case P::ne:
    return a != b;
  case P::slt:
    return a < b;
  case P::sle:
    return a <= b;
  case P::sgt:
    return a > b;
  case P::sge:
    return a >= b;
  case P::ult:
    return ua < ub;
  case P::ule:
    return ua <= ub;
  case P::ugt:
    return ua > ub;
  case P::uge:
    return ua >= ub;
  }
  llvm_unreachable("all predicates are above");
}

/// NaN if either is, unlike std::fmax and std::fmin.
static double maximum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::fmax(a, b);
}
static double minimum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::fmin(a, b);
}

static int64_t asInt(double x) { return static_cast<int64_t>(x); }

#define UNARY(EXPRESSION)                                                      \
  [](Operation *, llvm::ArrayRef<double> x) -> double {                        \
    double a = x[0];                                                           \
    return EXPRESSION;                                                         \
  }
#define BINARY(EXPRESSION)                                                     \
  [](Operation *, llvm::ArrayRef<double> x) -> double {                        \
    double a = x[0], b = x[1];                                                 \
    return EXPRESSION;                                                         \
  }

static const llvm::StringMap<Evaluate> &getEvaluators() {
  static const llvm::StringMap<Evaluate> evaluators = {
      {"arith.addf", BINARY(a + b)},
      {"arith.subf", BINARY(a - b)},
      {"arith.mulf", BINARY(a * b)},
      {"arith.divf", BINARY(a / b)},
      {"arith.negf", UNARY(-a)},
      {"arith.maximumf", BINARY(maximum(a, b))},
      {"arith.minimumf", BINARY(minimum(a, b))},
      {"arith.maxnumf", BINARY(std::fmax(a, b))},
      {"arith.minnumf", BINARY(std::fmin(a, b))},
      {"arith.truncf", UNARY(a)},
      {"arith.extf", UNARY(a)},
      {"arith.sitofp", UNARY(a)},
      {"arith.fptosi", UNARY(std::trunc(a))},
      {"arith.index_cast", UNARY(a)},
      {"arith.extsi", UNARY(a)},
      {"arith.trunci", UNARY(a)},
      {"arith.addi", BINARY(static_cast<double>(asInt(a) + asInt(b)))},
      {"arith.subi", BINARY(static_cast<double>(asInt(a) - asInt(b)))},
      {"arith.muli", BINARY(static_cast<double>(asInt(a) * asInt(b)))},
      {"arith.andi", BINARY(static_cast<double>(asInt(a) & asInt(b)))},
      {"arith.ori", BINARY(static_cast<double>(asInt(a) | asInt(b)))},
      {"arith.xori", BINARY(static_cast<double>(asInt(a) ^ asInt(b)))},
      {"arith.maxsi", BINARY(std::fmax(a, b))},
      {"arith.minsi", BINARY(std::fmin(a, b))},
      {"arith.cmpf",
       [](Operation *op, llvm::ArrayRef<double> x) -> double {
         return compareFloats(llvm::cast<arith::CmpFOp>(op).getPredicate(),
                              x[0], x[1]);
       }},
      {"arith.cmpi",
       [](Operation *op, llvm::ArrayRef<double> x) -> double {
         return compareInts(llvm::cast<arith::CmpIOp>(op).getPredicate(),
                            asInt(x[0]), asInt(x[1]));
       }},
      {"arith.select",
       [](Operation *, llvm::ArrayRef<double> x) -> double {
         return x[0] != 0 ? x[1] : x[2];
       }},
      {"math.absf", UNARY(std::fabs(a))},
      {"math.cos", UNARY(std::cos(a))},
      {"math.erf", UNARY(std::erf(a))},
      {"math.exp", UNARY(std::exp(a))},
      {"math.exp2", UNARY(std::exp2(a))},
      {"math.fma",
       [](Operation *, llvm::ArrayRef<double> x) -> double {
         return std::fma(x[0], x[1], x[2]);
       }},
      {"math.log", UNARY(std::log(a))},
      {"math.powf", BINARY(std::pow(a, b))},
      {"math.rsqrt", UNARY(1 / std::sqrt(a))},
      {"math.sin", UNARY(std::sin(a))},
      {"math.sqrt", UNARY(std::sqrt(a))},
      {"math.tanh", UNARY(std::tanh(a))},
  };
  return evaluators;
}

bool mlir::gemma::reference::isScalarOp(Operation *op) {
  return getEvaluators().contains(op->getName().getStringRef());
}

double mlir::gemma::reference::evaluateScalar(Operation *op,
                                              llvm::ArrayRef<double> operands) {
  return getEvaluators().lookup(op->getName().getStringRef())(op, operands);
}
