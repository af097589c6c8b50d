//===- AllocationFailureTest.cpp - Every allocation fails once ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestingArtifact.h"
#include "runtime/gemma.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

using namespace gemma;
using namespace gemma::testing;

/// The allocation of this thread that fails, counted down; -1 = none.
static thread_local long untilFailure = -1;

/// malloc(), or null where this is the allocation that fails.
static void *allocate(std::size_t size) {
  if (untilFailure == 0 || (untilFailure > 0 && --untilFailure == 0)) {
    untilFailure = -1;
    return nullptr;
  }
  return std::malloc(size ? size : 1);
}

// Out of line: inlined, the compiler warns of free() for what new gave. Both
// forms: the delete below frees what std::stable_sort asks of the second.
__attribute__((noinline)) void *operator new(std::size_t size) {
  if (void *memory = allocate(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
__attribute__((noinline)) void *operator new(std::size_t size,
                                             const std::nothrow_t &) noexcept {
  return allocate(size);
}
__attribute__((noinline)) void operator delete(void *memory) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void *memory,
                                               std::size_t) noexcept {
  std::free(memory);
}

/// Calls `body` with the k-th allocation failing, for k = 1, 2, … until it
/// succeeds: each time it succeeds or ends with Resource. Returns the last k.
template <typename Body> static long failEach(Body &&body) {
  for (long k = 1;; ++k) {
    untilFailure = k;
    auto result = body();
    bool failed = untilFailure == -1;
    untilFailure = -1;
    if (!failed) {
      EXPECT_TRUE(result) << result.error().message;
      return k;
    }
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::Resource)
          << result.error().message << " at allocation " << k;
    }
    if (k > 100000) {
      ADD_FAILURE() << "no end of allocations";
      return k;
    }
  }
}

TEST(AllocationFailureTest, OpeningSurvives) {
  for (TestArtifact artifact :
       {TestArtifact::make(), TestArtifact::makeStub()}) {
    artifact.layOut();
    TemporaryFile file(artifact.bytes());
    ModelOptions options;
    options.verifyWeights = true;
    options.threads = 2;
    EXPECT_GT(failEach([&] { return Model::open(file.path(), options); }), 20);
  }
}

TEST(AllocationFailureTest, SessionsSurviveAndDecodingAllocatesNothing) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  Result<Model> model = Model::open(file.path());
  ASSERT_TRUE(model);
  SessionOptions options;
  options.threads = 2;
  EXPECT_GT(failEach([&] { return Session::create(*model, options); }), 5);
  Result<Session> session = Session::create(*model, options);
  ASSERT_TRUE(session);
  std::vector<int32_t> tokens = {2, 5, 7};
  const gemma::Run run = {0, 0, tokens};
  const int32_t row = 2;
  EXPECT_EQ(failEach([&] { return session->forward({&run, 1}, {&row, 1}); }),
            1);
}
