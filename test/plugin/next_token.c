/*===- next_token.c - The runtime's C interface, out of tree ------*- C -*-===*\
|*
|* Part of the Gemma compiler, under the Apache License v2.0 with LLVM
|* Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* next_token MODEL TOKEN...: prints the most likely next token.
|*
\*===----------------------------------------------------------------------===*/

#include "runtime/gemma_c.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  gemma_model *model = NULL;
  gemma_session *session = NULL;
  gemma_error error;
  if (argc < 3 || argc > 65) {
    fprintf(stderr, "usage: next_token MODEL TOKEN... (at most 63)\n");
    return GEMMA_INVALID_USAGE;
  }
  int32_t tokens[64];
  size_t count = 0;
  for (int i = 2; i < argc; ++i) {
    tokens[count++] = (int32_t)atoi(argv[i]);
  }
  gemma_session_options options = {.context = 64, .slots = 1};
  gemma_run run = {
      .slot = 0, .position = 0, .tokens = tokens, .token_count = count};
  int32_t last = (int32_t)count - 1;
  const float *logits = NULL;
  if (gemma_model_open(argv[1], 0, &model, &error) ||
      gemma_session_create(model, &options, &session, &error) ||
      gemma_session_forward(session, &run, 1, &last, 1, &logits, &error)) {
    fprintf(stderr, "error: %s\n", error.message);
    gemma_session_close(session);
    gemma_model_close(model);
    return error.code;
  }
  gemma_model_info info;
  gemma_model_get_info(model, &info);
  uint32_t best = 0;
  for (uint32_t i = 1; i < info.vocab; ++i) {
    if (logits[i] > logits[best]) {
      best = i;
    }
  }
  printf("%u\n", best);
  gemma_session_close(session);
  gemma_model_close(model);
  return 0;
}
