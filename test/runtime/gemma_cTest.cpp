//===- gemma_cTest.cpp - The interface for C ------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/gemma_c.h"

#include "TestingArtifact.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace gemma::testing;

static TemporaryFile goodFile() {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  return TemporaryFile(artifact.bytes());
}

TEST(GemmaCTest, RunsAModel) {
  TemporaryFile file = goodFile();
  gemma_model *model = nullptr;
  gemma_error error;
  ASSERT_EQ(gemma_model_open(file.path().c_str(), 1, &model, &error), GEMMA_OK)
      << error.message;
  gemma_model_info info;
  gemma_model_get_info(model, &info);
  EXPECT_EQ(info.vocab, kVocab);
  EXPECT_EQ(info.max_rows, kMaxRows);
  EXPECT_EQ(info.eos_token_count, 2u);
  EXPECT_EQ(info.eos_tokens[1], 3);
  EXPECT_EQ(info.add_bos, 1);
  EXPECT_STREQ(info.chat_format, "gemma");
  size_t size = 0;
  EXPECT_EQ(std::memcmp(gemma_model_tokenizer(model, &size), "not a", 5), 0);
  EXPECT_EQ(size, 26u);

  gemma_session_options options = {0, 0, 2, 2};
  gemma_memory_plan plan;
  ASSERT_EQ(gemma_model_memory_plan(model, &options, &plan, &error), GEMMA_OK);
  EXPECT_EQ(plan.logits, 2u * kVocab * sizeof(float));

  gemma_session *session = nullptr;
  ASSERT_EQ(gemma_session_create(model, &options, &session, &error), GEMMA_OK);
  int32_t tokens[] = {2, 7, 9}, rows[] = {0, 2};
  gemma_run run = {0, 0, tokens, 3};
  const float *logits = nullptr;
  ASSERT_EQ(gemma_session_forward(session, &run, 1, rows, 2, &logits, &error),
            GEMMA_OK);
  EXPECT_EQ(std::vector<float>(logits, logits + kVocab), expectedLogits({2}));
  EXPECT_EQ(std::vector<float>(logits + kVocab, logits + 2 * kVocab),
            expectedLogits({2, 7, 9}));
  EXPECT_EQ(gemma_session_length(session, 0), 3u);

  gemma_session_cancel(session);
  EXPECT_EQ(gemma_session_forward(session, &run, 1, rows, 2, &logits, &error),
            GEMMA_INTERRUPTED);
  EXPECT_EQ(error.code, GEMMA_INTERRUPTED);
  gemma_session_close(session);
  gemma_model_close(model);
}

TEST(GemmaCTest, ErrorsComeBack) {
  gemma_model *model = nullptr;
  gemma_error error;
  EXPECT_EQ(gemma_model_open("/nonexistent", 0, &model, &error),
            GEMMA_NOT_FOUND);
  EXPECT_EQ(error.code, GEMMA_NOT_FOUND);
  EXPECT_NE(std::strstr(error.message, "/nonexistent"), nullptr);
  EXPECT_EQ(model, nullptr);
  // The message is cut to its room; no room is fine, too.
  std::string longPath(5000, 'x');
  EXPECT_EQ(gemma_model_open(longPath.c_str(), 0, &model, &error),
            GEMMA_NOT_FOUND);
  EXPECT_LT(std::strlen(error.message), sizeof error.message);
  EXPECT_EQ(gemma_model_open("/nonexistent", 0, &model, nullptr),
            GEMMA_NOT_FOUND);
}

TEST(GemmaCTest, NullIsWrongUsage) {
  gemma_error error;
  gemma_model *model = nullptr;
  EXPECT_EQ(gemma_model_open(nullptr, 0, &model, &error), GEMMA_INVALID_USAGE);
  EXPECT_EQ(gemma_model_open("x", 0, nullptr, &error), GEMMA_INVALID_USAGE);
  EXPECT_EQ(gemma_session_create(nullptr, nullptr, nullptr, &error),
            GEMMA_INVALID_USAGE);
  EXPECT_EQ(gemma_model_memory_plan(nullptr, nullptr, nullptr, &error),
            GEMMA_INVALID_USAGE);
  TemporaryFile file = goodFile();
  ASSERT_EQ(gemma_model_open(file.path().c_str(), 0, &model, &error), GEMMA_OK);
  gemma_session *session = nullptr;
  gemma_session_options options = {1 << 30, 0, 0, 0};
  EXPECT_EQ(gemma_session_create(model, &options, &session, &error),
            GEMMA_INVALID_USAGE);
  ASSERT_EQ(gemma_session_create(model, nullptr, &session, &error), GEMMA_OK);
  const float *logits = nullptr;
  gemma_run run = {0, 0, nullptr, 1};
  EXPECT_EQ(
      gemma_session_forward(session, &run, 1, nullptr, 0, &logits, &error),
      GEMMA_INVALID_USAGE);
  EXPECT_EQ(
      gemma_session_forward(session, nullptr, 1, nullptr, 0, &logits, &error),
      GEMMA_INVALID_USAGE);
  EXPECT_EQ(
      gemma_session_forward(session, nullptr, 0, nullptr, 0, &logits, nullptr),
      GEMMA_INVALID_USAGE);
  const int32_t token = 1;
  run.tokens = &token;
  EXPECT_EQ(
      gemma_session_forward(session, &run, 1, nullptr, 1, &logits, &error),
      GEMMA_INVALID_USAGE);
  EXPECT_STREQ(error.message, "out_rows: expected a pointer, found null");
  gemma_session_close(session);
  gemma_session_close(nullptr);
  gemma_model_close(model);
  gemma_model_close(nullptr);
}
