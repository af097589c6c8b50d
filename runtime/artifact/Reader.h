//===- Reader.h - Opens artifacts -------------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_READER_H
#define GEMMA_RUNTIME_ARTIFACT_READER_H

#include "runtime/artifact/ManifestView.h"
#include "runtime/core/File.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// An artifact whose header, manifest, tokenizer and layout are verified. The
/// manifest and the tokenizer are copies: what was hashed is what is used,
/// even if the file changes.
class Artifact {
public:
  /// Opens a file and checks all but the bytes of code, weights and stub
  /// data. It says nothing about this machine: any artifact can be inspected
  /// anywhere. Errors: NotFound, InvalidData, Resource; the message ends with
  /// the path.
  static Result<Artifact> open(const std::string &path);

  const artifact::Manifest &manifest() const {
    return *artifact::GetManifest(manifestBytes.data());
  }
  /// Size of the manifest in bytes, and its digest.
  uint64_t manifestSize() const { return manifestBytes.size(); }
  const Digest &manifestDigest() const { return digest; }
  const File &file() const { return source; }
  /// The bytes of tokenizer.model; empty if there is none.
  std::string_view tokenizer() const {
    return {reinterpret_cast<const char *>(tokenizerBytes.data()),
            tokenizerBytes.size()};
  }

private:
  explicit Artifact(File source) : source(std::move(source)) {}
  Result<void> readManifest();
  Result<void> readTokenizer();
  Result<void> checkPadding() const;

  File source;
  std::vector<unsigned char> manifestBytes, tokenizerBytes;
  Digest digest{};
};

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_READER_H
