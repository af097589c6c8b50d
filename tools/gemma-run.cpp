//===- gemma-run.cpp - Answers a prompt with a compiled model -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Guard.h"
#include "runtime/text/Generate.h"
#include "runtime/text/InfillPrompt.h"
#include "runtime/text/PromptEncoder.h"
#include "runtime/text/TokenList.h"
#include "runtime/text/Utf8.h"
#include "tools/AnswerPrinter.h"
#include "tools/ToolSupport.h"

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace gemma;
using namespace gemma::tools;

static constexpr const char *kDescription =
    "Answers a prompt with a compiled model.\n\n"
    "  gemma-run model.gemma \"What is the capital of France?\"\n"
    "  gemma-run model.gemma < question.txt\n"
    "  gemma-run model.gemma                   a conversation; Ctrl-D ends it\n"
    "  gemma-run model.gemma --system=\"Be brief.\" \"Why is it dark?\"\n"
    "  gemma-run model.gemma --raw \"Once upon\"  the model writes on\n"
    "  gemma-run model.gemma --temperature=1 --top-p=0.95 --seed=7 \"Hi\"\n"
    "  gemma-run model.gemma --fim-prefix=\"def f(x):\" --fim-suffix=\"return "
    "y\"\n"
    "  gemma-run model.gemma --tokens=2,5,7 --print-tokens\n";

static constexpr const char *kFooter =
    "\nA prompt that begins with '-' goes behind '--'. Exit codes: 0 done, 64 "
    "usage, 65 bad data\n(also a prompt that does not fit the context), 66 "
    "file not found, 69 out of a resource,\n130 interrupted.";

namespace {
struct Options {
  std::string model;
  std::optional<std::string> prompt, system, tokens, prefix, suffix;
  bool raw = false, printTokens = false, quiet = false, hugePages = false;
  uint64_t limit = 0;
  SamplerOptions sampling;
  SessionOptions session;
  std::vector<std::string> stopStrings;

  /// Whether the prompt is text around a gap.
  bool infills() const { return prefix || suffix; }
};

/// One opened model with what it takes to talk to it.
class Runner {
public:
  Runner(const Options &options, Model model, Session session, Sampler sampler)
      : options(options), model(std::move(model)), session(std::move(session)),
        sampler(std::move(sampler)),
        stop(this->model.info().eosTokens, options.stopStrings) {}

  Result<void> run();

private:
  Result<std::vector<int32_t>> promptTokens();
  Result<std::vector<int32_t>> infillTokens();
  Result<Generation> answer(Span<const int32_t> prompt, Sequence &sequence);
  Result<void> converse();
  void report(const Generation &generation) const;

  const Options &options;
  Model model;
  Session session;
  Sampler sampler;
  StopDetector stop;
  // None if there is no tokenizer.
  std::optional<PromptEncoder> encoder;
};
} // namespace

/// An option whose text may be empty, which is not the same as none.
static void addText(CLI::App &app, const char *name,
                    std::optional<std::string> &text, const char *help) {
  app.add_option_function<std::string>(
      name, [&text](const std::string &value) { text = value; }, help);
}

/// "--system=" as "--system" and "", for the options of `addText`: CLI11 would
/// take the next argument for the value.
static std::vector<char *> withEmptyTexts(int argc, char **argv) {
  static constexpr std::string_view kTexts[] = {
      "--system=", "--fim-prefix=", "--fim-suffix="};
  std::vector<char *> arguments(argv, argv + argc);
  for (size_t i = 1; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--") {
      break;
    }
    if (std::find(std::begin(kTexts), std::end(kTexts), argument) !=
        std::end(kTexts)) {
      arguments[i][argument.size() - 1] = '\0';
      // The end of that argument is an empty text of its own.
      ++i;
      arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(i),
                       arguments[i - 1] + argument.size() - 1);
    }
  }
  return arguments;
}

