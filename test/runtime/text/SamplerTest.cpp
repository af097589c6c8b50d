//===- SamplerTest.cpp - Tests of Sampler ---------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Sampler.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

using namespace gemma;
using ::testing::HasSubstr;

static constexpr float kInfinity = INFINITY;

static Sampler make(const SamplerOptions &options) {
  Result<Sampler> sampler = Sampler::create(options);
  EXPECT_TRUE(sampler) << sampler.error().message;
  return *sampler;
}

static SamplerOptions drawing(double temperature, uint32_t topK, double topP) {
  SamplerOptions options;
  options.temperature = temperature;
  options.topK = topK;
  options.topP = topP;
  options.seed = 7;
  return options;
}

/// How often each token is drawn.
static std::map<int32_t, int> draw(const SamplerOptions &options,
                                   const std::vector<float> &logits,
                                   int count = 20000) {
  Sampler sampler = make(options);
  std::map<int32_t, int> drawn;
  for (int i = 0; i < count; ++i) {
    Result<int32_t> token = sampler.sample(logits);
    EXPECT_TRUE(token);
    ++drawn[*token];
  }
  return drawn;
}

TEST(SamplerTest, GreedyTakesTheLargestAndOfEqualOnesTheFirst) {
  Sampler sampler = make({});
  EXPECT_EQ(*sampler.sample(std::vector<float>{1, 3, 2, 3}), 1);
  EXPECT_EQ(*sampler.sample(std::vector<float>{-kInfinity, -5, -7}), 1);
  EXPECT_EQ(*sampler.sample(std::vector<float>{0.0f, -0.0f}), 0);
  EXPECT_EQ(*sampler.sample(std::vector<float>{4}), 0);
}

TEST(SamplerTest, RefusesLogitsThatAreNotFinite) {
  for (double temperature : {0.0, 1.0}) {
    Sampler sampler = make(drawing(temperature, 0, 1));
    Result<int32_t> nan = sampler.sample(std::vector<float>{1, NAN, 2});
    ASSERT_FALSE(nan);
    EXPECT_EQ(nan.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(nan.error().message,
              "logits: expected finite values, found nan (token 1)");
    EXPECT_FALSE(sampler.sample(std::vector<float>{NAN, 1}));
    EXPECT_FALSE(sampler.sample(std::vector<float>{1, kInfinity}));
    EXPECT_FALSE(sampler.sample(std::vector<float>{-kInfinity, -kInfinity}));
    EXPECT_FALSE(sampler.sample(std::vector<float>{}));
  }
}

TEST(SamplerTest, DrawsByProbability) {
  std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f),
                               -kInfinity};
  auto drawn = draw(drawing(1, 0, 1), logits);
  EXPECT_NEAR(drawn[0], 2500, 200);
  EXPECT_NEAR(drawn[1], 5000, 250);
  EXPECT_NEAR(drawn[2], 12500, 300);
  EXPECT_EQ(drawn.count(3), 0u);
}

TEST(SamplerTest, TemperatureSharpensAndFlattens) {
  std::vector<float> logits = {std::log(1.0f), std::log(3.0f)};
  EXPECT_NEAR(draw(drawing(1, 0, 1), logits)[0], 5000, 250);
  EXPECT_NEAR(draw(drawing(0.5, 0, 1), logits)[0], 2000, 200);
  EXPECT_NEAR(draw(drawing(1000, 0, 1), logits)[0], 10000, 300);
  EXPECT_EQ(draw(drawing(1e-300, 0, 1), logits).count(0), 0u);
}

TEST(SamplerTest, TopKKeepsTheLargestAndOfEqualOnesTheFirst) {
  auto drawn = draw(drawing(1, 2, 1), {1, 2, 2, 2});
  EXPECT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn.count(1) + drawn.count(2), 2u);
  EXPECT_EQ(draw(drawing(1, 1, 1), {1, 3, 3}).size(), 1u);
  EXPECT_EQ(draw(drawing(1, 100, 1), {1, 1, 1}).size(), 3u);
}

