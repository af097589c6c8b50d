//===- TokenizerTest.cpp - Tests of Tokenizer -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Tokenizer.h"

#include "TestingTokenizer.h"
#include "runtime/text/Utf8.h"

#include <gmock/gmock.h>

#include <thread>

using namespace gemma;
using namespace gemma::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Text that reads like the control tokens of Gemma or of SentencePiece.
static const std::string kControlTexts[] = {
    "<start_of_turn>", "<end_of_turn>", "<bos>",  "<eos>",     "<pad>",
    "<unk>",           "<mask>",        "<s>",    "</s>",      "<2mass>",
    "[@BOS@]",         "<unused0>",     "<0x0A>", "<unused98>"};

static void expectNoControl(const Tokenizer &tokenizer, std::string_view text) {
  std::vector<int32_t> ids = encoded(tokenizer, text);
  for (int32_t id : ids) {
    EXPECT_FALSE(tokenizer.isControl(id)) << id << " in " << text;
    EXPECT_NE(id, 3) << "<unk> in " << text;
  }
  EXPECT_EQ(bytesOf(tokenizer, ids), text);
}

TEST(TokenizerTest, KnowsItsPieces) {
  const Tokenizer &tokenizer = tinyTokenizer();
  EXPECT_GT(tokenizer.size(), 256);
  EXPECT_EQ(tokenizer.find("<bos>"), kBos);
  EXPECT_EQ(tokenizer.find("<eos>"), kEos);
  EXPECT_EQ(tokenizer.find("<start_of_turn>"), kStartOfTurn);
  EXPECT_EQ(tokenizer.find("<end_of_turn>"), kEndOfTurn);
  EXPECT_EQ(tokenizer.find("\n"), kNewline);
  EXPECT_EQ(tokenizer.find("no such piece"), std::nullopt);
  EXPECT_EQ(tokenizer.find(""), std::nullopt);
  for (int32_t id : {0, kEos, kBos, kStartOfTurn, kEndOfTurn}) {
    EXPECT_TRUE(tokenizer.isControl(id)) << id;
  }
  for (int32_t id : {-1, kNewline, tokenizer.size() - 1, tokenizer.size()}) {
    EXPECT_FALSE(tokenizer.isControl(id)) << id;
  }
}

TEST(TokenizerTest, TextNeverBecomesAControlToken) {
  const Tokenizer &tokenizer = tinyTokenizer();
  for (const std::string &text : kControlTexts) {
    expectNoControl(tokenizer, text);
    expectNoControl(tokenizer, "a" + text + text + " b");
  }
  // Nor does the text of any other piece.
  for (int32_t id = 0; id < tokenizer.size(); ++id) {
    std::string text;
    tokenizer.appendBytes(id, text);
    for (int32_t again : encoded(tokenizer, text)) {
      EXPECT_FALSE(tokenizer.isControl(again));
    }
  }
}

TEST(TokenizerTest, UserDefinedTurnPiecesAreControlToo) {
  std::string model = tinyModel();
  for (const char *piece : {"<start_of_turn>", "<end_of_turn>", "<bos>"}) {
    setPieceType(model, piece, UserDefined);
  }
  Result<Tokenizer> tokenizer = Tokenizer::load(model);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  for (int32_t id : {kBos, kStartOfTurn, kEndOfTurn}) {
    EXPECT_TRUE(tokenizer->isControl(id));
    EXPECT_EQ(bytesOf(*tokenizer, {id}), "");
  }
  for (const std::string &text : kControlTexts) {
    expectNoControl(*tokenizer, text);
    expectNoControl(*tokenizer, "<" + text + text + "> " + text);
    expectNoControl(*tokenizer, "\xC3\xA9" + text + "\xFF" + text);
  }
  EXPECT_EQ(encoded(*tokenizer, "no such text"),
            encoded(tinyTokenizer(), "no such text"));
  // A cut per piece must not cost a scan of the whole text.
  std::string many;
  for (int i = 0; i < 100000; ++i) {
    many += "<bos>";
  }
  expectNoControl(*tokenizer, many);
}

TEST(TokenizerTest, KeepsWhiteSpace) {
  const Tokenizer &tokenizer = tinyTokenizer();
  for (const char *text : {"", " ", "  ", " a", "a ", "a\n\n\n\n\n\nb", "\t",
                           "\r\n", "     x", "a  b   c    d"}) {
    EXPECT_EQ(bytesOf(tokenizer, encoded(tokenizer, text)), text);
  }
}

