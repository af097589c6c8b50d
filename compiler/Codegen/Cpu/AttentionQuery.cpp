//===- AttentionQuery.cpp - Queries as attention takes them ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/AttentionQuery.h"

#include "compiler/Codegen/Cpu/NormFactor.h"
#include "compiler/Codegen/Cpu/Rotation.h"

using namespace mlir;
using namespace mlir::gemma;

void mlir::gemma::loadQuery(
    KernelBuilder &kernel, const AttentionParts &parts, int64_t headDim,
    Value row, Value head, Value position,
    llvm::function_ref<void(Value channel, Value part)> store) {
  Value column = kernel.mul(head, headDim);
  Value factor, norm;
  if (parts.epsilon) {
    factor =
        getNormFactor(kernel, parts.q, row, column, headDim, *parts.epsilon);
  }
  if (parts.norm) {
    norm = kernel.viewWeight(parts.norm, {headDim}, kernel.b.getF32Type());
  }
  auto load = [&](Value channel, int64_t lanes) {
    Value part =
        kernel.load(parts.q, {row, kernel.add(column, channel)}, lanes);
    if (factor) {
      part = kernel.mulF(part, kernel.broadcast(factor, lanes));
    }
    return norm ? scaleByNorm(kernel, part, norm, channel, parts.unitOffset)
                : part;
  };
  auto storeScaled = [&](Value channel, Value part, int64_t lanes) {
    store(channel, kernel.mulF(part, kernel.splat(parts.scale, lanes)));
  };
  if (!parts.table) {
    return kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
      storeScaled(channel, load(channel, lanes), lanes);
    });
  }
  RotationTable table(kernel, parts.table);
  RotationTable::Place place = table.find(position);
  kernel.forColumns(headDim / 2, [&](Value pair, int64_t lanes) {
    Value other = kernel.add(pair, headDim / 2);
    Value first = load(pair, lanes), second = load(other, lanes);
    table.rotate(place, pair, first, second);
    storeScaled(pair, first, lanes);
    storeScaled(other, second, lanes);
  });
}
