//===- GgufTokenizerTest.cpp - Tests of GgufTokenizer.cpp -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufTokenizer.h"

#include "compiler/Import/Readers/TokenizerProto.h"
#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
/// Metadata and the bytes that they view.
struct Metadata {
  explicit Metadata(const std::vector<std::string> &pairs) {
    for (const std::string &pair : pairs) {
      bytes += pair;
    }
    GgufCursor cursor(bytes);
    metadata = *GgufMetadata::parse(cursor, pairs.size(), "f");
  }
  Metadata(const Metadata &) = delete;

  std::string bytes;
  GgufMetadata metadata;
};
} // namespace

static std::string errorOf(const std::vector<std::string> &pairs) {
  Metadata file(pairs);
  ModelConfig config;
  config.vocab = 1000;
  auto read = readGgufTokenizer(file.metadata, "f", config);
  if (read) {
    return "no error";
  }
  EXPECT_EQ(read.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(read.error().message.find('\n'), std::string::npos);
  return read.error().message;
}

/// A vocabulary with another pair in the place of number `index`.
static std::vector<std::string> with(size_t index, const std::string &pair) {
  std::vector<std::string> pairs = tinyGgufVocabulary();
  pairs[index] = pair;
  return pairs;
}

TEST(GgufTokenizerTest, SamePiecesAsTheModelFile) {
  Metadata file(tinyGgufVocabulary());
  auto built = buildSentencepieceModel(file.metadata, "f");
  ASSERT_TRUE(built) << built.error().message;
  std::string written = tinyTokenizer();
  auto ours = TokenizerProto::parse(*built, "f");
  auto theirs = TokenizerProto::parse(written, "g");
  ASSERT_TRUE(ours) << ours.error().message;
  ASSERT_TRUE(theirs);
  ASSERT_EQ(ours->size(), theirs->size());
  for (int64_t i = 0; i < ours->size(); ++i) {
    EXPECT_EQ(ours->getPiece(i).text, theirs->getPiece(i).text);
    EXPECT_EQ(ours->getPiece(i).score, theirs->getPiece(i).score);
    EXPECT_EQ(ours->getPiece(i).type, theirs->getPiece(i).type);
  }
}

TEST(GgufTokenizerTest, ReadsAndVets) {
  Metadata file(tinyGgufVocabulary());
  ModelConfig config;
  config.vocab = 268;
  config.chatFormat = "gemma";
  auto read = readGgufTokenizer(file.metadata, "f", config);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(*read);
  EXPECT_EQ((*read)->pieces, 268);
  EXPECT_EQ((*read)->startOfTurn, 4);
  EXPECT_EQ((*read)->endOfTurn, 5);
  EXPECT_EQ((*read)->chatFormat, "gemma");
  EXPECT_EQ((*read)->sha256.size(), 64u);
  auto proto = TokenizerProto::parse((*read)->artifactBytes, "f");
  ASSERT_TRUE(proto);
  EXPECT_EQ(proto->getPiece(4).type, PieceType::Control);
  config.vocab = 267;
  EXPECT_FALSE(readGgufTokenizer(file.metadata, "f", config));
}

TEST(GgufTokenizerTest, NoVocabulary) {
  Metadata file({ggufString("general.architecture", "gemma")});
  auto read = readGgufTokenizer(file.metadata, "f", ModelConfig());
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(GgufTokenizerTest, SpacesOfUserDefinedPieces) {
  std::vector<std::string> tokens = {ggufText("<unk>"), ggufText("  "),
                                     ggufText("a b")};
  Metadata file(
      {ggufString("tokenizer.ggml.model", "llama"),
       ggufArray("tokenizer.ggml.tokens", kString, tokens),
       ggufArray("tokenizer.ggml.scores", kF32, {raw(0.f), raw(0.f), raw(0.f)}),
       ggufArray("tokenizer.ggml.token_type", kI32, {raw(2), raw(4), raw(1)})});
  auto built = buildSentencepieceModel(file.metadata, "f");
  ASSERT_TRUE(built) << built.error().message;
  auto proto = TokenizerProto::parse(*built, "f");
  ASSERT_TRUE(proto) << proto.error().message;
  EXPECT_EQ(proto->getPiece(1).text, "\xe2\x96\x81\xe2\x96\x81");
  EXPECT_EQ(proto->getPiece(2).text, "a b");
}

/// The types in the model of a vocabulary of these pieces.
static std::vector<int>
typesOf(const std::vector<std::string> &texts, const std::vector<float> &scores,
        const std::vector<int32_t> &types,
        const std::string &more = ggufString("general.architecture", "gemma")) {
  std::vector<std::string> tokens, scoreItems, typeItems;
  for (size_t i = 0; i < texts.size(); ++i) {
    tokens.push_back(ggufText(texts[i]));
    scoreItems.push_back(raw(scores[i]));
    typeItems.push_back(raw(types[i]));
  }
  Metadata file({more, ggufString("tokenizer.ggml.model", "llama"),
                 ggufArray("tokenizer.ggml.tokens", kString, tokens),
                 ggufArray("tokenizer.ggml.scores", kF32, scoreItems),
                 ggufArray("tokenizer.ggml.token_type", kI32, typeItems)});
  auto built = buildSentencepieceModel(file.metadata, "f");
  EXPECT_TRUE(built) << built.error().message;
  auto proto = TokenizerProto::parse(*built, "f");
  EXPECT_TRUE(proto) << proto.error().message;
  std::vector<int> found;
  for (int64_t i = 0; built && proto && i < proto->size(); ++i) {
    found.push_back(static_cast<int>(proto->getPiece(i).type));
  }
  return found;
}

TEST(GgufTokenizerTest, UnknownAsControl) {
  const std::vector<std::string> kTexts = {"<pad>", "<eos>", "<bos>", "<unk>",
                                           "a"};
  const std::vector<float> kScores(5, -1000);
  EXPECT_THAT(typesOf(kTexts, kScores, {3, 3, 3, 3, 1}),
              ElementsAre(3, 3, 3, 2, 1));
  EXPECT_THAT(typesOf(kTexts, kScores, {3, 3, 3, 2, 1}),
              ElementsAre(3, 3, 3, 2, 1));
  EXPECT_THAT(typesOf({"<pad>", "<eos>", "<unk>", "<bos>", "a"}, kScores,
                      {3, 3, 2, 3, 1}),
              ElementsAre(3, 3, 2, 3, 1));
  EXPECT_THAT(typesOf({"<pad>", "<unk>", "<bos>", "<eos>", "a"}, kScores,
                      {3, 3, 3, 3, 1},
                      ggufU32("tokenizer.ggml.unknown_token_id", 1)),
              ElementsAre(3, 2, 3, 3, 1));
  std::vector<std::string> pairs = tinyGgufVocabulary();
  pairs[9] = ggufU32("tokenizer.ggml.unknown_token_id", 268);
  EXPECT_THAT(errorOf(pairs), HasSubstr("unknown_token_id: expected an "
                                        "integer from 0 to 267"));
}

TEST(GgufTokenizerTest, UserDefinedAsNormal) {
  const std::vector<std::string> kTexts = {"<unk>", "\n", "  ", "ab",
                                           "abc",   "a",  "<i>"};
  const std::vector<float> kScores = {0, 0, 0, 0, -1, -2, 0};
  EXPECT_THAT(typesOf(kTexts, kScores, {2, 1, 1, 1, 1, 1, 1}),
              ElementsAre(2, 4, 4, 1, 1, 1, 4));
  // The sign of a merge's 0 tells it wherever it stands.
  EXPECT_THAT(
      typesOf(kTexts, {0, -0.f, 0, 0, -1, -2, 0}, {2, 1, 1, 1, 1, 1, 1}),
      ElementsAre(2, 1, 4, 1, 1, 1, 4));
  // One of type 4: the file has all types.
  EXPECT_THAT(typesOf(kTexts, kScores, {2, 1, 1, 1, 1, 1, 4}),
              ElementsAre(2, 1, 1, 1, 1, 1, 4));
  // No scores to tell by.
  EXPECT_THAT(
      typesOf(kTexts, std::vector<float>(7, 0.f), {2, 1, 1, 1, 1, 1, 1}),
      ElementsAre(2, 1, 1, 1, 1, 1, 1));
}

TEST(GgufTokenizerTest, CutsWhatIsNoText) {
  const std::string kGemma3 = ggufString("general.architecture", "gemma3");
  const std::vector<float> kScores(5, -1);
  EXPECT_THAT(typesOf({"<unk>", "a", "<image_soft_token>", "b", "c"}, kScores,
                      {2, 1, 3, 1, 1}, kGemma3),
              ElementsAre(2, 1));
  EXPECT_THAT(typesOf({"<unk>", "x", "a", "[PAD3]", "[PAD4]"}, kScores,
                      {2, 5, 1, 5, 1}, kGemma3),
              ElementsAre(2, 5, 1));
  // As in tokenizer.model, a piece with a name stays, whatever its type.
  EXPECT_THAT(typesOf({"<unk>", "[PAD]", "[PAD3", "<unused9>", "[PAD4]"},
                      kScores, {2, 1, 5, 5, 5}, kGemma3),
              ElementsAre(2, 1, 5, 5));
  EXPECT_THAT(typesOf({"<unk>", "a", "<image_soft_token>", "b", "[PAD4]"},
                      kScores, {2, 1, 3, 1, 5}),
              ElementsAre(2, 1, 3, 1, 5));
}

TEST(GgufTokenizerTest, Refuses) {
  const std::string kTypes = "tokenizer.ggml.token_type";
  std::vector<std::string> types(268, raw<int32_t>(1));
  struct Case {
    size_t index;
    std::string pair;
    const char *message;
  };
  const Case kCases[] = {
      {0, ggufString("tokenizer.ggml.model", "gpt2"),
       "expected 'llama' (sentencepiece), found 'gpt2'"},
      {0, ggufU32("tokenizer.ggml.model", 1), "expected a string, found u32 1"},
      {1, ggufArray("tokenizer.ggml.tokens", kString, {}),
       "tokenizer.ggml.tokens: expected 1 to 1048576 strings"},
      {1, ggufArray("tokenizer.ggml.tokens", kU32, {raw(1)}),
       "expected an array of strings"},
      {1, ggufArray("tokenizer.ggml.tokens", kString, {ggufText("a")}),
       "scores: expected 1 items, as there are tokens, found an array of 268"},
      {2, ggufU32("tokenizer.ggml.scores", 1), "expected an array of f32"},
      {2, ggufU32("other", 1), "tokenizer.ggml.scores: expected an array, one"},
      {3, ggufU32("other", 1), "token_type: expected an array, one"},
      {3, ggufArray(kTypes, kI32, types), "pieces: expected one <unk>"},
      {3, ggufArray(kTypes, kI32, {raw<int32_t>(2)}), "found an array of 1"},
      {8, ggufBool("tokenizer.ggml.add_space_prefix", true),
       "add_space_prefix: expected false, as Gemma has it, found true"},
      {8, ggufBool("tokenizer.ggml.add_eos_token", true), "add_eos_token"},
      {8, ggufArray("tokenizer.ggml.precompiled_charsmap", kU8, {"x"}),
       "precompiled_charsmap: expected none"},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(with(each.index, each.pair)), HasSubstr(each.message));
  }
  for (int32_t type : {0, 7, -1, INT32_MIN}) {
    types[3] = raw(type);
    EXPECT_THAT(errorOf(with(3, ggufArray(kTypes, kI32, types))),
                HasSubstr("token_type: item 3: expected a type from 1 to 6"));
  }
}

TEST(GgufTokenizerTest, PiecesAreVetted) {
  auto withPiece = [](const std::string &text, float score) {
    std::vector<std::string> tokens = {ggufText("<unk>"), ggufText(text)};
    return std::vector<std::string>{
        ggufString("tokenizer.ggml.model", "llama"),
        ggufArray("tokenizer.ggml.tokens", kString, tokens),
        ggufArray("tokenizer.ggml.scores", kF32, {raw(0.f), raw(score)}),
        ggufArray("tokenizer.ggml.token_type", kI32, {raw(2), raw(1)})};
  };
  EXPECT_EQ(errorOf(withPiece("a", 0)), "no error");
  EXPECT_THAT(errorOf(withPiece("", 0)), HasSubstr("piece 1: expected 1 to"));
  EXPECT_THAT(errorOf(withPiece("<unk>", 0)), HasSubstr("each text once"));
  EXPECT_THAT(errorOf(withPiece("\xff", 0)), HasSubstr("UTF-8 without NUL"));
  EXPECT_THAT(errorOf(withPiece(std::string(5000, 'x'), 0)),
              HasSubstr("found 5000"));
  EXPECT_THAT(errorOf(withPiece("a", INFINITY)), HasSubstr("a finite number"));
}
