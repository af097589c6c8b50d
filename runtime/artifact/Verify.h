//===- Verify.h - What a manifest must fulfil -------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The FlatBuffers verifier proves that a manifest can be read; these rules
// prove that what it says holds together: after them every offset, index and
// size in it may be used without another look. A rule is one function; it
// returns the first violation, InvalidData. The file's bytes are not read.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_VERIFY_H
#define GEMMA_RUNTIME_ARTIFACT_VERIFY_H

#include "runtime/artifact/artifact_generated.h"
#include "runtime/core/Result.h"

#include <cstddef>
#include <cstdint>

namespace gemma {

/// Whether the bytes, which start at an address that is a multiple of 8, are a
/// FlatBuffer of the type gemma.artifact. The depth and number of its tables
/// are limited (Limits.h), and its vectors of 64-bit numbers are aligned, which
/// the FlatBuffers verifier does not look at.
bool isManifest(const void *bytes, size_t size);

/// What the rules judge: a manifest for which isManifest() holds, and where it
/// lies.
struct ManifestInFile {
  const artifact::Manifest &manifest;
  /// First byte after the manifest.
  uint64_t manifestEnd;
  uint64_t fileBytes;
};

/// All rules, in an order in which each may rely on those before it.
Result<void> verifyManifest(const ManifestInFile &file);

// The groups of rules, each in the file of its name.

/// Strings, format features, model, target (VerifyModel.cpp).
Result<void> verifyModel(const ManifestInFile &file);
/// Segments: present, in order, without overlap or hole, ending the file
/// (VerifySegments.cpp).
Result<void> verifySegments(const ManifestInFile &file);
/// Weights: encodings, sizes, ranges, hashes, fills (VerifyWeights.cpp).
Result<void> verifyWeights(const ManifestInFile &file);
/// KV caches, kernels, dispatches and their buffers (VerifyProgram.cpp).
Result<void> verifyProgram(const ManifestInFile &file);

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_VERIFY_H
