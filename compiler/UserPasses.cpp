//===- UserPasses.cpp - Users' passes inside a compile --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/UserPasses.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Result;

Result<void> mlir::gemma::loadPassPlugins(llvm::ArrayRef<std::string> paths) {
  for (const std::string &name : paths) {
    if (!llvm::sys::fs::exists(name)) {
      return ::gemma::notFound("--load-pass-plugin: expected a shared library, "
                               "found no file '" +
                               name + "'");
    }
    llvm::Expected<PassPlugin> plugin = PassPlugin::load(name);
    if (!plugin) {
      return ::gemma::invalidData("--load-pass-plugin: " +
                                  llvm::toString(plugin.takeError()));
    }
    plugin->registerPassRegistryCallbacks();
  }
  return {};
}

/// " (reason)" from what MLIR's parser of pipelines printed, or "". Its other
/// lines point into the text.
static std::string firstReason(llvm::StringRef printed) {
  llvm::StringRef line = printed.ltrim().split('\n').first;
  size_t start = line.find("error: ");
  if (start != llvm::StringRef::npos) {
    line = line.drop_front(start + strlen("error: "));
  }
  return line.empty() ? "" : " (" + line.str() + ")";
}

Result<void> mlir::gemma::parseUserPipeline(const UserPipeline &user,
                                            OpPassManager &passes) {
  llvm::StringRef text = llvm::StringRef(user.pipeline).trim();
  if (text.consume_front("builtin.module(")) {
    text.consume_back(")");
  }
  std::string error;
  llvm::raw_string_ostream stream(error);
  if (failed(parsePassPipeline(text, passes, stream))) {
    return ::gemma::invalidUsage("--run-after=" + getWord(user.after).str() +
                                 ": expected passes that are registered and "
                                 "their options, found '" +
                                 user.pipeline + "'" + firstReason(error));
  }
  return {};
}
