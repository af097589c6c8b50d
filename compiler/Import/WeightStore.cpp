//===- WeightStore.cpp - The values of a module's weights -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/WeightStore.h"

#include "compiler/Import/Readers/Checkpoint.h"
#include "compiler/Import/Readers/FloatConversion.h"
#include "compiler/Import/Readers/Gguf.h"
#include "compiler/Import/Readers/MappedFile.h"
#include "compiler/Import/Readers/Message.h"
#include "dialect/ModuleAttrs.h"
#include "runtime/core/RandomWeights.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>
#include <map>
#include <optional>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Error;
using ::gemma::GgufFile;
using ::gemma::GgufTensor;
using ::gemma::RandomWeights;
using ::gemma::Result;
using ::gemma::SafetensorsFile;
using ::gemma::TensorEntry;

namespace {
/// Where the values of one weight come from.
struct Source {
  int64_t rows = 0;
  int64_t rowSize = 0;
  const SafetensorsFile *file = nullptr;
  const TensorEntry *tensor = nullptr;
  const GgufFile *ggufFile = nullptr;
  const GgufTensor *ggufTensor = nullptr;
  std::optional<RandomWeights> random;
  RopeTableSourceAttr rope;
};
} // namespace

struct WeightStore::State {
  /// Finds a weight's tensor. `folder` is that of the checkpoint.
  Result<void> findTensor(WeightOp weight, TensorSourceAttr source,
                          const std::string &folder, Source &out);
  Result<void> findGgufTensor(WeightOp weight, TensorSourceAttr source,
                              const std::string &folder, Source &out);

  std::map<std::string, SafetensorsFile, std::less<>> files;
  std::map<std::string, GgufFile, std::less<>> ggufFiles;
  llvm::StringMap<Source> sources;
};

WeightStore::WeightStore(std::unique_ptr<State> state)
    : state(std::move(state)) {}
WeightStore::WeightStore(WeightStore &&) noexcept = default;
WeightStore &WeightStore::operator=(WeightStore &&) noexcept = default;
WeightStore::~WeightStore() = default;

static ArrayRef<int64_t> shapeOf(WeightOp weight) {
  return cast<RankedTensorType>(weight.getType()).getShape();
}

int64_t mlir::gemma::getWeightRows(WeightOp weight) {
  ArrayRef<int64_t> shape = shapeOf(weight);
  return shape.size() < 2 ? 1 : shape.front();
}

