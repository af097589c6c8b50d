//===- Gguf.cpp - Tensors and metadata of a GGUF file ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Gguf.h"

#include "compiler/Import/Readers/Message.h"
#include "runtime/core/Checked.h"

#include <algorithm>
#include <new>

using namespace gemma;

constexpr std::string_view kMagic = "GGUF";
constexpr const char *kAlignmentKey = "general.alignment";
constexpr int64_t kMaxDimension = int64_t(1) << 48;
constexpr uint32_t kMaxRank = 4;
constexpr uint64_t kMaxNameBytes = 255;

std::string GgufTensor::describe() const {
  std::string text = std::string(type->name) + " [";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

const GgufTensor *GgufHeader::find(std::string_view name) const {
  auto place =
      std::lower_bound(tensors.begin(), tensors.end(), name,
                       [](const GgufTensor &tensor, std::string_view name) {
                         return tensor.name < name;
                       });
  return place != tensors.end() && place->name == name ? &*place : nullptr;
}

bool gemma::isGguf(std::string_view bytes) {
  return bytes.substr(0, kMagic.size()) == kMagic;
}

//===----------------------------------------------------------------------===//
// Descriptions of tensors
//===----------------------------------------------------------------------===//

/// The next multiple of `alignment`, a power of two, from `offset` on, which is
/// at most the size of a file.
static uint64_t alignUp(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

namespace {
/// Reads the list of tensors.
class TensorParser {
public:
  TensorParser(GgufCursor &cursor, std::string_view file)
      : cursor(cursor), file(file) {}

  Result<std::vector<GgufTensor>> parse(uint64_t count) {
    // Least bytes of one: name's length and one byte, rank, a dimension, type,
    // offset.
    constexpr uint64_t kLeast = 8 + 1 + 4 + 8 + 4 + 8;
    uint64_t most = std::min(kMaxGgufTensors, cursor.getRest() / kLeast);
    if (count > most) {
      return badField(file, "tensors", "at most " + std::to_string(most),
                      std::to_string(count));
    }
    std::vector<GgufTensor> tensors;
    tensors.reserve(count);
    for (uint64_t i = 0; i < count; ++i) {
      Result<GgufTensor> tensor = parseOne(i);
      if (!tensor) {
        return tensor.takeError();
      }
      tensors.push_back(std::move(*tensor));
    }
    return tensors;
  }

private:
  Result<GgufTensor> parseOne(uint64_t index) {
    where = "tensor " + std::to_string(index);
    GgufTensor tensor{};
    std::optional<uint64_t> size = cursor.takeU64();
    if (!size || cursor.getRest() == 0) {
      return cut("name");
    }
    if (*size == 0 || *size > kMaxNameBytes || *size > cursor.getRest()) {
      return badField(
          file, where + ": name",
          "1 to " + std::to_string(std::min(kMaxNameBytes, cursor.getRest())) +
              " bytes",
          std::to_string(*size));
    }
    tensor.name = *cursor.take(*size);
    where = inQuotes(tensor.name);
    if (Result<void> parsed = parseShape(tensor); !parsed) {
      return parsed.takeError();
    }
    std::optional<uint32_t> type = cursor.takeU32();
    std::optional<uint64_t> offset = cursor.takeU64();
    if (!type || !offset) {
      return cut("type and offset");
    }
    tensor.offset = *offset;
    tensor.type = findGgmlType(*type);
    if (!tensor.type) {
      return badField(file, where + ": type", "a tensor type of GGUF",
                      std::to_string(*type));
    }
    if (Result<void> computed = computeSize(tensor); !computed) {
      return computed.takeError();
    }
    return tensor;
  }

  Result<void> parseShape(GgufTensor &tensor) {
    std::optional<uint32_t> rank = cursor.takeU32();
    if (!rank) {
      return cut("number of dimensions");
    }
    if (*rank == 0 || *rank > kMaxRank) {
      return badField(file, where + ": shape", "1 to 4 dimensions",
                      std::to_string(*rank));
    }
    for (uint32_t i = 0; i < *rank; ++i) {
      std::optional<uint64_t> dimension = cursor.takeU64();
      if (!dimension) {
        return cut("dimension");
      }
      if (*dimension == 0 || *dimension > kMaxDimension) {
        return badField(file, where + ": shape", "dimensions from 1 to 2^48",
                        std::to_string(*dimension));
      }
      tensor.shape.push_back(static_cast<int64_t>(*dimension));
    }
    std::reverse(tensor.shape.begin(), tensor.shape.end());
    return {};
  }

  Result<void> computeSize(GgufTensor &tensor) {
    auto columns = static_cast<uint64_t>(tensor.shape.back());
    if (columns % tensor.type->elements != 0) {
      return badField(file, where + ": shape",
                      "rows of whole blocks of " +
                          std::to_string(tensor.type->elements),
                      tensor.describe());
    }
    std::optional<uint64_t> bytes =
        checkedProduct({columns / tensor.type->elements, tensor.type->bytes});
    for (size_t i = 0; i + 1 < tensor.shape.size(); ++i) {
      bytes =
          bytes
              ? checkedProduct({*bytes, static_cast<uint64_t>(tensor.shape[i])})
              : bytes;
    }
    if (!bytes) {
      return badField(file, where + ": shape", "a size of 64 bits",
                      tensor.describe());
    }
    tensor.size = *bytes;
    return {};
  }

  Error cut(const char *what) {
    return badField(file, where, std::string("a ") + what,
                    "the end of the file after " +
                        std::to_string(cursor.getRest()) + " bytes");
  }

  GgufCursor &cursor;
  std::string_view file;
  std::string where;
};
} // namespace

//===----------------------------------------------------------------------===//
// Their bytes
//===----------------------------------------------------------------------===//

/// Checks that the tensors follow one another through `dataSize` bytes. Leaves
/// them sorted by name.
static Result<void> checkLayout(std::vector<GgufTensor> &tensors,
                                uint64_t dataSize, uint64_t alignment,
                                std::string_view file) {
  std::sort(tensors.begin(), tensors.end(),
            [](const GgufTensor &a, const GgufTensor &b) {
              return a.offset < b.offset;
            });
  uint64_t end = 0;
  for (const GgufTensor &tensor : tensors) {
    std::string where = inQuotes(tensor.name) + ": offset";
    if (tensor.offset % alignment != 0) {
      return badField(file, where, "a multiple of " + std::to_string(alignment),
                      std::to_string(tensor.offset));
    }
    uint64_t expected = alignUp(end, alignment);
    if (tensor.offset != expected) {
      return badField(file, where,
                      std::to_string(expected) + (tensor.offset < expected
                                                      ? " (they overlap)"
                                                      : " (there is a hole)"),
                      std::to_string(tensor.offset));
    }
    if (tensor.offset > dataSize || tensor.size > dataSize - tensor.offset) {
      return badField(
          file, inQuotes(tensor.name),
          std::to_string(tensor.size) + " bytes for " + tensor.describe(),
          std::to_string(dataSize - std::min(dataSize, tensor.offset)) +
              " to the end of the file");
    }
    end = tensor.offset + tensor.size;
  }
  if (dataSize - end >= alignment) {
    return badFile(file,
                   std::to_string(end) + " bytes of data, as its header says",
                   std::to_string(dataSize));
  }
  std::sort(
      tensors.begin(), tensors.end(),
      [](const GgufTensor &a, const GgufTensor &b) { return a.name < b.name; });
  auto twice = std::adjacent_find(tensors.begin(), tensors.end(),
                                  [](const GgufTensor &a, const GgufTensor &b) {
                                    return a.name == b.name;
                                  });
  if (twice != tensors.end()) {
    return badField(file, inQuotes(twice->name), "each tensor once",
                    "it twice");
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static Result<uint64_t> readAlignment(const GgufMetadata &metadata,
                                      std::string_view file) {
  const GgufValue *value = metadata.find(kAlignmentKey);
  if (!value) {
    return uint64_t(32);
  }
  GgufFields fields(metadata, file);
  auto alignment = static_cast<uint64_t>(
      fields.integer(kAlignmentKey, 8, kMaxGgufAlignment));
  if (!fields.error && (alignment & (alignment - 1)) != 0) {
    fields.fail(kAlignmentKey, "a power of two", value->describe());
  }
  if (fields.error) {
    return *fields.error;
  }
  return alignment;
}

static Result<void> checkVersion(uint32_t version, std::string_view file) {
  if (version == 2 || version == 3) {
    return {};
  }
  bool isBigEndian = version == 2u << 24 || version == 3u << 24;
  return badField(file, "version", "2 or 3, little-endian",
                  isBigEndian ? std::to_string(version >> 24) + ", big-endian"
                              : std::to_string(version));
}

static Result<GgufHeader> parseHeader(std::string_view bytes,
                                      std::string_view file) {
  GgufCursor cursor(bytes);
  std::optional<std::string_view> magic = cursor.take(kMagic.size());
  if (!magic || *magic != kMagic) {
    return badFile(file, "a GGUF file",
                   magic ? inQuotes(*magic) + " at its start"
                         : std::to_string(bytes.size()) + " bytes");
  }
  std::optional<uint32_t> version = cursor.takeU32();
  if (version) {
    if (Result<void> checked = checkVersion(*version, file); !checked) {
      return checked.takeError();
    }
  }
  std::optional<uint64_t> count = cursor.takeU64(), pairs = cursor.takeU64();
  if (!version || !count || !pairs) {
    return badFile(file, "a header of 24 bytes",
                   std::to_string(bytes.size()) + " bytes");
  }
  GgufHeader header;
  Result<GgufMetadata> metadata = GgufMetadata::parse(cursor, *pairs, file);
  if (!metadata) {
    return metadata.takeError();
  }
  header.metadata = std::move(*metadata);
  Result<std::vector<GgufTensor>> tensors =
      TensorParser(cursor, file).parse(*count);
  if (!tensors) {
    return tensors.takeError();
  }
  header.tensors = std::move(*tensors);
  Result<uint64_t> alignment = readAlignment(header.metadata, file);
  if (!alignment) {
    return alignment.takeError();
  }
  // A file of a vocabulary only may end before the padding.
  header.dataOffset = std::min<uint64_t>(
      alignUp(cursor.getPosition(), *alignment), bytes.size());
  Result<void> checked = checkLayout(
      header.tensors, bytes.size() - header.dataOffset, *alignment, file);
  if (!checked) {
    return checked.takeError();
  }
  return header;
}

Result<GgufHeader> gemma::parseGguf(std::string_view bytes,
                                    std::string_view file) {
  if (isLfsPointer(bytes)) {
    return lfsPointer(file);
  }
  try {
    return parseHeader(bytes, file);
  } catch (const std::bad_alloc &) {
    return resourceError(printablePath(file) +
                         ": expected memory for its header, found none left");
  }
}

Result<GgufFile> GgufFile::open(const std::string &path) {
  Result<MappedFile> map = MappedFile::open(path);
  if (!map) {
    return map.takeError();
  }
  Result<GgufHeader> header = parseGguf(map->bytes(), path);
  if (!header) {
    return header.takeError();
  }
  return GgufFile(std::move(*map), std::move(*header));
}
