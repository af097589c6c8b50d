//===- VerifyProgram.cpp - Rules for kernels and dispatches ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/ManifestView.h"
#include "runtime/artifact/Rules.h"
#include "runtime/core/Checked.h"

using namespace gemma;
using namespace gemma::rules;
using artifact::Binding;
using artifact::Dispatch;

/// Calls `body(binding, what)` for every binding of every dispatch.
template <typename Body>
static Result<void> eachBinding(const ManifestInFile &file, Body &&body) {
  size_t step = 0;
  for (const Dispatch *dispatch : each(file.manifest.forward())) {
    size_t argument = 0;
    for (const Binding *binding : each(dispatch->bindings())) {
      if (Result<void> result = body(*dispatch, *binding,
                                     numbered("dispatch", step) + " " +
                                         numbered("binding", argument));
          !result) {
        return result;
      }
      ++argument;
    }
    ++step;
  }
  return {};
}

static Result<void> kernelsAreSymbols(const ManifestInFile &file) {
  const auto *kernels = file.manifest.kernels();
  if (auto result =
          inRange("number of kernels", count(kernels), 1, limits::kKernels);
      !result) {
    return result;
  }
  for (const artifact::Kernel *kernel : each(kernels)) {
    for (std::string_view name : {text(kernel->symbol()), text(kernel->op())}) {
      if (!isSymbol(name, "_.$")) {
        return violation("name of a kernel", "letters, digits, _ . $",
                         "\"" + std::string(name.substr(0, 128)) + "\"");
      }
    }
  }
  return {};
}

static Result<void> cachesAreSane(const ManifestInFile &file) {
  const auto *caches = file.manifest.kv_caches();
  if (auto result =
          inRange("number of KV caches", count(caches), 0, limits::kKvCaches);
      !result) {
    return result;
  }
  size_t index = 0;
  for (const artifact::KvCache *cache : each(caches)) {
    std::string what = numbered("KV cache", index++);
    if (text(cache->name()).size() > limits::kStringBytes) {
      return violation("name of " + what, "a short one",
                       text(cache->name()).size());
    }
    if (auto result =
            inRange("heads of " + what, cache->heads(), 1, limits::kHeads);
        !result) {
      return result;
    }
    if (auto result = inRange("head size of " + what, cache->head_dim(), 1,
                              limits::kHeadDim);
        !result) {
      return result;
    }
    if (cache->element_bytes() != 1 && cache->element_bytes() != 2 &&
        cache->element_bytes() != 4) {
      return violation("element of " + what, "1, 2 or 4 bytes",
                       cache->element_bytes());
    }
    if (auto result =
            inRange("window of " + what, cache->window(), 0, limits::kContext);
        !result) {
      return result;
    }
  }
  return {};
}

static Result<void> dispatchesAreSane(const ManifestInFile &file) {
  const auto *dispatches = file.manifest.forward();
  if (auto result = inRange("number of dispatches", count(dispatches), 1,
                            limits::kDispatches);
      !result) {
    return result;
  }
  if (auto result = inRange("arena_bytes", file.manifest.arena_bytes(), 0,
                            limits::kArenaBytes);
      !result) {
    return result;
  }
  size_t step = 0;
  for (const Dispatch *dispatch : each(dispatches)) {
    std::string what = numbered("dispatch", step++);
    if (dispatch->kernel() >= count(file.manifest.kernels())) {
      return violation("kernel of " + what,
                       "one of the " +
                           std::to_string(count(file.manifest.kernels())) +
                           " kernels",
                       dispatch->kernel());
    }
    if (auto result =
            inRange("number of bindings of " + what,
                    count(dispatch->bindings()), 1, limits::kBindings);
        !result) {
      return result;
    }
    if (dispatch->rows() != artifact::RowCount_Rows &&
        dispatch->rows() != artifact::RowCount_OutRows) {
      return violation("row count of " + what, "0 or 1", dispatch->rows());
    }
    // With the smallest row tile there are as many row tiles as rows.
    std::optional<uint64_t> items = checkedProduct(
        {dispatch->tiles(),
         dispatch->row_tile() != 0 ? file.manifest.max_rows() : 1});
    if (dispatch->tiles() == 0 || !items || *items > limits::kItems) {
      return violation("tiles of " + what, "1 to 2^40 items in all",
                       dispatch->tiles());
    }
    if (auto result = inRange("row_tile of " + what, dispatch->row_tile(), 0,
                              limits::kMaxRows);
        !result) {
      return result;
    }
  }
  return {};
}

