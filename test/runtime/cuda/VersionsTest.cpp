//===- VersionsTest.cpp - Which driver takes which PTX --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Versions.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::cuda;

static DeviceFacts facts(uint32_t major, uint32_t minor, int cudaVersion) {
  DeviceFacts facts;
  facts.name = "GPU";
  facts.major = major;
  facts.minor = minor;
  facts.cudaVersion = cudaVersion;
  return facts;
}

TEST(VersionsTest, ReleasesOfPtx) {
  ASSERT_TRUE(releaseOfPtx(70));
  EXPECT_EQ(releaseOfPtx(70)->cuda, kLeastCuda);
  EXPECT_EQ(releaseOfPtx(78)->cuda, 11080);
  EXPECT_EQ(releaseOfPtx(80)->cuda, 12000);
  EXPECT_EQ(releaseOfPtx(80)->driver, 525);
  EXPECT_FALSE(releaseOfPtx(79));
  EXPECT_FALSE(releaseOfPtx(65));
}

TEST(VersionsTest, Texts) {
  EXPECT_EQ(cudaVersionText(12040), "12.4");
  EXPECT_EQ(cudaVersionText(11000), "11.0");
  EXPECT_EQ(cudaOrNewer(11080), "CUDA 11.8 (driver 520) or newer");
  EXPECT_EQ(cudaOrNewer(14020), "CUDA 14.2 or newer");
}

TEST(VersionsTest, HeaderOfPtx) {
  Result<PtxHeader> header =
      readPtxHeader("// text\n\n\t.version 7.8 // here\r\n"
                    "  .target sm_90a, debug\n.x");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->version, 78);
  EXPECT_EQ(header->chip, "sm_90a");
  // No line end behind the last line.
  ASSERT_TRUE(readPtxHeader(".version 8.0\n.target sm_80"));
}

TEST(VersionsTest, BadHeaders) {
  for (const char *text :
       {"", "// .version 7.8", "MZ", ".target sm_80\n.version 7.8",
        ".version\n.target sm_80", ".version 7\n.target sm_80",
        ".version 7.x\n.target sm_80", ".version 7.8x\n.target sm_80",
        ".version -7.8\n.target sm_80", ".version 700.0\n.target sm_80",
        ".version 7.10\n.target sm_80", ".version 7.8",
        ".version 7.8\n.address_size 64\n.target sm_80"}) {
    Result<PtxHeader> header = readPtxHeader(text);
    ASSERT_FALSE(header) << text;
    EXPECT_EQ(header.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(header.error().message.find("PTX: expected a .version"), 0u)
        << header.error().message;
    EXPECT_EQ(header.error().message.find('\n'), std::string::npos);
  }
  std::string message = readPtxHeader(".version 7.8\nhello").error().message;
  EXPECT_EQ(message, "PTX: expected a .version and a .target, found \"hello\"");
}

TEST(VersionsTest, ChipsRunOnNewerOnes) {
  EXPECT_TRUE(checkChip("sm_80", facts(8, 0, 12040)));
  EXPECT_TRUE(checkChip("sm_80", facts(8, 6, 12040)));
  EXPECT_TRUE(checkChip("sm_86", facts(9, 0, 12040)));
  EXPECT_TRUE(checkChip("sm_89", facts(12, 0, 13000)));
  EXPECT_TRUE(checkChip("sm_90a", facts(9, 0, 12040)));
  for (auto [chip, major, minor] : {std::tuple{"sm_90", 8u, 9u},
                                    {"sm_86", 8u, 0u},
                                    {"sm_80", 7u, 5u},
                                    {"sm_90a", 10u, 0u},
                                    {"sm_90a", 8u, 9u}}) {
    Result<void> runs = checkChip(chip, facts(major, minor, 13000));
    ASSERT_FALSE(runs) << chip;
    EXPECT_EQ(runs.error().code, ErrorCode::Resource);
  }
  EXPECT_EQ(checkChip("sm_90", facts(8, 6, 12040)).error().message,
            "chip: expected sm_90 or newer, which the code is for, found sm_86 "
            "(device 0, GPU, sm_86, driver of CUDA 12.4)");
  EXPECT_EQ(checkChip("sm_90a", facts(10, 0, 12080)).error().message,
            "chip: expected sm_90a exactly, which the code is for, found "
            "sm_100 (device 0, GPU, sm_100, driver of CUDA 12.8)");
}

TEST(VersionsTest, NamesThatAreNoChips) {
  for (const char *chip :
       {"", "sm_", "sm_9", "sm_9000", "sm_90b", "sm_90aa", "sm_100f", "gfx90a",
        "sm_-90", "znver4", "sm_4294967386"}) {
    Result<void> runs = checkChip(chip, facts(9, 0, 12040));
    ASSERT_FALSE(runs) << chip;
    EXPECT_EQ(runs.error().code, ErrorCode::InvalidData);
  }
}

TEST(VersionsTest, DriversForPtx) {
  EXPECT_TRUE(checkPtx({70, "sm_80"}, facts(8, 0, 11000)));
  EXPECT_TRUE(checkPtx({78, "sm_90"}, facts(9, 0, 11080)));
  // Of a version that nobody knows here: the driver will say.
  EXPECT_TRUE(checkPtx({99, "sm_90"}, facts(9, 0, 13000)));
  EXPECT_EQ(checkPtx({78, "sm_80"}, facts(8, 0, 11070)).error().message,
            "driver: expected one of CUDA 11.8 (driver 520) or newer for PTX "
            "7.8 of sm_80, found CUDA 11.7 (device 0, GPU, sm_80, driver of "
            "CUDA 11.7)");
  // Text that no driver takes.
  Result<void> takes = checkPtx({70, "sm_89"}, facts(8, 9, 11040));
  ASSERT_FALSE(takes);
  EXPECT_EQ(takes.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(takes.error().message,
            "PTX: expected version 7.8 or newer for sm_89, found 7.0");
  // The chip before the driver: no driver makes it run.
  takes = checkPtx({80, "sm_90"}, facts(8, 0, 11000));
  EXPECT_EQ(takes.error().message.find("chip: "), 0u);
}
