//===- gemma-inspect.cpp - Shows and verifies an artifact -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/WeightHashes.h"
#include "runtime/core/Guard.h"
#include "runtime/cpu/CpuFeatures.h"
#include "runtime/cpu/KernelImage.h"
#include "runtime/exec/MemoryPlan.h"
#include "tools/DeviceReport.h"
#include "tools/InspectReport.h"
#include "tools/ToolSupport.h"
#include "tools/WeightDump.h"

using namespace gemma;

static constexpr char kFooter[] =
    "Header, manifest, tokenizer and layout are verified always; --verify\n"
    "reads all other bytes too. Nothing of the artifact is executed, and it\n"
    "need not be for this machine. --devices needs no artifact.\n"
    "\n"
    "Exit code: 0, or 64 usage, 65 bad artifact, 66 missing file,\n"
    "69 no resource, 130 interrupted.\n"
    "\n"
    "Examples:\n"
    "  gemma-inspect model.gemma                       what it is\n"
    "  gemma-inspect model.gemma --verify              is it undamaged?\n"
    "  gemma-inspect model.gemma --plan --context=2048 memory of a session\n"
    "  gemma-inspect model.gemma --dump-weight=norm -o norm.npy\n"
    "  gemma-inspect --devices                         what can run one here\n"
    "  gemma-inspect model.gemma --json | jq .model    for programs";

namespace {
struct Options {
  std::string path, dumpWeight, output;
  bool verify = false, json = false, devices = false;
  inspect::Selection selection;
  SessionOptions session;
};
} // namespace

/// The code segment's hash, and for this architecture that it holds kernels
/// and nothing else.
static Result<void> verifyCode(const Artifact &artifact) {
  const artifact::Manifest &manifest = artifact.manifest();
  Range range = rangeOf(manifest.code());
  std::vector<unsigned char> code(range.size);
  if (auto result =
          artifact.file().read(range.offset, code.data(), code.size());
      !result) {
    return result;
  }
  Result<void> result = checkDigest("segment code", code.data(), code.size(),
                                    digestOf(manifest.code()->sha256()));
  std::vector<std::string_view> symbols;
  for (const artifact::Kernel *kernel : each(manifest.kernels())) {
    symbols.push_back(text(kernel->symbol()));
  }
  if (result && isThisMachine(text(manifest.target()->triple()))) {
    result = checkKernelImage(code, symbols);
  }
  if (!result) {
    Error error = result.takeError();
    error.message += " (" + printable(artifact.file().path()) + ")";
    return error;
  }
  return {};
}

static Result<void> verify(const Artifact &artifact) {
  if (auto result = verifyCode(artifact); !result) {
    return result;
  }
  Result<std::unique_ptr<ThreadPool>> pool =
      ThreadPool::create(availableCpus());
  if (!pool) {
    return pool.takeError();
  }
  Progress progress("verifying weights", weightBytes(artifact), true);
  return checkWeightBytes(artifact, **pool, progress, &tools::interrupted);
}

static Result<void> print(const inspect::Json &report, bool json) {
  Result<bool> written =
      tools::writeOut(json ? report.dump(2) + "\n" : inspect::toText(report));
  return written ? Result<void>() : written.takeError();
}

static Result<void> run(const Options &options) {
  if (options.devices) {
    return print(inspect::makeDeviceReport(), options.json);
  }
  Result<Artifact> artifact = Artifact::open(options.path);
  if (!artifact) {
    return artifact.takeError();
  }
  const artifact::Manifest &manifest = artifact->manifest();
  Result<SessionOptions> session = resolveOptions(manifest, options.session);
  if (!session) {
    return session.takeError();
  }
  Result<MemoryPlan> plan = planMemory(manifest, *session);
  if (!plan) {
    return plan.takeError();
  }
  if (options.verify) {
    if (auto result = verify(*artifact); !result) {
      return result;
    }
  }
  if (!options.dumpWeight.empty()) {
    return inspect::dumpWeight(*artifact, options.dumpWeight, options.output);
  }
  inspect::Json report =
      inspect::makeReport(*artifact, *session, *plan, options.selection);
  if (options.verify) {
    report["verified"] = {{"weights_bytes", weightBytes(*artifact)},
                          {"result", "all hashes match, padding is zero"}};
  }
  return print(report, options.json);
}

int main(int argc, char **argv) {
  tools::prepareProcess();
  CLI::App app("Shows what a .gemma artifact holds, and verifies it.");
  Options options;
  auto *model = app.add_option("MODEL", options.path, "the artifact");
  app.add_flag("--verify", options.verify,
               "check the hashes of code and weights, and the padding");
  app.add_flag("--plan", options.selection.onlyMemory,
               "only the memory of a session");
  app.add_option("--context", options.session.context,
                 "positions per slot for the plan (default: the model's)")
      ->check(tools::wholeNumber());
  app.add_option("--slots", options.session.slots,
                 "sequences side by side for the plan (default: 1)")
      ->check(tools::wholeNumber());
  app.add_flag("--kernels", options.selection.kernels, "list the kernels");
  app.add_flag("--weights", options.selection.weights, "list the weights");
  auto *dump = app.add_option("--dump-weight", options.dumpWeight,
                              "write the values of the weight of this name, "
                              "as a float32 matrix, instead of a report")
                   ->type_name("NAME");
  app.add_option("-o,--output", options.output,
                 "the .npy file for --dump-weight")
      ->needs(dump);
  auto *devices =
      app.add_flag("--devices", options.devices,
                   "list this machine's CPU and CUDA devices instead");
  for (CLI::Option *other : app.get_options()) {
    if (other != devices && other != app.get_help_ptr()) {
      devices->excludes(other);
    }
  }
  app.add_flag("--json", options.json, "print JSON, sizes in bytes");
  app.footer(kFooter);
  if (std::optional<int> code = tools::parseCommandLine(app, argc, argv)) {
    return *code;
  }
  if (!options.devices && model->empty()) {
    return printError(invalidUsage("command line: MODEL is required (--help "
                                   "shows what is expected)"));
  }
  if (options.dumpWeight.empty() != options.output.empty()) {
    return printError(invalidUsage("-o: expected together with --dump-weight"));
  }
  Result<void> result = guarded([&] { return run(options); });
  return result ? 0 : printError(result.error());
}
