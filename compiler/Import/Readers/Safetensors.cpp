//===- Safetensors.cpp - Tensors of a safetensors file --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Safetensors.h"

#include "compiler/Import/Readers/Json.h"
#include "compiler/Import/Readers/Message.h"

#include <algorithm>
#include <limits>
#include <new>
#include <optional>

using namespace gemma;
using nlohmann::json;

const DType *gemma::findDType(std::string_view name) {
  static constexpr DType kDTypes[] = {
      {"F32", 32},    {"BF16", 16},   {"F16", 16},    {"F64", 64},
      {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6},
      {"F6_E3M2", 6}, {"F4", 4},      {"C64", 64},    {"I64", 64},
      {"I32", 32},    {"I16", 16},    {"I8", 8},      {"U64", 64},
      {"U32", 32},    {"U16", 16},    {"U8", 8},      {"BOOL", 8},
  };
  for (const DType &dtype : kDTypes) {
    if (name == dtype.name) {
      return &dtype;
    }
  }
  return nullptr;
}

std::string TensorEntry::describe() const {
  std::string text = std::string(dtype->name) + " [";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

const TensorEntry *SafetensorsHeader::find(std::string_view name) const {
  auto place =
      std::lower_bound(tensors.begin(), tensors.end(), name,
                       [](const TensorEntry &entry, std::string_view name) {
                         return entry.name < name;
                       });
  return place != tensors.end() && place->name == name ? &*place : nullptr;
}

namespace {
/// Takes the header apart event by event: a document of 100 MB of JSON would
/// need gigabytes.
class HeaderHandler : public nlohmann::json_sax<json> {
public:
  explicit HeaderHandler(std::string_view file) : file(file) {}

  std::vector<TensorEntry> tensors;
  std::optional<Error> error;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(int64_t value) override {
    return unexpected(std::to_string(value));
  }
  bool number_float(double, const std::string &text) override {
    return unexpected(inQuotes(text));
  }
  bool binary(binary_t &) override { return unexpected("binary data"); }

  bool number_unsigned(uint64_t value) override {
    if (place == Place::Shape) {
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return unexpected(std::to_string(value));
      }
      if (current.shape.size() == kMaxRank) {
        return fail("shape",
                    "at most " + std::to_string(kMaxRank) + " dimensions",
                    "more");
      }
      current.shape.push_back(static_cast<int64_t>(value));
      return true;
    }
    if (place == Place::Offsets && offsets < 2) {
      (offsets++ ? current.end : current.begin) = value;
      return true;
    }
    return unexpected(std::to_string(value));
  }

  bool string(std::string &value) override {
    if (place == Place::Metadata) {
      return true;
    }
    if (place != Place::Tensor || field != Field::DType) {
      return unexpected(inQuotes(value));
    }
    current.dtype = findDType(value);
    return current.dtype ||
           fail("dtype", "a type of the safetensors format", inQuotes(value));
  }

  bool start_object(size_t) override {
    if (place == Place::Start) {
      place = Place::Top;
      return true;
    }
    if (place != Place::Top) {
      return unexpected("an object");
    }
    place = isMetadata ? Place::Metadata : Place::Tensor;
    return true;
  }

  bool end_object() override {
    if (place == Place::Top) {
      place = Place::End;
      return true;
    }
    if (place == Place::Tensor) {
      for (Field each : {Field::DType, Field::Shape, Field::Offsets}) {
        if (!(seen & bit(each))) {
          return fail(nameOf(each), "one", "none");
        }
      }
      tensors.push_back(std::move(current));
    }
    place = Place::Top;
    return true;
  }

  bool start_array(size_t) override {
    if (place == Place::Tensor && field == Field::Shape) {
      place = Place::Shape;
      return true;
    }
    if (place == Place::Tensor && field == Field::Offsets) {
      place = Place::Offsets;
      offsets = 0;
      return true;
    }
    return unexpected("a list");
  }

  bool end_array() override {
    if (place == Place::Offsets && offsets != 2) {
      return fail("data_offsets", "two numbers", std::to_string(offsets));
    }
    place = Place::Tensor;
    return true;
  }

  bool key(std::string &name) override {
    if (place == Place::Metadata) {
      return true;
    }
    if (place == Place::Top) {
      return startEntry(name);
    }
    for (Field each : {Field::DType, Field::Shape, Field::Offsets}) {
      if (name == nameOf(each)) {
        field = each;
        if (seen & bit(each)) {
          return fail(name, "it once", "it twice");
        }
        seen |= bit(each);
        return true;
      }
    }
    return fail(inQuotes(name), "dtype, shape or data_offsets", "this key");
  }

  bool parse_error(size_t position, const std::string &,
                   const json::exception &) override {
    error = badField(file, "header", "JSON",
                     "something else at byte " + std::to_string(position) +
                         " of it");
    return false;
  }

private:
  enum class Place { Start, Top, Metadata, Tensor, Shape, Offsets, End };
  enum class Field { None, DType, Shape, Offsets };

  static unsigned bit(Field which) { return 1u << static_cast<int>(which); }
  static const char *nameOf(Field which) {
    return which == Field::DType   ? "dtype"
           : which == Field::Shape ? "shape"
                                   : "data_offsets";
  }

  bool startEntry(const std::string &name) {
    isMetadata = name == "__metadata__";
    if (isMetadata) {
      if (hasMetadata) {
        error = badField(file, name, "it once", "it twice");
      }
      hasMetadata = true;
      return !error;
    }
    if (tensors.size() == kMaxTensors) {
      error = badField(file, "header",
                       "at most " + std::to_string(kMaxTensors) + " tensors",
                       "more");
      return false;
    }
    current = TensorEntry{name, nullptr, {}, 0, 0};
    seen = 0;
    field = Field::None;
    return true;
  }

  bool fail(std::string_view what, std::string_view expected,
            std::string_view found) {
    error = badField(file, inQuotes(current.name) + ": " + std::string(what),
                     expected, found);
    return false;
  }

  /// A value of a kind that its place does not take.
  bool unexpected(const std::string &found) {
    switch (place) {
    case Place::Shape:
      return fail("shape", "numbers of elements", found);
    case Place::Offsets:
      return fail("data_offsets", "two numbers of bytes", found);
    case Place::Tensor:
      return fail(nameOf(field), field == Field::DType ? "a string" : "a list",
                  found);
    case Place::Metadata:
      error = badField(file, "__metadata__", "strings", found);
      return false;
    case Place::Top:
      if (isMetadata) {
        error = badField(file, "__metadata__", "an object", found);
        return false;
      }
      error = badField(file, inQuotes(current.name), "an object", found);
      return false;
    default:
      error = badField(file, "header", "an object", found);
      return false;
    }
  }

  std::string_view file;
  Place place = Place::Start;
  Field field = Field::None;
  TensorEntry current{};
  unsigned seen = 0;
  int offsets = 0;
  bool isMetadata = false, hasMetadata = false;
};
} // namespace

