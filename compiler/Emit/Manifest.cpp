//===- Manifest.cpp - The manifest of a compiled module -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Manifest.h"

#include "compiler/Llvm/Kernels.h"
#include "compiler/Target/TargetSpec.h"
#include "compiler/VerifyTensorGraph.h"
#include "compiler/Version.h"
#include "dialect/ModuleAttrs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Config/llvm-config.h"

#include <algorithm>
#include <limits>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Error;
using ::gemma::Result;
namespace artifact = ::gemma::artifact;

namespace {

/// Arguments of @forward after phase bufferize, by position.
enum Argument : unsigned {
  Tokens,
  Positions,
  Slots,
  OutRows,
  Logits,
  Arena,
  Rows,
  OutCount,
  kArguments
};

class ProgramBuilder {
public:
  explicit ProgramBuilder(ModuleOp module) : module(module) {}

  Result<Program> build();

private:
  Result<void> addHead();
  void addModel(DictionaryAttr model);
  Result<void> addDispatch(DispatchOp dispatch);
  Result<artifact::BindingT> bind(Value buffer);
  Result<artifact::BindingT> bindArgument(BlockArgument argument);
  Result<artifact::BindingT> bindView(memref::ViewOp view);
  Result<uint32_t> addKernel(DispatchOp dispatch);
  Result<uint32_t> addWeight(WeightRefOp reference);
  Result<uint32_t> addCache(KvCacheRefOp reference);

  ModuleOp module;
  func::FuncOp forward;
  Program program;
  llvm::DenseMap<Attribute, uint32_t> kernels, weights, caches;
};

} // namespace

/// Bytes from a row of `type` to the next.
static uint64_t getRowBytes(MemRefType type) {
  return type.getNumElements() / type.getDimSize(0) *
         (type.getElementTypeBitWidth() / 8);
}

/// Whether `type` has rows, of as many bytes each as its shape says.
static bool isRows(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  return buffer && buffer.hasStaticShape() && buffer.getRank() > 0 &&
         buffer.getDimSize(0) > 0 && buffer.getLayout().isIdentity() &&
         buffer.getElementType().isIntOrFloat();
}

/// "linear" for "linear_12".
static std::string getOpName(StringRef kernel) {
  StringRef stem = kernel.rtrim("0123456789");
  return (stem.size() < kernel.size() && stem.ends_with("_") ? stem.drop_back()
                                                             : kernel)
      .str();
}

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

Result<artifact::BindingT>
ProgramBuilder::bindArgument(BlockArgument argument) {
  artifact::BindingT binding;
  switch (argument.getArgNumber()) {
  case Tokens:
    binding.kind = artifact::BindingKind_Tokens;
    break;
  case Positions:
    binding.kind = artifact::BindingKind_Positions;
    break;
  case Slots:
    binding.kind = artifact::BindingKind_Slots;
    break;
  case OutRows:
    binding.kind = artifact::BindingKind_OutRows;
    break;
  case Logits:
    binding.kind = artifact::BindingKind_Logits;
    if (!isRows(argument.getType())) {
      return ::gemma::invalidData("expected logits of static shape, found " +
                                  print(argument.getType()));
    }
    binding.row_bytes = getRowBytes(cast<MemRefType>(argument.getType()));
    break;
  default:
    return ::gemma::invalidData("expected an input or the logits, found "
                                "argument " +
                                std::to_string(argument.getArgNumber()) +
                                " of @forward");
  }
  return binding;
}

Result<artifact::BindingT> ProgramBuilder::bindView(memref::ViewOp view) {
  llvm::APInt offset;
  MemRefType type = view.getType();
  if (view.getSource() != forward.getArgument(Arena) ||
      !matchPattern(view.getByteShift(), m_ConstantInt(&offset)) ||
      !isRows(type)) {
    return ::gemma::invalidData("expected a view of the arena of static shape "
                                "at a constant offset, found " +
                                print(type));
  }
  artifact::BindingT binding;
  binding.kind = artifact::BindingKind_Scratch;
  binding.offset = offset.getZExtValue();
  binding.row_bytes = getRowBytes(type);
  return binding;
}

