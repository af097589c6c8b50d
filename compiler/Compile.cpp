//===- Compile.cpp - One compile, from phase to phase ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compile.h"

#include "compiler/Emit/Emit.h"
#include "compiler/Emit/OutputFile.h"
#include "compiler/Import/Import.h"
#include "compiler/Import/Readers/GgufCheckpoint.h"
#include "compiler/Llvm/Kernels.h"
#include "compiler/PassRunner.h"
#include "compiler/RegisterAll.h"
#include "dialect/ModuleAttrs.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Error;
using ::gemma::Result;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

/// The state of one compile.
class Compiler {
public:
  explicit Compiler(const CompileOptions &options);

  Result<CompileReport> run();

private:
  Result<void> checkUserPipelines();
  Result<void> load();
  Result<void> loadDump();
  Result<void> importModel();
  Result<void> runPhase(Phase phase);
  Result<void> runUserPipelines(Phase phase);
  Result<void> keepOutput(Phase phase);
  Result<void> emit();
  Error describeFailure(Phase phase, Error error);
  std::string makeStem() const;
  std::string getDumpName(Phase phase) const;

  const CompileOptions &options;
  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
  /// What files are named after.
  std::string stem;
  /// The module after the last phase that succeeded, and where it has been
  /// written, if it has.
  std::string text;
  std::string textFile;
  std::optional<Phase> textPhase;
  llvm::StringMap<std::string> kernelTexts;
  CompileReport report;
};

} // namespace

