//===- TestingModule.h - Modules and kernels for tests ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_COMPILER_TESTINGMODULE_H
#define GEMMA_TEST_COMPILER_TESTINGMODULE_H

#include "compiler/Llvm/Link.h"
#include "compiler/Llvm/Pipeline.h"
#include "compiler/PassRunner.h"
#include "compiler/RegisterAll.h"
#include "dialect/GemmaDialect.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include <dlfcn.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace mlir::gemma::testing {

/// A context that knows all dialects.
inline std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  auto context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  // Attributes that a test makes by hand need it; parsing loads the others.
  context->loadDialect<GemmaDialect>();
  return context;
}

/// Parses `text`; null if it is no module.
inline OwningOpRef<ModuleOp> parse(MLIRContext &context, llvm::StringRef text) {
  return parseSourceString<ModuleOp>(text, &context);
}

/// Runs phase llvm; false if it fails.
inline bool lower(ModuleOp module) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  buildLlvmPipeline(passes);
  auto done = runPasses(module, passes);
  if (!done) {
    llvm::errs() << done.error().message << "\n";
  }
  return static_cast<bool>(done);
}

using Kernel = void (*)(void *const *, const int64_t *, int64_t, int64_t);

/// Loads an ELF image from memory, as the runtime does; null if the system
/// refuses it. It stays loaded and open.
inline Kernel loadKernel(const std::string &image, const char *name) {
  int file = memfd_create("kernels", 0);
  if (write(file, image.data(), image.size()) !=
      static_cast<ssize_t>(image.size())) {
    return nullptr;
  }
  std::string path = "/proc/self/fd/" + std::to_string(file);
  // The file stays open: dlopen would take the next one under the same name
  // for this one.
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<Kernel>(dlsym(library, name)) : nullptr;
}

/// `kernels` as a module for this machine, without features beyond the
/// baseline unless they are given ("\"avx2\", \"fma\"").
inline std::string wrapKernels(const std::string &kernels,
                               const std::string &features = "") {
  return "module attributes {gemma.options = {weights = \"f32\", max_rows = 4 "
         ": i64, triple = \"x86_64-unknown-linux-gnu\", cpu = \"\", features "
         "= [" +
         features + "], stub = false}} { module @kernels {" + kernels + "}}";
}

} // namespace mlir::gemma::testing

#endif // GEMMA_TEST_COMPILER_TESTINGMODULE_H