static void addOptions(CLI::App &app, Options &options) {
  app.description(kDescription);
  app.footer(kFooter);
  app.add_option("MODEL", options.model, "The artifact of gemma-compile")
      ->required();
  app.add_option("PROMPT", options.prompt,
                 "What to say to the model; from standard input if left out");
  addText(app, "--system", options.system,
          "Text that goes before the conversation, if the model's turns have a "
          "place for it\n(Gemma 3)");
  app.add_flag("--raw", options.raw,
               "Let the model continue the prompt as it is, without turns");
  app.add_option("--tokens", options.tokens,
                 "Continue these token ids (2,5,7) instead of a text");
  addText(app, "--fim-prefix", options.prefix,
          "Text before a gap that the model fills (CodeGemma); the answer is "
          "what belongs there");
  addText(app, "--fim-suffix", options.suffix,
          "Text behind that gap; either may be left out");
  app.add_flag("--print-tokens", options.printTokens,
               "Print the generated ids, separated by commas, and no text;\n"
               "without a tokenizer this is so anyway");
  app.add_option("-n,--max-tokens", options.limit,
                 "Most tokens to generate; if left out, the model ends, or the "
                 "context does")
      ->check(wholeNumber(1, UINT64_MAX));
  app.add_option("--temperature", options.sampling.temperature,
                 "0, the default, always takes the likeliest token: the same "
                 "answer every time.\nAbove, tokens are drawn; with --top-k "
                 "or --top-p the default is 1");
  app.add_option("--top-k", options.sampling.topK,
                 "Draw from the likeliest K tokens only (default: all)")
      ->check(wholeNumber());
  app.add_option("--top-p", options.sampling.topP,
                 "Then, from the likeliest that make up this probability "
                 "(default: 1)");
  app.add_option("--seed", options.sampling.seed,
                 "The same seed draws the same answer (default: 0)")
      ->check(wholeNumber(0, UINT64_MAX));
  app.add_option("--stop", options.stopStrings,
                 "Also end before this text (or after the ids that spell it); "
                 "may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--threads", options.session.threads,
                 "Threads (default: one per core)")
      ->check(wholeNumber());
  app.add_flag("--pin", options.session.pin,
               "Keep each thread on a CPU of its own");
  app.add_flag("--huge-pages", options.hugePages,
               "Copy the weights into huge pages first: a slower start, a "
               "faster decode");
  app.add_option("--context", options.session.context,
                 "Most tokens of prompt and answer together (default: the "
                 "model's)")
      ->check(wholeNumber());
  app.add_flag("-q,--quiet", options.quiet, "Do not report the speed");
}

Result<Generation> Runner::answer(Span<const int32_t> prompt,
                                  Sequence &sequence) {
  AnswerPrinter printer(encoder ? &encoder->tokenizer() : nullptr, stop,
                        options.printTokens);
  // Before the first token nothing is on the screen that a newline could end.
  bool begun = false;
  Result<Generation> generation =
      generate(sequence, prompt, sampler, stop, options.limit,
               [&](int32_t token) { return begun = true, printer.add(token); });
  if (generation || begun ||
      generation.error().code == ErrorCode::Interrupted) {
    Result<void> printed = printer.finish();
    if (generation && !printed) {
      return printed.takeError();
    }
  }
  if (generation && generation->reason == StopReason::ContextFull) {
    std::fprintf(stderr,
                 "note: the answer stops here, as the context of %u tokens is "
                 "full\n",
                 sequence.context());
  }
  return generation;
}

void Runner::report(const Generation &generation) const {
  if (options.quiet) {
    return;
  }
  auto rate = [](double tokens, double seconds) {
    return seconds > 0 ? tokens / seconds : 0.0;
  };
  double further = static_cast<double>(generation.generatedTokens) - 1;
  std::fprintf(stderr,
               "prefill %llu tokens, %.1f tok/s; decode %llu tokens, %.1f "
               "tok/s\n",
               static_cast<unsigned long long>(generation.promptTokens),
               rate(static_cast<double>(generation.promptTokens),
                    generation.prefillSeconds),
               static_cast<unsigned long long>(generation.generatedTokens),
               rate(further, generation.decodeSeconds));
}

/// Turn after turn with the user at the terminal.
Result<void> Runner::converse() {
  if (!encoder->hasTurns()) {
    return invalidUsage(
        "prompt: expected PROMPT or text on standard input, found a terminal "
        "(a conversation needs a model with a turn format, and no --raw)");
  }
  Sequence sequence = Sequence::of(session, model);
  int32_t pending = -1;
  while (true) {
    Result<std::optional<std::string>> line = readLine("> ");
    if (!line || !*line) {
      return line ? Result<void>() : Result<void>(line.takeError());
    }
    if (trimUnicode(**line).empty()) {
      continue;
    }
    Result<std::vector<int32_t>> next =
        sequence.length() == 0 ? encoder->first(**line, sequence.context())
                               : encoder->next(**line, sequence.context());
    if (!next) {
      return next.takeError();
    }
    if (pending >= 0) {
      next->insert(next->begin(), pending);
    }
    Result<Generation> generation = answer(*next, sequence);
    if (!generation) {
      return generation.takeError();
    }
    pending = generation->pendingToken;
  }
}

