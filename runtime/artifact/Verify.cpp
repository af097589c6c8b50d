//===- Verify.cpp - What a manifest must fulfil ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Verify.h"

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/ManifestView.h"
#include "runtime/artifact/Rules.h"

using namespace gemma;

/// The schema's only vectors of numbers wider than the offsets around them.
static bool areShapesAligned(const artifact::Manifest &manifest) {
  for (const artifact::Weight *weight : each(manifest.weights())) {
    if (weight->shape() &&
        reinterpret_cast<uintptr_t>(weight->shape()->Data()) %
                alignof(uint64_t) !=
            0) {
      return false;
    }
  }
  return true;
}

bool gemma::isManifest(const void *bytes, size_t size) {
  flatbuffers::Verifier verifier(static_cast<const uint8_t *>(bytes), size,
                                 limits::kManifestDepth,
                                 limits::kManifestTables);
  return artifact::VerifyManifestBuffer(verifier) &&
         areShapesAligned(*artifact::GetManifest(bytes));
}

Result<void> gemma::verifyManifest(const ManifestInFile &file) {
  return rules::checkAll(
      {verifyModel, verifySegments, verifyWeights, verifyProgram}, file);
}
