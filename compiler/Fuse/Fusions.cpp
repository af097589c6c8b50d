//===- Fusions.cpp - What phase fuse may fuse -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"

#include "dialect/ModuleAttrs.h"

using namespace mlir;
using namespace mlir::gemma;

static constexpr llvm::StringLiteral kWords[] = {
    kNormLinear,     kNormGeglu,    kRopeAttention,
    kLinearResidual, kNormResidual, kLmHead};

/// norm_qkv is norm_linear with half of the rotation: without either of the
/// two it would be neither on nor off.
static constexpr llvm::StringLiteral kNormQkvWords[] = {kNormLinear,
                                                        kRopeAttention};

static const Fusion kFusions[] = {
    {"norm_geglu", kNormGeglu, takesNormGeglu},
    {"lm_head", kLmHead, takesLmHead},
    {"rope_attention", kRopeAttention, takesRopeAttention},
    {"norm_qkv", kNormQkvWords, takesNormQkv},
    {"norm_linear", kNormLinear, takesNormLinear},
    {"linear_residual", kLinearResidual, takesLinearResidual},
    {"norm_residual", kNormResidual, takesNormResidual},
};

llvm::ArrayRef<llvm::StringLiteral> mlir::gemma::getFusionWords() {
  return kWords;
}

llvm::ArrayRef<Fusion> mlir::gemma::getFusions() { return kFusions; }

bool mlir::gemma::isFusionEnabled(ModuleOp module, llvm::StringRef word) {
  auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  auto off = options ? options.getAs<ArrayAttr>(kNoFuseKey) : ArrayAttr();
  return !off || llvm::none_of(off.getAsValueRange<StringAttr>(),
                               [&](StringRef entry) { return entry == word; });
}

bool Fusion::isEnabled(ModuleOp module) const {
  return llvm::all_of(words, [&](llvm::StringRef word) {
    return isFusionEnabled(module, word);
  });
}

/// Whether `norm` is on f32 tensors.
static bool isPlainNorm(RmsNormOp norm) {
  return isa<RankedTensorType>(norm.getX().getType()) && norm.getResult() &&
         norm.getResult().getType() == norm.getX().getType() &&
         (!norm.getWeight() ||
          isa<RankedTensorType>(norm.getWeight().getType()));
}

bool mlir::gemma::isRowNorm(RmsNormOp norm) {
  return isPlainNorm(norm) &&
         norm.getGroup() ==
             cast<ShapedType>(norm.getX().getType()).getDimSize(1);
}

bool mlir::gemma::isHeadNorm(RmsNormOp norm, int64_t headDim) {
  return isPlainNorm(norm) && norm.getGroup() == headDim;
}

bool mlir::gemma::isPlainAdd(arith::AddFOp add) {
  auto type = dyn_cast<RankedTensorType>(add.getType());
  return type && type.getRank() == 2 && type.getElementType().isF32() &&
         add.getFastmath() == arith::FastMathFlags::none;
}

bool mlir::gemma::isPlainLinear(LinearOp linear) {
  auto type = dyn_cast<RankedTensorType>(linear.getX().getType());
  return type && type.getElementType().isF32() && linear.getResult() &&
         isa<RankedTensorType>(linear.getWeight().getType());
}

bool mlir::gemma::rotatesHeadsOf(RopeOp rope, KvCacheType cache) {
  auto headDim = static_cast<int64_t>(rope.getHeadDim());
  return headDim == cache.getHeadDim() && headDim % 32 == 0 &&
         static_cast<int64_t>(rope.getRotated()) == headDim && rope.getResult();
}

Type mlir::gemma::getWeightElement(Value weight) {
  return getElementTypeOrSelf(weight.getType());
}
