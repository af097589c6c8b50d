//===- TargetSpec.cpp - What machine the kernels are for ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/TargetSpec.h"
#include "dialect/ModuleAttrs.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::gemma;

TargetSpec TargetSpec::of(Operation *op) {
  DictionaryAttr options;
  for (; op; op = op->getParentOp()) {
    if (auto found = op->getAttrOfType<DictionaryAttr>(kOptionsAttr)) {
      options = found;
    }
  }
  TargetSpec spec;
  if (!options) {
    return spec;
  }
  if (auto triple = options.getAs<StringAttr>("triple")) {
    spec.triple = triple.str();
  }
  if (auto cpu = options.getAs<StringAttr>("cpu")) {
    spec.cpu = cpu.str();
  }
  if (auto features = options.getAs<ArrayAttr>("features")) {
    for (auto feature : features.getAsRange<StringAttr>()) {
      spec.features.push_back(feature.str());
    }
  }
  return spec;
}

bool TargetSpec::has(llvm::StringRef feature) const {
  return llvm::is_contained(features, feature);
}

bool TargetSpec::hasFma() const {
  return !getTriple().isX86() || has("fma") || has("avx512f");
}

bool TargetSpec::hasRounding() const {
  return !getTriple().isX86() || has("sse4.1") || has("avx");
}

std::string TargetSpec::featureString() const {
  std::string text;
  for (const std::string &feature : features) {
    text += (text.empty() ? "+" : ",+") + feature;
  }
  return text;
}
