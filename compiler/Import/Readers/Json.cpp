//===- Json.cpp - JSON from untrusted files -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Json.h"

#include "compiler/Import/Readers/Message.h"

#include <new>
#include <optional>
#include <vector>

using namespace gemma;
using nlohmann::json;

static std::string atByte(size_t position) {
  return " at byte " + std::to_string(position);
}

Result<void> gemma::checkJsonLimits(std::string_view text,
                                    std::string_view file,
                                    const JsonLimits &limits) {
  size_t depth = 0, token = 0;
  bool inString = false, escaped = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool atom = inString;
    if (inString) {
      inString = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limits.depth) {
        return badFile(file,
                       "JSON nested at most " + std::to_string(limits.depth) +
                           " levels deep",
                       "more" + atByte(i));
      }
    } else if (c == ']' || c == '}') {
      depth -= depth > 0;
    } else {
      atom = c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ',' &&
             c != ':';
    }
    token = atom ? token + 1 : 0;
    if (token > limits.token) {
      return badFile(file,
                     "JSON strings and numbers of at most " +
                         std::to_string(limits.token) + " bytes",
                     "a longer one" + atByte(i));
    }
  }
  return {};
}

namespace {
/// Builds a document; stops at a key that an object has already, and at too
/// many values.
class Builder : public nlohmann::json_sax<json> {
public:
  Builder(std::string_view file, const JsonLimits &limits)
      : file(file), left(limits.values) {}

  json root;
  std::optional<Error> error;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override { return add(value); }
  bool number_unsigned(uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string &) override {
    return add(value);
  }
  bool string(std::string &value) override { return add(std::move(value)); }
  bool binary(binary_t &) override { return false; }

  bool start_object(size_t) override { return open(json::object()); }
  bool start_array(size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string &name) override {
    auto [place, isNew] =
        stack.back()->get_ref<json::object_t &>().try_emplace(name, nullptr);
    if (!isNew) {
      error = badField(file, inQuotes(name), "each key of an object once",
                       "it twice");
      return false;
    }
    slot = &place->second;
    lastKey = name;
    return true;
  }

  bool parse_error(size_t position, const std::string &,
                   const json::exception &) override {
    // The library's own message quotes the text at any length.
    std::string found = "something else" + atByte(position);
    if (!lastKey.empty()) {
      found += ", after the key " + inQuotes(lastKey);
    }
    error = badFile(file, "JSON", found);
    return false;
  }

private:
  /// Puts a value where the next one belongs; null if there are too many.
  json *place(json value) {
    if (left == 0) {
      error = badFile(file, "fewer values", "too many");
      return nullptr;
    }
    --left;
    if (stack.empty()) {
      root = std::move(value);
      return &root;
    }
    if (stack.back()->is_array()) {
      auto &array = stack.back()->get_ref<json::array_t &>();
      array.push_back(std::move(value));
      return &array.back();
    }
    *slot = std::move(value);
    return slot;
  }
  bool add(json value) { return place(std::move(value)) != nullptr; }
  bool open(json value) {
    json *placed = place(std::move(value));
    // The pointer stays valid: while a container is open, its parent gets no
    // further value.
    stack.push_back(placed);
    return placed != nullptr;
  }
  bool close() {
    stack.pop_back();
    return true;
  }

  std::string_view file;
  size_t left;
  std::vector<json *> stack;
  json *slot = nullptr;
  std::string lastKey;
};
} // namespace

Result<json> gemma::parseJson(std::string_view text, std::string_view file,
                              const JsonLimits &limits) {
  if (isLfsPointer(text)) {
    return lfsPointer(file);
  }
  if (Result<void> checked = checkJsonLimits(text, file, limits); !checked) {
    return checked.takeError();
  }
  Builder builder(file, limits);
  try {
    if (!json::sax_parse(text.begin(), text.end(), &builder)) {
      return builder.error ? *builder.error
                           : badFile(file, "JSON", "something else");
    }
  } catch (const std::bad_alloc &) {
    return resourceError(printablePath(file) +
                         ": expected memory to parse it, found none left");
  }
  return std::move(builder.root);
}

std::string gemma::describeJson(const json &value) {
  switch (value.type()) {
  case json::value_t::null:
    return "null";
  case json::value_t::object:
    return "an object";
  case json::value_t::array:
    return "a list of " + std::to_string(value.size());
  case json::value_t::string:
    return inQuotes(value.get_ref<const std::string &>());
  default:
    return value.dump();
  }
}
