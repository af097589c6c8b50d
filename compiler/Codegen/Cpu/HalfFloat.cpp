//===- HalfFloat.cpp - f16 to f32 without the instruction -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/HalfFloat.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

/// `type` with the element replaced, for scalars and vectors.
static Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

Value mlir::gemma::extendHalf(ImplicitLocOpBuilder &b, Value half) {
  Type type = half.getType();
  Type narrow = withElement(type, b.getI16Type());
  Type wide = withElement(type, b.getI32Type());
  Type result = withElement(type, b.getF32Type());
  auto constant = [&](int64_t bits) -> Value {
    TypedAttr value = b.getI32IntegerAttr(static_cast<int32_t>(bits));
    if (auto vector = dyn_cast<VectorType>(wide)) {
      value = DenseElementsAttr::get(vector, value);
    }
    return arith::ConstantOp::create(b, value);
  };
  auto add = [&](Value x, int64_t bits) -> Value {
    return arith::AddIOp::create(b, x, constant(bits));
  };
  auto asFloat = [&](Value bits) -> Value {
    return arith::BitcastOp::create(b, result, bits);
  };
  if (type != narrow) {
    half = arith::BitcastOp::create(b, narrow, half);
  }
  Value bits = arith::ExtUIOp::create(b, wide, half);
  // Exponent and fraction in their f32 places, under the bias of f16.
  Value magnitude = arith::ShLIOp::create(
      b, arith::AndIOp::create(b, bits, constant(0x7fff)), constant(13));
  Value sign = arith::ShLIOp::create(
      b, arith::AndIOp::create(b, bits, constant(0x8000)), constant(16));
  Value normal = add(magnitude, 0x38000000);
  // A subnormal has no leading one: as the fraction of 2^-14, less that 2^-14.
  Value base = constant(0x38800000);
  Value subnormal = arith::BitcastOp::create(
      b, wide,
      arith::SubFOp::create(b, asFloat(add(magnitude, 0x38800000)),
                            asFloat(base)));
  Value isSubnormal = arith::CmpIOp::create(b, arith::CmpIPredicate::ult,
                                            magnitude, constant(0x00800000));
  Value chosen = arith::SelectOp::create(b, isSubnormal, subnormal, normal);
  return asFloat(arith::OrIOp::create(b, chosen, sign));
}

Value mlir::gemma::extendHalf(KernelBuilder &kernel, Value halves) {
  ImplicitLocOpBuilder &b = kernel.b;
  if (!kernel.target.hasHalfFloats) {
    return extendHalf(b, halves);
  }
  Type wide = withElement(halves.getType(), b.getF32Type());
  return arith::ExtFOp::create(b, wide, halves);
}
