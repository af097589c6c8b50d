//===- PromptEncoderTest.cpp - Tests of PromptEncoder ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/PromptEncoder.h"

#include "TestingTokenizer.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace gemma;
using namespace gemma::testing;

static ModelInfo chatModel() {
  ModelInfo info;
  info.bosToken = kBos;
  info.addBos = true;
  info.chatFormat = "gemma";
  return info;
}

TEST(PromptEncoderTest, WritesTurns) {
  auto encoder = PromptEncoder::create(tinyModel(), chatModel());
  ASSERT_TRUE(encoder) << encoder.error().message;
  EXPECT_TRUE(encoder->hasTurns());
  auto chat = ChatPrompt::create(tinyTokenizer(), "gemma", kBos);
  EXPECT_EQ(*encoder->first(" Hi"), *chat->encode({{"user", "Hi"}}));
  EXPECT_EQ(*encoder->next("Bye"), *chat->encodeNext("Bye"));
  for (const char *empty : {"", " \n", "\u3000"}) {
    EXPECT_EQ(encoder->first(empty).error().code, ErrorCode::InvalidUsage);
    EXPECT_EQ(encoder->next(empty).error().message,
              "prompt: expected text, found none");
  }
  EXPECT_FALSE(encoder->first(std::string(1000, 'a'), 2));
  // It may be moved.
  PromptEncoder moved = std::move(*encoder);
  EXPECT_EQ(*moved.first("Hi"), *chat->encode({{"user", "Hi"}}));
}

TEST(PromptEncoderTest, ATurnHasOneBeginTokenWhateverTheModelAdds) {
  for (bool addBos : {true, false}) {
    ModelInfo info = chatModel();
    info.addBos = addBos;
    auto encoder = PromptEncoder::create(tinyModel(), info);
    ASSERT_TRUE(encoder);
    std::vector<int32_t> tokens = *encoder->first("<bos>Hi<bos>");
    EXPECT_EQ(tokens.front(), kBos);
    EXPECT_EQ(std::count(tokens.begin(), tokens.end(), kBos), 1);
  }
}

TEST(PromptEncoderTest, PutsASystemTextBeforeTheFirstPrompt) {
  ModelInfo info = chatModel();
  info.chatFormat = "gemma3";
  auto encoder = PromptEncoder::create(tinyModel(), info);
  ASSERT_TRUE(encoder);
  std::vector<int32_t> without = *encoder->first("Hi");
  ASSERT_TRUE(encoder->setSystem("Be brief."));
  EXPECT_EQ(encoder->setSystem(" \n").error().message,
            "system text: expected text, found none");
  EXPECT_EQ(encoder->setSystem("", "--system").error().message,
            "--system: expected text, found none");
  auto chat = ChatPrompt::create(tinyTokenizer(), "gemma3", kBos);
  EXPECT_EQ(*encoder->first("Hi"),
            *chat->encode({{"system", "Be brief."}, {"user", "Hi"}}));
  EXPECT_NE(*encoder->first("Hi"), without);
  // Only there.
  EXPECT_EQ(*encoder->next("Bye"), *chat->encodeNext("Bye"));
}

TEST(PromptEncoderTest, SaysThatThereIsNoPlaceForASystemText) {
  auto gemma = PromptEncoder::create(tinyModel(), chatModel());
  ASSERT_TRUE(gemma);
  Result<void> set = gemma->setSystem("Be brief.");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(set.error().message,
            "model: expected one whose turns have a place for a system text, "
            "found one that was trained without (such a text can stand in the "
            "first prompt)");
  EXPECT_TRUE(gemma->first("Hi"));
  auto raw = PromptEncoder::create(tinyModel(), chatModel(), true);
  ASSERT_TRUE(raw);
  EXPECT_THAT(raw->setSystem("Be brief.").error().message,
              ::testing::HasSubstr("found no turns"));
}

TEST(PromptEncoderTest, RawTextGetsABeginTokenOnly) {
  auto encoder = PromptEncoder::create(tinyModel(), chatModel(), true);
  ASSERT_TRUE(encoder);
  EXPECT_FALSE(encoder->hasTurns());
  std::vector<int32_t> expected = encoded(tinyTokenizer(), " Hi <bos>\n");
  expected.insert(expected.begin(), kBos);
  EXPECT_EQ(*encoder->first(" Hi <bos>\n"), expected);
  EXPECT_THAT(*encoder->first(""), ::testing::ElementsAre(kBos));
  EXPECT_FALSE(encoder->first(std::string(1000, 'a'), 2));
}

TEST(PromptEncoderTest, AModelMayWantNoBeginToken) {
  ModelInfo info = chatModel();
  info.chatFormat = "";
  info.addBos = false;
  auto encoder = PromptEncoder::create(tinyModel(), info);
  ASSERT_TRUE(encoder);
  EXPECT_FALSE(encoder->hasTurns());
  EXPECT_EQ(*encoder->first("Hi"), encoded(tinyTokenizer(), "Hi"));
}

TEST(PromptEncoderTest, SaysWhatIsMissing) {
  auto none = PromptEncoder::create("", chatModel());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(none.error().message,
              ::testing::HasSubstr("expected a tokenizer"));
  EXPECT_FALSE(PromptEncoder::create("x", chatModel()));
  ModelInfo info = chatModel();
  info.chatFormat = "other";
  EXPECT_FALSE(PromptEncoder::create(tinyModel(), info));
  EXPECT_TRUE(PromptEncoder::create(tinyModel(), info, true));
}
