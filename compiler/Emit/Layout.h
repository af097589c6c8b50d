//===- Layout.h - Where the parts of an artifact lie ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_LAYOUT_H
#define GEMMA_COMPILER_EMIT_LAYOUT_H

#include "compiler/Emit/Manifest.h"
#include "runtime/artifact/Format.h"
#include "runtime/artifact/Hash.h"

#include <string>
#include <vector>

namespace mlir::gemma {

/// Where the bytes of an artifact go.
struct Layout {
  uint64_t manifestBytes;
  uint64_t fileBytes;
  /// Numbers of the weights whose bytes are in the file, in order of place;
  /// all of them but those that the runtime fills in a stub.
  std::vector<size_t> storedWeights;
  /// Start of the segment that they are in.
  uint64_t weightsOffset;
};

/// Gives every segment and every weight of `program` its place, and room for
/// its hash; the format is that of runtime/artifact/Format.h. In a stub the
/// weights with a random source get a `fill` in place of bytes.
Layout planLayout(Program &program, uint64_t codeBytes,
                  uint64_t tokenizerBytes);

/// The manifest's bytes. Their number does not depend on hashes or places.
std::string serialize(const ::gemma::artifact::ManifestT &manifest);

/// A digest as the manifest holds it.
std::vector<uint8_t> toVector(const ::gemma::Digest &digest);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_LAYOUT_H
