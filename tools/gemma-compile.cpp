//===- gemma-compile.cpp - From a checkpoint to an artifact ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gemma-compile path/to/gemma-2b-it -o gemma.gemma
//
//===----------------------------------------------------------------------===//

#include "compiler/Flags.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "compiler/ProcessSetup.h"
#include "compiler/RegisterAll.h"
#include "compiler/Target/HostCpu.h"
#include "runtime/core/Log.h"
#include "runtime/core/Threads.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <unistd.h>

namespace cl = llvm::cl;
using namespace mlir::gemma;
using gemma::Result;

static constexpr const char *kOverview =
    "Compiles a Gemma checkpoint into one artifact that gemma-run executes\n\n"
    "EXAMPLES:\n"
    "  gemma-compile gemma-2b-it                       for this machine, into "
    "gemma-2b-it.gemma\n"
    "  gemma-compile gemma-2b-it -o a.gemma --weights=f32 --cpu=x86-64-v3\n"
    "  gemma-compile gemma-3-1b-it-q4_0.gguf --head-weights=q8_0\n"
    "  gemma-compile --config=gemma-2b --random-weights=1 --stub-weights\n"
    "  gemma-compile gemma-2b-it --dump-phases-to=dumps\n"
    "  gemma-compile --compile-from=fuse dumps/gemma-2b-it.2.fuse.mlir\n"
    "  gemma-compile gemma-2b-it --load-pass-plugin=./mine.so "
    "--run-after=fuse:'my-pass'\n\n"
    "CROSS COMPILING: --target=aarch64-linux-gnu --cpu=neoverse-n1 compiles on "
    "x86-64 for\n64-bit Arm; nothing but this program is needed. "
    "--cpu=help lists a target's CPUs.\n\n"
    "GGUF: gemma-compile model.gguf reads one file, or the first of several. "
    "F32, F16, BF16,\nQ8_0 and Q4_0 tensors keep every value bit for bit, and "
    "so does Q5_0, as q8_0; Q4_1,\nQ5_1, Q4_K, Q5_K and Q6_K are re-encoded as "
    "q8_0. --weights and --head-weights ask for\nother types; what that rounds "
    "is reported.\n\n"
    "PHASES: import fuse pack bufferize dispatch codegen llvm emit\n";

static cl::OptionCategory modelFlags("Model");
static cl::OptionCategory codeFlags("Code");
static cl::OptionCategory outputFlags("Output");
static cl::OptionCategory phaseFlags("Phases and passes");

static cl::opt<std::string> input(cl::Positional,
                                  cl::desc("CHECKPOINT|GGUF|DUMP"),
                                  cl::cat(modelFlags));
static const std::string configHelp =
    "A model of random weights: " + gemma::describeKnownConfigs() +
    " (with --random-weights)";
static cl::opt<std::string> config("config", cl::desc(configHelp),
                                   cl::value_desc("name"), cl::cat(modelFlags));
static cl::opt<std::string>
    randomWeights("random-weights", cl::desc("Seed of the random weights"),
                  cl::value_desc("seed"), cl::cat(modelFlags));
static cl::opt<bool>
    stubWeights("stub-weights",
                cl::desc("Leave random weights to be drawn at run time"),
                cl::cat(modelFlags));
static cl::opt<std::string>
    weights("weights",
            cl::desc("Type of matrices: f32, f16, bf16, q8_0, q4_0, or stored: "
                     "as the checkpoint has them (default: bf16, but stored "
                     "for a GGUF file)"),
            cl::value_desc("type"), cl::cat(codeFlags));
static cl::opt<std::string> headWeights(
    "head-weights",
    cl::desc("Type of the head, which is the embedding too if they are tied "
             "(default: that of --weights, but q8_0 for q4_0, as the head's "
             "errors go straight into the logits)"),
    cl::value_desc("type"), cl::cat(codeFlags));
static cl::opt<std::string>
    q4Rule("q4_0-rule",
           cl::desc("Scales of q4_0: mse (default; the smallest error) or ggml "
                    "(as llama.cpp; for checkpoints trained for it)"),
           cl::value_desc("rule"), cl::cat(codeFlags));
static cl::opt<std::string>
    kv("kv",
       cl::desc("Element of the KV cache: bf16, f32, int8 (default: f32 with "
                "f32 weights, else bf16)"),
       cl::value_desc("type"), cl::cat(codeFlags));
static cl::opt<std::string>
    target("target",
           cl::desc("Machine to compile for: x86_64-linux-gnu, "
                    "aarch64-linux-gnu (default: this one)"),
           cl::value_desc("triple"), cl::cat(codeFlags));
static cl::opt<std::string>
    cpu("cpu",
        cl::desc("CPU by its LLVM name (default: this one, or the target's "
                 "baseline; help: all names)"),
        cl::value_desc("name"), cl::cat(codeFlags));
static cl::opt<std::string>
    maxRows("max-rows", cl::desc("Rows of one forward at most (default 512)"),
            cl::value_desc("n"), cl::init("512"), cl::cat(codeFlags));
static cl::opt<std::string> noFuse(
    "no-fuse",
    cl::desc(
        "Fusions to leave out: norm-linear, norm-geglu, "
        "rope-attention, linear-residual, norm-residual, lm-head, all, or none "
        "(the default)"),
    cl::value_desc("words"), cl::cat(codeFlags));
static cl::opt<std::string> jobs("j", cl::desc("Threads (default: all CPUs)"),
                                 cl::value_desc("n"), cl::Prefix,
                                 cl::cat(codeFlags));
