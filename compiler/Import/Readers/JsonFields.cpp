//===- JsonFields.cpp - Fields of a JSON object, checked ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/JsonFields.h"

#include "compiler/Import/Readers/Message.h"

#include <limits>

using namespace gemma;
using nlohmann::json;

static std::string number(double value) { return json(value).dump(); }

const json *JsonFields::find(const char *key) const {
  auto place = object.find(key);
  return place == object.end() || place->is_null() ? nullptr : &*place;
}

bool JsonFields::isNull(const char *key) const {
  auto place = object.find(key);
  return place != object.end() && place->is_null();
}

void JsonFields::fail(std::string_view key, std::string_view expected,
                      std::string_view found) {
  if (!error) {
    error = badField(file, key, expected, found);
  }
}

int64_t JsonFields::integer(const char *key, int64_t low, int64_t high,
                            std::optional<int64_t> missing) {
  const json *value = find(key);
  if (!value && missing) {
    return *missing;
  }
  std::string expected =
      "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value) {
    fail(key, expected, object.contains(key) ? "null" : "none");
    return low;
  }
  // Unsigned first: a number above int64's range must not wrap.
  bool fits =
      value->is_number_unsigned()
          ? high >= 0 && value->get<uint64_t>() <= static_cast<uint64_t>(high)
          : value->is_number_integer() && value->get<int64_t>() <= high;
  if (!fits || value->get<int64_t>() < low) {
    fail(key, expected, describeJson(*value));
    return low;
  }
  return value->get<int64_t>();
}

double JsonFields::number(const char *key, double low, double high,
                          double missing) {
  const json *value = find(key);
  if (!value) {
    return missing;
  }
  if (!value->is_number() || !(value->get<double>() > low) ||
      !(value->get<double>() <= high)) {
    fail(key,
         "a number above " + ::number(low) + " and at most " + ::number(high),
         describeJson(*value));
    return missing;
  }
  return value->get<double>();
}

bool JsonFields::boolean(const char *key, bool missing) {
  const json *value = find(key);
  if (!value) {
    return missing;
  }
  if (!value->is_boolean()) {
    fail(key, "true or false", describeJson(*value));
    return missing;
  }
  return value->get<bool>();
}

Result<json> gemma::parseJsonObject(std::string_view text,
                                    std::string_view file) {
  Result<json> value = parseJson(text, file);
  if (value && !value->is_object()) {
    return badFile(file, "a JSON object", describeJson(*value));
  }
  return value;
}