Result<uint32_t> ProgramBuilder::addWeight(WeightRefOp reference) {
  auto [place, isNew] =
      weights.try_emplace(reference.getWeightAttr(), program.weights.size());
  if (!isNew) {
    return place->second;
  }
  auto weight = module.lookupSymbol<WeightOp>(reference.getWeight());
  if (!weight || !weight.getEncoding()) {
    return ::gemma::invalidData("expected a weight with an encoding, found @" +
                                reference.getWeight().str());
  }
  EncodingAttr encoding = *weight.getEncoding();
  auto entry = std::make_unique<artifact::WeightT>();
  entry->name = weight.getSymName().str();
  entry->encoding = std::make_unique<artifact::EncodingT>();
  entry->encoding->kind = stringifyEncodingKind(encoding.getKind()).str();
  entry->encoding->panel = encoding.getPanel();
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  entry->shape.assign(shape.begin(), shape.end());
  entry->size = encoding.getPackedBytes(shape);
  program.manifest.weights.push_back(std::move(entry));
  program.weights.push_back(weight);
  return place->second;
}

Result<uint32_t> ProgramBuilder::addCache(KvCacheRefOp reference) {
  auto [place, isNew] = caches.try_emplace(reference.getCacheAttr(),
                                           program.manifest.kv_caches.size());
  if (isNew) {
    auto type = cast<KvCacheType>(reference.getType());
    auto entry = std::make_unique<artifact::KvCacheT>();
    entry->name = reference.getCache().str();
    entry->heads = type.getHeads();
    entry->head_dim = type.getHeadDim();
    entry->element_bytes = type.getElement().getIntOrFloatBitWidth() / 8;
    entry->window = type.getWindow();
    program.manifest.kv_caches.push_back(std::move(entry));
  }
  return place->second;
}

Result<artifact::BindingT> ProgramBuilder::bind(Value buffer) {
  if (auto argument = dyn_cast<BlockArgument>(buffer)) {
    return bindArgument(argument);
  }
  Operation *source = buffer.getDefiningOp();
  if (auto view = dyn_cast<memref::ViewOp>(source)) {
    return bindView(view);
  }
  artifact::BindingT binding;
  Result<uint32_t> index = ::gemma::invalidData(
      "expected a buffer, a weight or a KV cache, found the result of " +
      source->getName().getStringRef().str());
  if (auto reference = dyn_cast<WeightRefOp>(source)) {
    binding.kind = artifact::BindingKind_Weight;
    index = addWeight(reference);
  } else if (auto reference = dyn_cast<KvCacheRefOp>(source)) {
    binding.kind = artifact::BindingKind_KvCache;
    index = addCache(reference);
  }
  if (!index) {
    return index.takeError();
  }
  binding.index = *index;
  return binding;
}

Result<uint32_t> ProgramBuilder::addKernel(DispatchOp dispatch) {
  StringAttr name = dispatch.getKernel().getLeafReference();
  auto [place, isNew] =
      kernels.try_emplace(name, program.manifest.kernels.size());
  if (isNew) {
    auto entry = std::make_unique<artifact::KernelT>();
    entry->symbol = name.str();
    entry->op = getOpName(name);
    program.manifest.kernels.push_back(std::move(entry));
  }
  return place->second;
}

Result<void> ProgramBuilder::addDispatch(DispatchOp dispatch) {
  auto step = std::make_unique<artifact::DispatchT>();
  std::string where = "dispatch " +
                      std::to_string(program.manifest.forward.size()) + " (@" +
                      dispatch.getKernel().getLeafReference().str() + ")";
  Result<uint32_t> kernel = addKernel(dispatch);
  if (!kernel) {
    return kernel.takeError();
  }
  step->kernel = *kernel;
  for (auto [i, buffer] : llvm::enumerate(dispatch.getBuffers())) {
    Result<artifact::BindingT> binding = bind(buffer);
    if (!binding) {
      Error error = binding.takeError();
      error.message =
          where + ", operand " + std::to_string(i) + ": " + error.message;
      return error;
    }
    binding->writes = llvm::is_contained(dispatch.getWrites(), int64_t(i));
    step->bindings.push_back(
        std::make_unique<artifact::BindingT>(std::move(*binding)));
  }
  if (dispatch.getRows() == forward.getArgument(Rows)) {
    step->rows = artifact::RowCount_Rows;
  } else if (dispatch.getRows() == forward.getArgument(OutCount)) {
    step->rows = artifact::RowCount_OutRows;
  } else {
    return ::gemma::invalidData(where + ": expected the number of rows or of "
                                        "rows asked for, found another value");
  }
  step->tiles = dispatch.getTiles();
  step->row_tile = dispatch.getRowTile();
  step->fixed_bytes = dispatch.getFixedBytes();
  step->row_bytes = dispatch.getRowBytes();
  step->row_operations = dispatch.getRowOperations();
  step->key_bytes = dispatch.getKeyBytes();
  step->key_operations = dispatch.getKeyOperations();
  program.manifest.forward.push_back(std::move(step));
  return {};
}