Compiler::Compiler(const CompileOptions &options)
    : options(options), stem(makeStem()) {
  registerAllDialects(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
}

/// The last part of a path, also of "." and "a/".
static std::string nameOf(llvm::StringRef input) {
  llvm::SmallString<256> real;
  if (fs::real_path(input, real)) {
    real = input;
  }
  return path::filename(real).str();
}

std::string Compiler::makeStem() const {
  if (!options.output.empty() && options.output != "-") {
    return path::stem(options.output).str();
  }
  if (!options.config.empty()) {
    return options.config;
  }
  std::string name = nameOf(options.input);
  if (!options.from) {
    name = ::gemma::ggufStem(name);
    return name.empty() ? "model" : name;
  }
  // Dumps of a dump keep the name: model for model.2.fuse.mlir.
  std::string suffix = "." + std::to_string(getNumber(*options.from)) + "." +
                       getWord(*options.from).str() + ".mlir";
  llvm::StringRef whole(name);
  return whole.consume_back(suffix) ? whole.str() : path::stem(name).str();
}

std::string Compiler::getDumpName(Phase phase) const {
  return stem + "." + std::to_string(getNumber(phase)) + "." +
         getWord(phase).str() + ".mlir";
}

//===----------------------------------------------------------------------===//
// Users' passes
//===----------------------------------------------------------------------===//

Result<void> Compiler::checkUserPipelines() {
  for (const UserPipeline &user : options.userPipelines) {
    if (user.after == Phase::Emit || user.after > options.to ||
        (options.from && user.after < *options.from)) {
      return ::gemma::invalidUsage("--run-after=" + getWord(user.after).str() +
                                   ": expected a phase of this compile that "
                                   "gives IR");
    }
    PassManager passes(context.get(), ModuleOp::getOperationName());
    if (auto parsed = parseUserPipeline(user, passes); !parsed) {
      return parsed;
    }
  }
  return {};
}

Result<void> Compiler::runUserPipelines(Phase phase) {
  for (const UserPipeline &user : options.userPipelines) {
    if (user.after != phase) {
      continue;
    }
    std::string what =
        "--run-after=" + getWord(phase).str() + ": '" + user.pipeline + "'";
    PassManager passes(context.get(), ModuleOp::getOperationName());
    if (auto parsed = parseUserPipeline(user, passes); !parsed) {
      return parsed;
    }
    // A user's pass must leave what the next phase expects.
    buildPhaseVerifier(passes, phase);
    Result<void> done =
        guardAgainstCrash(what, [&] { return runPasses(*module, passes); });
    if (!done) {
      Error error = done.takeError();
      error.code = ::gemma::ErrorCode::InvalidData;
      llvm::StringRef message = error.message;
      message.consume_front(what);
      error.message = what + ": " + message.ltrim().str();
      return error;
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

static std::string makeAbsolute(llvm::StringRef input) {
  llvm::SmallString<256> absolute(input);
  if (fs::make_absolute(absolute)) {
    return input.str();
  }
  path::remove_dots(absolute);
  return absolute.str().str();
}

Result<void> Compiler::loadDump() {
  std::string error;
  auto file = openInputFile(options.input, &error);
  if (!file) {
    return ::gemma::notFound(error);
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  ErrorCollector errors(context.get());
  module = parseSourceFile<ModuleOp>(sources, context.get());
  if (!module) {
    return ::gemma::invalidData(
        errors.getMessage(options.input + ": expected a module"));
  }
  if (!options.checkpoint.empty()) {
    (*module)->setAttr(
        kCheckpointAttr,
        StringAttr::get(context.get(), makeAbsolute(options.checkpoint)));
  }
  PassManager passes(context.get(), ModuleOp::getOperationName());
  buildPhaseVerifier(passes, *options.from);
  if (auto verified = runPasses(*module, passes); !verified) {
    Error failure = verified.takeError();
    return ::gemma::invalidData(
        options.input + ": expected the output of phase " +
        getWord(*options.from).str() + ", found: " + failure.message);
  }
  return {};
}

Result<void> Compiler::importModel() {
  ErrorCollector errors(context.get());
  // The dump of a relative path could not be continued in another folder.
  Result<OwningOpRef<ModuleOp>> imported =
      options.config.empty()
          ? importCheckpoint(context.get(), makeAbsolute(options.input),
                             options.import, &report.notes)
          : importConfig(context.get(), options.config, *options.seed,
                         options.import);
  if (!imported) {
    return imported.takeError();
  }
  module = std::move(*imported);
  return {};
}

Result<void> Compiler::load() {
  // A dump may have been edited by hand, into what no verifier expects.
  return options.from
             ? guardAgainstCrash(options.input, [&] { return loadDump(); })
             : guardAgainstCrash("phase import", [&] { return importModel(); });
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

/// Adds the command that runs the failed phase again on the same input.
Error Compiler::describeFailure(Phase phase, Error error) {
  error.message = "phase " + getWord(phase).str() + ": " + error.message;
  if (!textPhase) {
    return error;
  }
  if (textFile.empty()) {
    llvm::SmallString<128> folder;
    path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
    path::append(folder, "gemma-compile-" + getDumpName(*textPhase));
    if (!writeFile(folder.str().str(), text)) {
      return error;
    }
    textFile = folder.str().str();
  }
  error.message +=
      " (replay: gemma-compile --compile-from=" + getWord(*textPhase).str() +
      " " + textFile + ")";
  return error;
}

Result<void> Compiler::runPhase(Phase phase) {
  PassManager passes(context.get(), ModuleOp::getOperationName());
  buildPhasePipeline(passes, phase);
  Result<void> done =
      guardAgainstCrash("it", [&] { return runPasses(*module, passes); });
  if (!done) {
    return describeFailure(phase, done.takeError());
  }
  return {};
}

/// Keeps what a phase gave: for dumps, and for the replay of the next one.
Result<void> Compiler::keepOutput(Phase phase) {
  text.clear();
  llvm::raw_string_ostream stream(text);
  module->print(stream);
  stream << "\n";
  textPhase = phase;
  textFile = options.from == phase ? options.input : "";
  if (phase == Phase::Codegen && !options.dumpKernelsTo.empty()) {
    for (auto kernel : getKernels(*module).getOps<func::FuncOp>()) {
      std::string &kernelText = kernelTexts[kernel.getSymName()];
      llvm::raw_string_ostream kernelStream(kernelText);
      kernel.print(kernelStream);
      kernelStream << "\n";
    }
  }
  if (options.dumpPhasesTo.empty() || options.from == phase) {
    return {};
  }
  textFile = options.dumpPhasesTo + "/" + getDumpName(phase);
  return writeFile(textFile, text);
}

Result<void> Compiler::emit() {
  EmitOptions emitOptions;
  emitOptions.output =
      options.output.empty() ? stem + ".gemma" : options.output;
  emitOptions.jobs = options.jobs;
  emitOptions.dumpKernelsTo = options.dumpKernelsTo;
  emitOptions.kernelTexts = std::move(kernelTexts);
  emitOptions.notes = &report.notes;
  Result<void> done = guardAgainstCrash("it", [&]() -> Result<void> {
    Result<uint64_t> bytes = emitArtifact(*module, emitOptions);
    if (!bytes) {
      return bytes.takeError();
    }
    report.artifactBytes = *bytes;
    report.artifact = emitOptions.output;
    return {};
  });
  if (!done && done.error().code == ::gemma::ErrorCode::Internal) {
    return describeFailure(Phase::Emit, done.takeError());
  }
  return done;
}

static Result<void> createFolder(const std::string &folder) {
  if (folder.empty()) {
    return {};
  }
  if (std::error_code error =
          fs::create_directories(folder, true, fs::all_all)) {
    return ::gemma::resourceError(
        folder + ": cannot create the folder: " + error.message());
  }
  return {};
}

static Result<void> printText(const std::string &text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      std::fflush(stdout) != 0) {
    return ::gemma::resourceError("stdout: " +
                                  std::string(std::strerror(errno)));
  }
  return {};
}

Result<CompileReport> Compiler::run() {
  auto compileAll = [&]() -> Result<void> {
    for (const std::string *folder :
         {&options.dumpPhasesTo, &options.dumpKernelsTo}) {
      if (auto created = createFolder(*folder); !created) {
        return created;
      }
    }
    if (auto loaded = loadPassPlugins(options.passPlugins); !loaded) {
      return loaded;
    }
    if (auto checked = checkUserPipelines(); !checked) {
      return checked;
    }
    if (auto loaded = load(); !loaded) {
      return loaded;
    }
    for (Phase phase : getPhases()) {
      if ((options.from && phase < *options.from) || phase > options.to) {
        continue;
      }
      if (options.from != phase) {
        if (auto done = runPhase(phase); !done) {
          return done;
        }
      }
      if (phase == Phase::Emit) {
        return emit();
      }
      if (auto done = runUserPipelines(phase); !done) {
        return done;
      }
      if (auto kept = keepOutput(phase); !kept) {
        return kept;
      }
    }
    return options.output.empty() || options.output == "-"
               ? printText(text)
               : writeFile(options.output, text);
  };
  Result<void> done = compileAll();
  if (!done) {
    if (done.error().code == ::gemma::ErrorCode::Internal) {
      // What a crash left of the IR must not be touched, not even to free it.
      (void)module.release();
      (void)context.release();
    }
    return done.takeError();
  }
  return std::move(report);
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static Result<void> checkOptions(const CompileOptions &options) {
  auto wrong = [](const char *message) {
    return ::gemma::invalidUsage(message);
  };
  if (options.to == Phase::Emit && options.output == "-") {
    return wrong("-o: expected a file for an artifact, found '-'");
  }
  if (options.from) {
    if (options.input.empty() || !options.config.empty()) {
      return wrong("--compile-from: expected the dump to continue from as the "
                   "one input");
    }
    if (*options.from >= options.to) {
      return wrong("--compile-to: expected a phase after that of "
                   "--compile-from");
    }
    return {};
  }
  if (!options.checkpoint.empty()) {
    return wrong("--checkpoint: expected only with --compile-from, as the "
                 "folder is the input otherwise");
  }
  if (options.input.empty() == options.config.empty()) {
    return wrong("input: expected either a checkpoint's folder, a GGUF file or "
                 "--config");
  }
  if (!options.config.empty() && !options.seed) {
    return wrong("--config: expected together with --random-weights");
  }
  if (options.config.empty() && options.seed) {
    return wrong("--random-weights: expected together with --config");
  }
  if (options.import.stub && options.config.empty()) {
    return wrong("--stub-weights: expected only with --config and "
                 "--random-weights");
  }
  return {};
}

Result<CompileReport> mlir::gemma::compile(const CompileOptions &options) {
  if (Result<void> checked = checkOptions(options); !checked) {
    return checked.takeError();
  }
  return Compiler(options).run();
}
