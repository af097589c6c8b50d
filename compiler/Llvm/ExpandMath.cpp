//===- ExpandMath.cpp - Math functions of the kernels as arithmetic -------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Kernels.h"
#include "compiler/Llvm/Passes.h"
#include "compiler/Target/TargetSpec.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_EXPANDMATH
#include "compiler/Llvm/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;

/// `value` of type f32 as a constant of `type`, f32 or a vector of it.
static Value splat(OpBuilder &builder, Location loc, Type type, float value) {
  TypedAttr attribute = builder.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type)) {
    attribute = DenseElementsAttr::get(vector, Attribute(attribute));
  }
  return arith::ConstantOp::create(builder, loc, attribute);
}

namespace {

/// floor(x) by truncation, for CPUs without a rounding instruction:
/// t = float(int(x)); t - (t > x ? 1 : 0). Numbers of 2^23 and more, infinities
/// and NaNs are integral already or stay what they are.
struct ExpandFloor : OpRewritePattern<math::FloorOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FloorOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getOperand();
    Type type = x.getType();
    if (!getElementTypeOrSelf(type).isF32()) {
      return rewriter.notifyMatchFailure(op, "not f32");
    }
    Location loc = op.getLoc();
    Type integer = rewriter.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type)) {
      integer = vector.clone(integer);
    }
    Value small =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OLT,
                              math::AbsFOp::create(rewriter, loc, x),
                              splat(rewriter, loc, type, 8388608.0f));
    // A conversion of a number out of range would be poison.
    Value safe = arith::SelectOp::create(rewriter, loc, small, x,
                                         splat(rewriter, loc, type, 0.0f));
    Value truncated = arith::SIToFPOp::create(
        rewriter, loc, type,
        arith::FPToSIOp::create(rewriter, loc, integer, safe));
    Value above = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::OGT, truncated, safe);
    Value step = arith::SelectOp::create(rewriter, loc, above,
                                         splat(rewriter, loc, type, 1.0f),
                                         splat(rewriter, loc, type, 0.0f));
    Value floored = arith::SubFOp::create(rewriter, loc, truncated, step);
    // -0.0 and the sign of a zero are kept.
    Value signedFloor = math::CopySignOp::create(rewriter, loc, floored, x);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, small, signedFloor, x);
    return success();
  }
};

struct ExpandMath : mlir::gemma::impl::ExpandMathBase<ExpandMath> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp kernels = mlir::gemma::getKernels(getOperation());
    if (!kernels) {
      return;
    }
    auto target = mlir::gemma::TargetSpec::of(getOperation());
    RewritePatternSet patterns(&getContext());
    SmallVector<StringRef> expanded = {"sinh",  "cosh",  "tan",  "asinh",
                                       "acosh", "atanh", "exp2", "powf",
                                       "fpowi", "round", "rsqrt"};
    if (!target.hasRounding()) {
      expanded.append({"ceil", "roundeven"});
      patterns.add<ExpandFloor>(&getContext());
    }
    math::populateExpansionPatterns(patterns, expanded);
    populateMathPolynomialApproximationPatterns(patterns,
                                                [](StringRef) { return true; });
    if (failed(applyPatternsGreedily(kernels, std::move(patterns)))) {
      signalPassFailure();
    }
  }
};

} // namespace
