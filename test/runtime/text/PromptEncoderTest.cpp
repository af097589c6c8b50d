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
