//===- HashTest.cpp - SHA-256 ---------------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Hash.h"

#include <gtest/gtest.h>

using namespace gemma;

// FIPS 180-4, examples of NIST.
TEST(HashTest, MatchesPublishedDigests) {
  EXPECT_EQ(hex(*sha256("abc", 3)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(*sha256("", 0)),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HashTest, PiecesGiveTheSameAndFinishStartsOver) {
  Result<Sha256> hash = Sha256::create();
  ASSERT_TRUE(hash);
  for (int round = 0; round < 2; ++round) {
    hash->add("a", 1);
    hash->add("bc", 2);
    EXPECT_EQ(*hash->finish(), *sha256("abc", 3));
  }
}

TEST(HashTest, CheckNamesBothDigests) {
  Digest digest = *sha256("abc", 3);
  EXPECT_TRUE(checkDigest("part", "abc", 3, digest));
  Result<void> result = checkDigest("part", "abd", 3, digest);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(result.error().message.find("part: expected SHA-256 ba7816bf"), 0u);
}
