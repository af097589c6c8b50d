//===- PackMatmulInputs.cpp - Rows in the form that each matmul reads -----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Matmuls.h"
#include "compiler/Pack/Passes.h"
#include "dialect/PackedRows.h"

#include <map>

namespace mlir::gemma {
#define GEN_PASS_DEF_PACKMATMULINPUTS
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// Packs rows, the same ones only once. Readers come in the order of the
/// program: what was made for the first serves the others in its block.
class RowPacker {
public:
  Value pack(Operation *reader, Value x, Value weight, bool unitOffset,
             EncodingKind kind);

private:
  using Key =
      std::tuple<Block *, const void *, const void *, bool, EncodingKind>;
  std::map<Key, Value> packed;
};

} // namespace

/// The same for all references to one weight.
static const void *identify(Value weight) {
  if (auto reference = weight ? weight.getDefiningOp<WeightRefOp>() : nullptr) {
    return reference.getWeightAttr().getAsOpaquePointer();
  }
  return weight.getAsOpaquePointer();
}

Value RowPacker::pack(Operation *reader, Value x, Value weight, bool unitOffset,
                      EncodingKind kind) {
  Value &rows = packed[{reader->getBlock(), x.getAsOpaquePointer(),
                        identify(weight), unitOffset, kind}];
  if (!rows) {
    OpBuilder builder(reader);
    auto type = cast<RankedTensorType>(x.getType());
    rows = PackRowsOp::create(
               builder, reader->getLoc(),
               getPackedRowsType(type, kind, type.getDimSize(1)), x, weight,
               /*out=*/Value(), /*rows=*/Value(), kind, unitOffset)
               .getResult();
  }
  return rows;
}

/// Whether weights of `kind` read f32 rows as they are.
static bool readsF32(EncodingKind kind) {
  return kind == EncodingKind::F32 || kind == EncodingKind::F16;
}

static void packInputs(Operation *op, RowPacker &packer) {
  std::optional<EncodingKind> kind = getMatrixKind(op);
  if (!kind) {
    return;
  }
  if (OpOperand *rows = getPlainRows(op)) {
    auto type = dyn_cast<RankedTensorType>(rows->get().getType());
    if (type && type.getElementType().isF32() && !readsF32(*kind)) {
      rows->set(packer.pack(op, rows->get(), /*weight=*/Value(),
                            /*unitOffset=*/false, *kind));
    }
    return;
  }
  visitNormOp(op, [&](auto norm) {
    if (norm.isBuffered() || norm.getPacked()) {
      return;
    }
    Value weight = norm.getNormWeight();
    norm.getPackedMutable().assign(packer.pack(
        op, norm.getX(), weight, weight && norm.getUnitOffset(), *kind));
    norm.getNormWeightMutable().clear();
    norm.setUnitOffset(false);
  });
}

namespace {

struct PackMatmulInputs
    : public mlir::gemma::impl::PackMatmulInputsBase<PackMatmulInputs> {
  void runOnOperation() override {
    RowPacker packer;
    SmallVector<Operation *> readers;
    getOperation().walk([&](DecoderOpInterface op) { readers.push_back(op); });
    for (Operation *op : readers) {
      packInputs(op, packer);
    }
  }
};

} // namespace
