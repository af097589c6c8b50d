//===- TokenizerVocabularyTest.cpp - Vocabularies of Gemma's sizes --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the checkpoint's file through the importer's rewrite to the runtime's
// ids, beside two references: the sentencepiece library on the file as it is,
// and a BPE of a few lines on the pieces.
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Tokenizer.h"
#include "runtime/text/Tokenizer.h"
#include "test/compiler/Import/Readers/TestingVocabulary.h"

#include <sentencepiece_processor.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <chrono>
#include <malloc.h>
#include <memory>

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;

namespace {
/// A tokenizer.model on all its ways.
struct Vocabulary {
  explicit Vocabulary(std::string bytes) : file(std::move(bytes)) {
    ModelConfig config;
    config.vocab = 1 << 20;
    Result<TokenizerFile> vetted = vetTokenizer(file, "t", config);
    EXPECT_TRUE(vetted) << vetted.error().message;
    artifact = vetted->artifactBytes;
    startOfTurn = vetted->startOfTurn;
    Result<Tokenizer> loaded = Tokenizer::load(artifact);
    EXPECT_TRUE(loaded) << loaded.error().message;
    runtime = std::make_unique<Tokenizer>(std::move(*loaded));
    pieces =
        std::make_unique<TokenizerProto>(*TokenizerProto::parse(artifact, "t"));
    reference = std::make_unique<ReferenceBpe>(*pieces);
    EXPECT_TRUE(library.LoadFromSerializedProto(file).ok());
  }

  std::vector<int32_t> encode(std::string_view text) const {
    Result<std::vector<int32_t>> tokens = runtime->encode(text);
    EXPECT_TRUE(tokens) << tokens.error().message;
    return *tokens;
  }
  std::string decode(const std::vector<int32_t> &tokens) const {
    std::string text;
    for (int32_t token : tokens) {
      runtime->appendBytes(token, text);
    }
    return text;
  }

  std::string file, artifact;
  int64_t startOfTurn = -1;
  std::unique_ptr<Tokenizer> runtime;
  std::unique_ptr<TokenizerProto> pieces;
  std::unique_ptr<ReferenceBpe> reference;
  sentencepiece::SentencePieceProcessor library;
};
} // namespace

static const Vocabulary &gemma2() {
  static const Vocabulary vocabulary(gemmaVocabulary(kGemma2Shape));
  return vocabulary;
}

static const Vocabulary &gemma3() {
  static const Vocabulary vocabulary(gemmaVocabulary(kGemma3Shape));
  return vocabulary;
}

static const Vocabulary &bundled() {
  static const Vocabulary vocabulary(
      readFile(GEMMA_SOURCE_DIR "/test/models/tiny-gemma-it/tokenizer.model"));
  return vocabulary;
}

/// Text of pieces, runs of white space, tags and characters without a piece.
static std::string randomText(std::mt19937 &random,
                              const Vocabulary &vocabulary) {
  static constexpr const char *kParts[] = {"<table>",
                                           "</code>",
                                           "<b",
                                           "<unused5>",
                                           "<unused6000>",
                                           "[toxicity=0]",
                                           "[toxicity=1]",
                                           "<0x0A>",
                                           "\xf0\x9f\x98\x80",
                                           "\xce\xb1",
                                           "1234567",
                                           "\r\n",
                                           ".",
                                           "<",
                                           "<<b>>"};
  std::string text;
  for (int part = 0; part < 12; ++part) {
    switch (random() % 6) {
    case 0:
      text += repeated("\n", 1 + static_cast<int>(random() % 70));
      break;
    case 1:
      text += repeated(" ", 1 + static_cast<int>(random() % 70));
      break;
    case 2:
      text += repeated("\t", 1 + static_cast<int>(random() % 40));
      break;
    case 3:
      text += kParts[random() % std::size(kParts)];
      break;
    default: {
      auto token = static_cast<int32_t>(random() % vocabulary.runtime->size());
      // A byte alone would be no UTF-8, which the library does not keep.
      if (vocabulary.pieces->getPiece(token).type != PieceType::Byte) {
        vocabulary.runtime->appendBytes(token, text);
      }
    }
    }
  }
  return text;
}

static void expectAgreement(const Vocabulary &vocabulary, int rounds) {
  std::mt19937 random(3);
  for (int round = 0; round < rounds; ++round) {
    std::string text = randomText(random, vocabulary);
    std::vector<int32_t> tokens = vocabulary.encode(text);
    ASSERT_EQ(tokens, vocabulary.reference->encode(text)) << text;
    std::vector<int> ids;
    ASSERT_TRUE(vocabulary.library.Encode(text, &ids).ok());
    ASSERT_EQ(tokens, ids) << text;
    if (text.find(kSpace) == std::string::npos) {
      ASSERT_EQ(vocabulary.decode(tokens), text);
    }
  }
}

TEST(TokenizerVocabularyTest, BundledModelAgreesWithBothReferences) {
  expectAgreement(bundled(), 300);
}

TEST(TokenizerVocabularyTest, Gemma2SizeAgreesWithBothReferences) {
  EXPECT_EQ(gemma2().runtime->size(), 256000);
  expectAgreement(gemma2(), 300);
}

TEST(TokenizerVocabularyTest, Gemma3SizeAgreesWithBothReferences) {
  EXPECT_EQ(gemma3().runtime->size(), 262144);
  expectAgreement(gemma3(), 300);
}

