//===- TokenizerProto.cpp - A sentencepiece model, vetted -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/TokenizerProto.h"

#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/WireReader.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace gemma;
using Kind = WireField::Kind;

// Field numbers of sentencepiece_model.proto.
namespace model {
enum { Pieces = 1, TrainerSpec, NormalizerSpec, SelfTest, DenormalizerSpec };
} // namespace model
namespace piece {
enum { Text = 1, Score, Type };
} // namespace piece
namespace trainer {
enum { ModelType = 3, WhitespaceSuffix = 24, ByteFallback = 35 };
} // namespace trainer
namespace normalizer {
enum { Charsmap = 2, DummyPrefix, RemoveExtra, EscapeWhitespaces };
} // namespace normalizer

constexpr uint64_t kBpe = 2;
constexpr size_t kMaxSpecField = 1 << 16;
constexpr unsigned kByteValues = 256;

const std::unordered_set<std::string_view> &gemma::builtinSpecialPieces() {
  static const std::unordered_set<std::string_view> kPieces = {
      "<pad>",           "<eos>",
      "<bos>",           "<mask>",
      "<2mass>",         "[@BOS@]",
      "<start_of_turn>", "<end_of_turn>",
      "<|fim_prefix|>",  "<|fim_suffix|>",
      "<|fim_middle|>",  "<|file_separator|>",
      "[multimodal]",    "<start_of_image>",
      "<end_of_image>",  "<image_soft_token>"};
  return kPieces;
}

/// Whether `text` is UTF-8 without surrogates, overlong forms or NUL.
static bool isText(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    unsigned char lead = text[i++];
    if (lead == 0) {
      return false;
    }
    if (lead < 0x80) {
      continue;
    }
    unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < more) {
      return false;
    }
    uint32_t point = lead & (0x3f >> more);
    for (; more; --more, ++i) {
      unsigned char next = text[i];
      if ((next & 0xc0) != 0x80) {
        return false;
      }
      point = point << 6 | (next & 0x3f);
      // The second byte decides whether a form is overlong or out of range.
      if ((lead == 0xe0 && point < 0x20 && more == 2) ||
          (lead == 0xf0 && point < 0x10 && more == 3)) {
        return false;
      }
    }
    if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff) {
      return false;
    }
  }
  return true;
}

/// Whether UTF-8 `text` is one code point.
static bool isOneCharacter(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](unsigned char c) { return (c & 0xc0) != 0x80; }) == 1;
}

static std::string byteName(unsigned value) {
  char name[8];
  std::snprintf(name, sizeof(name), "<0x%02X>", value);
  return name;
}

Result<void> TokenizerProto::addPiece(const WireField &message,
                                      std::string_view file) {
  std::string where = "piece " + std::to_string(pieces.size());
  if (pieces.size() == kMaxPieces) {
    return badField(file, "pieces", "at most " + std::to_string(kMaxPieces),
                    "more");
  }
  TokenizerPiece piece;
  piece.tag = message.tag;
  piece.begin = message.begin;
  piece.end = message.end;
  WireReader reader(bytes, message.begin, message.end);
  unsigned seen = 0;
  while (std::optional<WireField> field = reader.next()) {
    if (field->number > piece::Type) {
      continue; // an extension
    }
    static constexpr Kind kKinds[] = {Kind::Varint, Kind::Bytes, Kind::Fixed32,
                                      Kind::Varint};
    if (field->kind != kKinds[field->number] || seen & 1u << field->number) {
      return badField(file, where, "text, score and type once each",
                      "field " + std::to_string(field->number) +
                          " twice or of another kind");
    }
    seen |= 1u << field->number;
    if (field->number == piece::Text) {
      piece.text = bytes.substr(field->begin, field->end - field->begin);
    } else if (field->number == piece::Score) {
      std::memcpy(&piece.score, bytes.data() + field->begin, 4);
    } else {
      if (field->value < 1 || field->value > 6 ||
          field->end - field->begin != 1) {
        return badField(file, where + ": type", "a number from 1 to 6",
                        std::to_string(field->value));
      }
      piece.type = static_cast<PieceType>(field->value);
      piece.typeByte = field->begin;
    }
  }
  if (!reader.getProblem().empty()) {
    return badField(file, where, "a protobuf message", reader.getProblem());
  }
  if (piece.text.empty() || piece.text.size() > kMaxPieceBytes) {
    return badField(file, where,
                    "1 to " + std::to_string(kMaxPieceBytes) + " bytes of text",
                    std::to_string(piece.text.size()));
  }
  if (!isText(piece.text)) {
    return badField(file, where, "UTF-8 without NUL", inQuotes(piece.text));
  }
  if (!std::isfinite(piece.score)) {
    return badField(file, where + ": score", "a finite number",
                    std::to_string(piece.score));
  }
  auto [place, isNew] =
      tokens.emplace(piece.text, static_cast<int64_t>(pieces.size()));
  if (!isNew) {
    return badField(file, where, "each text once",
                    inQuotes(piece.text) + ", which is piece " +
                        std::to_string(place->second) + " too");
  }
  pieces.push_back(piece);
  return {};
}

