//===- WeightEncoder.cpp - Rows of a weight in an encoding ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/WeightEncoder.h"

#include "compiler/Emit/PanelBlocks.h"
#include "dialect/ModuleAttrs.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Q4Rule;
using ::gemma::WeightLayout;

Q4Rule mlir::gemma::getQ4Rule(WeightOp weight) {
  if (isa_and_nonnull<RandomSourceAttr>(weight.getSourceAttr())) {
    return Q4Rule::Ggml;
  }
  auto module = weight->getParentOfType<ModuleOp>();
  auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  auto rule = options ? options.getAs<StringAttr>(kQ4RuleKey) : StringAttr();
  return rule && rule.getValue() == kQ4RuleGgml ? Q4Rule::Ggml : Q4Rule::Mse;
}

WeightEncoder::WeightEncoder(EncodingAttr encoding, int64_t rows,
                             int64_t columns, Q4Rule rule,
                             const ::gemma::GgmlType *blocks)
    : rule(rule), blocks(blocks), panel(encoding.getPanel()), rows(rows),
      columns(columns) {
  llvm::StringRef kind = stringifyEncodingKind(encoding.getKind());
  auto known = ::gemma::weightLayout(std::string_view(kind), panel);
  assert(known && "an artifact has panels of 16 only");
  layout = *known;
}

int64_t WeightEncoder::getGroups() const {
  return (rows + getGroupRows() - 1) / getGroupRows();
}

int64_t WeightEncoder::getGroupBytes() const {
  return static_cast<int64_t>(::gemma::panelBytes(layout, columns));
}

/// The first of `count` values that is not below `limit` in magnitude.
static const float *findTooLarge(const float *values, int64_t count,
                                 float limit) {
  constexpr int64_t kChunk = 1024;
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    int64_t end = std::min(begin + kChunk, count);
    // Written so that NaN is found; without an exit, as vectors have none.
    int bad = 0;
    for (int64_t i = begin; i < end; ++i) {
      bad |= !(std::fabs(values[i]) < limit);
    }
    if (bad) {
      return std::find_if(values + begin, values + end, [&](float value) {
        return !(std::fabs(value) < limit);
      });
    }
  }
  return nullptr;
}

std::optional<BadValue> WeightEncoder::encode(const float *values,
                                              int64_t count, char *out) const {
  if (const float *bad = findTooLarge(values, count * columns, getLimit())) {
    int64_t index = bad - values;
    return BadValue{index / columns, index % columns, *bad};
  }
  if (panel == 0) {
    std::memcpy(out, values, count * columns * sizeof(float));
    return std::nullopt;
  }
  for (int64_t row = 0; row < count; row += panel, out += getGroupBytes()) {
    auto here = static_cast<uint64_t>(std::min(panel, count - row));
    auto width = static_cast<uint64_t>(columns);
    ::gemma::encodePanel(layout, rule,
                         {values + row * columns, width, here, width},
                         reinterpret_cast<unsigned char *>(out));
  }
  return std::nullopt;
}

bool WeightEncoder::takesBlocks() const {
  return blocks && mlir::gemma::takesBlocks(*blocks, layout);
}

std::optional<BadValue>
WeightEncoder::encodeBlocks(const char *bytes, int64_t count, char *out) const {
  uint64_t rowBytes =
      static_cast<uint64_t>(columns) / blocks->elements * blocks->bytes;
  for (int64_t row = 0; row < count; row += panel, out += getGroupBytes()) {
    auto here = static_cast<uint64_t>(std::min(panel, count - row));
    auto bad = packBlocks(
        *blocks, layout,
        {bytes + row * rowBytes, here, static_cast<uint64_t>(columns)},
        reinterpret_cast<unsigned char *>(out));
    if (bad) {
      return BadValue{row + static_cast<int64_t>(bad->row),
                      static_cast<int64_t>(bad->column), bad->value};
    }
  }
  return std::nullopt;
}

EncodingError WeightEncoder::measure(const float *values, int64_t count,
                                     const char *encoded) const {
  EncodingError sum;
  std::vector<float> decoded(columns);
  for (int64_t row = 0; panel != 0 && row < count; ++row, values += columns) {
    ::gemma::decodePanelRow(layout,
                            reinterpret_cast<const unsigned char *>(encoded) +
                                row / panel * getGroupBytes(),
                            row % panel, columns, decoded.data());
    for (int64_t k = 0; k < columns; ++k) {
      double value = values[k], difference = value - decoded[k];
      sum.error += difference * difference;
      sum.value += value * value;
    }
  }
  return sum;
}
