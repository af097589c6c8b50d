//===- Rotation.cpp - Rotary angles as kernels read them ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Rotation.h"

using namespace mlir;
using namespace mlir::gemma;

static constexpr int64_t kStride = RopeTableSourceAttr::kStride;

RotationTable::RotationTable(KernelBuilder &kernel, Value argument)
    : kernel(kernel) {
  ArrayRef<int64_t> shape = getWeightShape(argument.getType());
  table = kernel.viewWeight(argument, shape, kernel.b.getF32Type());
  fineStart = shape[0] - kStride;
}

RotationTable::Place RotationTable::find(Value position) const {
  return {kernel.div(position, kStride),
          kernel.add(kernel.rem(position, kStride), fineStart)};
}

void RotationTable::rotate(const Place &place, Value pair, Value &first,
                           Value &second) const {
  int64_t lanes = cast<VectorType>(first.getType()).getNumElements();
  auto read = [&](Value part, int64_t which) {
    return kernel.load(table, {part, kernel.index(which), pair}, lanes);
  };
  // The position is coarse * 256 + fine: the sum formulas.
  Value cosA = read(place.coarse, 0), sinA = read(place.coarse, 1);
  Value cosB = read(place.fine, 0), sinB = read(place.fine, 1);
  Value cosine = kernel.subF(kernel.mulF(cosA, cosB), kernel.mulF(sinA, sinB));
  Value sine = kernel.addF(kernel.mulF(sinA, cosB), kernel.mulF(cosA, sinB));
  Value a = first, c = second;
  first = kernel.subF(kernel.mulF(a, cosine), kernel.mulF(c, sine));
  second = kernel.addF(kernel.mulF(c, cosine), kernel.mulF(a, sine));
}
