//===- ProgressTest.cpp - A progress bar ----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Progress.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <pty.h>
#include <thread>
#include <unistd.h>

using namespace gemma;

TEST(ProgressTest, LineShowsTheShare) {
  EXPECT_EQ(Progress::line("x", 0), "x [" + std::string(30, ' ') + "]   0 %");
  EXPECT_EQ(Progress::line("x", 0.5),
            "x [" + std::string(15, '#') + std::string(15, ' ') + "]  50 %");
  EXPECT_EQ(Progress::line("x", 7), "x [" + std::string(30, '#') + "] 100 %");
}

/// What a slow piece of work shows on a terminal, or on what is none.
static std::string shown(bool terminal, bool enabled, const char *type) {
  int descriptors[2];
  EXPECT_EQ(terminal ? openpty(&descriptors[0], &descriptors[1], nullptr,
                               nullptr, nullptr)
                     : pipe(descriptors),
            0);
  int before = dup(STDERR_FILENO);
  dup2(descriptors[1], STDERR_FILENO);
  setenv("TERM", type, 1);
  {
    Progress progress("work", 10, enabled);
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    progress.add(5);
    progress.add(0);
  }
  fflush(stderr);
  EXPECT_EQ(write(STDERR_FILENO, "$", 1), 1);
  dup2(before, STDERR_FILENO);
  close(before);
  close(descriptors[1]);
  std::string text;
  for (char c; read(descriptors[0], &c, 1) == 1 && c != '$';) {
    text += c;
  }
  close(descriptors[0]);
  return text;
}

TEST(ProgressTest, DrawsOnATerminalOnlyAndErasesItself) {
  EXPECT_EQ(shown(true, true, "xterm"),
            "\r" + Progress::line("work", 0.5) + "\r\033[K");
  EXPECT_EQ(shown(true, false, "xterm"), "");
  EXPECT_EQ(shown(true, true, "dumb"), "");
  EXPECT_EQ(shown(false, true, "xterm"), "");
}
