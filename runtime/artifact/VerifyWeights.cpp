//===- VerifyWeights.cpp - Rules for weights ------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Encoding.h"
#include "runtime/artifact/Limits.h"
#include "runtime/artifact/ManifestView.h"
#include "runtime/artifact/Rules.h"

#include <algorithm>
#include <vector>

using namespace gemma;
using namespace gemma::rules;

static std::string nameOf(const artifact::Weight &weight) {
  return "weight \"" + std::string(text(weight.name()).substr(0, 128)) + "\"";
}

/// Calls `body` for every weight.
template <typename Body>
static Result<void> eachWeight(const ManifestInFile &file, Body &&body) {
  for (const artifact::Weight *weight : each(file.manifest.weights())) {
    if (Result<void> result = body(*weight); !result) {
      return result;
    }
  }
  return {};
}

static Result<void> numberIsSane(const ManifestInFile &file) {
  return inRange("number of weights", count(file.manifest.weights()), 1,
                 limits::kWeights);
}

/// Names are symbols of the IR, and a stub's values depend on them.
static Result<void> namesAreUniqueSymbols(const ManifestInFile &file) {
  std::vector<std::string_view> names;
  Result<void> result =
      eachWeight(file, [&](const artifact::Weight &weight) -> Result<void> {
        std::string_view name = text(weight.name());
        if (!isSymbol(name, "_.$-")) {
          return violation("name of a weight", "letters, digits, _ . $ -",
                           "\"" + std::string(name.substr(0, 128)) + "\"");
        }
        names.push_back(name);
        return {};
      });
  if (!result) {
    return result;
  }
  std::sort(names.begin(), names.end());
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    return violation("name of a weight", "unique names",
                     "\"" + std::string(twice->substr(0, 128)) + "\" twice");
  }
  return {};
}

static Result<void> shapesAreSane(const ManifestInFile &file) {
  return eachWeight(file, [](const artifact::Weight &weight) -> Result<void> {
    if (auto result = inRange("rank of " + nameOf(weight),
                              shapeOf(weight).size(), 1, limits::kRank);
        !result) {
      return result;
    }
    // The one thing that the FlatBuffers verifier does not look at.
    if (reinterpret_cast<uintptr_t>(shapeOf(weight).data()) %
            alignof(uint64_t) !=
        0) {
      return violation("shape of " + nameOf(weight), "it aligned to 8 bytes",
                       "another place");
    }
    for (uint64_t dimension : shapeOf(weight)) {
      if (auto result = inRange("dimension of " + nameOf(weight), dimension, 1,
                                limits::kDimension);
          !result) {
        return result;
      }
    }
    return {};
  });
}

/// The size follows from encoding and shape.
static Result<void> sizesFollowFromEncoding(const ManifestInFile &file) {
  return eachWeight(file, [](const artifact::Weight &weight) -> Result<void> {
    const artifact::Encoding *encoding = weight.encoding();
    std::string_view kind = encoding ? text(encoding->kind()) : "";
    uint32_t panel = encoding ? encoding->panel() : 0;
    std::optional<WeightLayout> layout = weightLayout(kind, panel);
    if (!layout) {
      return violation(nameOf(weight),
                       "encoding f32 with panel 0 or 16, or f16, bf16, q8_0 or "
                       "q4_0 with 16",
                       "\"" + std::string(kind.substr(0, 64)) + "\" with " +
                           std::to_string(panel));
    }
    std::optional<uint64_t> bytes = encodedBytes(*layout, shapeOf(weight));
    if (!bytes) {
      return violation(nameOf(weight), "a shape that its encoding can hold",
                       "rank " + std::to_string(shapeOf(weight).size()));
    }
    if (*bytes != weight.size()) {
      return violation(nameOf(weight), std::to_string(*bytes) + " bytes",
                       weight.size());
    }
    return {};
  });
}

