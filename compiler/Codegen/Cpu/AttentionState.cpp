//===- AttentionState.cpp - Pieces of attention put together --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/AttentionState.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::gemma;

AttentionState::AttentionState(KernelBuilder &kernel, int64_t queries,
                               int64_t headDim)
    : kernel(kernel), headDim(headDim) {
  maxima = kernel.allocate({queries});
  sums = kernel.allocate({queries});
  results = kernel.allocate({queries, headDim});
}

void AttentionState::clear(Value query) {
  kernel.storeScalar(kernel.f32(kNoScore), maxima, query);
  kernel.storeScalar(kernel.f32(0.0), sums, query);
  kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
    kernel.store(kernel.splat(0.0, lanes), results, {query, channel});
  });
}

void AttentionState::add(Value query, Value maximum, Value sum, Load load) {
  Value before = kernel.loadScalar(maxima, query);
  Value larger = kernel.maxF(before, maximum);
  Value kept = math::ExpOp::create(kernel.b, kernel.subF(before, larger));
  Value added = math::ExpOp::create(kernel.b, kernel.subF(maximum, larger));
  kernel.storeScalar(larger, maxima, query);
  kernel.storeScalar(
      kernel.addF(kernel.mulF(kernel.loadScalar(sums, query), kept),
                  kernel.mulF(sum, added)),
      sums, query);
  kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
    Value old = kernel.load(results, {query, channel}, lanes);
    kernel.store(kernel.addF(kernel.mulF(old, kernel.broadcast(kept, lanes)),
                             kernel.mulF(load(channel, lanes),
                                         kernel.broadcast(added, lanes))),
                 results, {query, channel});
  });
}

Value AttentionState::getShare(Value query) {
  return kernel.divF(kernel.f32(1.0), kernel.loadScalar(sums, query));
}

Value AttentionState::getResult(Value query, Value share, Value channel,
                                int64_t lanes) {
  Value part = kernel.mulF(kernel.load(results, {query, channel}, lanes),
                           kernel.broadcast(share, lanes));
  // A sum that underflowed is -0 or 0 by what was multiplied by zero beside it,
  // which depends on the rows of the forward.
  return kernel.addF(part, kernel.splat(0.0, lanes));
}
