//===- Model.cpp - The public Model ---------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Guard.h"
#include "runtime/exec/LoadedModel.h"
#include "runtime/exec/MemoryPlan.h"
#include "runtime/gemma.h"

#include <utility>

using namespace gemma;

Model::Model(std::shared_ptr<const LoadedModel> state)
    : state(std::move(state)) {}

Result<Model> Model::open(const std::string &path,
                          const ModelOptions &options) {
  return guarded([&]() -> Result<Model> {
    Result<std::shared_ptr<const LoadedModel>> state =
        LoadedModel::open(path, options);
    if (!state) {
      return state.takeError();
    }
    return Model(std::move(*state));
  });
}

const ModelInfo &Model::info() const { return state->info(); }

std::string_view Model::tokenizer() const { return state->tokenizer(); }

Result<MemoryPlan> Model::memoryPlan(const SessionOptions &options) const {
  return guarded([&]() -> Result<MemoryPlan> {
    Result<SessionOptions> resolved =
        resolveOptions(state->manifest(), options);
    if (!resolved) {
      return resolved.takeError();
    }
    return planMemory(state->manifest(), *resolved);
  });
}