static void expectPlaces(const Vocabulary &vocabulary,
                         const VocabularyShape &shape) {
  EXPECT_EQ(vocabulary.startOfTurn, shape.startOfTurn);
  auto newline = static_cast<int32_t>(shape.newline);
  // Runs are one token each up to the longest, whatever stands beside them.
  for (int count = 1; count <= kLongestRun; ++count) {
    EXPECT_THAT(vocabulary.encode(repeated("\n", count)),
                ElementsAre(newline + count - 1));
    if (count > 1) {
      int32_t spaces = newline + kLongestRun + count - 2;
      EXPECT_THAT(vocabulary.encode(repeated(" ", count)), ElementsAre(spaces));
      EXPECT_EQ(vocabulary.encode("." + repeated(" ", count) + "\n")[1],
                spaces);
      EXPECT_THAT(vocabulary.encode(repeated("\t", count)),
                  ElementsAre(kToxicity + count - 1));
    }
  }
  EXPECT_THAT(vocabulary.encode(repeated("\n", 40)),
              ElementsAre(newline + 30, newline + 8));
  // One space is no run: it merges with what follows.
  EXPECT_EQ(vocabulary.encode(" ."), vocabulary.reference->encode(" ."));
  EXPECT_THAT(vocabulary.encode("[toxicity=0]"), ElementsAre(kToxicity));
  EXPECT_GT(vocabulary.encode("[toxicity=1]").size(), 1u);
  EXPECT_THAT(vocabulary.encode("<unused0>"),
              ElementsAre(shape.isGemma3 ? 6 : 7));
  EXPECT_THAT(vocabulary.encode("<td>"),
              ElementsAre(newline + 2 * kLongestRun - 1 + 4));
}

TEST(TokenizerVocabularyTest, PiecesHaveGemma2sPlaces) {
  expectPlaces(gemma2(), kGemma2Shape);
}

TEST(TokenizerVocabularyTest, PiecesHaveGemma3sPlaces) {
  expectPlaces(gemma3(), kGemma3Shape);
}

TEST(TokenizerVocabularyTest, TextNeverBecomesAControlToken) {
  for (const Vocabulary *vocabulary : {&gemma2(), &gemma3()}) {
    std::string all;
    for (std::string_view piece : builtinSpecialPieces()) {
      all += piece;
      all += " ";
      std::vector<int32_t> tokens = vocabulary->encode(piece);
      for (int32_t token : tokens) {
        EXPECT_FALSE(vocabulary->runtime->isControl(token)) << piece;
      }
      EXPECT_EQ(vocabulary->decode(tokens), piece);
      if (auto token = vocabulary->runtime->find(piece)) {
        EXPECT_TRUE(vocabulary->runtime->isControl(*token)) << piece;
      }
    }
    for (int32_t token : vocabulary->encode(all + all)) {
      EXPECT_FALSE(vocabulary->runtime->isControl(token)) << token;
    }
    EXPECT_TRUE(vocabulary->runtime->isControl(kStartOfImage));
  }
}

/// The runtime knows them as well, should an artifact's tokenizer still have
/// them as pieces that text would match.
TEST(TokenizerVocabularyTest, TheRuntimeKnowsTheSameSpecialPieces) {
  std::string model = wireFirstPieces() + wireBytePieces();
  for (std::string_view piece : builtinSpecialPieces()) {
    if (piece != "<pad>" && piece != "<eos>" && piece != "<bos>") {
      model += wirePiece(std::string(piece), 4);
    }
  }
  Result<Tokenizer> tokenizer =
      Tokenizer::load(model + wireTrainer() + wireNormalizer());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  for (std::string_view piece : builtinSpecialPieces()) {
    EXPECT_TRUE(tokenizer->isControl(*tokenizer->find(piece))) << piece;
    Result<std::vector<int32_t>> tokens = tokenizer->encode(piece);
    ASSERT_TRUE(tokens) << tokens.error().message;
    for (int32_t token : *tokens) {
      EXPECT_FALSE(tokenizer->isControl(token)) << piece;
    }
  }
}

static double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Generous limits: a machine may be busy, and the sanitizers' is slow.
TEST(TokenizerVocabularyTest, Gemma3SizeTakesLittleTimeAndMemory) {
  const std::string &file = gemma3().file;
  ModelConfig config;
  config.vocab = 262144;
  auto start = std::chrono::steady_clock::now();
  Result<TokenizerFile> vetted = vetTokenizer(file, "t", config);
  ASSERT_TRUE(vetted) << vetted.error().message;
  RecordProperty("vet_ms", static_cast<int>(1e3 * secondsSince(start)));
  EXPECT_LT(secondsSince(start), 10);

  size_t before = mallinfo2().uordblks;
  start = std::chrono::steady_clock::now();
  Result<Tokenizer> tokenizer = Tokenizer::load(vetted->artifactBytes);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  RecordProperty("load_ms", static_cast<int>(1e3 * secondsSince(start)));
  EXPECT_LT(secondsSince(start), 10);
  size_t bytes = mallinfo2().uordblks - before;
  RecordProperty("load_bytes", static_cast<int>(bytes));
  EXPECT_LT(bytes, size_t(100) << 20);

  // A prompt that fills a context of 128k tokens; a cut per control text.
  std::mt19937 random(5);
  std::string text;
  while (text.size() < size_t(1) << 20) {
    text += randomText(random, gemma3()) + "<start_of_turn>";
  }
  start = std::chrono::steady_clock::now();
  EXPECT_GT(tokenizer->encode(text)->size(), 1000u);
  RecordProperty("encode_ms", static_cast<int>(1e3 * secondsSince(start)));
  EXPECT_LT(secondsSince(start), 20);
}
