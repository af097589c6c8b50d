//===- Object.cpp - Machine code of the kernels ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Object.h"
#include "compiler/Llvm/Kernels.h"
#include "compiler/Target/TargetSpec.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <atomic>
#include <exception>
#include <thread>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Result;

namespace {

/// A kernel on its way from MLIR to machine code. Each has a context of its
/// own, so that several can be compiled at a time.
struct Job {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
  KernelObject result;
  std::string error;
};

} // namespace

/// `kernel` and all that it needs, in the order of `kernels`, as a module.
static OwningOpRef<ModuleOp> extract(ModuleOp kernels,
                                     LLVM::LLVMFuncOp kernel) {
  SymbolTable symbols(kernels);
  llvm::SmallPtrSet<Operation *, 8> needed = {kernel};
  SmallVector<Operation *> pending = {kernel};
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val();
    if (auto uses = SymbolTable::getSymbolUses(op)) {
      for (const SymbolTable::SymbolUse &use : *uses) {
        Operation *used = symbols.lookup(use.getSymbolRef().getRootReference());
        if (used && needed.insert(used).second) {
          pending.push_back(used);
        }
      }
    }
  }
  OwningOpRef<ModuleOp> module =
      ModuleOp::create(kernel.getLoc(), kernel.getSymName());
  for (Operation &op : *kernels.getBody()) {
    if (needed.contains(&op)) {
      module->push_back(op.clone());
    }
  }
  return module;
}

static std::unique_ptr<llvm::TargetMachine>
createMachine(const llvm::Target &target, const TargetSpec &spec) {
  llvm::TargetOptions options;
  // A product and a sum are fused where the IR says so and nowhere else.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target.createTargetMachine(
      spec.getTriple(), "", spec.featureString(), options, llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

/// Says in each function what its code may use. The CPU's name counts for
/// scheduling only: on a virtual machine it may promise too much.
static void annotate(llvm::Module &module, const TargetSpec &spec) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) {
      continue;
    }
    function.addFnAttr("target-cpu",
                       spec.getTriple().isX86() ? "x86-64" : "generic");
    function.addFnAttr("target-features", spec.featureString());
    if (!spec.cpu.empty()) {
      function.addFnAttr("tune-cpu", spec.cpu);
    }
    if (spec.has("avx512f")) {
      function.addFnAttr("prefer-vector-width", "512");
    }
    function.addFnAttr("frame-pointer", "none");
    // There is no library: a loop that fills memory stays a loop.
    function.addFnAttr("no-builtins");
    function.setDoesNotThrow();
  }
}

static llvm::TargetLibraryInfoImpl getNoLibrary(const llvm::Triple &triple) {
  llvm::TargetLibraryInfoImpl info(triple);
  info.disableAllFunctions();
  return info;
}

static void optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  functions.registerPass([&] {
    return llvm::TargetLibraryAnalysis(getNoLibrary(machine.getTargetTriple()));
  });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// Writes `module` as assembly or as an object. It is changed on the way.
static std::string emit(llvm::Module &module, llvm::TargetMachine &machine,
                        llvm::CodeGenFileType type, std::string &error) {
  SmallVector<char> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(
      getNoLibrary(machine.getTargetTriple())));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type)) {
    error = "target " + machine.getTargetTriple().str() +
            " cannot write machine code";
    return "";
  }
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}

static void compile(Job &job, bool withText) {
  optimise(*job.module, *job.machine);
  if (withText) {
    llvm::raw_string_ostream stream(job.result.llvmIr);
    job.module->print(stream, nullptr);
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(*job.module);
    job.result.assembly = emit(*copy, *job.machine,
                               llvm::CodeGenFileType::AssemblyFile, job.error);
  }
  job.result.object = emit(*job.module, *job.machine,
                           llvm::CodeGenFileType::ObjectFile, job.error);
}

static Result<Job> createJob(ModuleOp kernels, LLVM::LLVMFuncOp kernel,
                             const llvm::Target &target,
                             const TargetSpec &spec) {
  Job job;
  job.result.name = kernel.getSymName().str();
  job.context = std::make_unique<llvm::LLVMContext>();
  OwningOpRef<ModuleOp> single = extract(kernels, kernel);
  job.module = translateModuleToLLVMIR(single->getOperation(), *job.context,
                                       job.result.name);
  if (!job.module) {
    return ::gemma::internalError("kernel '" + job.result.name +
                                  "' cannot be written as LLVM IR");
  }
  job.machine = createMachine(target, spec);
  job.module->setTargetTriple(spec.getTriple());
  job.module->setDataLayout(job.machine->createDataLayout());
  annotate(*job.module, spec);
  return job;
}

static const llvm::Target *lookupTarget(const TargetSpec &spec,
                                        std::string &error) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  return llvm::TargetRegistry::lookupTarget(spec.getTriple(), error);
}

Result<std::vector<KernelObject>>
mlir::gemma::compileKernels(ModuleOp module, const ObjectOptions &options) {
  ModuleOp kernels = getKernels(module);
  if (!kernels) {
    return ::gemma::invalidData("module: expected @kernels, found none");
  }
  TargetSpec spec = TargetSpec::of(module);
  std::string error;
  const llvm::Target *target = lookupTarget(spec, error);
  if (!target) {
    return ::gemma::invalidData("triple '" + spec.triple + "': " + error);
  }
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());

  // Reading MLIR is cheap and done here; the threads see LLVM IR only.
  std::vector<Job> jobs;
  for (auto kernel : kernels.getOps<LLVM::LLVMFuncOp>()) {
    if (kernel.getLinkage() != LLVM::Linkage::External) {
      continue;
    }
    Result<Job> job = createJob(kernels, kernel, *target, spec);
    if (!job) {
      return job.takeError();
    }
    jobs.push_back(std::move(*job));
  }

  // A crash in a helper thread would end the process without a word.
  llvm::CrashRecoveryContext::Enable();
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      llvm::CrashRecoveryContext recovery;
      if (!recovery.RunSafely([&] { compile(jobs[i], options.withText); })) {
        jobs[i].error = "LLVM crashed";
      }
    }
  };
  std::vector<std::thread> helpers;
  size_t workers = std::min<size_t>(options.jobs, jobs.size());
  try {
    for (size_t i = 1; i < workers; ++i) {
      helpers.emplace_back(work);
    }
  } catch (const std::exception &) {
    // The system has no more threads: those that run do it, in more time.
  }
  work();
  for (std::thread &helper : helpers) {
    helper.join();
  }

  std::vector<KernelObject> results;
  for (Job &job : jobs) {
    if (!job.error.empty()) {
      return ::gemma::internalError("kernel '" + job.result.name +
                                    "': " + job.error);
    }
    results.push_back(std::move(job.result));
  }
  return results;
}
