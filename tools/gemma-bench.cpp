//===- gemma-bench.cpp - Measures how fast a compiled model runs ----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Bench.h"
#include "runtime/core/Guard.h"
#include "runtime/core/WholeFile.h"
#include "tools/ToolSupport.h"

using namespace gemma;
using namespace gemma::tools;

static constexpr const char *kDescription =
    "Measures how fast a compiled model runs, and how near that is to what the "
    "machine can do.\n\n"
    "  gemma-bench model.gemma\n"
    "  gemma-bench model.gemma --threads=1 --depth=4096 --json\n"
    "  gemma-bench model.gemma --rows=4,8 --prompt=0 --generate=0\n"
    "  gemma-bench model.gemma --profile --trace=model.trace.json\n";

static constexpr const char *kFooter =
    "\nTests: ppN is a prefill of N tokens (logits of the last one), tgN a "
    "decode of N tokens, one\nat a time, rowsN forwards of N tokens of one "
    "sequence with the logits of each, as against one\ntoken; with --depth "
    "the name ends in @dDEPTH. Token ids are pseudo-random, the same every\n"
    "time; sampling is not timed.\n"
    "\nLimits: before, between and after the runs the same threads read the "
    "weights with the best\nof several plain loops, and repeat the "
    "instruction of the matmuls in registers. The share of\na run is the sum "
    "over its dispatches of max(bytes / bandwidth, operations / peak), over "
    "its\ntime; the median of the repetitions, each against the probes around "
    "it.\n"
    "\nWorks on artifacts without a tokenizer, and on stubs (gemma-compile "
    "--stub-weights), whose\nweights are drawn into a temporary file first.\n"
    "\nExit codes: 0 done, 64 usage, 65 bad data, 66 file not found, 69 out of "
    "a resource, 130\ninterrupted.";

namespace {
struct Options {
  std::string model;
  BenchOptions bench;
  bool json = false, hugePages = false;
  std::optional<std::string> trace;
};
} // namespace

static void addOptions(CLI::App &app, Options &options) {
  app.description(kDescription);
  app.footer(kFooter);
  BenchOptions &bench = options.bench;
  app.add_option("MODEL", options.model, "The artifact of gemma-compile")
      ->required();
  app.add_option("--prompt", bench.prompt,
                 "Tokens of the prefill, 0 = none (default: 512)")
      ->check(wholeNumber());
  app.add_option("--generate", bench.generate,
                 "Tokens of the decode, 0 = none (default: 128)")
      ->check(wholeNumber());
  app.add_option("--depth", bench.depth,
                 "Tokens in the KV cache before; filling it is not timed "
                 "(default: 0)")
      ->check(wholeNumber());
  app.add_option("--rows", bench.rows,
                 "Also time forwards of so many rows against one row: 4,8")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(wholeNumber(1));
  app.add_option("--repetitions", bench.repetitions,
                 "Runs of each test (default: 5)")
      ->check(wholeNumber(1, 10000));
  app.add_option("--threads", bench.session.threads,
                 "Threads (default: one per CPU that may be used)")
      ->check(wholeNumber());
  app.add_flag("--pin", bench.session.pin,
               "Keep each thread on a CPU of its own");
  app.add_flag("--huge-pages", options.hugePages,
               "Copy the weights into huge pages first, for a faster decode");
  app.add_option("--context", bench.session.context,
                 "Positions that the KV cache has room for (default: the "
                 "model's)")
      ->check(wholeNumber());
  app.add_flag("--json", options.json,
               "Print JSON: {\"model\", \"threads\", \"results\": [{\"name\", "
               "\"tokens_per_second\", \"limit\",\n\"bytes\", "
               "\"operations\", \"share\", …}], …}; bytes and operations per "
               "repetition");
  app.add_flag("--profile", bench.session.profile,
               "Also a table per kind of dispatch: time, bytes, operations, "
               "share of its limit");
  app.add_option("--trace", options.trace,
                 "Write a trace of one prefill chunk and one decode token to "
                 "this file, for\nui.perfetto.dev: a track per thread, a slice "
                 "per dispatch");
}

static Result<void> run(Options &options) {
  ModelOptions opening;
  opening.progress = true;
  opening.threads = options.bench.session.threads;
  opening.hugePages = options.hugePages;
  opening.cancel = &interrupted;
  Result<Model> model = Model::open(options.model, opening);
  if (!model) {
    return model.takeError();
  }
  options.bench.session.cancel = &interrupted;
  options.bench.progress = true;
  options.bench.trace = options.trace.has_value();
  Result<BenchReport> report = runBench(*model, options.bench);
  if (!report) {
    return report.takeError();
  }
  report->model = options.model;
  Result<void> traced;
  if (options.trace) {
    traced = writeWholeFile(*options.trace, traceJson(report->trace));
  }
  // What took minutes to measure is not lost with a file that cannot be made.
  Result<bool> printed =
      writeOut(options.json ? report->json() + "\n" : report->table());
  return printed ? traced : Result<void>(printed.takeError());
}

int main(int argc, char **argv) {
  prepareProcess();
  Options options;
  CLI::App app;
  addOptions(app, options);
  if (std::optional<int> code = parseCommandLine(app, argc, argv)) {
    return *code;
  }
  Result<void> done = guarded([&] { return run(options); });
  return done ? 0 : printError(done.error());
}