/// Bytes that dtype and shape ask for; nothing if they overflow or end inside
/// a byte.
static std::optional<uint64_t> bytesOfShape(const TensorEntry &tensor) {
  uint64_t bits = tensor.dtype->bits;
  bool empty = std::count(tensor.shape.begin(), tensor.shape.end(), 0) != 0;
  for (int64_t dimension : tensor.shape) {
    if (!empty &&
        __builtin_mul_overflow(bits, static_cast<uint64_t>(dimension), &bits)) {
      return std::nullopt;
    }
  }
  if (empty) {
    return 0;
  }
  return bits % 8 ? std::nullopt : std::optional<uint64_t>(bits / 8);
}

/// Checks that the tensors cover [0, dataSize) once, each with the bytes of
/// its shape. Leaves them sorted by name.
static Result<void> checkLayout(std::vector<TensorEntry> &tensors,
                                uint64_t dataSize, std::string_view file) {
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorEntry &a, const TensorEntry &b) {
              return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
            });
  uint64_t covered = 0;
  for (const TensorEntry &tensor : tensors) {
    std::string name = inQuotes(tensor.name);
    std::string range = "[" + std::to_string(tensor.begin) + ", " +
                        std::to_string(tensor.end) + ")";
    if (tensor.end < tensor.begin || tensor.end > dataSize) {
      return badField(file, name + ": data_offsets",
                      "a range of the file's " + std::to_string(dataSize) +
                          " bytes of data",
                      range);
    }
    std::optional<uint64_t> bytes = bytesOfShape(tensor);
    if (!bytes) {
      return badField(file, name + ": shape", "a whole number of bytes, 64-bit",
                      tensor.describe());
    }
    if (*bytes != tensor.end - tensor.begin) {
      return badField(file, name + ": data_offsets",
                      std::to_string(*bytes) + " bytes for " +
                          tensor.describe(),
                      std::to_string(tensor.end - tensor.begin));
    }
    if (tensor.begin != covered) {
      return badField(file, name + ": data_offsets",
                      "it to start at " + std::to_string(covered) +
                          (tensor.begin < covered ? " (they overlap)"
                                                  : " (there is a hole)"),
                      range);
    }
    covered = tensor.end;
  }
  if (covered != dataSize) {
    return badFile(file,
                   std::to_string(covered) + " bytes of data, as its header "
                                             "says",
                   std::to_string(dataSize));
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorEntry &a, const TensorEntry &b) {
              return a.name < b.name;
            });
  auto twice =
      std::adjacent_find(tensors.begin(), tensors.end(),
                         [](const TensorEntry &a, const TensorEntry &b) {
                           return a.name == b.name;
                         });
  if (twice != tensors.end()) {
    return badField(file, inQuotes(twice->name), "each tensor once",
                    "it twice");
  }
  return {};
}

