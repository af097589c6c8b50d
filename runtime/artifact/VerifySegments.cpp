//===- VerifySegments.cpp - Rules for segments ----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/ManifestView.h"
#include "runtime/artifact/Rules.h"

using namespace gemma;
using namespace gemma::rules;

namespace {
struct Part {
  const char *name;
  const artifact::Segment *segment;
  uint64_t alignment;
};
} // namespace

/// Calls `body` for the segments in their order in the file.
template <typename Body>
static Result<void> eachPart(const artifact::Manifest &manifest, Body &&body) {
  const Part parts[] = {
      {"segment code", manifest.code(), kCodeAlignment},
      {"segment tokenizer", manifest.tokenizer(), kTokenizerAlignment},
      {"segment weights", manifest.weights_segment(), kWeightsAlignment},
      {"segment stub_data", manifest.stub_data(), kStubDataAlignment},
  };
  for (const Part &part : parts) {
    if (Result<void> result = body(part); !result) {
      return result;
    }
  }
  return {};
}

/// An empty segment has no place and no hash; the others have both, only the
/// weights have a hash each instead of one for all.
static Result<void> placesAndHashesMatch(const ManifestInFile &file) {
  return eachPart(file.manifest, [&](const Part &part) -> Result<void> {
    Range range = rangeOf(part.segment);
    size_t hash = part.segment ? count(part.segment->sha256()) : 0;
    if (range.size == 0 && range.offset != 0) {
      return violation(part.name, "offset 0, as it is empty", range.offset);
    }
    bool hashed =
        range.size != 0 && part.segment != file.manifest.weights_segment();
    size_t expected = hashed ? kSha256Bytes : 0;
    if (hash != expected) {
      return violation(
          part.name, "a hash of " + std::to_string(expected) + " bytes", hash);
    }
    return {};
  });
}

static Result<void> presentAsNeeded(const ManifestInFile &file) {
  const artifact::Manifest &manifest = file.manifest;
  if (rangeOf(manifest.code()).size == 0) {
    return violation("segment code", "some bytes", "none");
  }
  bool hasWeights = rangeOf(manifest.weights_segment()).size != 0;
  if (hasWeights == manifest.stub()) {
    return violation("segment weights",
                     manifest.stub() ? "none in a stub artifact" : "some bytes",
                     hasWeights ? "some" : "none");
  }
  if (!manifest.stub() && rangeOf(manifest.stub_data()).size != 0) {
    return violation("segment stub_data", "none, as this is no stub artifact",
                     "some bytes");
  }
  return {};
}

static Result<void> sizesAreSane(const ManifestInFile &file) {
  if (auto result =
          inRange("bytes of segment code", rangeOf(file.manifest.code()).size,
                  1, limits::kCodeBytes);
      !result) {
    return result;
  }
  return inRange("bytes of segment tokenizer",
                 rangeOf(file.manifest.tokenizer()).size, 0,
                 limits::kTokenizerBytes);
}

/// Each segment starts at the first multiple of its alignment after the part
/// before it: no overlap, no hole, no change of order.
static Result<void> followEachOther(const ManifestInFile &file) {
  uint64_t end = file.manifestEnd;
  Result<void> result =
      eachPart(file.manifest, [&](const Part &part) -> Result<void> {
        Range range = rangeOf(part.segment);
        if (range.size == 0) {
          return {};
        }
        // `end` is at most the file's size, far from an overflow.
        uint64_t expected = alignUp(end, part.alignment);
        if (range.offset != expected) {
          const char *why = range.offset < end        ? " (they overlap)"
                            : range.offset < expected ? " (it is not aligned)"
                                                      : " (there is a hole)";
          return violation(part.name,
                           "offset " + std::to_string(expected) +
                               ", as the part before ends at " +
                               std::to_string(end),
                           std::to_string(range.offset) + why);
        }
        if (!fits(range.offset, range.size, file.fileBytes)) {
          return violation(part.name,
                           std::to_string(range.size) + " bytes at offset " +
                               std::to_string(range.offset),
                           "the file's end at " +
                               std::to_string(file.fileBytes));
        }
        end = range.offset + range.size;
        return {};
      });
  if (!result) {
    return result;
  }
  if (end != file.fileBytes) {
    return violation("file",
                     "its end at " + std::to_string(end) +
                         ", after the last segment",
                     file.fileBytes);
  }
  return {};
}

Result<void> gemma::verifySegments(const ManifestInFile &file) {
  return checkAll(
      {placesAndHashesMatch, presentAsNeeded, sizesAreSane, followEachOther},
      file);
}
