//===- DotProducts.cpp - The dot product instructions of CPUs -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/DotProducts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::gemma;

/// Lanes of a NEON register.
static constexpr int64_t kNeonLanes = 4;
/// Bytes of a lane.
static constexpr int64_t kLaneBytes = 4;

/// `name` for every four lanes.
static Value callNeon(KernelBuilder &kernel, StringRef name, Value sum,
                      Value weights, Value inputs) {
  ImplicitLocOpBuilder &b = kernel.b;
  auto slice = [&](Value vector, int64_t part) -> Value {
    int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
    int64_t count = lanes * kNeonLanes / kLanes;
    return vector::ExtractStridedSliceOp::create(
        b, vector, ArrayRef<int64_t>{part * count}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  };
  Value result = sum;
  for (int64_t part = 0; part < kLanes / kNeonLanes; ++part) {
    Value four = slice(sum, part);
    four = LLVM::CallIntrinsicOp::create(
               b, four.getType(), b.getStringAttr(name),
               ValueRange{four, slice(weights, part), slice(inputs, part)})
               .getResult(0);
    result = vector::InsertStridedSliceOp::create(
        b, four, result, ArrayRef<int64_t>{part * kNeonLanes},
        ArrayRef<int64_t>{1});
  }
  return result;
}

Value mlir::gemma::dotPairs(KernelBuilder &kernel, Value sum, Value weights,
                            Value inputs) {
  if (kernel.target.isArm) {
    return callNeon(kernel, "llvm.aarch64.neon.bfdot.v4f32.v8bf16", sum,
                    weights, inputs);
  }
  return x86vector::DotBF16Op::create(kernel.b, sum.getType(), sum, weights,
                                      inputs);
}

Value mlir::gemma::dotBytes(KernelBuilder &kernel, Value sum, Value weights,
                            Value inputs) {
  ImplicitLocOpBuilder &b = kernel.b;
  auto words = cast<VectorType>(sum.getType());
  if (kernel.target.hasInt8Dot) {
    Value bytes = vector::BitCastOp::create(b, weights.getType(), inputs);
    if (kernel.target.isArm) {
      return callNeon(kernel, "llvm.aarch64.neon.sdot.v4i32.v16i8", sum,
                      weights, bytes);
    }
    return LLVM::CallIntrinsicOp::create(
               b, words, b.getStringAttr("llvm.x86.avx512.vpdpbusd.512"),
               ValueRange{sum, weights, bytes})
        .getResult(0);
  }
  auto constant = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(words, b.getI32IntegerAttr(value)));
  };
  Value lanes = vector::BitCastOp::create(b, words, weights);
  for (int64_t byte = 0; byte < kLaneBytes; ++byte) {
    Value w = arith::AndIOp::create(
        b, arith::ShRUIOp::create(b, lanes, constant(8 * byte)),
        constant(0xff));
    Value v = arith::ShRSIOp::create(
        b, arith::ShLIOp::create(b, inputs, constant(24 - 8 * byte)),
        constant(24));
    sum = arith::AddIOp::create(b, sum, arith::MulIOp::create(b, w, v));
  }
  return sum;
}
