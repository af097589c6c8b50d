//===- Checkpoint.cpp - The tensors of a checkpoint's folder --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Checkpoint.h"

#include "compiler/Import/Readers/Json.h"
#include "compiler/Import/Readers/Message.h"

#include <set>

using namespace gemma;
using nlohmann::json;

constexpr uint64_t kMaxIndexBytes = 16 << 20;
constexpr size_t kMaxShards = 4096;
constexpr const char *kSingleFile = "model.safetensors";
constexpr const char *kIndexFile = "model.safetensors.index.json";

bool gemma::isPlainFileName(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         name.find('/') == std::string_view::npos &&
         name.find('\\') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos && name.front() != '.';
}

bool gemma::isShardName(std::string_view name) {
  constexpr std::string_view kEnding = ".safetensors";
  return isPlainFileName(name) && name.size() > kEnding.size() &&
         name.substr(name.size() - kEnding.size()) == kEnding;
}

Result<WeightMap> gemma::parseWeightMap(std::string_view text,
                                        std::string_view file) {
  Result<json> index = parseJson(text, file);
  if (!index) {
    return index.takeError();
  }
  if (!index->is_object()) {
    return badFile(file, "a JSON object", describeJson(*index));
  }
  auto place = index->find("weight_map");
  if (place == index->end()) {
    return badField(file, "weight_map", "an object", "none");
  }
  if (!place->is_object()) {
    return badField(file, "weight_map", "an object", describeJson(*place));
  }
  if (place->empty()) {
    return badField(file, "weight_map", "tensors", "none");
  }
  WeightMap map;
  std::set<std::string_view> shards;
  for (const auto &[tensor, shard] : place->items()) {
    if (!shard.is_string() ||
        !isShardName(shard.get_ref<const std::string &>())) {
      return badField(file, "weight_map: " + inQuotes(tensor),
                      "the name of a .safetensors file beside the index",
                      describeJson(shard));
    }
    auto entry = map.emplace(tensor, shard.get_ref<const std::string &>());
    shards.insert(entry.first->second);
    if (shards.size() > kMaxShards) {
      return badField(file, "weight_map",
                      "at most " + std::to_string(kMaxShards) + " files",
                      "more");
    }
  }
  return map;
}

Result<void> Checkpoint::addShards(const std::string &directory,
                                   WeightMap map) {
  std::string indexPath = directory + "/" + kIndexFile;
  for (const auto &[tensor, shard] : map) {
    auto place = shards.find(shard);
    if (place == shards.end()) {
      std::string path = directory + "/" + shard;
      if (!entryExists(path)) {
        return notFound(printablePath(indexPath) +
                        ": weight_map: expected the file " + inQuotes(shard) +
                        " beside it, found none");
      }
      Result<SafetensorsFile> file = SafetensorsFile::open(path);
      if (!file) {
        return file.takeError();
      }
      place = shards.emplace(shard, std::move(*file)).first;
    }
    const TensorEntry *entry = place->second.getHeader().find(tensor);
    if (!entry) {
      return badField(directory + "/" + shard, inQuotes(tensor),
                      "a tensor, as the index says", "none");
    }
    tensors.emplace(entry->name, CheckpointTensor{&place->first, entry});
  }
  return {};
}

Result<Checkpoint> Checkpoint::open(const std::string &directory) {
  Checkpoint checkpoint;
  std::string singlePath = directory + "/" + kSingleFile;
  std::string indexPath = directory + "/" + kIndexFile;
  // As transformers does: a single file comes before an index.
  if (entryExists(singlePath)) {
    Result<SafetensorsFile> file = SafetensorsFile::open(singlePath);
    if (!file) {
      return file.takeError();
    }
    auto place = checkpoint.shards.emplace(kSingleFile, std::move(*file)).first;
    for (const TensorEntry &entry : place->second.getHeader().tensors) {
      checkpoint.tensors.emplace(entry.name,
                                 CheckpointTensor{&place->first, &entry});
    }
    checkpoint.listFile = singlePath;
    return checkpoint;
  }
  if (!entryExists(indexPath)) {
    std::string found = "none";
    for (const char *other :
         {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
      if (entryExists(directory + "/" + other)) {
        found = "only " + std::string(other);
      }
    }
    return notFound(printablePath(directory) + ": expected " + kSingleFile +
                    " or " + kIndexFile + ", found " + found);
  }
  Result<std::string> text = readSmallFile(indexPath, kMaxIndexBytes);
  if (!text) {
    return text.takeError();
  }
  Result<WeightMap> map = parseWeightMap(*text, indexPath);
  if (!map) {
    return map.takeError();
  }
  if (Result<void> added = checkpoint.addShards(directory, std::move(*map));
      !added) {
    return added.takeError();
  }
  checkpoint.listFile = indexPath;
  return checkpoint;
}
