//===- Phases.cpp - The phases of a compile and their order ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Phases.h"

#include "compiler/Bufferize/Passes.h"
#include "compiler/Bufferize/Pipeline.h"
#include "compiler/Codegen/Passes.h"
#include "compiler/Codegen/Pipeline.h"
#include "compiler/Dispatch/Passes.h"
#include "compiler/Dispatch/Pipeline.h"
#include "compiler/Emit/Passes.h"
#include "compiler/Emit/Pipeline.h"
#include "compiler/Fuse/Passes.h"
#include "compiler/Fuse/Pipeline.h"
#include "compiler/Import/Passes.h"
#include "compiler/Import/Pipeline.h"
#include "compiler/Llvm/Passes.h"
#include "compiler/Llvm/Pipeline.h"
#include "compiler/Pack/Passes.h"
#include "compiler/Pack/Pipeline.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Entry {
  llvm::StringLiteral word;
  llvm::StringLiteral description;
  void (*buildPipeline)(OpPassManager &);
  std::unique_ptr<Pass> (*createVerifier)();
  void (*registerPasses)();
};

} // namespace

/// Indexed by Phase.
static const Entry kEntries[] = {
    {"import", "input ops on tensors, weights as symbols", buildImportPipeline,
     createVerifyImport, registerGemmaImportPasses},
    {"fuse", "ops that are better done together as one", buildFusePipeline,
     createVerifyFuse, registerGemmaFusePasses},
    {"pack", "an encoding for every weight", buildPackPipeline,
     createVerifyPack, registerGemmaPackPasses},
    {"bufferize", "buffers at fixed offsets of one arena",
     buildBufferizePipeline, createVerifyBufferize,
     registerGemmaBufferizePasses},
    {"dispatch", "a list of steps, and one function per distinct kernel",
     buildDispatchPipeline, createVerifyDispatch, registerGemmaDispatchPasses},
    {"codegen", "kernels as vector loops for the target", buildCodegenPipeline,
     createVerifyCodegen, registerGemmaCodegenPasses},
    {"llvm", "kernels in the LLVM dialect with the runtime's C ABI",
     buildLlvmPipeline, createVerifyLlvm, registerGemmaLlvmPasses},
    {"emit", "the artifact", buildEmitPipeline, createVerifyEmit,
     registerGemmaEmitPasses},
};

static const Entry &getEntry(Phase phase) {
  return kEntries[static_cast<size_t>(phase)];
}

llvm::ArrayRef<Phase> mlir::gemma::getPhases() {
  static constexpr Phase phases[] = {
      Phase::Import,   Phase::Fuse,    Phase::Pack, Phase::Bufferize,
      Phase::Dispatch, Phase::Codegen, Phase::Llvm, Phase::Emit};
  static_assert(std::size(phases) == std::size(kEntries));
  return phases;
}

llvm::StringRef mlir::gemma::getWord(Phase phase) {
  return getEntry(phase).word;
}

llvm::StringRef mlir::gemma::getDescription(Phase phase) {
  return getEntry(phase).description;
}

std::optional<Phase> mlir::gemma::parsePhase(llvm::StringRef word) {
  for (Phase phase : getPhases()) {
    if (getWord(phase) == word) {
      return phase;
    }
  }
  return std::nullopt;
}

void mlir::gemma::buildPhasePipeline(OpPassManager &passes, Phase phase) {
  getEntry(phase).buildPipeline(passes);
}

void mlir::gemma::buildPhaseVerifier(OpPassManager &passes, Phase phase) {
  passes.addPass(getEntry(phase).createVerifier());
}

void mlir::gemma::registerPhases() {
  for (const Entry &entry : kEntries) {
    entry.registerPasses();
    PassPipelineRegistration<>("gemma-" + entry.word.str() + "-pipeline",
                               entry.description, entry.buildPipeline);
  }
}
