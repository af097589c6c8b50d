//===- ModuleAttrs.cpp - Attributes that a module of a model carries ------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/ModuleAttrs.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// What the value of a key may be.
enum class Kind { Int, Float, Bool, Text, Texts, Ints };

struct Key {
  llvm::StringLiteral name;
  Kind kind;
  bool optional = false;
};

} // namespace

static constexpr Key kTokenizerKeys[] = {
    {"file", Kind::Text},
    {"sha256", Kind::Text},
};

static constexpr Key kModelKeys[] = {
    {"family", Kind::Text},
    {"hidden", Kind::Int},
    {"layers", Kind::Int},
    {"heads", Kind::Int},
    {"kv_heads", Kind::Int},
    {"head_dim", Kind::Int},
    {"ff", Kind::Int},
    {"vocab", Kind::Int},
    {"context", Kind::Int},
    {"bos_token", Kind::Int},
    {"pad_token", Kind::Int},
    {"eos_tokens", Kind::Ints},
    {"add_bos", Kind::Bool},
    {"chat_format", Kind::Text},
    {"temperature", Kind::Float},
    {"top_k", Kind::Int},
    {"top_p", Kind::Float},
};

static constexpr Key kOptionsKeys[] = {
    {"weights", Kind::Text},
    {kHeadWeightsKey, Kind::Text, /*optional=*/true},
    {kQ4RuleKey, Kind::Text, /*optional=*/true},
    {"max_rows", Kind::Int},
    {"triple", Kind::Text},
    {"cpu", Kind::Text},
    {"features", Kind::Texts},
    {"stub", Kind::Bool},
    {"kv", Kind::Text, /*optional=*/true},
    {kNoFuseKey, Kind::Texts, /*optional=*/true},
};

static llvm::StringRef describe(Kind kind) {
  switch (kind) {
  case Kind::Int:
    return "an i64";
  case Kind::Float:
    return "an f64";
  case Kind::Bool:
    return "a bool";
  case Kind::Text:
    return "a string";
  case Kind::Texts:
    return "an array of strings";
  case Kind::Ints:
    return "an array of i64";
  }
  llvm_unreachable("all kinds are above");
}

static bool fits(Attribute value, Kind kind) {
  switch (kind) {
  case Kind::Int: {
    auto integer = llvm::dyn_cast<IntegerAttr>(value);
    return integer && integer.getType().isSignlessInteger(64);
  }
  case Kind::Float: {
    auto number = llvm::dyn_cast<FloatAttr>(value);
    return number && number.getType().isF64();
  }
  case Kind::Bool:
    return llvm::isa<BoolAttr>(value);
  case Kind::Text:
    return llvm::isa<StringAttr>(value);
  case Kind::Texts: {
    auto array = llvm::dyn_cast<ArrayAttr>(value);
    return array && llvm::all_of(array, llvm::IsaPred<StringAttr>);
  }
  case Kind::Ints:
    return llvm::isa<DenseI64ArrayAttr>(value);
  }
  llvm_unreachable("all kinds are above");
}

static LogicalResult verifyKeys(Operation *op, NamedAttribute attribute,
                                llvm::ArrayRef<Key> keys) {
  llvm::StringRef name = attribute.getName().strref();
  auto dictionary = llvm::dyn_cast<DictionaryAttr>(attribute.getValue());
  if (!dictionary) {
    return op->emitError() << name << ": expected a dictionary, found "
                           << attribute.getValue();
  }
  for (const Key &key : keys) {
    Attribute value = dictionary.get(key.name);
    if (!value && key.optional) {
      continue;
    }
    if (!value) {
      return op->emitError()
             << name << ": expected the key '" << key.name << "', found none";
    }
    if (!fits(value, key.kind)) {
      return op->emitError() << name << ": expected " << describe(key.kind)
                             << " for '" << key.name << "', found " << value;
    }
  }
  for (NamedAttribute entry : dictionary) {
    if (llvm::none_of(keys, [&](const Key &key) {
          return key.name == entry.getName().strref();
        })) {
      return op->emitError()
             << name << ": expected no key " << entry.getName() << " (unknown)";
    }
  }
  return success();
}

LogicalResult mlir::gemma::verifyModuleAttribute(Operation *op,
                                                 NamedAttribute attribute) {
  llvm::StringRef name = attribute.getName().strref();
  bool known = llvm::is_contained(
      {kCheckpointAttr, kTokenizerAttr, kModelAttr, kOptionsAttr}, name);
  if (!known) {
    return op->emitError() << name << ": expected gemma.checkpoint, "
                           << "gemma.tokenizer, gemma.model or gemma.options";
  }
  if (!llvm::isa<ModuleOp>(op)) {
    return op->emitError() << name << ": expected on a module, found on "
                           << op->getName();
  }
  if (name == kCheckpointAttr) {
    if (!llvm::isa<StringAttr>(attribute.getValue())) {
      return op->emitError()
             << name << ": expected a string, found " << attribute.getValue();
    }
    return success();
  }
  if (name == kTokenizerAttr) {
    return verifyKeys(op, attribute, kTokenizerKeys);
  }
  if (name == kModelAttr) {
    return verifyKeys(op, attribute, kModelKeys);
  }
  return verifyKeys(op, attribute, kOptionsKeys);
}
