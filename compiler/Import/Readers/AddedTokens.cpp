//===- AddedTokens.cpp - Pieces that a checkpoint renamed -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/AddedTokens.h"

#include "compiler/Import/Readers/Json.h"
#include "compiler/Import/Readers/MappedFile.h"
#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/PieceWriter.h"

#include <new>
#include <optional>

using namespace gemma;
using nlohmann::json;

constexpr uint64_t kMaxTokenizerJsonBytes = 128 << 20;

Result<std::string> gemma::renamePieces(std::string_view bytes,
                                        const TokenizerProto &model,
                                        const AddedTokens &added,
                                        std::string_view file) {
  std::string out;
  size_t copied = 0;
  for (const auto &[token, name] : added) {
    if (token < 0 || token >= model.size()) {
      continue;
    }
    const TokenizerPiece &piece = model.getPiece(token);
    std::string text = withSpaceSigns(name);
    if (text == piece.text) {
      continue;
    }
    if (piece.type == PieceType::Byte || piece.type == PieceType::Unknown) {
      return badField(file, "piece " + std::to_string(token),
                      inQuotes(piece.text) + " in tokenizer_config.json too",
                      inQuotes(name));
    }
    out += bytes.substr(copied, piece.tag - copied);
    appendPiece(out, text, piece.score,
                piece.type == PieceType::Control ? PieceType::Control
                                                 : PieceType::UserDefined);
    copied = piece.end;
  }
  if (copied != 0) {
    out += bytes.substr(copied);
  }
  return out;
}

namespace {
/// Takes the ids of added tokens out of a tokenizer.json as it is parsed: the
/// rest of one has millions of values, which a document would take gigabytes
/// for.
class AddedTokensHandler : public nlohmann::json_sax<json> {
public:
  explicit AddedTokensHandler(std::string_view file) : file(file) {}

  std::set<int64_t> tokens;
  std::optional<Error> error;

  bool null() override {
    // As if it were not there.
    return (isAdded && depth == kList) || value([] { return json(); });
  }
  bool boolean(bool given) override {
    return value([&] { return json(given); });
  }
  bool number_integer(int64_t given) override {
    return value([&] { return json(given); });
  }
  bool number_float(double given, const std::string &) override {
    return value([&] { return json(given); });
  }
  bool string(std::string &given) override {
    return value([&] { return json(given); });
  }
  bool binary(binary_t &) override { return false; }
  bool number_unsigned(uint64_t given) override {
    if (!isAdded || depth != kFields || !isId || given > INT64_MAX) {
      return value([&] { return json(given); });
    }
    hasId = true;
    tokens.insert(static_cast<int64_t>(given));
    return tokens.size() <= TokenizerProto::kMaxPieces ||
           fail("at most " + std::to_string(TokenizerProto::kMaxPieces) +
                    " tokens",
                "more");
  }

  bool start_object(size_t) override {
    if (isAdded && depth == kTokens) {
      hasId = isId = false;
    } else if (depth != 0 && !value([] { return json::object(); })) {
      return false;
    }
    ++depth;
    return true;
  }
  bool start_array(size_t) override {
    if (depth == 0) {
      return failFile();
    }
    if (!(isAdded && depth == kList) && !value([] { return json::array(); })) {
      return false;
    }
    ++depth;
    return true;
  }
  bool end_array() override {
    --depth;
    return true;
  }
  bool end_object() override {
    --depth;
    return !isAdded || depth != kTokens || hasId || failToken(json::object());
  }
  bool key(std::string &name) override {
    if (depth == kList) {
      isAdded = name == "added_tokens";
    }
    isId = name == "id";
    return true;
  }
  bool parse_error(size_t position, const std::string &,
                   const json::exception &) override {
    return failFile("something else at byte " + std::to_string(position));
  }

private:
  // How deep values lie: added_tokens, its tokens, their fields.
  static constexpr int kList = 1, kTokens = 2, kFields = 3;

  /// A value where it may stand unless it is a part of added_tokens; `describe`
  /// gives it to messages.
  template <typename Describe> bool value(Describe describe) {
    if (depth == 0) {
      return failFile();
    }
    if (!isAdded || depth > kFields || (depth == kFields && !isId)) {
      return true;
    }
    return depth == kList ? fail("a list", describeJson(describe()))
                          : failToken(describe());
  }
  bool failToken(const json &found) {
    return fail("objects with a token as id", describeJson(found));
  }
  bool fail(const std::string &expected, const std::string &found) {
    error = badField(file, "added_tokens", expected, found);
    return false;
  }
  bool failFile(const std::string &found = "something else") {
    error = badFile(file, "a JSON object", found);
    return false;
  }

  std::string_view file;
  int depth = 0;
  /// Within added_tokens, behind a key "id", of a token that has had one.
  bool isAdded = false, isId = false, hasId = false;
};
} // namespace

Result<std::set<int64_t>> gemma::parseAddedTokens(std::string_view text,
                                                  std::string_view file) {
  if (isLfsPointer(text)) {
    return lfsPointer(file);
  }
  if (Result<void> checked = checkJsonLimits(text, file); !checked) {
    return checked.takeError();
  }
  AddedTokensHandler handler(file);
  try {
    (void)json::sax_parse(text.begin(), text.end(), &handler);
  } catch (const std::bad_alloc &) {
    return resourceError(printablePath(file) +
                         ": expected memory to parse it, found none left");
  }
  if (handler.error) {
    return *handler.error;
  }
  return std::move(handler.tokens);
}

Result<std::set<int64_t>> gemma::readAddedTokens(const std::string &path) {
  Result<std::string> text = readSmallFile(path, kMaxTokenizerJsonBytes);
  if (!text) {
    return text.takeError();
  }
  return parseAddedTokens(*text, path);
}