/// Every weight has a hash, or in a stub none; only there some have a fill.
static Result<void> haveHashOrFill(const ManifestInFile &file) {
  bool stub = file.manifest.stub();
  return eachWeight(file, [&](const artifact::Weight &weight) -> Result<void> {
    size_t expected = stub ? 0 : kSha256Bytes;
    if (count(weight.sha256()) != expected) {
      return violation(nameOf(weight),
                       "a hash of " + std::to_string(expected) + " bytes",
                       count(weight.sha256()));
    }
    if (!weight.fill()) {
      return {};
    }
    if (!stub) {
      return violation(nameOf(weight), "no fill, as this is no stub artifact",
                       "one");
    }
    // Written so that NaN fails.
    double bound = weight.fill()->bound();
    if (!(bound >= 0 && bound <= limits::kFillBound)) {
      return violation("fill of " + nameOf(weight), "a bound of 0 to 1e6",
                       std::to_string(bound));
    }
    float limit = valueLimit(*weightLayout(text(weight.encoding()->kind()),
                                           weight.encoding()->panel()));
    if (!(bound < limit)) {
      return violation("fill of " + nameOf(weight),
                       "a bound below " + std::to_string(limit) +
                           ", as its encoding has no larger values",
                       std::to_string(bound));
    }
    return {};
  });
}

/// The weights that lie in one segment of `bytes` bytes: aligned, inside,
/// without overlap, and without a hole, in which bytes could hide that no hash
/// covers.
static Result<void>
tileTheirSegment(std::vector<const artifact::Weight *> weights,
                 std::string_view segment, uint64_t bytes) {
  std::sort(weights.begin(), weights.end(), [](const auto *a, const auto *b) {
    return a->offset() < b->offset();
  });
  uint64_t end = 0;
  for (const artifact::Weight *weight : weights) {
    std::string where = " (" + std::string(segment) + ")";
    if (weight->offset() % kBufferAlignment != 0) {
      return violation(nameOf(*weight), "an offset that is a multiple of 64",
                       std::to_string(weight->offset()) + where);
    }
    if (!fits(weight->offset(), weight->size(), bytes)) {
      return violation(nameOf(*weight),
                       "a range in the " + std::to_string(bytes) +
                           " bytes of its segment",
                       std::to_string(weight->size()) + " bytes at offset " +
                           std::to_string(weight->offset()) + where);
    }
    if (weight->offset() < end) {
      return violation(nameOf(*weight),
                       "an offset from " + std::to_string(end) +
                           " on, where the weight before it ends",
                       std::to_string(weight->offset()) + where);
    }
    if (weight->offset() - end >= kBufferAlignment) {
      return violation(nameOf(*weight),
                       "less than 64 bytes of padding after offset " +
                           std::to_string(end),
                       "offset " + std::to_string(weight->offset()) + where);
    }
    end = weight->offset() + weight->size();
  }
  if (end != bytes) {
    return violation(
        segment,
        "its end at " + std::to_string(end) + ", after its last weight", bytes);
  }
  return {};
}

static Result<void> tileTheSegments(const ManifestInFile &file) {
  std::vector<const artifact::Weight *> filled, stored;
  uint64_t filledEnd = 0;
  for (const artifact::Weight *weight : each(file.manifest.weights())) {
    if (!weight->fill()) {
      stored.push_back(weight);
      continue;
    }
    filled.push_back(weight);
    if (!fits(weight->offset(), weight->size(), limits::kStubWeightBytes)) {
      return violation(nameOf(*weight),
                       "a range in at most " +
                           std::to_string(limits::kStubWeightBytes) + " bytes",
                       std::to_string(weight->size()) + " bytes at offset " +
                           std::to_string(weight->offset()));
    }
    filledEnd = std::max(filledEnd, weight->offset() + weight->size());
  }
  // In a stub the weights with a fill lie in a file that the runtime makes.
  if (auto result =
          tileTheirSegment(std::move(filled), "filled weights", filledEnd);
      !result) {
    return result;
  }
  const artifact::Manifest &manifest = file.manifest;
  return manifest.stub()
             ? tileTheirSegment(std::move(stored), "segment stub_data",
                                rangeOf(manifest.stub_data()).size)
             : tileTheirSegment(std::move(stored), "segment weights",
                                rangeOf(manifest.weights_segment()).size);
}

Result<void> gemma::verifyWeights(const ManifestInFile &file) {
  return checkAll({numberIsSane, namesAreUniqueSymbols, shapesAreSane,
                   sizesFollowFromEncoding, haveHashOrFill, tileTheSegments},
                  file);
}
