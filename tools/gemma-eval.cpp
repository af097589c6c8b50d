//===- gemma-eval.cpp - Measures what a compiled model says ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Guard.h"
#include "runtime/core/Progress.h"
#include "runtime/core/Text.h"
#include "runtime/text/AnswerAll.h"
#include "runtime/text/Neighbours.h"
#include "runtime/text/NumpyWriter.h"
#include "runtime/text/PromptEncoder.h"
#include "runtime/text/Questions.h"
#include "runtime/text/TextStream.h"
#include "runtime/text/TokenList.h"
#include "runtime/text/Utf8.h"
#include "tools/CompareCommand.h"
#include "tools/ToolSupport.h"

#include <algorithm>
#include <cstdio>

using namespace gemma;
using namespace gemma::tools;

namespace {
/// Flags of all subcommands.
struct CommonOptions {
  std::string model;
  uint32_t threads = 0;
};

struct LogitsOptions {
  std::optional<std::string> tokens, tokensFile;
  std::string output;
  uint32_t chunk = 0, beside = 0, context = 0;
};

struct AnswersOptions {
  std::string questions;
  bool json = false, showWrong = false;
  uint32_t limit = 256, parallel = 16;
};
} // namespace

static Result<Model> openModel(const CommonOptions &options) {
  ModelOptions opening;
  opening.progress = true;
  opening.threads = options.threads;
  opening.cancel = &interrupted;
  return Model::open(options.model, opening);
}

static Result<std::vector<int32_t>> readTokens(const LogitsOptions &options,
                                               uint32_t vocab) {
  if (options.tokens) {
    return parseTokenList(*options.tokens, vocab, ErrorCode::InvalidUsage,
                          "--tokens");
  }
  Result<std::string> text = readWholeFile(*options.tokensFile);
  if (!text) {
    return text.takeError();
  }
  return parseTokenList(*text, vocab, ErrorCode::InvalidData,
                        *options.tokensFile);
}

/// Runs the tokens and writes the logits of each of them, [tokens, vocab].
static Result<void> logits(const CommonOptions &common,
                           const LogitsOptions &options) {
  Result<Model> model = openModel(common);
  if (!model) {
    return model.takeError();
  }
  const ModelInfo &info = model->info();
  Result<std::vector<int32_t>> tokens = readTokens(options, info.vocab);
  if (!tokens) {
    return tokens.takeError();
  }
  if (options.beside >= info.maxRows) {
    return invalidUsage(
        "--beside: expected less than the " + std::to_string(info.maxRows) +
        " rows of a forward, found " + std::to_string(options.beside));
  }
  const uint32_t share = info.maxRows / (options.beside + 1);
  const uint32_t rows =
      options.chunk == 0 ? share : std::min(options.chunk, share);
  SessionOptions sessionOptions;
  sessionOptions.threads = common.threads;
  sessionOptions.context = options.context;
  sessionOptions.slots = options.beside + 1;
  sessionOptions.outRows = rows;
  sessionOptions.cancel = &interrupted;
  Result<Session> session = Session::create(*model, sessionOptions);
  if (!session) {
    return session.takeError();
  }
  const uint32_t context = session->options().context;
  if (tokens->size() > context) {
    return invalidData("tokens: expected at most " + std::to_string(context) +
                       " (the context), found " +
                       std::to_string(tokens->size()));
  }
  Result<NumpyWriter> output =
      NumpyWriter::create(options.output, tokens->size(), info.vocab);
  if (!output) {
    return output.takeError();
  }
  Progress progress("logits", tokens->size(), true);
  Neighbours neighbours(options.beside, info.vocab, context);
  std::vector<Run> runs;
  std::vector<int32_t> outRows;
  for (size_t done = 0; done < tokens->size();) {
    size_t count = std::min<size_t>(rows, tokens->size() - done);
    runs.clear();
    outRows.clear();
    size_t before = neighbours.addRuns(
        {0, static_cast<uint32_t>(done), {tokens->data() + done, count}}, rows,
        runs);
    for (size_t row = 0; row < count; ++row) {
      outRows.push_back(static_cast<int32_t>(before + row));
    }
    Result<Span<const float>> values = session->forward(runs, outRows);
    if (!values) {
      return values.takeError();
    }
    if (Result<void> written = output->write(*values); !written) {
      return written;
    }
    done += count;
    progress.add(count);
  }
  return output->commit();
}

