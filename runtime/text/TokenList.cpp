//===- TokenList.cpp - Token ids that a user wrote ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/TokenList.h"

#include "runtime/core/Text.h"

#include <charconv>
#include <string>

using namespace gemma;

static bool isSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static std::string_view withoutSpace(std::string_view text) {
  while (!text.empty() && isSpace(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

Result<std::vector<int32_t>> gemma::parseTokenList(std::string_view text,
                                                   uint32_t vocab,
                                                   ErrorCode code,
                                                   std::string_view where) {
  auto refuse = [&](std::string_view found) {
    std::string end =
        found.empty() ? "the end" : "'" + printable(found, 20) + "'";
    return Error{code, "tokens: expected ids below " + std::to_string(vocab) +
                           " separated by commas, found " + end + " (" +
                           printable(where) + ")"};
  };
  std::vector<int32_t> tokens;
  std::string_view rest = withoutSpace(text);
  while (true) {
    uint32_t token = 0;
    const char *end = rest.data() + rest.size();
    auto [next, error] = std::from_chars(rest.data(), end, token);
    bool whole = next == end || isSpace(*next) || *next == ',';
    if (error != std::errc() || !whole || token >= vocab) {
      return refuse(rest.substr(0, rest.find_first_of(", \t\r\n", 1)));
    }
    tokens.push_back(static_cast<int32_t>(token));
    rest = withoutSpace(rest.substr(next - rest.data()));
    if (rest.empty()) {
      return tokens;
    }
    if (rest.front() == ',') {
      rest = withoutSpace(rest.substr(1));
    }
  }
}
