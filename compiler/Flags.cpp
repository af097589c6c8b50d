//===- Flags.cpp - From the words of a command line to options ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Flags.h"

#include "compiler/Target/HostCpu.h"
#include "compiler/Version.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::gemma;
using ::gemma::Result;
using llvm::StringRef;

Result<void> mlir::gemma::parseCommandLine(int argc, char **argv,
                                           const char *overview) {
  llvm::cl::SetVersionPrinter([](llvm::raw_ostream &out) {
    out << "gemma-compile " << kVersion << " (LLVM " << LLVM_VERSION_STRING
        << ")\n";
  });
  std::string text;
  llvm::raw_string_ostream errors(text);
  if (llvm::cl::ParseCommandLineOptions(argc, argv, overview, &errors)) {
    return {};
  }
  // "/path/gemma-compile: Unknown command line argument '--x'.  Try: ..."
  StringRef line = StringRef(text).ltrim().split('\n').first;
  line = line.split("  Try: ").first;
  if (!line.consume_front(StringRef(argv[0]).str() + ": ")) {
    line.consume_front("gemma-compile: ");
  }
  std::string message = line.rtrim(". !").str();
  if (!message.empty()) {
    message[0] = llvm::toLower(message[0]);
  }
  return ::gemma::invalidUsage(message + " (see --help)");
}

Result<Phase> mlir::gemma::readPhase(StringRef flag, StringRef word) {
  if (std::optional<Phase> phase = parsePhase(word)) {
    return *phase;
  }
  std::string words;
  for (Phase phase : getPhases()) {
    words += (words.empty() ? "" : ", ") + getWord(phase).str();
  }
  return ::gemma::invalidUsage(flag.str() + ": expected a phase (" + words +
                               "), found '" + word.str() + "'");
}

Result<UserPipeline> mlir::gemma::readUserPipeline(StringRef value) {
  auto [word, pipeline] = value.split(':');
  Result<Phase> phase = readPhase("--run-after", word);
  if (!phase) {
    return phase.takeError();
  }
  if (pipeline.trim().empty()) {
    return ::gemma::invalidUsage(
        "--run-after: expected PHASE:PIPELINE, found '" + value.str() + "'");
  }
  return UserPipeline{*phase, pipeline.str()};
}

Result<void> mlir::gemma::setTarget(ImportOptions &options, StringRef name) {
  std::optional<Cpu> cpu = name.empty() ? getHostCpu() : getNamedCpu(name);
  if (!cpu) {
    return ::gemma::invalidUsage(
        "--cpu: expected a CPU that LLVM knows (x86-64, x86-64-v2, x86-64-v3, "
        "x86-64-v4, nehalem, haswell, znver4, ...; --cpu=help lists them), "
        "found '" +
        name.str() + "'");
  }
  options.triple = cpu->triple;
  options.cpu = cpu->name;
  options.features = cpu->features;
  return {};
}

static std::string describeBytes(unsigned long long bytes) {
  double value = static_cast<double>(bytes);
  const char *unit = "B";
  for (const char *larger : {"kB", "MB", "GB"}) {
    if (value < 1000) {
      break;
    }
    value /= 1000;
    unit = larger;
  }
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format(value < 10 ? "%.1f " : "%.0f ", value) << unit;
  return text;
}

std::string mlir::gemma::describe(const CompileReport &report, double seconds,
                                  unsigned long long peakMemory) {
  std::string text;
  llvm::raw_string_ostream(text)
      << report.artifact << ": " << describeBytes(report.artifactBytes)
      << llvm::format(" in %.1f s, peak memory ", seconds)
      << describeBytes(peakMemory);
  return text;
}
