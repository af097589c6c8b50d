//===- GgufMetadata.cpp - Keys and values of a GGUF file ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufMetadata.h"

#include "compiler/Import/Readers/Message.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace gemma;

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

template <typename T> static T numberAt(std::string_view bytes, uint64_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::optional<std::string_view> GgufCursor::take(uint64_t count) {
  if (count > getRest()) {
    return std::nullopt;
  }
  std::string_view taken = bytes.substr(position, count);
  position += count;
  return taken;
}

std::optional<uint32_t> GgufCursor::takeU32() {
  auto taken = take(4);
  return taken ? std::optional(numberAt<uint32_t>(*taken, 0)) : std::nullopt;
}

std::optional<uint64_t> GgufCursor::takeU64() {
  auto taken = take(8);
  return taken ? std::optional(numberAt<uint64_t>(*taken, 0)) : std::nullopt;
}

std::optional<std::string_view> GgufCursor::takeString() {
  auto size = takeU64();
  return size ? take(*size) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {
struct TypeInfo {
  const char *name;
  /// Of a value: all of it, or the least of a string or an array.
  uint64_t bytes;
};
} // namespace

static constexpr TypeInfo kTypes[] = {
    {"u8", 1},  {"i8", 1},  {"u16", 2},  {"i16", 2},    {"u32", 4},
    {"i32", 4}, {"f32", 4}, {"bool", 1}, {"string", 8}, {"array", 12},
    {"u64", 8}, {"i64", 8}, {"f64", 8}};

static const TypeInfo &infoOf(GgufType type) {
  return kTypes[static_cast<uint32_t>(type)];
}

/// The value of a number that is an integer, if it fits 64 bits with a sign.
static std::optional<int64_t> integerOf(const GgufValue &value) {
  switch (value.type) {
  case GgufType::U8:
    return numberAt<uint8_t>(value.bytes, 0);
  case GgufType::I8:
    return numberAt<int8_t>(value.bytes, 0);
  case GgufType::U16:
    return numberAt<uint16_t>(value.bytes, 0);
  case GgufType::I16:
    return numberAt<int16_t>(value.bytes, 0);
  case GgufType::U32:
    return numberAt<uint32_t>(value.bytes, 0);
  case GgufType::I32:
    return numberAt<int32_t>(value.bytes, 0);
  case GgufType::U64: {
    auto number = numberAt<uint64_t>(value.bytes, 0);
    return number > INT64_MAX ? std::nullopt
                              : std::optional(static_cast<int64_t>(number));
  }
  case GgufType::I64:
    return numberAt<int64_t>(value.bytes, 0);
  default:
    return std::nullopt;
  }
}

std::string GgufValue::describe() const {
  switch (type) {
  case GgufType::String:
    return "string " + inQuotes(bytes);
  case GgufType::Array:
    return "an array of " + std::to_string(count) + " " +
           infoOf(itemType).name + (itemType == GgufType::String ? "s" : "");
  case GgufType::Bool:
    return numberAt<uint8_t>(bytes, 0) ? "bool true" : "bool false";
  case GgufType::F32:
    return "f32 " + std::to_string(numberAt<float>(bytes, 0));
  case GgufType::F64:
    return "f64 " + std::to_string(numberAt<double>(bytes, 0));
  case GgufType::U64:
    return "u64 " + std::to_string(numberAt<uint64_t>(bytes, 0));
  default:
    return std::string(infoOf(type).name) + " " +
           std::to_string(*integerOf(*this));
  }
}

std::vector<std::string_view> gemma::stringsOf(const GgufValue &array) {
  std::vector<std::string_view> strings;
  strings.reserve(array.count);
  GgufCursor cursor(array.bytes);
  for (uint64_t i = 0; i < array.count; ++i) {
    strings.push_back(*cursor.takeString()); // parse() has walked over them
  }
  return strings;
}

float gemma::floatAt(const GgufValue &array, uint64_t index) {
  return numberAt<float>(array.bytes, index * sizeof(float));
}

int32_t gemma::intAt(const GgufValue &array, uint64_t index) {
  return numberAt<int32_t>(array.bytes, index * sizeof(int32_t));
}

bool gemma::boolAt(const GgufValue &array, uint64_t index) {
  return array.bytes[index] != 0;
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {
/// Reads one value of the metadata.
class ValueParser {
public:
  ValueParser(GgufCursor &cursor, std::string_view file, std::string_view key)
      : cursor(cursor), file(file), key(inQuotes(key)) {}

  Result<GgufValue> parse() {
    Result<GgufType> type = parseType("type");
    if (!type) {
      return type.takeError();
    }
    GgufValue value;
    value.type = *type;
    if (*type == GgufType::Array) {
      if (Result<void> parsed = parseArray(value, 1); !parsed) {
        return parsed.takeError();
      }
      return value;
    }
    std::optional<std::string_view> bytes =
        *type == GgufType::String ? cursor.takeString()
                                  : cursor.take(infoOf(*type).bytes);
    if (!bytes) {
      return cut(infoOf(*type).name);
    }
    value.bytes = *bytes;
    if (*type == GgufType::Bool && numberAt<uint8_t>(*bytes, 0) > 1) {
      return badField(file, key, "a bool of 0 or 1",
                      std::to_string(numberAt<uint8_t>(*bytes, 0)));
    }
    return value;
  }

private:
  Result<GgufType> parseType(const char *what) {
    std::optional<uint32_t> number = cursor.takeU32();
    if (!number) {
      return cut("type");
    }
    if (*number > static_cast<uint32_t>(GgufType::F64)) {
      return badField(file, key + ": " + what, "a type from 0 to 12",
                      std::to_string(*number));
    }
    return static_cast<GgufType>(*number);
  }

  /// Items of an array, at `depth` arrays around them.
  Result<void> parseArray(GgufValue &value, int depth) {
    Result<GgufType> type = parseType("type of items");
    if (!type) {
      return type.takeError();
    }
    std::optional<uint64_t> count = cursor.takeU64();
    if (!count) {
      return cut("array");
    }
    uint64_t most = cursor.getRest() / infoOf(*type).bytes;
    if (*count > GgufMetadata::kMaxItems || *count > most) {
      return badField(
          file, key,
          "an array of at most " +
              std::to_string(std::min(most, GgufMetadata::kMaxItems)) +
              " items",
          std::to_string(*count));
    }
    value.itemType = *type;
    value.count = *count;
    GgufCursor start = cursor;
    if (Result<void> skipped = skipItems(*type, *count, depth); !skipped) {
      return skipped;
    }
    value.bytes = *start.take(cursor.getPosition() - start.getPosition());
    return {};
  }

  Result<void> skipItems(GgufType type, uint64_t count, int depth) {
    if (type == GgufType::Array && depth == GgufMetadata::kMaxDepth) {
      return badField(file, key,
                      "arrays nested at most " +
                          std::to_string(GgufMetadata::kMaxDepth) + " deep",
                      "more");
    }
    if (type != GgufType::Array && type != GgufType::String) {
      (void)cursor.take(count * infoOf(type).bytes); // compared by parseArray
      return {};
    }
    for (uint64_t i = 0; i < count; ++i) {
      if (type == GgufType::Array) {
        GgufValue inner;
        if (Result<void> parsed = parseArray(inner, depth + 1); !parsed) {
          return parsed;
        }
      } else if (!cursor.takeString()) {
        return cut("string");
      }
    }
    return {};
  }

  Error cut(const char *what) {
    return badField(file, key, std::string("a whole ") + what,
                    "the end of the file after " +
                        std::to_string(cursor.getRest()) + " bytes");
  }

  GgufCursor &cursor;
  std::string_view file;
  std::string key;
};
} // namespace

Result<GgufMetadata> GgufMetadata::parse(GgufCursor &cursor, uint64_t pairs,
                                         std::string_view file) {
  // Least bytes of a pair: lengths of a key and one byte of it, type, value.
  uint64_t most = std::min(kMaxPairs, cursor.getRest() / (8 + 1 + 4 + 1));
  if (pairs > most) {
    return badField(file, "metadata",
                    "at most " + std::to_string(most) + " pairs",
                    std::to_string(pairs));
  }
  GgufMetadata metadata;
  for (uint64_t i = 0; i < pairs; ++i) {
    std::string where = "metadata: key " + std::to_string(i);
    std::optional<uint64_t> size = cursor.takeU64();
    if (!size || cursor.getRest() == 0) {
      return badField(file, where, size ? "its name" : "a length",
                      "the end of the file");
    }
    if (*size == 0 || *size > kMaxKeyBytes || *size > cursor.getRest()) {
      return badField(
          file, where,
          "1 to " + std::to_string(std::min(kMaxKeyBytes, cursor.getRest())) +
              " bytes",
          std::to_string(*size));
    }
    std::string_view key = *cursor.take(*size);
    Result<GgufValue> value = ValueParser(cursor, file, key).parse();
    if (!value) {
      return value.takeError();
    }
    if (!metadata.values.emplace(key, *value).second) {
      return badField(file, inQuotes(key), "it once", "it twice");
    }
  }
  return metadata;
}

const GgufValue *GgufMetadata::find(std::string_view key) const {
  auto place = values.find(key);
  return place == values.end() ? nullptr : &place->second;
}

bool GgufMetadata::hasPrefix(std::string_view prefix) const {
  auto place = values.lower_bound(prefix);
  return place != values.end() &&
         place->first.substr(0, prefix.size()) == prefix;
}

//===----------------------------------------------------------------------===//
// Typed values
//===----------------------------------------------------------------------===//

void GgufFields::fail(std::string_view key, std::string_view expected,
                      std::string_view found) {
  if (!error) {
    error = badField(file, key, expected, found);
  }
}

const GgufValue *GgufFields::require(const std::string &key,
                                     std::string_view expected, bool optional) {
  const GgufValue *value = metadata.find(key);
  if (!value && !optional) {
    fail(key, expected, "none");
  }
  return value;
}

int64_t GgufFields::integer(const std::string &key, int64_t low, int64_t high,
                            std::optional<int64_t> missing) {
  std::string expected =
      "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  const GgufValue *value = require(key, expected, missing.has_value());
  if (!value) {
    return missing.value_or(low);
  }
  std::optional<int64_t> number = integerOf(*value);
  if (!number || *number < low || *number > high) {
    fail(key, expected, value->describe());
    return low;
  }
  return *number;
}

double GgufFields::number(const std::string &key, double low, double high,
                          std::optional<double> missing) {
  char expected[80];
  std::snprintf(expected, sizeof expected, "an f32 above %g and at most %g",
                low, high);
  const GgufValue *value = require(key, expected, missing.has_value());
  if (!value) {
    return missing.value_or(high);
  }
  double number = value->type == GgufType::F32
                      ? static_cast<double>(numberAt<float>(value->bytes, 0))
                  : value->type == GgufType::F64
                      ? numberAt<double>(value->bytes, 0)
                      : std::nan("");
  if (!(number > low && number <= high)) {
    fail(key, expected, value->describe());
    return high;
  }
  return number;
}

bool GgufFields::boolean(const std::string &key, bool missing) {
  const GgufValue *value = metadata.find(key);
  if (!value) {
    return missing;
  }
  if (value->type != GgufType::Bool) {
    fail(key, "a bool", value->describe());
    return missing;
  }
  return value->bytes[0] != 0;
}

std::optional<std::string_view> GgufFields::text(const std::string &key) {
  const GgufValue *value = metadata.find(key);
  if (!value) {
    return std::nullopt;
  }
  if (value->type != GgufType::String) {
    fail(key, "a string", value->describe());
    return std::nullopt;
  }
  return value->bytes;
}

const GgufValue *GgufFields::array(const std::string &key, GgufType type) {
  const GgufValue *value = metadata.find(key);
  if (value && (value->type != GgufType::Array || value->itemType != type)) {
    fail(key,
         std::string("an array of ") + infoOf(type).name +
             (type == GgufType::String ? "s" : ""),
         value->describe());
    return nullptr;
  }
  return value;
}