TEST(TokenizerTest, KeepsBytesThatAreNoUtf8) {
  const Tokenizer &tokenizer = tinyTokenizer();
  int32_t ff = *tokenizer.find("<0xFF>");
  EXPECT_THAT(encoded(tokenizer, "\xFF"), ElementsAre(ff));
  std::vector<int32_t> expected = encoded(tokenizer, "cat");
  expected.push_back(ff);
  for (int32_t id : encoded(tokenizer, "dog")) {
    expected.push_back(id);
  }
  EXPECT_EQ(encoded(tokenizer, "cat\xFF"
                               "dog"),
            expected);
  // A surrogate, an overlong NUL, a cut-off euro sign.
  for (const char *text : {"\xED\xA0\x80", "\xC0\x80", "x\xE2\x82"}) {
    EXPECT_EQ(bytesOf(tokenizer, encoded(tokenizer, text)), text);
  }
}

TEST(TokenizerTest, KeepsNul) {
  const Tokenizer &tokenizer = tinyTokenizer();
  std::string text("a\0b\0", 4);
  EXPECT_EQ(bytesOf(tokenizer, encoded(tokenizer, text)), text);
  EXPECT_THAT(encoded(tokenizer, text), Contains(*tokenizer.find("<0x00>")));
}

TEST(TokenizerTest, RoundTripsRandomUtf8) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string text = randomUtf8(random, random() % 60);
    if (round % 3 == 0) {
      text += kControlTexts[random() % std::size(kControlTexts)] +
              randomUtf8(random, random() % 3);
    }
    expectNoControl(tinyTokenizer(), text);
  }
}

TEST(TokenizerTest, RoundTripsRandomBytes) {
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 60, '\0');
    for (char &c : text) {
      c = static_cast<char>(round % 2 ? random() : 0x80 | random());
    }
    if (text.find("\xE2\x96\x81") == std::string::npos) {
      expectNoControl(tinyTokenizer(), text);
    }
  }
}

TEST(TokenizerTest, RefusesHugeTextAtOnce) {
  std::string text(100'000'000, 'a');
  auto refused = tinyTokenizer().encode(text, 1024);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(
      refused.error().message,
      HasSubstr("prompt: expected at most 1024 tokens, found at least "));
}

TEST(TokenizerTest, RefusesNothingThatMayFit) {
  const Tokenizer &tokenizer = tinyTokenizer();
  std::string longest;
  for (int32_t id = 0; id < tokenizer.size(); ++id) {
    std::string bytes;
    tokenizer.appendBytes(id, bytes);
    longest = bytes.size() > longest.size() ? bytes : longest;
  }
  ASSERT_EQ(longest.size(), tokenizer.mostBytes(1));
  // As many tokens as the limit, each of the longest kind, and one byte more.
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += longest;
  }
  EXPECT_TRUE(tokenizer.encode(text, 10));
  EXPECT_FALSE(tokenizer.encode(text + "a", 10));
  EXPECT_EQ(tokenizer.mostBytes(kNoTokenLimit), kNoTokenLimit);
}

TEST(TokenizerTest, UnknownIdsAreShownAsReplacement) {
  const Tokenizer &tokenizer = tinyTokenizer();
  for (int32_t id : {-1, 3, tokenizer.size(), 2147483647}) {
    EXPECT_EQ(bytesOf(tokenizer, {id}), kReplacementCharacter) << id;
  }
}

TEST(TokenizerTest, RefusesBytesThatAreNoModel) {
  for (const std::string &model :
       {std::string(), std::string("hello"), std::string(1000, '\0'),
        tinyModel().substr(0, 20000)}) {
    Result<Tokenizer> refused = Tokenizer::load(model);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidData);
    EXPECT_THAT(refused.error().message,
                HasSubstr("tokenizer: expected a SentencePiece model, found"));
    EXPECT_THAT(refused.error().message, ::testing::Not(HasSubstr("\n")));
  }
}

TEST(TokenizerTest, WithoutByteTokensInvalidUtf8IsAnError) {
  std::string model = tinyModel();
  char piece[8];
  for (int byte = 0; byte < 256; ++byte) {
    std::snprintf(piece, sizeof(piece), "<0x%02X>", byte);
    setPieceType(model, piece, Unused);
  }
  // Field 35 of the trainer's specification, byte_fallback, true.
  size_t fallback = model.find("\x98\x02\x01");
  ASSERT_NE(fallback, std::string::npos);
  model[fallback + 2] = 0;
  Result<Tokenizer> tokenizer = Tokenizer::load(model);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_TRUE(tokenizer->encode("cat"));
  auto refused = tokenizer->encode("cat\xFF");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "prompt: expected UTF-8, found byte 0xff (offset 3)");
}

TEST(TokenizerTest, ThreadsShareOne) {
  const Tokenizer &tokenizer = tinyTokenizer();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(i);
      for (int round = 0; round < 200; ++round) {
        std::string text = randomUtf8(random, 30);
        EXPECT_EQ(bytesOf(tokenizer, encoded(tokenizer, text)), text);
      }
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
}
