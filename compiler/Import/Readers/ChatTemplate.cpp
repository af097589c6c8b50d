//===- ChatTemplate.cpp - Which turn format a template writes -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ChatTemplate.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

using namespace gemma;
using nlohmann::json;

static bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether a template ends a string with an empty line: fine-tunes exist that
/// put only one newline behind the system text.
static bool writesEmptyLine(std::string_view chatTemplate) {
  // A string's newlines may be written as they are or as \n.
  static constexpr std::string_view kStrings[] = {"'\n\n'", "\"\n\n\"",
                                                  R"('\n\n')", R"("\n\n")"};
  return std::any_of(
      std::begin(kStrings), std::end(kStrings),
      [&](std::string_view string) { return contains(chatTemplate, string); });
}

std::string_view gemma::chatFormatOf(std::string_view chatTemplate) {
  if (!contains(chatTemplate, "<start_of_turn>")) {
    return "";
  }
  bool prefixes = contains(chatTemplate, "first_user_prefix") &&
                  writesEmptyLine(chatTemplate);
  return prefixes ? "gemma3" : "gemma";
}

std::string_view gemma::chatFormatOfJson(const json &value) {
  if (value.is_string()) {
    return chatFormatOf(value.get_ref<const std::string &>());
  }
  std::string_view first;
  if (!value.is_array()) {
    return first;
  }
  for (const json &entry : value) {
    if (!entry.is_object()) {
      continue;
    }
    auto text = entry.find("template"), name = entry.find("name");
    if (text == entry.end() || !text->is_string()) {
      continue;
    }
    std::string_view format =
        chatFormatOf(text->get_ref<const std::string &>());
    if (name != entry.end() && *name == "default") {
      return format;
    }
    first = first.empty() ? format : first;
  }
  return first;
}
