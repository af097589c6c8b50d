//===- TokenizerProtoTest.cpp - Tests of TokenizerProto.cpp ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/TokenizerProto.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gemma;
using namespace gemma::testing;
using ::testing::HasSubstr;

static std::string errorOf(const std::string &bytes) {
  Result<TokenizerProto> proto = TokenizerProto::parse(bytes, "t");
  if (proto) {
    return "no error";
  }
  EXPECT_EQ(proto.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(proto.error().message.find('\n'), std::string::npos);
  return proto.error().message;
}

/// The error of a model with these pieces after the usual ones.
static std::string errorWith(const std::string &pieces) {
  return errorOf(tinyTokenizer(pieces));
}

static PieceType typeIn(const std::string &bytes, const char *text) {
  Result<TokenizerProto> proto = TokenizerProto::parse(bytes, "t");
  EXPECT_TRUE(proto) << proto.error().message;
  int64_t token = proto->find(text);
  EXPECT_GE(token, 0) << text;
  return proto->getPiece(token).type;
}

TEST(TokenizerProtoTest, FindsPieces) {
  std::string bytes = tinyTokenizer();
  Result<TokenizerProto> proto = TokenizerProto::parse(bytes, "t");
  ASSERT_TRUE(proto) << proto.error().message;
  EXPECT_EQ(proto->size(), 268);
  EXPECT_EQ(proto->find("<bos>"), 2);
  EXPECT_EQ(proto->find("<end_of_turn>"), 5);
  EXPECT_EQ(proto->find("nope"), -1);
  EXPECT_EQ(proto->getPiece(3).type, PieceType::Unknown);
  EXPECT_EQ(proto->getPiece(262).type, PieceType::Normal);
  EXPECT_EQ(proto->getPiece(263).score, -2);
}

TEST(TokenizerProtoTest, ChecksPieces) {
  EXPECT_EQ(errorWith(""), "no error");
  EXPECT_EQ(errorWith(wirePiece(std::string(4096, 'x'), 1)), "no error");
  EXPECT_THAT(errorWith(wirePiece(std::string(4097, 'x'), 1)),
              HasSubstr("piece 268: expected 1 to 4096 bytes of text, found "
                        "4097"));
  EXPECT_THAT(errorWith(wirePiece("", 1)), HasSubstr("found 0"));
  EXPECT_THAT(errorWith(wireBytes(1, "")), HasSubstr("found 0"));
  EXPECT_THAT(errorWith(wirePiece("a", 1)),
              HasSubstr("'a', which is piece 263 too"));
  EXPECT_THAT(errorWith(wirePiece("c", 7)), HasSubstr("type: expected a"));
  EXPECT_THAT(errorWith(wirePiece("c", 1, NAN)), HasSubstr("score: expected"));
  EXPECT_THAT(errorWith(wirePiece("c", 1, INFINITY)), HasSubstr("score"));
  EXPECT_THAT(errorWith(wireBytes(1, wireBytes(1, "c") + wireNumber(3, 1) +
                                         wireNumber(3, 4))),
              HasSubstr("once each, found field 3 twice"));
  EXPECT_THAT(errorWith(wireBytes(1, wireNumber(1, 3))),
              HasSubstr("field 1 twice or of another kind"));
  EXPECT_THAT(errorWith(wireBytes(1, wireBytes(1, "c") + "\x18\x80\x02")),
              HasSubstr("type: expected a number from 1 to 6, found 256"));
  EXPECT_THAT(errorWith(wireBytes(1, "\x0a\x05"
                                     "c")),
              HasSubstr("piece 268: expected a protobuf message"));
  EXPECT_EQ(errorWith(wireBytes(1, wireBytes(1, "c") + wireNumber(200, 1))),
            "no error");
}

TEST(TokenizerProtoTest, PiecesAreText) {
  for (const char *text :
       {"\xff", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\x80", "\xe2\x96",
        "\xe2\x96z"}) {
    EXPECT_THAT(errorWith(wirePiece(text, 1)), HasSubstr("UTF-8")) << text;
  }
  EXPECT_THAT(errorWith(wirePiece(std::string("a\0", 2), 1)),
              HasSubstr("UTF-8 without NUL"));
  for (const char *text :
       {"\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x96\x81the"}) {
    EXPECT_EQ(errorWith(wirePiece(text, 1)), "no error") << text;
  }
}

TEST(TokenizerProtoTest, ChecksTheVocabulary) {
  EXPECT_THAT(errorWith(wirePiece("<unk2>", 2)),
              HasSubstr("expected one <unk> (type 2), found 2"));
  EXPECT_THAT(errorOf(wirePiece("<pad>", 3) + wireTrainer()),
              HasSubstr("expected one <unk> (type 2), found 0"));
  // Found by fuzzing: text without a piece became <bos>.
  EXPECT_THAT(errorOf(wirePiece("<bos>", 2) + wireTrainer()),
              HasSubstr("expected <unk> as the one of type 2"));
  EXPECT_THAT(
      errorOf(wirePiece("<bos>", 2) + wirePiece("<unk>", 3) + wireTrainer()),
      HasSubstr("expected <unk> as the one of type 2"));
  EXPECT_THAT(errorOf(wireFirstPieces() + wireTrainer()),
              HasSubstr("expected 256 byte pieces"));
  EXPECT_THAT(errorWith(wirePiece("<0x100>", 6)), HasSubstr("found 257"));
  std::string twisted =
      wireFirstPieces() + wireBytePieces() + wireTrainer() + wireNormalizer();
  EXPECT_EQ(errorOf(twisted), "no error");
  twisted.replace(twisted.find("<0xFF>"), 6, "<0xfF>");
  EXPECT_THAT(errorOf(twisted), HasSubstr("<0xFF> of type 6"));
  EXPECT_THAT(errorOf(wireFirstPieces() + wireBytePieces() +
                      wireBytes(2, wireNumber(3, 2))),
              HasSubstr("no byte piece without byte_fallback"));
  EXPECT_EQ(errorOf(wireFirstPieces() + wireBytes(2, wireNumber(3, 2)) +
                    wireNormalizer()),
            "no error");
}

/// The schema's defaults put a space before a text and drop others.
TEST(TokenizerProtoTest, WhiteSpaceMustBeKept) {
  std::string base = wireFirstPieces() + wireBytePieces() + wireTrainer();
  auto error = [&](const std::string &fields) {
    return errorOf(base + wireBytes(3, fields));
  };
  EXPECT_EQ(errorOf(base), "t: normalizer_spec: add_dummy_prefix: expected "
                           "false, as Gemma keeps white space, found true");
  EXPECT_THAT(error(wireNumber(4, 0)), HasSubstr("add_dummy_prefix"));
  EXPECT_THAT(error(wireNumber(3, 0)), HasSubstr("remove_extra_whitespaces"));
  EXPECT_EQ(error(wireNumber(3, 0) + wireNumber(4, 0)), "no error");
  EXPECT_EQ(error(wireNumber(3, 0) + wireNumber(4, 0) + wireNumber(5, 1)),
            "no error");
  EXPECT_THAT(error(wireNumber(3, 0) + wireNumber(4, 0) + wireNumber(5, 0)),
              HasSubstr("escape_whitespaces: expected true"));
  // Of a field that comes twice protobuf takes the last.
  EXPECT_THAT(error(wireNumber(3, 0) + wireNumber(4, 0) + wireNumber(3, 1)),
              HasSubstr("add_dummy_prefix"));
  // The denormaliser, field 5, has no say.
  EXPECT_THAT(errorOf(base + wireBytes(5, wireNumber(3, 0) + wireNumber(4, 0))),
              HasSubstr("add_dummy_prefix"));
  EXPECT_THAT(errorOf(wireFirstPieces() + wireBytePieces() + wireNormalizer() +
                      wireBytes(2, wireNumber(3, 2) + wireNumber(35, 1) +
                                       wireNumber(24, 1))),
              HasSubstr("treat_whitespace_as_suffix: expected false"));
}

TEST(TokenizerProtoTest, ChecksTheSpecifications) {
  std::string base = wireFirstPieces() + wireBytePieces();
  EXPECT_THAT(errorOf(base), HasSubstr("trainer_spec: expected one"));
  EXPECT_THAT(errorOf(base + wireBytes(2, wireNumber(35, 1))),
              HasSubstr("model_type: expected 2 (BPE), found 1"));
  EXPECT_THAT(errorOf(base + wireTrainer() + wireTrainer()),
              HasSubstr("field 2 twice"));
  EXPECT_THAT(
      errorOf(base + wireTrainer() + wireBytes(3, wireBytes(2, "trie"))),
      HasSubstr("normalizer_spec: precompiled_charsmap: expected none"));
  EXPECT_THAT(
      errorOf(base + wireTrainer() + wireBytes(5, wireBytes(2, "trie"))),
      HasSubstr("denormalizer_spec: precompiled_charsmap"));
  EXPECT_THAT(errorOf(base + wireTrainer() +
                      wireBytes(3, wireBytes(1, std::string(1 << 17, 'x')))),
              HasSubstr("normalizer_spec: expected short fields"));
  EXPECT_THAT(errorOf(base + wireBytes(2, wireNumber(3, 2) +
                                              wireBytes(44, std::string(1 << 17,
                                                                        'x')))),
              HasSubstr("trainer_spec: expected short fields"));
  EXPECT_THAT(errorOf(base + wireNumber(2, 1)),
              HasSubstr("field 2 of another kind"));
  EXPECT_THAT(errorOf(base + wireBytes(2, "\xff")),
              HasSubstr("trainer_spec: expected a protobuf message"));
  EXPECT_THAT(errorOf(base + wireTrainer() + wireBytes(3, "\xff")),
              HasSubstr("normalizer_spec: expected a protobuf message"));
  EXPECT_THAT(errorOf(base + wireTrainer() + "\x0b"),
              HasSubstr("unknown wire type"));
  EXPECT_THAT(errorOf(""), HasSubstr("no piece"));
  EXPECT_THAT(errorOf("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("git-lfs pointer"));
}

TEST(TokenizerProtoTest, LimitsTheNumberOfPieces) {
  std::string pieces = wirePiece("<unk>", 2);
  std::string piece = wireBytes(1, wireBytes(1, "12345678"));
  for (size_t i = 0; i <= TokenizerProto::kMaxPieces; ++i) {
    std::snprintf(piece.data() + 4, 9, "%08zx", i);
    pieces += piece;
  }
  EXPECT_THAT(errorOf(pieces), HasSubstr("pieces: expected at most 1048576"));
}

TEST(TokenizerProtoTest, SpecialPiecesBecomeControlPieces) {
  std::string bytes = tinyTokenizer();
  ASSERT_EQ(typeIn(bytes, "<start_of_turn>"), PieceType::UserDefined);
  std::string out = TokenizerProto::parse(bytes, "t")
                        ->withControlPieces({"<b>", "none", "b", "\n"});
  EXPECT_EQ(typeIn(out, "<start_of_turn>"), PieceType::Control);
  EXPECT_EQ(typeIn(out, "<end_of_turn>"), PieceType::Control);
  EXPECT_EQ(typeIn(out, "<b>"), PieceType::Control);
  EXPECT_EQ(typeIn(out, "\n"), PieceType::UserDefined);
  EXPECT_EQ(typeIn(out, "b"), PieceType::Normal);
  EXPECT_EQ(typeIn(out, "<unk>"), PieceType::Unknown);
  ASSERT_EQ(out.size(), bytes.size());
  int changed = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] != bytes[i]) {
      ++changed;
      EXPECT_EQ(bytes[i], 4);
      EXPECT_EQ(out[i], 3);
    }
  }
  EXPECT_EQ(changed, 3);
}