int64_t mlir::gemma::getWeightRowSize(WeightOp weight) {
  ArrayRef<int64_t> shape = shapeOf(weight);
  return ShapedType::getNumElements(shape.size() < 2 ? shape
                                                     : shape.drop_front());
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

/// The format's name for an element type of a weight.
static llvm::StringRef dtypeName(Type element) {
  return element.isF32() ? "F32" : element.isBF16() ? "BF16" : "F16";
}

/// "BF16 [64, 32]", as TensorEntry::describe has it.
static std::string describe(RankedTensorType type) {
  TensorEntry entry{"", ::gemma::findDType(dtypeName(type.getElementType())),
                    type.getShape().vec(), 0, 0};
  return entry.describe();
}

/// Whether a weight of `shape` is a tensor, or the first rows of a matrix: of
/// an embedding only those that the tokenizer knows may be wanted.
static bool holds(ArrayRef<int64_t> tensor, ArrayRef<int64_t> shape) {
  return tensor == shape || (tensor.size() == 2 && shape.size() == 2 &&
                             tensor[0] > shape[0] && tensor[1] == shape[1]);
}

/// Finds the folder that tensor sources are relative to.
static Result<std::string> findFolder(ModuleOp module,
                                      llvm::StringRef checkpointOverride) {
  if (!checkpointOverride.empty()) {
    return checkpointOverride.str();
  }
  auto attribute = module->getAttrOfType<StringAttr>(kCheckpointAttr);
  if (!attribute) {
    return ::gemma::invalidData("module: gemma.checkpoint: expected the folder "
                                "of the weights' tensors, found none");
  }
  return attribute.str();
}

/// That a source names a file of the folder.
static Result<void> checkFileName(WeightOp weight, const std::string &name,
                                  bool isGood, const char *expected) {
  if (isGood) {
    return {};
  }
  return ::gemma::badField("module", ("@" + weight.getSymName()).str(),
                           expected, ::gemma::inQuotes(name));
}

/// Opens a file once.
template <typename File>
static Result<const File *>
openOnce(std::map<std::string, File, std::less<>> &files,
         const std::string &folder, const std::string &name) {
  auto file = files.find(name);
  if (file == files.end()) {
    Result<File> opened = File::open(folder + "/" + name);
    if (!opened) {
      return opened.takeError();
    }
    file = files.emplace(name, std::move(*opened)).first;
  }
  return &file->second;
}

Result<void> WeightStore::State::findTensor(WeightOp weight,
                                            TensorSourceAttr source,
                                            const std::string &folder,
                                            Source &out) {
  std::string name = source.getFile().str();
  if (Result<void> checked =
          checkFileName(weight, name, ::gemma::isShardName(name),
                        "the name of a .safetensors file of the checkpoint");
      !checked) {
    return checked;
  }
  Result<const SafetensorsFile *> file = openOnce(files, folder, name);
  if (!file) {
    return file.takeError();
  }
  out.file = *file;
  out.tensor = out.file->getHeader().find(std::string_view(source.getTensor()));
  auto type = cast<RankedTensorType>(weight.getType());
  if (!out.tensor ||
      out.tensor->dtype->name != dtypeName(type.getElementType()) ||
      !holds(out.tensor->shape, type.getShape())) {
    return ::gemma::badField(
        folder + "/" + name,
        ::gemma::inQuotes(std::string_view(source.getTensor())), describe(type),
        out.tensor ? out.tensor->describe() : "none");
  }
  return {};
}

Result<void> WeightStore::State::findGgufTensor(WeightOp weight,
                                                TensorSourceAttr source,
                                                const std::string &folder,
                                                Source &out) {
  std::string name = source.getFile().str();
  if (Result<void> checked =
          checkFileName(weight, name, ::gemma::isPlainFileName(name),
                        "the name of a GGUF file of the checkpoint");
      !checked) {
    return checked;
  }
  Result<const GgufFile *> file = openOnce(ggufFiles, folder, name);
  if (!file) {
    return file.takeError();
  }
  out.ggufFile = *file;
  out.ggufTensor =
      out.ggufFile->getHeader().find(std::string_view(source.getTensor()));
  auto type = cast<RankedTensorType>(weight.getType());
  llvm::StringRef format = source.getFormat();
  bool isPlain = format == "F16" || format == "BF16";
  if (!out.ggufTensor || !out.ggufTensor->type->convert ||
      out.ggufTensor->type->name != format ||
      dtypeName(type.getElementType()) != (isPlain ? format : "F32") ||
      !holds(out.ggufTensor->shape, type.getShape())) {
    return ::gemma::badField(
        folder + "/" + name,
        ::gemma::inQuotes(std::string_view(source.getTensor())),
        format.str() + " for a weight of " + describe(type),
        out.ggufTensor ? out.ggufTensor->describe() : "none");
  }
  return {};
}

Result<WeightStore> WeightStore::open(ModuleOp module,
                                      llvm::StringRef checkpointOverride) {
  auto state = std::make_unique<State>();
  std::string folder;
  for (WeightOp weight : module.getOps<WeightOp>()) {
    Source source;
    source.rows = getWeightRows(weight);
    source.rowSize = getWeightRowSize(weight);
    Attribute attribute = weight.getSourceAttr();
    if (auto random = dyn_cast_or_null<RandomSourceAttr>(attribute)) {
      source.random.emplace(static_cast<uint64_t>(random.getSeed()),
                            weight.getSymName(),
                            random.getBound().getValueAsDouble());
    } else if (auto rope = dyn_cast_or_null<RopeTableSourceAttr>(attribute)) {
      source.rope = rope;
    } else if (auto tensor = dyn_cast_or_null<TensorSourceAttr>(attribute)) {
      if (folder.empty()) {
        Result<std::string> found = findFolder(module, checkpointOverride);
        if (!found) {
          return found.takeError();
        }
        folder = *found;
      }
      Result<void> added =
          tensor.getFormat().empty()
              ? state->findTensor(weight, tensor, folder, source)
              : state->findGgufTensor(weight, tensor, folder, source);
      if (!added) {
        return added.takeError();
      }
    }
    state->sources.try_emplace(weight.getSymName(), std::move(source));
  }
  return WeightStore(std::move(state));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static void readTensor(const Source &source, int64_t row, int64_t count,
                       float *out) {
  int64_t bytes = source.tensor->dtype->bits / 8;
  const char *data = source.file->bytesOf(*source.tensor).data() +
                     row * source.rowSize * bytes;
  llvm::StringRef dtype = source.tensor->dtype->name;
  int64_t elements = count * source.rowSize;
  if (dtype == "F32") {
    ::gemma::convertF32(data, elements, out);
  } else if (dtype == "BF16") {
    ::gemma::convertBf16(data, elements, out);
  } else {
    ::gemma::convertF16(data, elements, out);
  }
}

/// Bytes of a row of a tensor of a GGUF file; a vector is one row.
static uint64_t ggufRowBytes(const Source &source) {
  const ::gemma::GgmlType &type = *source.ggufTensor->type;
  return static_cast<uint64_t>(source.rowSize) / type.elements * type.bytes;
}

static std::string_view ggufRows(const Source &source, int64_t row,
                                 int64_t count) {
  uint64_t bytes = ggufRowBytes(source);
  return source.ggufFile->bytesOf(*source.ggufTensor)
      .substr(row * bytes, count * bytes);
}

static void drawRandom(const Source &source, int64_t row, int64_t count,
                       float *out) {
  constexpr int64_t kBlock = ::gemma::kRandomBlock;
  int64_t whole = source.rowSize / kBlock;
  int64_t rest = source.rowSize % kBlock;
  for (int64_t r = 0; r < count; ++r, out += source.rowSize) {
    for (int64_t b = 0; b < whole; ++b) {
      source.random->block(row + r, b, out + b * kBlock);
    }
    if (rest) {
      float last[kBlock];
      source.random->block(row + r, whole, last);
      std::copy_n(last, rest, out + whole * kBlock);
    }
  }
}

static void fillRopeTable(RopeTableSourceAttr table, int64_t row, int64_t count,
                          float *out) {
  double base = table.getBase().getValueAsDouble();
  double scale = table.getPositionScale().getValueAsDouble();
  int64_t half = table.getRotated() / 2;
  int64_t coarse = table.getShape().front() - RopeTableSourceAttr::kStride;
  for (int64_t r = row; r < row + count; ++r, out += 2 * half) {
    double position =
        r < coarse ? static_cast<double>(r * RopeTableSourceAttr::kStride)
                   : static_cast<double>(r - coarse);
    for (int64_t i = 0; i < half; ++i) {
      double exponent = -2.0 * static_cast<double>(i) /
                        static_cast<double>(table.getHeadDim());
      double angle = position * (std::pow(base, exponent) / scale);
      out[i] = static_cast<float>(std::cos(angle));
      out[half + i] = static_cast<float>(std::sin(angle));
    }
  }
}

Result<void> WeightStore::readRows(WeightOp weight, int64_t row, int64_t count,
                                   float *out) const {
  llvm::StringRef name = weight.getSymName();
  auto place = state->sources.find(name);
  if (place == state->sources.end()) {
    return ::gemma::internalError("weight @" + name.str() +
                                  ": expected one that was there when the "
                                  "store was opened, found a new one");
  }
  const Source &source = place->second;
  if (row < 0 || count < 0 || row > source.rows || count > source.rows - row) {
    return ::gemma::internalError(
        "weight @" + name.str() + ": expected rows of its " +
        std::to_string(source.rows) + ", found [" + std::to_string(row) + ", " +
        std::to_string(row) + " + " + std::to_string(count) + ")");
  }
  if (source.tensor) {
    readTensor(source, row, count, out);
  } else if (source.ggufTensor) {
    const ::gemma::GgmlType &type = *source.ggufTensor->type;
    ::gemma::dequantize(type, ggufRows(source, row, count).data(),
                        count * source.rowSize / type.elements, out);
  } else if (source.random) {
    drawRandom(source, row, count, out);
  } else if (source.rope) {
    fillRopeTable(source.rope, row, count, out);
  } else {
    return ::gemma::invalidData("weight @" + name.str() +
                                ": expected a source to read it from, found "
                                "none");
  }
  return {};
}

const ::gemma::GgmlType *WeightStore::getBlockType(WeightOp weight) const {
  auto place = state->sources.find(weight.getSymName());
  return place == state->sources.end() || !place->second.ggufTensor
             ? nullptr
             : place->second.ggufTensor->type;
}

std::string_view WeightStore::getBlocks(WeightOp weight, int64_t row,
                                        int64_t count) const {
  auto place = state->sources.find(weight.getSymName());
  if (place == state->sources.end() || !place->second.ggufTensor) {
    return {};
  }
  const Source &source = place->second;
  if (row < 0 || count < 0 || row > source.rows || count > source.rows - row) {
    return {};
  }
  return ggufRows(source, row, count);
}

void WeightStore::release(WeightOp weight, int64_t row, int64_t count) const {
  auto place = state->sources.find(weight.getSymName());
  if (place == state->sources.end() || row < 0 || count <= 0) {
    return;
  }
  const Source &source = place->second;
  if (source.tensor) {
    uint64_t rowBytes = static_cast<uint64_t>(source.rowSize) *
                        (source.tensor->dtype->bits / 8);
    source.file->release(*source.tensor, row * rowBytes, count * rowBytes);
  } else if (source.ggufTensor) {
    uint64_t rowBytes = ggufRowBytes(source);
    source.ggufFile->release(*source.ggufTensor, row * rowBytes,
                             count * rowBytes);
  }
}