/// The prompts of all questions.
static Result<std::vector<std::vector<int32_t>>>
encodeQuestions(const PromptEncoder &encoder,
                const std::vector<Question> &questions, uint32_t context) {
  std::vector<std::vector<int32_t>> prompts;
  for (size_t i = 0; i < questions.size(); ++i) {
    auto tokens = encoder.first(questions[i].question, context);
    if (!tokens) {
      return Error{ErrorCode::InvalidData, tokens.error().message +
                                               " (question " +
                                               std::to_string(i + 1) + ")"};
    }
    prompts.push_back(std::move(*tokens));
  }
  return prompts;
}

/// Asks every question and prints how many answers are right.
static Result<void> answers(const CommonOptions &common,
                            const AnswersOptions &options) {
  Result<std::string> text = readWholeFile(options.questions);
  if (!text) {
    return text.takeError();
  }
  auto questions = parseQuestions(*text, options.questions);
  if (!questions) {
    return questions.takeError();
  }
  Result<Model> model = openModel(common);
  if (!model) {
    return model.takeError();
  }
  const ModelInfo &info = model->info();
  auto encoder = PromptEncoder::create(model->tokenizer(), info);
  if (!encoder) {
    return encoder.takeError();
  }
  auto prompts = encodeQuestions(*encoder, *questions, info.context);
  if (!prompts) {
    return prompts.takeError();
  }
  size_t longest = 0;
  for (const std::vector<int32_t> &prompt : *prompts) {
    longest = std::max(longest, prompt.size());
  }
  // Slots no longer than it takes: keys and values are most of the memory.
  SessionOptions sessionOptions;
  sessionOptions.context = static_cast<uint32_t>(
      std::min<size_t>(info.context, longest + size_t(options.limit)));
  sessionOptions.slots = std::min(
      {options.parallel, info.maxRows, static_cast<uint32_t>(prompts->size())});
  sessionOptions.threads = common.threads;
  sessionOptions.cancel = &interrupted;
  Result<Session> session = Session::create(*model, sessionOptions);
  if (!session) {
    return session.takeError();
  }
  Scores scores;
  // Lines between would tear the bar.
  std::optional<Progress> progress(std::in_place, "answers", questions->size(),
                                   !options.showWrong);
  auto onAnswer = [&](size_t number, const std::vector<int32_t> &tokens) {
    const Question &question = (*questions)[number];
    std::string answer = decode(encoder->tokenizer(), tokens);
    if (!scores.add(question, answer) && options.showWrong) {
      std::fprintf(stderr, "%s: %s\n  expected %s\n  found    %s\n",
                   printable(question.category).c_str(),
                   printable(question.question).c_str(),
                   printable(trimUnicode(question.answer)).c_str(),
                   printable(trimUnicode(answer)).c_str());
    }
    progress->add(1);
  };
  Result<void> done = answerAll(
      [&](Span<const Run> runs, Span<const int32_t> outRows) {
        return session->forward(runs, outRows);
      },
      {sessionOptions.slots, info.maxRows, sessionOptions.context,
       options.limit},
      *prompts, StopDetector(info.eosTokens), onAnswer);
  progress.reset();
  if (!done) {
    return done;
  }
  Result<bool> written =
      writeOut(options.json ? scores.json() + "\n" : scores.table());
  return written ? Result<void>() : Result<void>(written.takeError());
}

