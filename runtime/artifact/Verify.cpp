//===- Verify.cpp - What a manifest must fulfil ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Rules.h"

using namespace gemma;

Result<void> gemma::verifyManifest(const ManifestInFile &file) {
  return rules::checkAll(
      {verifyModel, verifySegments, verifyWeights, verifyProgram}, file);
}