TEST(TokenizerProtoTest, PieceWithoutTypeGetsOne) {
  // 119 bytes of text: the message's length takes one byte more afterwards.
  std::string text(119, 'x');
  std::string bytes = tinyTokenizer(wirePiece(text, 0) + wirePiece("ab2", 0) +
                                    wirePiece("y", 0));
  auto proto = TokenizerProto::parse(bytes, "t");
  ASSERT_TRUE(proto);
  std::string out = proto->withControlPieces({text, "ab2"});
  EXPECT_EQ(typeIn(out, text.c_str()), PieceType::Control);
  EXPECT_EQ(typeIn(out, "ab2"), PieceType::Control);
  EXPECT_EQ(typeIn(out, "y"), PieceType::Normal);
  EXPECT_EQ(TokenizerProto::parse(out, "t")->size(), proto->size());
  EXPECT_EQ(out.size(), bytes.size() + 5);
}

TEST(TokenizerProtoTest, SelfTestIsLeftOut) {
  std::string bytes = tinyTokenizer() + wireBytes(4, "samples");
  auto proto = TokenizerProto::parse(bytes, "t");
  ASSERT_TRUE(proto);
  std::string out = proto->withControlPieces({});
  EXPECT_EQ(out.size(), tinyTokenizer().size());
  EXPECT_EQ(out.find("samples"), std::string::npos);
  std::string first = wireBytes(4, "samples") + tinyTokenizer();
  EXPECT_EQ(TokenizerProto::parse(first, "t")->withControlPieces({}), out);
}

TEST(TokenizerProtoTest, EveryTruncationIsReadOrRefused) {
  std::string bytes = wireFirstPieces() + wireBytes(2, wireNumber(3, 2)) +
                      wireNormalizer() + wirePiece("<end_of_turn>", 4);
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<char> part(bytes.begin(), bytes.begin() + size);
    (void)!TokenizerProto::parse({part.data(), part.size()}, "t");
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string bad = bytes;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    Result<TokenizerProto> proto = TokenizerProto::parse(bad, "t");
    if (proto) {
      // What is accepted stays acceptable after the rewrite.
      std::string out = proto->withControlPieces({});
      EXPECT_TRUE(TokenizerProto::parse(out, "t")) << bit;
    }
  }
}