/// What must hold between pieces: sentencepiece refuses the rest itself, but
/// with a message that names no file.
Result<void> TokenizerProto::checkVocabulary(bool byteFallback,
                                             std::string_view file) const {
  size_t unknowns = 0, byteTotal = 0;
  for (const TokenizerPiece &piece : pieces) {
    unknowns += piece.type == PieceType::Unknown;
    byteTotal += piece.type == PieceType::Byte;
  }
  if (unknowns != 1) {
    return badField(file, "pieces", "one <unk> (type 2)",
                    std::to_string(unknowns));
  }
  // Text without a piece becomes it: its name must not be another's.
  int64_t unknown = find("<unk>");
  if (unknown < 0 || getPiece(unknown).type != PieceType::Unknown) {
    return badField(file, "pieces", "<unk> as the one of type 2",
                    "another name");
  }
  if (byteTotal != (byteFallback ? kByteValues : 0)) {
    return badField(file, "pieces",
                    byteFallback ? "256 byte pieces (type 6)"
                                 : "no byte piece without byte_fallback",
                    std::to_string(byteTotal));
  }
  for (unsigned value = 0; byteFallback && value < kByteValues; ++value) {
    int64_t token = find(byteName(value));
    if (token < 0 || getPiece(token).type != PieceType::Byte) {
      return badField(file, "pieces", byteName(value) + " of type 6", "none");
    }
  }
  return {};
}

/// Checks what a normalizer_spec, if there is one, does to white space: the
/// schema's defaults add and remove some.
static Result<void> checkWhiteSpace(const bool (&flags)[6],
                                    std::string_view file) {
  struct {
    const char *name;
    int field;
    bool expected;
  } rules[] = {{"add_dummy_prefix", normalizer::DummyPrefix, false},
               {"remove_extra_whitespaces", normalizer::RemoveExtra, false},
               {"escape_whitespaces", normalizer::EscapeWhitespaces, true}};
  for (const auto &rule : rules) {
    if (flags[rule.field] != rule.expected) {
      return badField(file, std::string("normalizer_spec: ") + rule.name,
                      rule.expected ? "true, as Gemma keeps white space"
                                    : "false, as Gemma keeps white space",
                      rule.expected ? "false" : "true");
    }
  }
  return {};
}

/// Checks a normaliser's specification. Sets `flags`, by field number, to the
/// booleans that it has.
static Result<void> checkNormalizer(std::string_view bytes,
                                    const WireField &spec,
                                    std::string_view file, bool (&flags)[6]) {
  bool isNormalizer = spec.number == model::NormalizerSpec;
  const char *name = isNormalizer ? "normalizer_spec" : "denormalizer_spec";
  WireReader reader(bytes, spec.begin, spec.end);
  while (std::optional<WireField> field = reader.next()) {
    size_t size = field->end - field->begin;
    if (field->number == normalizer::Charsmap && size != 0) {
      return badField(file, std::string(name) + ": precompiled_charsmap",
                      "none, as in Gemma's identity normaliser",
                      std::to_string(size) + " bytes");
    }
    if (size > kMaxSpecField) {
      return badField(file, name, "short fields",
                      "one of " + std::to_string(size) + " bytes");
    }
    if (isNormalizer && field->kind == Kind::Varint &&
        field->number < std::size(flags)) {
      flags[field->number] = field->value != 0;
    }
  }
  if (!reader.getProblem().empty()) {
    return badField(file, name, "a protobuf message", reader.getProblem());
  }
  return {};
}

/// Checks the trainer's specification; gives byte_fallback.
static Result<bool> checkTrainer(std::string_view bytes, const WireField &spec,
                                 std::string_view file) {
  bool byteFallback = false;
  uint64_t modelType = 1; // the schema's default: unigram
  WireReader reader(bytes, spec.begin, spec.end);
  while (std::optional<WireField> field = reader.next()) {
    size_t size = field->end - field->begin;
    if (size > kMaxSpecField) {
      return badField(file, "trainer_spec", "short fields",
                      "one of " + std::to_string(size) + " bytes");
    }
    if (field->kind != Kind::Varint) {
      continue;
    }
    if (field->number == trainer::ModelType) {
      modelType = field->value;
    } else if (field->number == trainer::WhitespaceSuffix &&
               field->value != 0) {
      return badField(file, "trainer_spec: treat_whitespace_as_suffix", "false",
                      "true");
    } else if (field->number == trainer::ByteFallback) {
      byteFallback = field->value != 0;
    }
  }
  if (!reader.getProblem().empty()) {
    return badField(file, "trainer_spec", "a protobuf message",
                    reader.getProblem());
  }
  if (modelType != kBpe) {
    return badField(file, "trainer_spec: model_type", "2 (BPE)",
                    std::to_string(modelType));
  }
  return byteFallback;
}

