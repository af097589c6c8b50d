//===- gemma_c.h - Runs a compiled Gemma model, from C ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// gemma.h for programs that do not speak C++; what is said there holds here.
// Functions that can fail return a code, 0 for success, and if `error` is not
// null leave the message there. No exception leaves them.
//
//   gemma_model *model = NULL;
//   gemma_session *session = NULL;
//   gemma_error error;
//   if (gemma_model_open("model.gemma", 0, &model, &error) ||
//       gemma_session_create(model, NULL, &session, &error)) {
//     fprintf(stderr, "error: %s\n", error.message);
//     return error.code;
//   }
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_GEMMA_C_H
#define GEMMA_RUNTIME_GEMMA_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong, as gemma::ErrorCode; the values are sysexits.h's.
enum {
  GEMMA_OK = 0,
  GEMMA_INVALID_USAGE = 64,
  GEMMA_INVALID_DATA = 65,
  GEMMA_NOT_FOUND = 66,
  GEMMA_RESOURCE = 69,
  GEMMA_INTERNAL = 70,
  GEMMA_INTERRUPTED = 130
};

typedef struct gemma_error {
  int code;
  /// One line, ended by 0, cut if it is longer.
  char message[1024];
} gemma_error;

/// Opaque: an opened artifact, and a session on one.
typedef struct gemma_model gemma_model;
typedef struct gemma_session gemma_session;

typedef struct gemma_model_info {
  uint32_t hidden, layers, heads, kv_heads, head_dim, ff, vocab;
  /// Longest context in tokens, most rows of one forward.
  uint32_t context, max_rows;
  /// Token ids; -1 = none.
  int32_t bos_token, pad_token;
  /// The model's, as long as it is open.
  const int32_t *eos_tokens;
  size_t eos_token_count;
  /// Prompts start with bos_token.
  int add_bos;
  /// The model's, as long as it is open.
  const char *family, *chat_format;
} gemma_model_info;

/// Zero in a member means its default (see gemma::SessionOptions); `slots` is
/// 1 by default.
typedef struct gemma_session_options {
  uint32_t context, slots, out_rows, threads;
} gemma_session_options;

/// Bytes (see gemma::MemoryPlan).
typedef struct gemma_memory_plan {
  uint64_t weights, arena, kv_cache, logits, inputs;
} gemma_memory_plan;

/// `token_count` tokens at positions position, position + 1, ... of a slot.
typedef struct gemma_run {
  uint32_t slot, position;
  const int32_t *tokens;
  size_t token_count;
} gemma_run;

/// Opens an artifact; `verify_weights` not 0 checks the hash of every weight.
/// Close it after its sessions.
int gemma_model_open(const char *path, int verify_weights, gemma_model **model,
                     gemma_error *error);
void gemma_model_close(gemma_model *model);

void gemma_model_get_info(const gemma_model *model, gemma_model_info *info);
/// The bytes of tokenizer.model, as long as the model is open; size 0 if it has
/// none.
const void *gemma_model_tokenizer(const gemma_model *model, size_t *size);
/// What a session needs, before anything is allocated; `options` may be null.
int gemma_model_memory_plan(const gemma_model *model,
                            const gemma_session_options *options,
                            gemma_memory_plan *plan, gemma_error *error);

/// `options` may be null: all defaults.
int gemma_session_create(const gemma_model *model,
                         const gemma_session_options *options,
                         gemma_session **session, gemma_error *error);
void gemma_session_close(gemma_session *session);

/// Runs the model; `*logits` becomes [out_row_count, vocab] f32, the
/// session's until its next forward.
int gemma_session_forward(gemma_session *session, const gemma_run *runs,
                          size_t run_count, const int32_t *out_rows,
                          size_t out_row_count, const float **logits,
                          gemma_error *error);
/// From any thread or a signal handler (see gemma::Session::cancel).
void gemma_session_cancel(gemma_session *session);
/// Positions that a slot holds.
uint32_t gemma_session_length(const gemma_session *session, uint32_t slot);

#ifdef __cplusplus
}
#endif

#endif // GEMMA_RUNTIME_GEMMA_C_H
