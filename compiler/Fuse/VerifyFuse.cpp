//===- VerifyFuse.cpp - State what may remain after phase fuse -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Passes.h"
#include "compiler/VerifyTensorGraph.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYFUSE
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct VerifyFuse : public mlir::gemma::impl::VerifyFuseBase<VerifyFuse> {
  void runOnOperation() override {
    if (failed(verifyTensorGraph(getOperation(), WeightForm::Tensor))) {
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