Result<TokenizerProto> TokenizerProto::parse(std::string_view bytes,
                                             std::string_view file) {
  if (isLfsPointer(bytes)) {
    return lfsPointer(file);
  }
  if (bytes.size() > kMaxFileBytes) {
    return badFile(file, "at most " + std::to_string(kMaxFileBytes) + " bytes",
                   std::to_string(bytes.size()));
  }
  TokenizerProto proto(bytes);
  WireReader reader(bytes, 0, bytes.size());
  bool byteFallback = false;
  bool normalizerFlags[6] = {true, true, true, true, true, true};
  unsigned seen = 0;
  while (std::optional<WireField> field = reader.next()) {
    if (field->number > model::DenormalizerSpec) {
      continue; // an extension
    }
    if (field->kind != Kind::Bytes) {
      return badFile(file, "a sentencepiece model",
                     "field " + std::to_string(field->number) +
                         " of another kind");
    }
    // Protobuf would merge a message that comes twice.
    unsigned bit = 1u << field->number;
    if (field->number != model::Pieces && seen & bit) {
      return badFile(file, "a sentencepiece model",
                     "field " + std::to_string(field->number) + " twice");
    }
    seen |= bit;
    Result<void> checked;
    if (field->number == model::Pieces) {
      checked = proto.addPiece(*field, file);
    } else if (field->number == model::TrainerSpec) {
      Result<bool> trainer = checkTrainer(bytes, *field, file);
      if (!trainer) {
        return trainer.takeError();
      }
      byteFallback = *trainer;
    } else if (field->number == model::SelfTest) {
      proto.selfTests.emplace_back(field->tag, field->end);
    } else {
      checked = checkNormalizer(bytes, *field, file, normalizerFlags);
    }
    if (!checked) {
      return checked.takeError();
    }
  }
  if (!reader.getProblem().empty()) {
    return badFile(file, "a sentencepiece model", reader.getProblem());
  }
  if (proto.pieces.empty()) {
    return badFile(file, "a sentencepiece model", "no piece");
  }
  if (!(seen & 1u << model::TrainerSpec)) {
    return badField(file, "trainer_spec", "one", "none");
  }
  if (Result<void> checked = proto.checkVocabulary(byteFallback, file);
      !checked) {
    return checked.takeError();
  }
  if (Result<void> checked = checkWhiteSpace(normalizerFlags, file); !checked) {
    return checked.takeError();
  }
  return proto;
}

int64_t TokenizerProto::find(std::string_view text) const {
  auto place = tokens.find(text);
  return place == tokens.end() ? -1 : place->second;
}

std::string TokenizerProto::withControlPieces(
    const std::vector<std::string> &special) const {
  std::unordered_set<std::string_view> names = builtinSpecialPieces();
  names.insert(special.begin(), special.end());
  std::string out;
  out.reserve(bytes.size() + 64);
  size_t copied = 0;
  auto copyTo = [&](size_t end) {
    out.append(bytes.substr(copied, end - copied));
    copied = end;
  };
  auto selfTest = selfTests.begin();
  auto leaveOutSelfTests = [&](size_t before) {
    for (; selfTest != selfTests.end() && selfTest->first < before;
         ++selfTest) {
      copyTo(selfTest->first);
      copied = selfTest->second;
    }
  };
  for (const TokenizerPiece &piece : pieces) {
    bool reachable =
        piece.type == PieceType::Normal || piece.type == PieceType::UserDefined;
    if (!reachable || !names.count(piece.text) || isOneCharacter(piece.text)) {
      continue;
    }
    leaveOutSelfTests(piece.begin);
    if (piece.typeByte) {
      copyTo(piece.typeByte);
      out += static_cast<char>(PieceType::Control);
      copied = piece.typeByte + 1;
      continue;
    }
    // The type was not written: add it, and write tag and length anew.
    copyTo(piece.tag);
    appendVarint(out, model::Pieces << 3 | static_cast<int>(Kind::Bytes));
    appendVarint(out, piece.end - piece.begin + 2);
    copied = piece.begin;
    copyTo(piece.end);
    out += static_cast<char>(piece::Type << 3);
    out += static_cast<char>(PieceType::Control);
  }
  leaveOutSelfTests(bytes.size());
  copyTo(bytes.size());
  return out;
}
