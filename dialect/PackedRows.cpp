//===- PackedRows.cpp - Rows in the form that a matmul reads --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/PackedRows.h"

using namespace mlir;
using namespace mlir::gemma;

ShapedType mlir::gemma::getPackedRowsType(ShapedType rows, EncodingKind kind,
                                          int64_t columns) {
  MLIRContext *context = rows.getContext();
  Type element = Float32Type::get(context);
  if (isQuantized(kind)) {
    element = IntegerType::get(context, 8);
    columns = PackedRowLayout(columns).getBytes();
  } else if (kind == EncodingKind::BF16) {
    element = BFloat16Type::get(context);
  }
  return rows.clone({rows.getDimSize(0), columns}, element);
}
