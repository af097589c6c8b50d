//===- VerifySegmentsTest.cpp - Rules for segments ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"
#include "runtime/artifact/Format.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;
using gemma::artifact::ManifestT;

TEST(VerifySegmentsTest, RefusesMissingOnes) {
  expectRefused(
      {{"no code", [](ManifestT &m) { m.code = nullptr; },
        "segment code: expected some bytes, found none"},
       {"empty code",
        [](ManifestT &m) { m.code = std::make_unique<artifact::SegmentT>(); },
        "segment code"},
       {"no weights", [](ManifestT &m) { m.weights_segment = nullptr; },
        "segment weights: expected some bytes, found none"},
       {"stub with weights", [](ManifestT &m) { m.stub = true; },
        "segment weights: expected none in a stub artifact, found some"},
       {"stub data without stub",
        [](ManifestT &m) {
          m.stub_data = std::make_unique<artifact::SegmentT>(*m.code);
        },
        "segment stub_data: expected none"}});
}

TEST(VerifySegmentsTest, RefusesWrongHashSizes) {
  expectRefused(
      {{"no hash", [](ManifestT &m) { m.code->sha256.clear(); },
        "segment code: expected a hash of 32 bytes, found 0"},
       {"short hash", [](ManifestT &m) { m.tokenizer->sha256.resize(31); },
        "segment tokenizer: expected a hash of 32 bytes, found 31"},
       {"hash of all weights",
        [](ManifestT &m) { m.weights_segment->sha256.resize(32); },
        "segment weights: expected a hash of 0 bytes, found 32"},
       {"hash of nothing",
        [](ManifestT &m) {
          m.tokenizer->size = 0;
          m.tokenizer->offset = 0;
        },
        "segment tokenizer: expected a hash of 0 bytes, found 32"},
       {"place of nothing", [](ManifestT &m) { m.tokenizer->size = 0; },
        "segment tokenizer: expected offset 0, as it is empty"}});
}

TEST(VerifySegmentsTest, RefusesWrongPlaces) {
  expectRefused(
      {{"in the header", [](ManifestT &m) { m.code->offset = 0; },
        "(they overlap)"},
       {"in the manifest", [](ManifestT &m) { m.code->offset = 4096; },
        "(they overlap)"},
       {"tokenizer in code",
        [](ManifestT &m) { m.tokenizer->offset = m.code->offset; },
        "(they overlap)"},
       {"not aligned", [](ManifestT &m) { m.code->offset -= 64; },
        "(it is not aligned)"},
       {"hole", [](ManifestT &m) { m.code->offset += kCodeAlignment; },
        "(there is a hole)"},
       {"hole before the weights",
        [](ManifestT &m) { m.weights_segment->offset += kWeightsAlignment; },
        "(there is a hole)"},
       {"order",
        [](ManifestT &m) {
          std::swap(m.tokenizer->offset, m.weights_segment->offset);
        },
        "segment tokenizer"},
       {"far away", [](ManifestT &m) { m.code->offset = ~uint64_t(0) - 4095; },
        "segment code"}});
}

TEST(VerifySegmentsTest, RefusesWrongSizes) {
  expectRefused(
      {{"beyond the end", [](ManifestT &m) { m.weights_segment->size += 1; },
        "found the file's end"},
       {"before the end", [](ManifestT &m) { m.weights_segment->size -= 1; },
        "after the last segment"},
       {"offset + size overflow",
        [](ManifestT &m) { m.weights_segment->size = ~uint64_t(0); },
        "found the file's end"},
       {"huge code", [](ManifestT &m) { m.code->size = uint64_t(1) << 40; },
        "bytes of segment code: expected 1 to 268435456"},
       {"huge tokenizer",
        [](ManifestT &m) { m.tokenizer->size = uint64_t(1) << 30; },
        "bytes of segment tokenizer"},
       {"code grows into the tokenizer",
        [](ManifestT &m) { m.code->size += 4096; }, "segment tokenizer"}});
}
