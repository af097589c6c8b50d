//===- Layout.cpp - Where the parts of an artifact lie --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Layout.h"

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::alignUp;
namespace artifact = ::gemma::artifact;

std::vector<uint8_t> mlir::gemma::toVector(const ::gemma::Digest &digest) {
  return std::vector<uint8_t>(digest.begin(), digest.end());
}

std::string mlir::gemma::serialize(const artifact::ManifestT &manifest) {
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  artifact::FinishManifestBuffer(builder,
                                 artifact::Manifest::Pack(builder, &manifest));
  return std::string(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                     builder.GetSize());
}

/// Moves `end` past a weight at the next aligned place.
static void place(artifact::WeightT &weight, uint64_t &end) {
  weight.offset = alignUp(end, ::gemma::kBufferAlignment);
  end = weight.offset + weight.size;
}

static std::unique_ptr<artifact::SegmentT> makeSegment(uint64_t bytes,
                                                       bool hashed) {
  if (bytes == 0) {
    return nullptr;
  }
  auto segment = std::make_unique<artifact::SegmentT>();
  segment->size = bytes;
  // A number that is zero would take no room in the manifest.
  segment->offset = 1;
  if (hashed) {
    segment->sha256.resize(::gemma::kSha256Bytes);
  }
  return segment;
}

/// Places the weights in their segments; gives the bytes of the stored ones.
static uint64_t placeWeights(Program &program, Layout &layout) {
  artifact::ManifestT &manifest = program.manifest;
  uint64_t filledEnd = 0, storedEnd = 0;
  for (auto [index, op] : llvm::enumerate(program.weights)) {
    artifact::WeightT &weight = *manifest.weights[index];
    auto random = dyn_cast_or_null<RandomSourceAttr>(op.getSourceAttr());
    if (manifest.stub && random) {
      weight.fill = std::make_unique<artifact::RandomFillT>();
      weight.fill->seed = random.getSeed();
      weight.fill->bound = random.getBound().getValueAsDouble();
      place(weight, filledEnd);
      continue;
    }
    if (!manifest.stub) {
      weight.sha256.resize(::gemma::kSha256Bytes);
    }
    place(weight, storedEnd);
    layout.storedWeights.push_back(index);
  }
  return storedEnd;
}

Layout mlir::gemma::planLayout(Program &program, uint64_t codeBytes,
                               uint64_t tokenizerBytes) {
  artifact::ManifestT &manifest = program.manifest;
  Layout layout{};
  uint64_t stored = placeWeights(program, layout);
  manifest.code = makeSegment(codeBytes, true);
  manifest.tokenizer = makeSegment(tokenizerBytes, true);
  auto &weights = manifest.stub ? manifest.stub_data : manifest.weights_segment;
  weights = makeSegment(stored, manifest.stub);

  layout.manifestBytes = serialize(manifest).size();
  uint64_t end = ::gemma::kHeaderBytes + layout.manifestBytes;
  auto placeSegment = [&](artifact::SegmentT *segment, uint64_t alignment) {
    if (segment) {
      segment->offset = alignUp(end, alignment);
      end = segment->offset + segment->size;
    }
  };
  placeSegment(manifest.code.get(), ::gemma::kCodeAlignment);
  placeSegment(manifest.tokenizer.get(), ::gemma::kTokenizerAlignment);
  placeSegment(weights.get(), ::gemma::kWeightsAlignment);
  layout.weightsOffset = weights ? weights->offset : 0;
  layout.fileBytes = end;
  return layout;
}
