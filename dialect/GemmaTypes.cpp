//===- GemmaTypes.cpp - Packed weights and KV caches as types -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaTypes.h"

#include "dialect/GemmaDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::gemma;

#define GET_TYPEDEF_CLASSES
#include "dialect/GemmaTypes.cpp.inc"

void GemmaDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/GemmaTypes.cpp.inc"
      >();
}

llvm::ArrayRef<int64_t> mlir::gemma::getWeightShape(Type type) {
  if (auto packed = llvm::dyn_cast<PackedType>(type)) {
    return packed.getShape();
  }
  return llvm::cast<RankedTensorType>(type).getShape();
}

//===----------------------------------------------------------------------===//
// PackedType
//===----------------------------------------------------------------------===//

Type PackedType::parse(AsmParser &parser) {
  llvm::SMLoc start = parser.getCurrentLocation();
  llvm::SmallVector<int64_t> shape;
  EncodingAttr encoding;
  // The list's last `x` would swallow the comma: a shape without one.
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false,
                                /*withTrailingX=*/false) ||
      parser.parseComma() || parser.parseAttribute(encoding) ||
      parser.parseGreater()) {
    return {};
  }
  return parser.getChecked<PackedType>(start, parser.getContext(), shape,
                                       encoding);
}

void PackedType::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  printer << ", " << getEncoding() << '>';
}

LogicalResult
PackedType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   llvm::ArrayRef<int64_t> shape, EncodingAttr encoding) {
  if (shape.empty()) {
    return emitError() << "packed: expected at least one dimension, found none";
  }
  for (int64_t dim : shape) {
    if (dim <= 0) {
      return emitError() << "packed: expected positive dimensions, found "
                         << dim;
    }
  }
  if (encoding.getPanel() != 0 && shape.size() != 2) {
    return emitError() << "packed: expected a matrix for an encoding with "
                          "panels, found "
                       << shape.size() << " dimensions";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// KvCacheType
//===----------------------------------------------------------------------===//

LogicalResult
KvCacheType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    int64_t heads, int64_t headDim, Type element,
                    int64_t window) {
  if (heads <= 0) {
    return emitError() << "kv_cache: expected positive heads, found " << heads;
  }
  if (headDim <= 0) {
    return emitError() << "kv_cache: expected a positive head_dim, found "
                       << headDim;
  }
  int64_t columns;
  if (llvm::MulOverflow(heads, headDim, columns) ||
      columns > std::numeric_limits<int32_t>::max()) {
    return emitError() << "kv_cache: expected heads * head_dim of at most "
                       << std::numeric_limits<int32_t>::max() << ", found "
                       << heads << " * " << headDim;
  }
  if (!element.isF32() && !element.isBF16() && !element.isSignlessInteger(8)) {
    return emitError()
           << "kv_cache: expected an f32, bf16 or i8 element, found "
           << element;
  }
  if (window < 0) {
    return emitError() << "kv_cache: expected a window of 0 or more, found "
                       << window;
  }
  return success();
}
