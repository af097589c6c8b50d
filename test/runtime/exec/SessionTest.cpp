//===- SessionTest.cpp - Running a model ----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"
#include "runtime/gemma.h"

#include <gtest/gtest.h>
#include <numeric>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gemma;
using namespace gemma::testing;

static Model openModel(uint32_t window = 0) {
  TestArtifact artifact = TestArtifact::make(window);
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  Result<Model> model = Model::open(file.path());
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

static Session createSession(const Model &model, SessionOptions options = {}) {
  options.threads = options.threads ? options.threads : 2;
  Result<Session> session = Session::create(model, options);
  EXPECT_TRUE(session) << session.error().message;
  return std::move(*session);
}

static std::vector<int32_t> sequence(size_t size, int32_t seed = 0) {
  std::vector<int32_t> tokens(size);
  for (size_t i = 0; i < size; ++i) {
    tokens[i] = static_cast<int32_t>((seed * 13 + i * 17 + 3) % kVocab);
  }
  return tokens;
}

static std::vector<float> copy(Span<const float> logits) {
  return {logits.begin(), logits.end()};
}

static std::vector<float> prefix(const std::vector<int32_t> &tokens,
                                 size_t size) {
  return expectedLogits({tokens.begin(), tokens.begin() + size});
}

static Error errorOf(Session &session, std::vector<gemma::Run> runs,
                     std::vector<int32_t> outRows = {}) {
  auto result = session.forward(runs, outRows);
  EXPECT_FALSE(result);
  return result ? internalError("accepted") : result.error();
}

TEST(SessionTest, ChunksGiveTheSame) {
  Model model = openModel();
  std::vector<int32_t> tokens = sequence(24);
  for (size_t chunk : {1u, 3u, 8u}) {
    Session session = createSession(model);
    for (size_t begin = 0; begin < tokens.size(); begin += chunk) {
      size_t end = std::min(begin + chunk, tokens.size());
      auto logits = session.forward(
          {{0, static_cast<uint32_t>(begin), {&tokens[begin], end - begin}}},
          {static_cast<int32_t>(end - begin - 1)});
      ASSERT_TRUE(logits) << logits.error().message;
      EXPECT_EQ(copy(*logits), prefix(tokens, end));
    }
    EXPECT_EQ(session.length(0), tokens.size());
  }
}

TEST(SessionTest, LogitsOfAnyRowsInAnyOrder) {
  SessionOptions options;
  options.outRows = 8;
  Session session = createSession(openModel(), options);
  std::vector<int32_t> tokens = sequence(8);
  auto logits = session.forward({{0, 0, tokens}}, {7, 0, 3, 3});
  ASSERT_TRUE(logits);
  ASSERT_EQ(logits->size(), 4u * kVocab);
  auto row = [&](size_t i) {
    return std::vector<float>(logits->begin() + i * kVocab,
                              logits->begin() + (i + 1) * kVocab);
  };
  EXPECT_EQ(row(0), prefix(tokens, 8));
  EXPECT_EQ(row(1), prefix(tokens, 1));
  EXPECT_EQ(row(2), prefix(tokens, 4));
  EXPECT_EQ(row(3), prefix(tokens, 4));
}

TEST(SessionTest, WithoutOutRowsThereAreNoLogits) {
  Session session = createSession(openModel());
  std::vector<int32_t> tokens = sequence(3);
  auto logits = session.forward({{0, 0, tokens}}, {});
  ASSERT_TRUE(logits);
  EXPECT_TRUE(logits->empty());
  EXPECT_EQ(session.length(0), 3u);
}

TEST(SessionTest, SlotsAreIndependent) {
  SessionOptions options;
  options.slots = 5;
  Session session = createSession(openModel(), options);
  std::vector<std::vector<int32_t>> tokens;
  for (int32_t slot = 0; slot < 5; ++slot) {
    tokens.push_back(sequence(20, slot));
  }
  for (uint32_t position = 0; position < 20; ++position) {
    std::vector<gemma::Run> runs;
    std::vector<int32_t> rows(5);
    std::iota(rows.begin(), rows.end(), 0);
    for (uint32_t slot = 0; slot < 5; ++slot) {
      runs.push_back({4 - slot, position, {&tokens[4 - slot][position], 1}});
    }
    auto logits = session.forward(runs, rows);
    ASSERT_TRUE(logits);
    for (size_t i = 0; i < 5; ++i) {
      std::vector<float> row(logits->begin() + i * kVocab,
                             logits->begin() + (i + 1) * kVocab);
      ASSERT_EQ(row, prefix(tokens[4 - i], position + 1));
    }
  }
}

TEST(SessionTest, ASlotMayGoBackAndStartAnew) {
  Session session = createSession(openModel());
  std::vector<int32_t> tokens = sequence(8), other = sequence(8, 1);
  ASSERT_TRUE(session.forward({{0, 0, tokens}}, {}));
  // From position 5 on another continuation.
  std::vector<int32_t> mixed(tokens.begin(), tokens.begin() + 5);
  mixed.push_back(other[0]);
  auto logits = session.forward({{0, 5, {other.data(), 1}}}, {0});
  ASSERT_TRUE(logits);
  EXPECT_EQ(copy(*logits), expectedLogits(mixed));
  EXPECT_EQ(session.length(0), 6u);
  EXPECT_EQ(errorOf(session, {{0, 7, {other.data(), 1}}}).code,
            ErrorCode::InvalidUsage);
  logits = session.forward({{0, 0, other}}, {7});
  EXPECT_EQ(copy(*logits), expectedLogits(other));
}

TEST(SessionTest, RunsOfOneSlotMayFollowEachOther) {
  Session session = createSession(openModel());
  std::vector<int32_t> tokens = sequence(6);
  auto logits = session.forward(
      {{0, 0, {tokens.data(), 2}}, {0, 2, {&tokens[2], 4}}}, {5});
  ASSERT_TRUE(logits);
  EXPECT_EQ(copy(*logits), expectedLogits(tokens));
}

TEST(SessionTest, RefusesBadRows) {
  SessionOptions options;
  options.slots = 2;
  options.context = 10;
  options.outRows = 2;
  Session session = createSession(openModel(), options);
  std::vector<int32_t> tokens = sequence(9);
  Span<const int32_t> one(tokens.data(), 1), three(tokens.data(), 3);
  std::vector<int32_t> negative = {-1}, large = {kVocab};
  struct {
    std::vector<gemma::Run> runs;
    std::vector<int32_t> outRows;
    const char *message;
  } cases[] = {
      {{}, {}, "rows: expected 1 to 8, found none"},
      {{{0, 0, tokens}}, {}, "rows: expected 1 to 8, found more"},
      {{{0, 0, {}}}, {}, "rows: expected 1 to 8, found none"},
      {{{0, 0, one}, {1, 0, {}}}, {}, "run: expected at least one token"},
      {{{0, 0, {tokens.data(), ~size_t(0)}}}, {}, "rows: expected 1 to 8"},
      {{{2, 0, one}}, {}, "slot: expected 0 to 1, found 2 (run 0)"},
      {{{0, 0, negative}}, {}, "token: expected 0 to 39, found -1 (run 0)"},
      {{{0, 0, one}, {1, 0, large}},
       {},
       "token: expected 0 to 39, found 40 (run 1)"},
      {{{0, 8, three}},
       {},
       "context: expected positions below 10, found 3 "
       "tokens from position 8"},
      {{{0, ~0u, one}}, {}, "context: expected positions below 10"},
      {{{0, 1, one}}, {}, "position: expected at most 0"},
      {{{0, 0, one}, {0, 0, one}},
       {},
       "position: expected 1, where an earlier "
       "run of slot 0 ends, found 0"},
      {{{0, 0, one}, {0, 2, one}}, {}, "position: expected 1"},
      {{{0, 0, three}}, {3}, "row of logits: expected 0 to 2, found 3"},
      {{{0, 0, three}}, {-1}, "row of logits: expected 0 to 2, found -1"},
      {{{0, 0, three}},
       {0, 1, 2},
       "rows of logits: expected at most 2, found "
       "3"},
  };
  for (const auto &bad : cases) {
    Error error = errorOf(session, bad.runs, bad.outRows);
    EXPECT_EQ(error.code, ErrorCode::InvalidUsage);
    EXPECT_EQ(error.message.find(bad.message), 0u) << error.message;
  }
  EXPECT_EQ(session.length(0), 0u);
  EXPECT_TRUE(session.forward({{0, 0, one}}, {0}));
}

TEST(SessionTest, TheContextCanBeFilledButNotOverfilled) {
  SessionOptions options;
  options.context = 9;
  Session session = createSession(openModel(), options);
  std::vector<int32_t> tokens = sequence(10);
  for (uint32_t position = 0; position < 9; ++position) {
    ASSERT_TRUE(session.forward({{0, position, {&tokens[position], 1}}}, {}));
  }
  EXPECT_EQ(errorOf(session, {{0, 9, {&tokens[9], 1}}}).code,
            ErrorCode::InvalidUsage);
}

TEST(SessionTest, CancelStopsOneForward) {
  Session session = createSession(openModel());
  std::vector<int32_t> tokens = sequence(4);
  ASSERT_TRUE(session.forward({{0, 0, {tokens.data(), 2}}}, {}));
  session.cancel();
  Error error = errorOf(session, {{0, 2, {&tokens[2], 2}}});
  EXPECT_EQ(error.code, ErrorCode::Interrupted);
  EXPECT_EQ(session.length(0), 2u);
  auto logits = session.forward({{0, 2, {&tokens[2], 2}}}, {1});
  ASSERT_TRUE(logits);
  EXPECT_EQ(copy(*logits), expectedLogits(tokens));
}

TEST(SessionTest, ASharedFlagStopsUntilItIsReset) {
  CancelFlag flag;
  SessionOptions options;
  options.cancel = &flag;
  Session session = createSession(openModel(), options);
  std::vector<int32_t> tokens = sequence(2);
  flag.request();
  EXPECT_EQ(errorOf(session, {{0, 0, tokens}}).code, ErrorCode::Interrupted);
  EXPECT_EQ(errorOf(session, {{0, 0, tokens}}).code, ErrorCode::Interrupted);
  flag.reset();
  EXPECT_TRUE(session.forward({{0, 0, tokens}}, {}));
}

TEST(SessionTest, CancelFromAnotherThread) {
  Session session = createSession(openModel());
  std::atomic<bool> stopped{false};
  std::vector<int32_t> tokens = sequence(8);
  std::thread runner([&] {
    for (;;) {
      auto result = session.forward({{0, 0, tokens}}, {7});
      if (!result) {
        EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
        break;
      }
    }
    stopped = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  session.cancel();
  runner.join();
  EXPECT_TRUE(stopped);
}

TEST(SessionTest, SessionsOfOneModelRunSideBySide) {
  Model model = openModel();
  std::vector<std::thread> users;
  for (int32_t user = 0; user < 8; ++user) {
    users.emplace_back([&, user] {
      Session session = createSession(model);
      std::vector<int32_t> tokens = sequence(30, user);
      for (int round = 0; round < 3; ++round) {
        for (uint32_t position = 0; position < 30; position += 5) {
          auto logits =
              session.forward({{0, position, {&tokens[position], 5}}}, {4});
          ASSERT_TRUE(logits);
          ASSERT_EQ(copy(*logits), prefix(tokens, position + 5));
        }
        // One of them is cancelled; the others go on.
        if (user == 3) {
          session.cancel();
          EXPECT_FALSE(session.forward({{0, 0, {tokens.data(), 1}}}, {}));
        }
      }
    });
  }
  for (std::thread &user : users) {
    user.join();
  }
}

TEST(SessionTest, OutlivesTheModelHandle) {
  std::optional<Model> model = openModel();
  Session session = createSession(*model);
  model.reset();
  std::vector<int32_t> tokens = sequence(2);
  Session moved = std::move(session);
  EXPECT_TRUE(moved.forward({{0, 0, tokens}}, {1}));
}

TEST(SessionTest, RefusesBadOptions) {
  SessionOptions options;
  options.context = kContext + 1;
  EXPECT_EQ(Session::create(openModel(), options).error().code,
            ErrorCode::InvalidUsage);
}

TEST(SessionTest, AWindowLimitsHowFarASlotGoesBack) {
  Session session = createSession(openModel(8));
  std::vector<int32_t> tokens = sequence(120);
  for (uint32_t position = 0; position < 120; position += 8) {
    ASSERT_TRUE(session.forward({{0, position, {&tokens[position], 8}}}, {}));
  }
  EXPECT_EQ(errorOf(session, {{0, 20, {tokens.data(), 1}}}).code,
            ErrorCode::InvalidUsage);
  EXPECT_TRUE(session.forward({{0, 116, {tokens.data(), 1}}}, {}));
}

TEST(SessionTest, ProfilesOnRequest) {
  SessionOptions options;
  options.profile = true;
  Session session = createSession(openModel(), options);
  std::vector<int32_t> tokens = sequence(4);
  ASSERT_TRUE(session.forward({{0, 0, tokens}}, {3}));
  ASSERT_EQ(session.profile().size(), 4u);
  EXPECT_EQ(session.profile()[2].op, "attention");
  // Rows see 1 + 2 + 3 + 4 keys.
  EXPECT_EQ(session.profile()[2].operations, 4u * 20 + 10 * 2);
  session.resetProfile();
  EXPECT_EQ(session.profile()[2].calls, 0u);
  Session plain = createSession(openModel());
  plain.resetProfile();
  EXPECT_TRUE(plain.profile().empty());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/// Exit code of `body` in a child process whose address space may grow by so
/// many bytes only.
template <typename Body>
static int inLimitedProcess(uint64_t spare, Body &&body) {
  pid_t child = fork();
  if (child == 0) {
    std::FILE *status = std::fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    if (!status || std::fscanf(status, "%lu", &pages) != 1) {
      _exit(99);
    }
    rlimit limit{pages * 4096 + spare, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// However little memory there is: it works or it is error 69, and the session
// before it stays usable.
TEST(SessionTest, NoMemoryIsAResourceAtEveryLevel) {
  Model model = openModel();
  std::vector<int> codes;
  for (uint64_t spare = 0; spare <= uint64_t(64) << 20; spare += 3 << 18) {
    codes.push_back(inLimitedProcess(spare, [&] {
      SessionOptions options;
      options.threads = 2;
      options.slots = 256;
      Result<Session> session = Session::create(model, options);
      if (!session) {
        return session.error().exitCode();
      }
      std::vector<int32_t> tokens = {1, 2};
      return session->forward({{0, 0, tokens}}, {1}) ? 0 : 1;
    }));
    ASSERT_TRUE(codes.back() == 0 || codes.back() == 69) << codes.back();
  }
  EXPECT_EQ(codes.front(), 69);
  EXPECT_EQ(codes.back(), 0);
}

#endif
