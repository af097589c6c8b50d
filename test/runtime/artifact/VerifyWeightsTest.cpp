//===- VerifyWeightsTest.cpp - Rules for weights --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"
#include "runtime/artifact/Reader.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;
using gemma::artifact::ManifestT;

TEST(VerifyWeightsTest, RefusesBadNames) {
  expectRefused({{"none at all", [](ManifestT &m) { m.weights.clear(); },
                  "number of weights: expected 1 to 131072, found 0"},
                 {"empty", [](ManifestT &m) { m.weights[0]->name.clear(); },
                  "name of a weight"},
                 {"control", [](ManifestT &m) { m.weights[0]->name = "a\n"; },
                  "name of a weight: expected letters, digits, _ . $ -, found "
                  "\"a\\x0a\""},
                 {"twice", [](ManifestT &m) { m.weights[0]->name = "lm_head"; },
                  "expected unique names, found \"lm_head\" twice"}});
}

TEST(VerifyWeightsTest, RefusesBadShapesAndEncodings) {
  expectRefused(
      {{"no shape", [](ManifestT &m) { m.weights[0]->shape.clear(); },
        "rank of weight \"embed_tokens\": expected 1 to 4, found 0"},
       {"rank", [](ManifestT &m) { m.weights[0]->shape.assign(5, 1); },
        "rank of weight"},
       {"zero", [](ManifestT &m) { m.weights[0]->shape[1] = 0; },
        "dimension of weight"},
       {"huge", [](ManifestT &m) { m.weights[0]->shape[0] = ~uint64_t(0); },
        "dimension of weight"},
       {"product overflows",
        [](ManifestT &m) { m.weights[0]->shape.assign(4, uint64_t(1) << 32); },
        "a shape that its encoding can hold"},
       {"product wraps to the size",
        [](ManifestT &m) {
          m.weights[0]->shape = {uint64_t(1) << 31, uint64_t(1) << 31};
          m.weights[0]->size = 0;
        },
        "a shape that its encoding can hold"},
       {"no encoding", [](ManifestT &m) { m.weights[0]->encoding = nullptr; },
        "weight \"embed_tokens\": expected encoding"},
       {"unknown encoding",
        [](ManifestT &m) { m.weights[0]->encoding->kind = "q4_0"; },
        "found \"q4_0\" with 0"},
       {"unknown panel",
        [](ManifestT &m) { m.weights[1]->encoding->panel = 8; },
        "found \"f32\" with 8"},
       {"panels of a vector",
        [](ManifestT &m) { m.weights[1]->shape = {kVocab * kHidden}; },
        "a shape that its encoding can hold, found rank 1"},
       {"size", [](ManifestT &m) { m.weights[1]->size -= 64; },
        "weight \"lm_head\": expected 3072 bytes, found 3008"},
       {"other shape", [](ManifestT &m) { m.weights[1]->shape[1] += 1; },
        "weight \"lm_head\": expected 3264 bytes, found 3072"}});
}

TEST(VerifyWeightsTest, RefusesBadPlaces) {
  expectRefused(
      {{"not aligned", [](ManifestT &m) { m.weights[1]->offset += 4; },
        "an offset that is a multiple of 64"},
       {"overlap", [](ManifestT &m) { m.weights[1]->offset -= 64; },
        "where the weight before it ends"},
       {"same place", [](ManifestT &m) { m.weights[1]->offset = 0; }, "weight"},
       {"outside", [](ManifestT &m) { m.weights[1]->offset += 64; },
        "a range in the 5632 bytes of its segment"},
       {"far outside",
        [](ManifestT &m) { m.weights[1]->offset = ~uint64_t(63); },
        "a range in the 5632 bytes of its segment"},
       {"hole",
        [](ManifestT &m) {
          m.weights[0]->offset = 64;
          m.weights[0]->shape[0] -= 1;
          m.weights[0]->size -= 64;
        },
        "less than 64 bytes of padding"},
       {"bytes after the last", [](ManifestT &m) { m.weights.pop_back(); },
        "segment weights: expected its end at 2560"}});
}

TEST(VerifyWeightsTest, RefusesBadHashesAndFills) {
  auto fill = [](double bound) {
    auto result = std::make_unique<artifact::RandomFillT>();
    result->bound = bound;
    return result;
  };
  expectRefused(
      {{"no hash", [](ManifestT &m) { m.weights[0]->sha256.clear(); },
        "weight \"embed_tokens\": expected a hash of 32 bytes, found 0"},
       {"long hash", [](ManifestT &m) { m.weights[1]->sha256.resize(33); },
        "a hash of 32 bytes, found 33"},
       {"fill without stub",
        [&](ManifestT &m) { m.weights[0]->fill = fill(1); },
        "expected no fill"}});
  TestArtifact stub = TestArtifact::makeStub();
  for (double bound : {-1.0, 1e9, std::nan("")}) {
    TemporaryFile file(stub.bytesAfter(
        [&](ManifestT &m) { m.weights[0]->fill = fill(bound); }));
    Result<Artifact> result = Artifact::open(file.path());
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("a bound of 0 to 1e6"),
              std::string::npos);
  }
}

TEST(VerifyWeightsTest, RefusesFillsThatAnEncodingCannotHold) {
  for (auto [kind, bytes, bound] :
       {std::tuple("f16", 32, 65520.0), {"q4_0", 0, 524160.0}}) {
    TemporaryFile file(TestArtifact::makeStub().bytesAfter([&](ManifestT &m) {
      artifact::WeightT &weight = *m.weights[0];
      weight.encoding->kind = kind;
      weight.encoding->panel = 16;
      uint64_t panels = (weight.shape[0] + 15) / 16;
      weight.size = panels * (bytes ? bytes * weight.shape[1]
                                    : (weight.shape[1] + 63) / 64 * 576);
      weight.fill->bound = bound;
    }));
    Result<Artifact> result = Artifact::open(file.path());
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("a bound below"), std::string::npos)
        << result.error().message;
  }
}

TEST(VerifyWeightsTest, RefusesBadStubs) {
  auto refused = [](auto edit) {
    TemporaryFile file(TestArtifact::makeStub().bytesAfter(edit));
    Result<Artifact> result = Artifact::open(file.path());
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_NE(refused([](ManifestT &m) {
              m.weights[0]->sha256.resize(32);
            }).find("a hash of 0 bytes, found 32"),
            std::string::npos);
  EXPECT_NE(
      refused([](ManifestT &m) { m.weights[1]->offset = 64; }).find("segment"),
      std::string::npos);
  EXPECT_NE(refused([](ManifestT &m) {
              m.weights[0]->offset = 64;
            }).find("less than 64 bytes of padding after offset 0"),
            std::string::npos);
  EXPECT_NE(refused([](ManifestT &m) {
              m.weights[0]->offset = (uint64_t(1) << 42) - 64;
            }).find("a range in at most"),
            std::string::npos);
  EXPECT_NE(refused([](ManifestT &m) {
              m.weights[0]->fill = nullptr;
            }).find("segment stub_data"),
            std::string::npos);
}