/// Every range that a kernel gets lies in its buffer, for any number of rows.
static Result<void> bindingsAreInside(const ManifestInFile &file) {
  const artifact::Manifest &manifest = file.manifest;
  return eachBinding(
      file,
      [&](const Dispatch &, const Binding &binding,
          const std::string &what) -> Result<void> {
        if (binding.offset() % kBufferAlignment != 0) {
          return violation("offset of " + what, "a multiple of 64",
                           binding.offset());
        }
        auto outside = [&](uint64_t size, uint64_t limit,
                           const char *buffer) -> Error {
          return violation("range of " + what,
                           "one in the " + std::to_string(limit) +
                               " bytes of " + buffer,
                           std::to_string(size) + " bytes at offset " +
                               std::to_string(binding.offset()));
        };
        switch (binding.kind()) {
        case artifact::BindingKind_Scratch: {
          if (auto result = inRange("row of " + what, binding.row_bytes(), 1,
                                    limits::kRowBytes);
              !result) {
            return result;
          }
          uint64_t size = binding.row_bytes() * manifest.max_rows();
          if (!fits(binding.offset(), size, manifest.arena_bytes())) {
            return outside(size, manifest.arena_bytes(), "the arena");
          }
          return {};
        }
        case artifact::BindingKind_Tokens:
        case artifact::BindingKind_Positions:
        case artifact::BindingKind_Slots:
        case artifact::BindingKind_OutRows:
          // [max_rows] i32 each, whole.
          if (binding.offset() != 0) {
            return violation("offset of " + what, "0", binding.offset());
          }
          return {};
        case artifact::BindingKind_Logits: {
          uint64_t row = uint64_t(manifest.model()->vocab()) * sizeof(float);
          if (binding.offset() != 0 || binding.row_bytes() != row) {
            return violation(
                "range of " + what,
                "rows of " + std::to_string(row) + " bytes at offset 0",
                std::to_string(binding.row_bytes()) + " bytes at " +
                    std::to_string(binding.offset()));
          }
          return {};
        }
        case artifact::BindingKind_Weight: {
          if (binding.index() >= count(manifest.weights())) {
            return violation("weight of " + what,
                             "one of the " +
                                 std::to_string(count(manifest.weights())) +
                                 " weights",
                             binding.index());
          }
          uint64_t size = manifest.weights()->Get(binding.index())->size();
          if (!fits(binding.offset(), binding.row_bytes(), size)) {
            return outside(binding.row_bytes(), size, "the weight");
          }
          return {};
        }
        case artifact::BindingKind_KvCache:
          if (binding.index() >= count(manifest.kv_caches()) ||
              binding.offset() != 0) {
            return violation("KV cache of " + what,
                             "one of the " +
                                 std::to_string(count(manifest.kv_caches())) +
                                 " KV caches, at offset 0",
                             std::to_string(binding.index()) + " at offset " +
                                 std::to_string(binding.offset()));
          }
          return {};
        }
        return violation("kind of " + what, "0 to 7", binding.kind());
      });
}

static Result<void> onlyBuffersAreWritten(const ManifestInFile &file) {
  return eachBinding(
      file,
      [](const Dispatch &, const Binding &binding,
         const std::string &what) -> Result<void> {
        bool writable = binding.kind() == artifact::BindingKind_Scratch ||
                        binding.kind() == artifact::BindingKind_Logits ||
                        binding.kind() == artifact::BindingKind_KvCache;
        if (binding.writes() && !writable) {
          return violation(what, "no write to an input or a weight", "one");
        }
        return {};
      });
}

/// Logits and out_rows have as many rows as a session asks for, so only a
/// dispatch over those rows may touch them.
static Result<void> outRowsAreKept(const ManifestInFile &file) {
  bool written = false;
  Result<void> result = eachBinding(
      file,
      [&](const Dispatch &dispatch, const Binding &binding,
          const std::string &what) -> Result<void> {
        bool out = binding.kind() == artifact::BindingKind_Logits ||
                   binding.kind() == artifact::BindingKind_OutRows;
        if (out && dispatch.rows() != artifact::RowCount_OutRows) {
          return violation(what, "a dispatch over out_rows", "one over rows");
        }
        written = written || (binding.writes() &&
                              binding.kind() == artifact::BindingKind_Logits);
        return {};
      });
  if (!result) {
    return result;
  }
  if (!written) {
    return violation("program", "a dispatch that writes the logits", "none");
  }
  return {};
}

/// A kernel learns the capacity of one KV cache.
static Result<void> oneCachePerDispatch(const ManifestInFile &file) {
  size_t step = 0;
  for (const Dispatch *dispatch : each(file.manifest.forward())) {
    size_t caches = 0;
    for (const Binding *binding : each(dispatch->bindings())) {
      caches += binding->kind() == artifact::BindingKind_KvCache;
    }
    if (caches > 1) {
      return violation(numbered("dispatch", step), "at most one KV cache",
                       caches);
    }
    ++step;
  }
  return {};
}

/// What an item writes no other item of the dispatch reads, so a written range
/// of the arena is either exactly that of another operand (in place) or apart.
static Result<void> writesAreApart(const ManifestInFile &file) {
  uint64_t rows = file.manifest.max_rows();
  size_t step = 0;
  for (const Dispatch *dispatch : each(file.manifest.forward())) {
    for (const Binding *a : each(dispatch->bindings())) {
      for (const Binding *b : each(dispatch->bindings())) {
        if (!a->writes() || a->kind() != artifact::BindingKind_Scratch ||
            b->kind() != artifact::BindingKind_Scratch ||
            (a->offset() == b->offset() && a->row_bytes() == b->row_bytes())) {
          continue;
        }
        if (a->offset() < b->offset() + rows * b->row_bytes() &&
            b->offset() < a->offset() + rows * a->row_bytes()) {
          return violation(numbered("dispatch", step),
                           "written ranges of the arena apart from others",
                           "overlap at offset " + std::to_string(b->offset()));
        }
      }
    }
    ++step;
  }
  return {};
}

Result<void> gemma::verifyProgram(const ManifestInFile &file) {
  return checkAll({kernelsAreSymbols, cachesAreSane, dispatchesAreSane,
                   bindingsAreInside, onlyBuffersAreWritten, outRowsAreKept,
                   oneCachePerDispatch, writesAreApart},
                  file);
}
