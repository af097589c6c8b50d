//===- ChatTemplateTest.cpp - Tests of ChatTemplate.cpp -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ChatTemplate.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace gemma;
using namespace gemma::testing;
using nlohmann::json;

static const std::string kTests = GEMMA_SOURCE_DIR "/test/";

/// What the templates render is in runtime/text/Inputs/make_chat_cases.py.
TEST(ChatTemplateTest, KnowsTheTemplatesThatTheCasesAreRenderedWith) {
  json config = json::parse(
      readFile(kTests + "models/tiny-gemma-it/tokenizer_config.json"));
  EXPECT_EQ(chatFormatOfJson(config["chat_template"]), "gemma");
  EXPECT_EQ(chatFormatOf(
                readFile(kTests + "runtime/text/Inputs/gemma3-template.jinja")),
            "gemma3");
}

TEST(ChatTemplateTest, KnowsTurnsByTheirPiece) {
  EXPECT_EQ(chatFormatOf(""), "");
  EXPECT_EQ(chatFormatOf("<|im_start|> first_user_prefix '\\n\\n'"), "");
  EXPECT_EQ(chatFormatOf("{{ '<start_of_turn>' }}"), "gemma");
}

TEST(ChatTemplateTest, ASystemTextNeedsAnEmptyLineBehindIt) {
  const std::string prefix =
      "{{ '<start_of_turn>' }}{% set first_user_prefix = system + ";
  for (const char *line : {"'\n\n'", "\"\n\n\"", "'\\n\\n'", "\"\\n\\n\""}) {
    EXPECT_EQ(chatFormatOf(prefix + line), "gemma3") << line;
  }
  for (const char *line : {"'\n'", "'\\n'", "'  '", "''"}) {
    EXPECT_EQ(chatFormatOf(prefix + line), "gemma") << line;
  }
  EXPECT_EQ(chatFormatOf("{{ '<start_of_turn>' + system + '\n\n' }}"), "gemma");
}

TEST(ChatTemplateTest, OfSeveralTheDefaultDecides) {
  json gemma = {{"name", "a"}, {"template", "<start_of_turn>"}};
  json gemma3 = {{"name", "default"},
                 {"template", "<start_of_turn> first_user_prefix '\n\n'"}};
  json other = {{"name", "default"}, {"template", "<|im_start|>"}};
  json nameless = {{"template", "<start_of_turn>"}};
  EXPECT_EQ(chatFormatOfJson(json::array({gemma, gemma3})), "gemma3");
  EXPECT_EQ(chatFormatOfJson(json::array({gemma3, gemma})), "gemma3");
  EXPECT_EQ(chatFormatOfJson(json::array({gemma, other})), "");
  EXPECT_EQ(chatFormatOfJson(json::array({nameless})), "gemma");
  EXPECT_EQ(chatFormatOfJson(json::array()), "");
}

TEST(ChatTemplateTest, WhatIsNoTemplateHasNoTurns) {
  for (const char *text :
       {"null", "1", "{}", "[1, null]", R"([{"template": 2}])",
        R"([{"name": "default"}])", R"({"template": "<start_of_turn>"})"}) {
    EXPECT_EQ(chatFormatOfJson(json::parse(text)), "") << text;
  }
}