void ProgramBuilder::addModel(DictionaryAttr attribute) {
  // A number beyond the manifest's fields becomes one beyond its limits, which
  // checkManifest refuses, and not another one.
  auto saturate = [](int64_t number) {
    return std::clamp<int64_t>(number, std::numeric_limits<int32_t>::min(),
                               std::numeric_limits<int32_t>::max());
  };
  auto integer = [&](StringRef key) {
    return saturate(attribute.getAs<IntegerAttr>(key).getInt());
  };
  auto number = [&](StringRef key) {
    return static_cast<float>(
        attribute.getAs<FloatAttr>(key).getValueAsDouble());
  };
  auto model = std::make_unique<artifact::ModelT>();
  model->family = attribute.getAs<StringAttr>("family").str();
  model->hidden = integer("hidden");
  model->layers = integer("layers");
  model->heads = integer("heads");
  model->kv_heads = integer("kv_heads");
  model->head_dim = integer("head_dim");
  model->ff = integer("ff");
  model->vocab = integer("vocab");
  model->context = integer("context");
  model->bos_token = integer("bos_token");
  model->pad_token = integer("pad_token");
  for (int64_t token :
       attribute.getAs<DenseI64ArrayAttr>("eos_tokens").asArrayRef()) {
    model->eos_tokens.push_back(saturate(token));
  }
  model->add_bos = attribute.getAs<BoolAttr>("add_bos").getValue();
  model->chat_format = attribute.getAs<StringAttr>("chat_format").str();
  model->temperature = number("temperature");
  model->top_k = integer("top_k");
  model->top_p = number("top_p");
  program.manifest.model = std::move(model);
}

/// Everything but the steps. The dialect has checked the attributes' keys.
Result<void> ProgramBuilder::addHead() {
  artifact::ManifestT &manifest = program.manifest;
  auto model = module->getAttrOfType<DictionaryAttr>(kModelAttr);
  auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  if (!model || !options) {
    return ::gemma::invalidData(
        "module: expected the attributes gemma.model and gemma.options");
  }
  forward = module.lookupSymbol<func::FuncOp>(kEntryName);
  auto arena = forward && forward.getNumArguments() == kArguments
                   ? dyn_cast<MemRefType>(forward.getArgument(Arena).getType())
                   : MemRefType();
  if (!arena || !arena.hasStaticShape() || !forward.getBody().hasOneBlock()) {
    return ::gemma::invalidData("module: expected @forward in the form that "
                                "phase dispatch gives");
  }
  addModel(model);
  manifest.compiler = std::string("gemma-compile ") + kVersion + " (LLVM " +
                      LLVM_VERSION_STRING + ")";
  TargetSpec spec = TargetSpec::of(module);
  manifest.target = std::make_unique<artifact::TargetT>();
  manifest.target->device = "cpu";
  manifest.target->triple = spec.triple;
  manifest.target->cpu = spec.cpu;
  manifest.target->features = spec.features;
  manifest.stub = options.getAs<BoolAttr>("stub").getValue();
  manifest.max_rows = options.getAs<IntegerAttr>("max_rows").getInt();
  manifest.arena_bytes = arena.getNumElements();
  for (StringRef key : {StringRef("weights"), StringRef(kHeadWeightsKey),
                        StringRef(kQ4RuleKey)}) {
    if (auto value = options.getAs<StringAttr>(key)) {
      auto property = std::make_unique<artifact::PropertyT>();
      property->key = key.str();
      property->value = value.str();
      manifest.properties.push_back(std::move(property));
    }
  }
  return {};
}

Result<Program> ProgramBuilder::build() {
  if (Result<void> head = addHead(); !head) {
    return head.takeError();
  }
  for (DispatchOp dispatch : forward.getOps<DispatchOp>()) {
    if (Result<void> step = addDispatch(dispatch); !step) {
      return step.takeError();
    }
  }
  // What is no step is not done at run time, so it must do nothing.
  for (Operation &op : forward.getBody().front()) {
    if (!isa<DispatchOp, func::ReturnOp>(op) && !isMemoryEffectFree(&op)) {
      return ::gemma::invalidData(
          "module: expected no effect beside the dispatches of @forward, "
          "found " +
          op.getName().getStringRef().str());
    }
  }
  return std::move(program);
}

Result<Program> mlir::gemma::buildProgram(ModuleOp module) {
  return ProgramBuilder(module).build();
}