TEST(SamplerTest, TopPKeepsTheFewestThatReachIt) {
  std::vector<float> logits = {std::log(0.1f), std::log(0.5f), std::log(0.3f),
                               std::log(0.1f)};
  EXPECT_EQ(draw(drawing(1, 0, 0.4), logits).size(), 1u);
  auto two = draw(drawing(1, 0, 0.7), logits);
  EXPECT_EQ(two.size(), 2u);
  EXPECT_NEAR(two[1], 12500, 300);
  // Of the two equal ones the lower id.
  auto three = draw(drawing(1, 0, 0.85), logits);
  EXPECT_EQ(three.size(), 3u);
  EXPECT_EQ(three.count(3), 0u);
  EXPECT_EQ(draw(drawing(1, 0, 1e-9), logits).size(), 1u);
}

/// top-p counts in the probabilities that top-k left, after the temperature.
TEST(SamplerTest, FiltersApplyInTheOrderOfTransformers) {
  std::vector<float> logits = {std::log(0.4f), std::log(0.3f), std::log(0.2f),
                               std::log(0.1f)};
  // Of 0.4 + 0.3, 0.4 is 57 %: enough for 0.55, not enough of the whole.
  EXPECT_EQ(draw(drawing(1, 2, 0.55), logits).size(), 1u);
  EXPECT_EQ(draw(drawing(1, 0, 0.55), logits).size(), 2u);
  // At temperature 0.5 the first has 16/30 of the probability.
  EXPECT_EQ(draw(drawing(0.5, 0, 0.5), logits).size(), 1u);
}

TEST(SamplerTest, ManyCandidatesAreSortedInParts) {
  // The 3000 largest of 10000 equal weights make up 30 %.
  std::vector<float> logits(10000, 1.0f);
  for (auto &[token, count] : draw(drawing(1, 0, 0.3), logits, 300)) {
    EXPECT_LT(token, 3001);
  }
  std::vector<float> rising(5000);
  for (size_t i = 0; i < rising.size(); ++i) {
    rising[i] = i * 1e-4f;
  }
  // weights e^(i/1e4): the larger half is those from 2811 on.
  auto drawn = draw(drawing(1, 0, 0.5), rising, 1000);
  EXPECT_NEAR(drawn.begin()->first, 2811, 60);
  EXPECT_GT(drawn.rbegin()->first, 4980);
}

TEST(SamplerTest, TheSeedDecides) {
  std::vector<float> logits(100, 0.5f);
  auto sequence = [&](uint64_t seed) {
    SamplerOptions options = drawing(1, 0, 1);
    options.seed = seed;
    Sampler sampler = make(options);
    std::vector<int32_t> tokens;
    for (int i = 0; i < 8; ++i) {
      tokens.push_back(*sampler.sample(logits));
    }
    return tokens;
  };
  EXPECT_EQ(sequence(1), sequence(1));
  EXPECT_NE(sequence(1), sequence(2));
  // The draws are part of what the runtime promises: floor(100 u) for the
  // first eight u of xoshiro256++ seeded by SplitMix64 from 0.
  EXPECT_EQ(sequence(0), (std::vector<int32_t>{32, 38, 35, 1, 49, 2, 85, 84}));
}

TEST(SamplerTest, RefusesOptionsOutOfRange) {
  auto message = [](double temperature, double topP) {
    Result<Sampler> sampler = Sampler::create(drawing(temperature, 0, topP));
    EXPECT_FALSE(sampler);
    EXPECT_EQ(sampler.error().code, ErrorCode::InvalidUsage);
    return sampler.error().message;
  };
  EXPECT_EQ(message(-1, 1),
            "temperature: expected a number of at least 0, found -1");
  EXPECT_THAT(message(NAN, 1), HasSubstr("temperature"));
  EXPECT_THAT(message(INFINITY, 1), HasSubstr("temperature"));
  EXPECT_THAT(message(1, 0), HasSubstr("top-p"));
  EXPECT_THAT(message(1, 1.01), HasSubstr("top-p"));
  EXPECT_THAT(message(1, NAN), HasSubstr("top-p"));
}
