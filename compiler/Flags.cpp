//===- Flags.cpp - From the words of a command line to options ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Flags.h"

#include "compiler/Fuse/Fusions.h"
#include "compiler/Target/HostCpu.h"
#include "compiler/Version.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::gemma;
using ::gemma::Result;
using llvm::StringRef;

namespace {

/// Keeps what is written to stderr while it lives: LLVM prints some errors of
/// a command line there, whatever stream it is given.
class CapturedStderr {
public:
  CapturedStderr()
      : original(dup(STDERR_FILENO)), file(memfd_create("stderr", 0)) {
    if (original >= 0 && file >= 0) {
      dup2(file, STDERR_FILENO);
    }
  }

  ~CapturedStderr() {
    restore();
    close(original);
    close(file);
  }

  std::string restore() {
    if (original < 0 || file < 0) {
      return "";
    }
    dup2(original, STDERR_FILENO);
    char text[4096];
    ssize_t bytes = pread(file, text, sizeof text, 0);
    return std::string(text, bytes > 0 ? bytes : 0);
  }

private:
  int original;
  int file;
};

} // namespace

Result<void> mlir::gemma::parseCommandLine(int argc, char **argv,
                                           const char *overview) {
  llvm::cl::SetVersionPrinter([](llvm::raw_ostream &out) {
    out << "gemma-compile " << kVersion << " (LLVM " << LLVM_VERSION_STRING
        << ")\n";
  });
  CapturedStderr captured;
  std::string given;
  llvm::raw_string_ostream errors(given);
  bool isGood =
      llvm::cl::ParseCommandLineOptions(argc, argv, overview, &errors);
  std::string text = captured.restore() + given;
  if (isGood) {
    return {};
  }
  // "/path/gemma-compile: Unknown command line argument '--x'.  Try: ..."
  StringRef line = StringRef(text).ltrim().split('\n').first;
  line = line.split("  Try: ").first;
  line = line.split("Did you mean").first;
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

Result<uint64_t> mlir::gemma::readNumber(StringRef flag, StringRef word,
                                         uint64_t low, uint64_t high) {
  uint64_t number;
  if (word.getAsInteger(10, number) || number < low || number > high) {
    return ::gemma::invalidUsage(
        flag.str() + ": expected " + std::to_string(low) + " to " +
        std::to_string(high) + ", found '" + word.str() + "'");
  }
  return number;
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

Result<std::vector<std::string>> mlir::gemma::readFusions(StringRef flag,
                                                          StringRef value) {
  llvm::SmallVector<StringRef> given;
  value.split(given, ',');
  auto isGiven = [&](StringRef word) {
    return llvm::is_contained(given, word) || llvm::is_contained(given, "all");
  };
  std::vector<std::string> words;
  if (value == "none") {
    return words;
  }
  std::string known = "none, all";
  for (StringRef word : getFusionWords()) {
    known += ", " + word.str();
    if (isGiven(word)) {
      words.push_back(word.str());
    }
  }
  for (StringRef word : given) {
    if (word != "all" && !llvm::is_contained(getFusionWords(), word)) {
      return ::gemma::invalidUsage(flag.str() + ": expected " + known +
                                   " between commas, found '" + word.str() +
                                   "'");
    }
  }
  return words;
}

Result<std::string> mlir::gemma::readTarget(StringRef target) {
  if (std::optional<std::string> triple = getTriple(target)) {
    return *triple;
  }
  return ::gemma::invalidUsage("--target: expected x86_64-linux-gnu or "
                               "aarch64-linux-gnu, found '" +
                               target.str() + "'");
}

Result<void> mlir::gemma::setTarget(ImportOptions &options, StringRef name,
                                    StringRef target) {
  Result<std::string> triple = readTarget(target);
  if (!triple) {
    return triple.takeError();
  }
  std::optional<Cpu> cpu =
      name.empty() ? getDefaultCpu(*triple) : getNamedCpu(name, *triple);
  if (!cpu) {
    const char *some = llvm::Triple(*triple).isX86()
                           ? "x86-64, x86-64-v2, x86-64-v3, x86-64-v4, "
                             "nehalem, haswell, znver4"
                           : "generic, cortex-a72, neoverse-n1, neoverse-v1";
    return ::gemma::invalidUsage(
        "--cpu: expected a CPU that LLVM knows (" + std::string(some) +
        ", ...; --cpu=help lists them), found '" + name.str() + "'");
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
