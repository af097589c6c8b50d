//===- VerifyModelTest.cpp - Rules for model and target -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace gemma::testing;
using gemma::artifact::ManifestT;

TEST(VerifyModelTest, RefusesUnknownRequiredFeatures) {
  expectRefused(
      {{"feature", [](ManifestT &m) { m.required_features = {"moon-phase"}; },
        "required feature: expected one that this version knows (none), found "
        "\"moon-phase\""},
       {"many", [](ManifestT &m) { m.required_features.resize(65); },
        "number of required features: expected 0 to 64, found 65"},
       {"newline", [](ManifestT &m) { m.required_features = {"a\nerror: b"}; },
        "text without control characters, found a\\x0aerror: b"}});
}

TEST(VerifyModelTest, RefusesMissingParts) {
  expectRefused({{"model", [](ManifestT &m) { m.model = nullptr; },
                  "manifest: expected a model, found none"},
                 {"target", [](ManifestT &m) { m.target = nullptr; },
                  "manifest: expected a target, found none"}});
}

TEST(VerifyModelTest, RefusesHostileText) {
  expectRefused(
      {{"compiler", [](ManifestT &m) { m.compiler = "a\x1b[2J"; }, "compiler"},
       {"property", [](ManifestT &m) { m.properties[0]->value = "a\rb"; },
        "property"},
       {"long", [](ManifestT &m) { m.model->family.assign(4097, 'x'); },
        "model family: expected at most 4096 bytes, found 4097"},
       {"format", [](ManifestT &m) { m.model->chat_format = "llama"; },
        "chat format: expected \"gemma\", \"gemma3\" or \"\", found "
        "\"llama\""},
       {"triple", [](ManifestT &m) { m.target->triple = "x\n"; }, "target"},
       {"target feature", [](ManifestT &m) { m.target->features = {"\t"}; },
        "target feature"}});
}

TEST(VerifyModelTest, RefusesInsaneDimensions) {
  expectRefused(
      {{"hidden", [](ManifestT &m) { m.model->hidden = 0; },
        "hidden size: expected 1 to 262144, found 0"},
       {"layers", [](ManifestT &m) { m.model->layers = 0xffffffff; },
        "number of layers: expected 1 to 4096, found 4294967295"},
       {"heads", [](ManifestT &m) { m.model->heads = 0; }, "number of heads"},
       {"kv_heads", [](ManifestT &m) { m.model->kv_heads = 0; },
        "number of KV heads"},
       {"kv_heads divide",
        [](ManifestT &m) {
          m.model->heads = 4;
          m.model->kv_heads = 3;
        },
        "number of KV heads: expected a divisor of the 4 heads, found 3"},
       {"head_dim", [](ManifestT &m) { m.model->head_dim = 1 << 30; },
        "head size"},
       {"ff", [](ManifestT &m) { m.model->ff = 0; }, "feed-forward size"},
       {"vocab", [](ManifestT &m) { m.model->vocab = 0; }, "vocabulary size"},
       {"vocab", [](ManifestT &m) { m.model->vocab = 1u << 31; },
        "vocabulary size"},
       {"context", [](ManifestT &m) { m.model->context = 0; },
        "context length"},
       {"max_rows", [](ManifestT &m) { m.max_rows = 0; }, "max_rows"},
       {"max_rows", [](ManifestT &m) { m.max_rows = 1 << 20; }, "max_rows"}});
}

TEST(VerifyModelTest, RefusesTokensOutsideOfTheVocabulary) {
  expectRefused(
      {{"bos", [](ManifestT &m) { m.model->bos_token = kVocab; },
        "bos token: expected 0 to 39, found 40"},
       {"no bos to add", [](ManifestT &m) { m.model->bos_token = -1; },
        "bos token: expected 0 to 39, found -1"},
       {"pad", [](ManifestT &m) { m.model->pad_token = -2; },
        "pad token: expected -1 to 39, found -2"},
       {"eos", [](ManifestT &m) { m.model->eos_tokens = {1, -1}; },
        "eos token: expected 0 to 39, found -1"},
       {"many eos", [](ManifestT &m) { m.model->eos_tokens.resize(65); },
        "number of eos tokens"}});
}

TEST(VerifyModelTest, RefusesInsaneSampling) {
  expectRefused(
      {{"NaN", [](ManifestT &m) { m.model->temperature = std::nanf(""); },
        "temperature"},
       {"negative", [](ManifestT &m) { m.model->temperature = -1; },
        "temperature"},
       {"infinite",
        [](ManifestT &m) {
          m.model->temperature = std::numeric_limits<float>::infinity();
        },
        "temperature"},
       {"top_p", [](ManifestT &m) { m.model->top_p = 1.5f; }, "top_p"}});
}
