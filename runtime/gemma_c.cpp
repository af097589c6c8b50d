//===- gemma_c.cpp - Runs a compiled Gemma model, from C ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/gemma_c.h"

#include "runtime/core/Guard.h"
#include "runtime/gemma.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

using namespace gemma;

struct gemma_model {
  Model model;
};

struct gemma_session {
  Session session;
  /// Runs of a forward in the form of the C++ interface; grows to the largest
  /// number of runs so far, so that decoding does not allocate.
  std::vector<Run> runs;
};

/// Copies an error out; its code is the return value.
static int report(const Error &failure, gemma_error *error) {
  if (error) {
    error->code = failure.exitCode();
    size_t size = std::min(failure.message.size(), sizeof error->message - 1);
    std::memcpy(error->message, failure.message.data(), size);
    error->message[size] = 0;
  }
  return failure.exitCode();
}

/// Runs `body`, which returns Result<void>, and reports its error.
template <typename Body> static int call(gemma_error *error, Body &&body) {
  Result<void> result = guarded(std::forward<Body>(body));
  if (!result) {
    return report(result.error(), error);
  }
  if (error) {
    error->code = GEMMA_OK;
    error->message[0] = 0;
  }
  return GEMMA_OK;
}

static Error missing(const char *what) {
  return invalidUsage(std::string(what) + ": expected a pointer, found null");
}

static SessionOptions optionsOf(const gemma_session_options *options) {
  SessionOptions result;
  if (options) {
    result.context = options->context;
    result.slots = options->slots != 0 ? options->slots : 1;
    result.outRows = options->out_rows;
    result.threads = options->threads;
  }
  return result;
}

int gemma_model_open(const char *path, int verify_weights, gemma_model **model,
                     gemma_error *error) {
  return call(error, [&]() -> Result<void> {
    if (!path || !model) {
      return missing(path ? "model" : "path");
    }
    *model = nullptr;
    ModelOptions options;
    options.verifyWeights = verify_weights != 0;
    Result<Model> opened = Model::open(path, options);
    if (!opened) {
      return opened.takeError();
    }
    *model = new gemma_model{std::move(*opened)};
    return {};
  });
}

void gemma_model_close(gemma_model *model) { delete model; }

void gemma_model_get_info(const gemma_model *model, gemma_model_info *info) {
  const ModelInfo &from = model->model.info();
  *info = {from.hidden,
           from.layers,
           from.heads,
           from.kvHeads,
           from.headDim,
           from.ff,
           from.vocab,
           from.context,
           from.maxRows,
           from.bosToken,
           from.padToken,
           from.eosTokens.data(),
           from.eosTokens.size(),
           from.addBos,
           from.family.c_str(),
           from.chatFormat.c_str()};
}

const void *gemma_model_tokenizer(const gemma_model *model, size_t *size) {
  std::string_view bytes = model->model.tokenizer();
  *size = bytes.size();
  return bytes.data();
}

int gemma_model_memory_plan(const gemma_model *model,
                            const gemma_session_options *options,
                            gemma_memory_plan *plan, gemma_error *error) {
  return call(error, [&]() -> Result<void> {
    if (!model || !plan) {
      return missing(model ? "plan" : "model");
    }
    Result<MemoryPlan> result = model->model.memoryPlan(optionsOf(options));
    if (!result) {
      return result.takeError();
    }
    *plan = {result->weights, result->arena, result->kvCache, result->logits,
             result->inputs};
    return {};
  });
}

int gemma_session_create(const gemma_model *model,
                         const gemma_session_options *options,
                         gemma_session **session, gemma_error *error) {
  return call(error, [&]() -> Result<void> {
    if (!model || !session) {
      return missing(model ? "session" : "model");
    }
    *session = nullptr;
    Result<Session> created = Session::create(model->model, optionsOf(options));
    if (!created) {
      return created.takeError();
    }
    *session = new gemma_session{std::move(*created), {}};
    return {};
  });
}

void gemma_session_close(gemma_session *session) { delete session; }

int gemma_session_forward(gemma_session *session, const gemma_run *runs,
                          size_t run_count, const int32_t *out_rows,
                          size_t out_row_count, const float **logits,
                          gemma_error *error) {
  return call(error, [&]() -> Result<void> {
    if (!session || (!runs && run_count != 0) ||
        (!out_rows && out_row_count != 0) || !logits) {
      return missing(!session                  ? "session"
                     : !logits                 ? "logits"
                     : !runs && run_count != 0 ? "runs"
                                               : "out_rows");
    }
    session->runs.clear();
    for (size_t i = 0; i < run_count; ++i) {
      const gemma_run &run = runs[i];
      if (!run.tokens && run.token_count != 0) {
        return missing("tokens");
      }
      session->runs.push_back(
          {run.slot, run.position, {run.tokens, run.token_count}});
    }
    Result<Span<const float>> result =
        session->session.forward(session->runs, {out_rows, out_row_count});
    if (!result) {
      return result.takeError();
    }
    *logits = result->data();
    return {};
  });
}

void gemma_session_cancel(gemma_session *session) { session->session.cancel(); }

uint32_t gemma_session_length(const gemma_session *session, uint32_t slot) {
  return session->session.length(slot);
}