Result<SafetensorsHeader> gemma::parseSafetensors(std::string_view bytes,
                                                  std::string_view file) {
  constexpr uint64_t kPrefix = 8;
  if (isLfsPointer(bytes)) {
    return lfsPointer(file);
  }
  if (bytes.size() < kPrefix) {
    return badFile(file, "a safetensors file",
                   std::to_string(bytes.size()) + " bytes");
  }
  uint64_t size = 0;
  for (int i = 7; i >= 0; --i) {
    size = size << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (size > kMaxHeaderBytes) {
    return badField(file, "header",
                    "at most " + std::to_string(kMaxHeaderBytes) + " bytes",
                    std::to_string(size) + " (is this a safetensors file?)");
  }
  if (size > bytes.size() - kPrefix) {
    return badField(file, "header", std::to_string(size) + " bytes",
                    std::to_string(bytes.size() - kPrefix) +
                        " to the end of the file");
  }
  std::string_view header = bytes.substr(kPrefix, size);
  if (header.empty() || header.front() != '{') {
    return badField(file, "header", "a JSON object", "something else");
  }
  JsonLimits limits;
  limits.depth = 4;
  std::string where = std::string(file) + ": header";
  if (Result<void> checked = checkJsonLimits(header, where, limits); !checked) {
    return checked.takeError();
  }
  HeaderHandler handler(file);
  try {
    if (!json::sax_parse(header.begin(), header.end(), &handler)) {
      return *handler.error;
    }
    Result<void> checked =
        checkLayout(handler.tensors, bytes.size() - kPrefix - size, file);
    if (!checked) {
      return checked.takeError();
    }
  } catch (const std::bad_alloc &) {
    return resourceError(printablePath(file) +
                         ": expected memory for its header, found none left");
  }
  return SafetensorsHeader{std::move(handler.tensors), kPrefix + size};
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string &path) {
  Result<MappedFile> map = MappedFile::open(path);
  if (!map) {
    return map.takeError();
  }
  Result<SafetensorsHeader> header = parseSafetensors(map->bytes(), path);
  if (!header) {
    return header.takeError();
  }
  return SafetensorsFile(std::move(*map), std::move(*header));
}