static cl::opt<std::string>
    output("o",
           cl::desc("Output (default: the input's name + .gemma; stdout "
                    "with --compile-to)"),
           cl::value_desc("file"), cl::cat(outputFlags));
static cl::opt<std::string>
    dumpPhasesTo("dump-phases-to",
                 cl::desc("Write STEM.<n>.<phase>.mlir after each phase"),
                 cl::value_desc("folder"), cl::cat(outputFlags));
static cl::opt<std::string>
    dumpKernelsTo("dump-kernels-to",
                  cl::desc("Write each kernel's .mlir, .ll and .s"),
                  cl::value_desc("folder"), cl::cat(outputFlags));
static cl::opt<std::string>
    compileTo("compile-to", cl::desc("Stop after a phase, give its output"),
              cl::value_desc("phase"), cl::cat(phaseFlags));
static cl::opt<std::string>
    compileFrom("compile-from",
                cl::desc("The input is the output of this phase"),
                cl::value_desc("phase"), cl::cat(phaseFlags));
static cl::opt<std::string>
    checkpoint("checkpoint",
               cl::desc("In place of the checkpoint that a dump names"),
               cl::value_desc("folder"), cl::cat(phaseFlags));
static cl::list<std::string> passPlugins("load-pass-plugin",
                                         cl::desc("Shared library with passes"),
                                         cl::value_desc("file"),
                                         cl::cat(phaseFlags));
static cl::list<std::string>
    runAfter("run-after", cl::desc("Run passes on the output of a phase"),
             cl::value_desc("phase:'pipeline'"), cl::cat(phaseFlags));

static Result<CompileOptions> readOptions() {
  CompileOptions options;
  options.input = input;
  options.config = config;
  options.import.weights = weights;
  if (headWeights.getNumOccurrences()) {
    options.import.headWeights = headWeights;
  }
  options.import.q4Rule = q4Rule;
  options.import.kv = kv;
  options.import.stub = stubWeights;
  options.checkpoint = checkpoint;
  options.output = output;
  options.dumpPhasesTo = dumpPhasesTo;
  options.dumpKernelsTo = dumpKernelsTo;
  options.passPlugins = passPlugins;
  if (auto set = setTarget(options.import, cpu, target); !set) {
    return set.takeError();
  }
  if (randomWeights.getNumOccurrences()) {
    auto seed = readNumber("--random-weights", randomWeights, 0, INT64_MAX);
    if (!seed) {
      return seed.takeError();
    }
    options.seed = *seed;
  }
  auto rows = readNumber("--max-rows", maxRows, 1, 65536);
  if (!rows) {
    return rows.takeError();
  }
  options.import.maxRows = *rows;
  if (noFuse.getNumOccurrences()) {
    auto words = readFusions("--no-fuse", noFuse);
    if (!words) {
      return words.takeError();
    }
    options.import.noFuse = *words;
  }
  auto threads = jobs.getNumOccurrences()
                     ? readNumber("-j", jobs, 1, gemma::kMaxThreads)
                     : Result<uint64_t>(gemma::availableCpus());
  if (!threads) {
    return threads.takeError();
  }
  options.jobs = *threads;
  if (compileTo.getNumOccurrences()) {
    Result<Phase> phase = readPhase("--compile-to", compileTo);
    if (!phase) {
      return phase.takeError();
    }
    options.to = *phase;
  }
  if (compileFrom.getNumOccurrences()) {
    Result<Phase> phase = readPhase("--compile-from", compileFrom);
    if (!phase) {
      return phase.takeError();
    }
    options.from = *phase;
  }
  for (cl::Option *flag : std::initializer_list<cl::Option *>{
           &weights, &headWeights, &q4Rule, &kv, &target, &cpu, &maxRows,
           &stubWeights, &randomWeights, &noFuse}) {
    if (options.from && flag->getNumOccurrences()) {
      return gemma::invalidUsage("--" + flag->ArgStr.str() +
                                 ": expected without --compile-from, as the "
                                 "dump holds it");
    }
  }
  for (const std::string &value : runAfter) {
    Result<UserPipeline> pipeline = readUserPipeline(value);
    if (!pipeline) {
      return pipeline.takeError();
    }
    options.userPipelines.push_back(*pipeline);
  }
  return options;
}

int main(int argc, char **argv) {
  setUpProcess();
  auto start = std::chrono::steady_clock::now();
  cl::HideUnrelatedOptions(
      {&modelFlags, &codeFlags, &outputFlags, &phaseFlags});
  if (auto parsed = parseCommandLine(argc, argv, kOverview); !parsed) {
    return gemma::printError(parsed.error());
  }
  if (cpu == "help") {
    Result<std::string> triple = readTarget(target);
    if (!triple) {
      return gemma::printError(triple.error());
    }
    for (const std::string &name : getCpuNames(*triple)) {
      llvm::outs() << name << "\n";
    }
    return 0;
  }
  registerAllPasses();
  Result<CompileOptions> options = readOptions();
  if (!options) {
    return gemma::printError(options.error());
  }
  Result<CompileReport> report = compile(*options);
  if (!report) {
    return gemma::printError(report.error());
  }
  for (const std::string &note : report->notes) {
    llvm::errs() << "note: " << note << "\n";
  }
  if (!report->artifact.empty() && isatty(STDERR_FILENO)) {
    std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    llvm::errs() << describe(*report, time.count(), getPeakMemory()) << "\n";
  }
  return 0;
}
