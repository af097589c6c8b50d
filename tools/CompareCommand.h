//===- CompareCommand.h - gemma-eval compare --------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_COMPARECOMMAND_H
#define GEMMA_TOOLS_COMPARECOMMAND_H

#include "runtime/artifact/Hash.h"
#include "runtime/core/Progress.h"
#include "runtime/text/Compare.h"
#include "tools/ToolSupport.h"

#include <algorithm>

namespace gemma::tools {

struct CompareOptions {
  std::string a, b, text;
  uint32_t threads = 0, context = 0;
  bool json = false, raw = false;
};

inline void addCompareOptions(CLI::App &app, CompareOptions &options) {
  app.add_option("A", options.a, "The artifact to compare with")->required();
  app.add_option("B", options.b, "The artifact to judge")->required();
  app.add_option("--text", options.text, "UTF-8 file to predict")->required();
  app.add_flag("--raw", options.raw,
               "Take <start_of_turn> and <end_of_turn> in the text as they are "
               "written (without it,\nand if the model has turns, they are its "
               "control tokens)");
  app.add_option("--context", options.context,
                 "Tokens of a window (default: the shorter context of the two "
                 "models)")
      ->check(wholeNumber(2));
  app.add_option("--threads", options.threads,
                 "Threads (default: one per core)")
      ->check(wholeNumber());
  app.add_flag("--json", options.json,
               "Print JSON: {\"positions\", \"mean_kl\", \"max_kl\", "
               "\"max_kl_position\",\n\"top1_agreement\", \"perplexity\": "
               "{\"a\", \"b\"}}");
  app.footer(
      "\nThe text becomes tokens by A's tokenizer, as a whole, and is cut into "
      "windows of --context\ntokens: the begin token, if the model wants one, "
      "and what comes next of the text. Each window\nis a sequence of its own; "
      "every token of it but the first is predicted from those before it,\nso "
      "each token of the text once. KL(A || B) is in nats, of the whole "
      "distributions over the\nvocabulary, in f64 from f32 logits.");
}

/// Both must have the same tokenizer. Errors: InvalidData.
inline Result<void> checkSameTokens(const Model &a, const Model &b) {
  Result<Digest> ofA = sha256(a.tokenizer().data(), a.tokenizer().size());
  Result<Digest> ofB = sha256(b.tokenizer().data(), b.tokenizer().size());
  if (!ofA || !ofB) {
    return ofA ? ofB.takeError() : ofA.takeError();
  }
  if (a.tokenizer().empty()) {
    return invalidData("tokenizer: expected one in A, found none");
  }
  if (*ofA != *ofB) {
    return invalidData("tokenizer of B: expected that of A, with SHA-256 " +
                       hex(*ofA) + ", found " +
                       (b.tokenizer().empty() ? "none" : hex(*ofB)));
  }
  if (a.info().vocab != b.info().vocab) {
    return invalidData("vocabulary of B: expected " +
                       std::to_string(a.info().vocab) +
                       " tokens as in A, "
                       "found " +
                       std::to_string(b.info().vocab));
  }
  return {};
}

/// Rows of a forward whose logits take at most 64 MiB.
inline uint32_t compareRows(const ModelInfo &a, const ModelInfo &b) {
  uint32_t rows = (uint32_t(16) << 20) / a.vocab;
  return std::max(std::min({rows, a.maxRows, b.maxRows}), uint32_t(1));
}

inline Result<void> compareCommand(const CompareOptions &options) {
  Result<std::string> text = readWholeFile(options.text);
  if (!text) {
    return text.takeError();
  }
  ModelOptions opening;
  opening.progress = true;
  opening.threads = options.threads;
  opening.cancel = &interrupted;
  Result<Model> a = Model::open(options.a, opening);
  if (!a) {
    return a.takeError();
  }
  Result<Model> b = Model::open(options.b, opening);
  if (!b) {
    return b.takeError();
  }
  if (Result<void> same = checkSameTokens(*a, *b); !same) {
    return same;
  }
  Result<Tokenizer> tokenizer = Tokenizer::load(a->tokenizer());
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  const ModelInfo &info = a->info();
  bool turns = !options.raw && !info.chatFormat.empty();
  auto tokens = encodeEvaluationText(*tokenizer, *text, turns);
  if (!tokens) {
    return tokens.takeError();
  }
  for (int32_t token : *tokens) {
    if (static_cast<uint32_t>(token) >= info.vocab) {
      return invalidData("tokenizer: expected ids below " +
                         std::to_string(info.vocab) + ", found " +
                         std::to_string(token));
    }
  }
  SessionOptions session;
  session.context = options.context != 0
                        ? options.context
                        : std::min(info.context, b->info().context);
  session.outRows = compareRows(info, b->info());
  session.threads = options.threads;
  session.cancel = &interrupted;
  Result<Session> sessionA = Session::create(*a, session);
  if (!sessionA) {
    return sessionA.takeError();
  }
  Result<Session> sessionB = Session::create(*b, session);
  if (!sessionB) {
    return sessionB.takeError();
  }
  std::optional<Progress> progress(std::in_place, "comparing", tokens->size(),
                                   true);
  auto forwardOf = [](Session &session) {
    return [&session](Span<const Run> runs, Span<const int32_t> outRows) {
      return session.forward(runs, outRows);
    };
  };
  Result<Comparison> comparison = compareModels(
      forwardOf(*sessionA), forwardOf(*sessionB), *tokens,
      {session.context, info.addBos ? info.bosToken : -1, session.outRows},
      [&](uint64_t rows) { progress->add(rows); });
  progress.reset();
  if (!comparison) {
    return comparison.takeError();
  }
  Result<bool> written =
      writeOut(options.json ? comparison->json() + "\n" : comparison->table());
  return written ? Result<void>() : Result<void>(written.takeError());
}

} // namespace gemma::tools

#endif // GEMMA_TOOLS_COMPARECOMMAND_H
