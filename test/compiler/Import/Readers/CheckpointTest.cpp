//===- CheckpointTest.cpp - Tests of Checkpoint.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Checkpoint.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;
using ::testing::HasSubstr;

static std::string mapError(const std::string &text) {
  Result<WeightMap> map = parseWeightMap(text, "i");
  return map ? "no error" : map.error().message;
}

TEST(ShardNameTest, IsAPlainName) {
  EXPECT_TRUE(isShardName("model-00001-of-00002.safetensors"));
  for (std::string name :
       {"", ".safetensors", "a.bin", "../a.safetensors", "/a.safetensors",
        "b/a.safetensors", "..\\a.safetensors", "..safetensors"}) {
    EXPECT_FALSE(isShardName(name)) << name;
  }
  EXPECT_FALSE(isShardName(std::string("a\0.safetensors", 14)));
  EXPECT_FALSE(isShardName(std::string(300, 'a') + ".safetensors"));
}

TEST(WeightMapTest, ReadsNames) {
  Result<WeightMap> map = parseWeightMap(
      R"({"metadata": {"total_size": 1}, "weight_map": {"a": "x.safetensors",
          "b": "y.safetensors"}})",
      "i");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->at("b"), "y.safetensors");
}

TEST(WeightMapTest, RefusesWhatIsNoIndex) {
  EXPECT_THAT(mapError("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(mapError("{}"), HasSubstr("weight_map: expected an object"));
  EXPECT_THAT(mapError(R"({"weight_map": []})"), HasSubstr("found a list"));
  EXPECT_THAT(mapError(R"({"weight_map": {}})"),
              HasSubstr("expected tensors, found none"));
  EXPECT_THAT(mapError(R"({"weight_map": {"a": 1}})"),
              HasSubstr("weight_map: 'a': expected the name of a"));
  EXPECT_THAT(mapError(R"({"weight_map": {"a": "../x.safetensors"}})"),
              HasSubstr("found '../x.safetensors'"));
  EXPECT_THAT(
      mapError(
          R"({"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}})"),
      HasSubstr("it twice"));
}

TEST(CheckpointTest, OpensASingleFile) {
  TemporaryFolder folder;
  writeTinyCheckpoint(folder.path);
  // A single file comes before an index, be that as broken as it may.
  writeFile(folder / "model.safetensors.index.json", "?");
  Result<Checkpoint> checkpoint = Checkpoint::open(folder.path);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->getTensors().size(), 20u);
  EXPECT_EQ(*checkpoint->getTensors().at("model.norm.weight").shard,
            "model.safetensors");
  EXPECT_EQ(checkpoint->getListFile(), folder / "model.safetensors");
}

TEST(CheckpointTest, SurvivesBeingMoved) {
  TemporaryFolder folder;
  writeTinyCheckpoint(folder.path);
  Result<Checkpoint> opened = Checkpoint::open(folder.path);
  ASSERT_TRUE(opened);
  Checkpoint moved = std::move(*opened);
  const CheckpointTensor &tensor = moved.getTensors().at("model.norm.weight");
  EXPECT_EQ(tensor.entry->describe(), "BF16 [8]");
  EXPECT_EQ(*tensor.shard, "model.safetensors");
}

namespace {
class ShardsTest : public ::testing::Test {
protected:
  ShardsTest() {
    writeFile(folder / "x.safetensors", safetensors({{"a", "F32", {2}}}));
    writeFile(folder / "y.safetensors",
              safetensors({{"b", "F32", {3}}, {"a", "F32", {4}}}));
  }

  Result<Checkpoint> open(const std::string &map) {
    writeFile(folder / "model.safetensors.index.json",
              "{\"weight_map\": {" + map + "}}");
    return Checkpoint::open(folder.path);
  }

  TemporaryFolder folder;
};
} // namespace

TEST_F(ShardsTest, IndexDecidesWhereATensorIs) {
  auto checkpoint = open(R"("a": "x.safetensors", "b": "y.safetensors")");
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->getTensors().size(), 2u);
  EXPECT_EQ(*checkpoint->getTensors().at("a").shard, "x.safetensors");
  EXPECT_EQ(*checkpoint->getTensors().at("b").shard, "y.safetensors");
}

TEST_F(ShardsTest, NamesWhatIsMissing) {
  auto file = open(R"("a": "z.safetensors")");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::NotFound);
  EXPECT_THAT(file.error().message, HasSubstr("'z.safetensors' beside it"));
  auto tensor = open(R"("b": "x.safetensors")");
  ASSERT_FALSE(tensor);
  EXPECT_THAT(tensor.error().message,
              HasSubstr("x.safetensors: 'b': expected a tensor, as the index "
                        "says, found none"));
}

TEST(CheckpointTest, NamesFoldersWithoutTensors) {
  TemporaryFolder folder;
  Result<Checkpoint> empty = Checkpoint::open(folder.path);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::NotFound);
  EXPECT_THAT(empty.error().message, HasSubstr("found none"));
  writeFile(folder / "pytorch_model.bin", "");
  EXPECT_THAT(Checkpoint::open(folder.path).error().message,
              HasSubstr("found only pytorch_model.bin"));
}
