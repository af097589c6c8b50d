//===- Embed.cpp - Code for gemma.embed -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerEmbed(EmbedOp op, KernelBuilder &kernel) {
  // The table is the head's weight too, so it lies in panels of 16 tokens: a
  // token's row is one lane of a panel.
  auto packed = cast<PackedType>(op.getTable().getType());
  bool isBf16 = packed.getEncoding().getKind() == EncodingKind::BF16;
  int64_t width = packed.getShape()[1];
  int64_t panels = llvm::divideCeil(packed.getShape()[0], kPanel);
  int64_t pair = isBf16 ? 2 : 1;
  Value table = kernel.viewWeight(
      op.getTable(),
      {panels, static_cast<int64_t>(llvm::divideCeil(width, pair)), kPanel,
       pair},
      packed.getEncoding().getElementType());
  Value tokens = kernel.getBuffer(op.getTokens());
  Value out = kernel.getBuffer(op.getOut());
  double scale = op.getScaleAttr().getValueAsDouble();

  kernel.forItems([&](Value row) {
    Value token = kernel.loadIndex(tokens, row);
    Value panel = kernel.div(token, kPanel);
    Value lane = kernel.rem(token, kPanel);
    auto copy = [&](Value step, int64_t lanes) {
      Value values =
          kernel.load(table, {panel, step, lane, kernel.index(0)}, lanes);
      kernel.store(kernel.mulF(values, kernel.splat(scale, lanes)), out,
                   {row, kernel.mul(step, pair)});
    };
    kernel.forRange(kernel.index(0), kernel.index(width / pair), 1,
                    [&](Value step) { copy(step, pair); });
    if (width % pair != 0) {
      copy(kernel.index(width / pair), 1);
    }
  });
  return success();
}