/// The texts around a gap. Whatever ends what the model puts there ends the
/// answer.
Result<std::vector<int32_t>> Runner::infillTokens() {
  const ModelInfo &info = model.info();
  Result<InfillPrompt> infill = InfillPrompt::create(
      encoder->tokenizer(), info.addBos ? info.bosToken : -1);
  if (!infill) {
    return infill.takeError();
  }
  std::vector<int32_t> ends = info.eosTokens;
  ends.insert(ends.end(), infill->endTokens().begin(),
              infill->endTokens().end());
  stop = StopDetector(std::move(ends), options.stopStrings);
  return infill->encode(options.prefix.value_or(""),
                        options.suffix.value_or(""), session.options().context);
}

/// The one prompt of the command line or of standard input.
Result<std::vector<int32_t>> Runner::promptTokens() {
  if (options.infills()) {
    return infillTokens();
  }
  if (options.tokens) {
    return parseTokenList(*options.tokens, model.info().vocab,
                          ErrorCode::InvalidUsage, "--tokens");
  }
  const size_t limit = session.options().context;
  if (options.prompt) {
    return encoder->first(*options.prompt, limit);
  }
  const size_t most = encoder->tokenizer().mostBytes(limit);
  Result<std::string> text = readInput(most);
  if (!text) {
    return text.takeError();
  }
  // What was not read must not be missing silently, as it would be where the
  // rest becomes short when its whitespace is trimmed.
  if (text->size() > most) {
    return invalidData("prompt: expected at most " + std::to_string(limit) +
                       " tokens, in at most " + std::to_string(most) +
                       " bytes, found at least " +
                       std::to_string(text->size()));
  }
  // `echo text | gemma-run` does not mean the newline.
  if (!text->empty() && text->back() == '\n') {
    text->pop_back();
  }
  return encoder->first(*text, limit);
}

Result<void> Runner::run() {
  // Without a tokenizer ids still work, in and out.
  if (!options.tokens || !model.tokenizer().empty()) {
    Result<PromptEncoder> created =
        PromptEncoder::create(model.tokenizer(), model.info(), options.raw);
    if (!created) {
      return created.takeError();
    }
    encoder = std::move(*created);
    if (options.system) {
      if (Result<void> set = encoder->setSystem(*options.system, "--system");
          !set) {
        return set;
      }
    }
  }
  if (!encoder && !options.stopStrings.empty()) {
    return invalidData("model: expected a tokenizer, as --stop names a text, "
                       "found none");
  }
  bool asked = options.tokens || options.prompt || options.infills();
  if (!asked && isatty(STDIN_FILENO)) {
    return converse();
  }
  Result<std::vector<int32_t>> tokens = promptTokens();
  if (!tokens) {
    return tokens.takeError();
  }
  Sequence sequence = Sequence::of(session, model);
  Result<Generation> generation = answer(*tokens, sequence);
  if (!generation) {
    return generation.takeError();
  }
  report(*generation);
  return {};
}

static Result<void> run(Options &options) {
  if (options.prompt && options.tokens) {
    return invalidUsage("prompt: expected PROMPT or --tokens, found both");
  }
  if (options.infills() && (options.prompt || options.tokens)) {
    return invalidUsage(std::string("prompt: expected --fim-prefix and "
                                    "--fim-suffix alone, found ") +
                        (options.prompt ? "PROMPT" : "--tokens") + " too");
  }
  if (options.system && (options.raw || options.tokens || options.infills())) {
    return invalidUsage(std::string("--system: expected together with turns, "
                                    "found ") +
                        (options.raw      ? "--raw"
                         : options.tokens ? "--tokens"
                                          : "text around a gap"));
  }
  options.session.cancel = &interrupted;
  Result<Sampler> sampler = Sampler::create(options.sampling);
  if (!sampler) {
    return sampler.takeError();
  }
  ModelOptions opening;
  opening.progress = true;
  opening.threads = options.session.threads;
  opening.hugePages = options.hugePages;
  opening.cancel = &interrupted;
  Result<Model> model = Model::open(options.model, opening);
  if (!model) {
    return model.takeError();
  }
  Result<Session> session = Session::create(*model, options.session);
  if (!session) {
    return session.takeError();
  }
  return Runner(options, *model, std::move(*session), *sampler).run();
}

int main(int argc, char **argv) {
  prepareProcess();
  Options options;
  CLI::App app;
  addOptions(app, options);
  std::vector<char *> arguments = withEmptyTexts(argc, argv);
  if (std::optional<int> code = parseCommandLine(
          app, static_cast<int>(arguments.size()), arguments.data())) {
    return *code;
  }
  bool filters = app.count("--top-k") != 0 || app.count("--top-p") != 0;
  if (filters && app.count("--temperature") == 0) {
    options.sampling.temperature = 1;
  }
  Result<void> done = guarded([&] { return run(options); });
  return done ? 0 : printError(done.error());
}