static void addCommonOptions(CLI::App &app, CommonOptions &options) {
  app.add_option("MODEL", options.model, "The artifact of gemma-compile")
      ->required();
  app.add_option("--threads", options.threads,
                 "Threads (default: one per core)")
      ->check(wholeNumber());
}

static void addLogitsOptions(CLI::App &app, LogitsOptions &options) {
  CLI::Option *tokens =
      app.add_option("--tokens", options.tokens, "Token ids: 2,5,7");
  CLI::Option *file = app.add_option("--tokens-file", options.tokensFile,
                                     "A file with token ids")
                          ->excludes(tokens);
  app.add_option("-o,--output", options.output,
                 "NumPy file to write: float32, [tokens, vocab]")
      ->required();
  app.add_option("--chunk", options.chunk,
                 "Tokens per forward, 1 = token by token (default: as many as "
                 "the model's rows allow)")
      ->check(wholeNumber());
  app.add_option("--beside", options.beside,
                 "Other sequences in the same forwards; they change no bit "
                 "(default: 0)")
      ->check(wholeNumber());
  app.add_option("--context", options.context,
                 "Most tokens (default: the model's context)")
      ->check(wholeNumber());
  app.final_callback([=] {
    if (tokens->count() + file->count() == 0) {
      throw CLI::RequiredError("--tokens or --tokens-file");
    }
  });
}

static void addAnswersOptions(CLI::App &app, AnswersOptions &options) {
  app.add_option("--questions", options.questions,
                 "File with a JSON object per line: {\"category\", "
                 "\"question\", \"answer\", \"unseen\"}")
      ->required();
  app.add_flag("--json", options.json,
               "Print JSON: {\"categories\": {NAME: {\"seen\": {\"correct\", "
               "\"total\"}, \"unseen\": …}}, \"total\": …}");
  app.add_flag("--show-wrong", options.showWrong,
               "Also print the wrong answers, to standard error");
  app.add_option("-n,--max-tokens", options.limit,
                 "Most tokens of an answer (default: 256)")
      ->check(wholeNumber(1));
  app.add_option("--parallel", options.parallel,
                 "Questions at a time; it changes no answer (default: 16)")
      ->check(wholeNumber(1));
}

int main(int argc, char **argv) {
  prepareProcess();
  CommonOptions common;
  LogitsOptions logitsOptions;
  AnswersOptions answersOptions;
  CompareOptions compareOptions;
  CLI::App app("Measures what a compiled model says.");
  app.require_subcommand(0, 1);
  CLI::App *logitsCommand = app.add_subcommand(
      "logits", "Write the logits of a sequence of tokens to a NumPy file");
  CLI::App *answersCommand = app.add_subcommand(
      "answers", "Ask questions and count the answers that are exactly right");
  CLI::App *compareCommand = app.add_subcommand(
      "compare", "Hold a model's predictions of a text against another's");
  addCommonOptions(*logitsCommand, common);
  addLogitsOptions(*logitsCommand, logitsOptions);
  addCommonOptions(*answersCommand, common);
  addAnswersOptions(*answersCommand, answersOptions);
  addCompareOptions(*compareCommand, compareOptions);
  app.footer("\ngemma-eval SUBCOMMAND --help tells more. Examples:\n"
             "  gemma-eval logits model.gemma --tokens=2,5,7 -o out.npy\n"
             "  gemma-eval answers model.gemma --questions=questions.jsonl\n"
             "  gemma-eval compare f32.gemma q4_0.gemma --text=heldout.txt");
  if (std::optional<int> code = parseCommandLine(app, argc, argv)) {
    return *code;
  }
  if (app.get_subcommands().empty()) {
    return printError(invalidUsage("subcommand: expected logits, answers or "
                                   "compare, found none (--help tells more)"));
  }
  Result<void> done = guarded([&] {
    return logitsCommand->parsed()    ? logits(common, logitsOptions)
           : answersCommand->parsed() ? answers(common, answersOptions)
                                      : tools::compareCommand(compareOptions);
  });
  return done ? 0 : printError(done.error());
}
