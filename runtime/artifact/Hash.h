//===- Hash.h - SHA-256 -----------------------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_HASH_H
#define GEMMA_RUNTIME_ARTIFACT_HASH_H

#include "runtime/artifact/Format.h"
#include "runtime/core/Result.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gemma {

using Digest = std::array<unsigned char, kSha256Bytes>;

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
public:
  /// Errors: Resource (OpenSSL has no memory).
  static Result<Sha256> create();
  Sha256(Sha256 &&) noexcept;
  ~Sha256();

  void add(const void *data, size_t size);
  /// The digest of all that was added; starts over. Errors: Internal (OpenSSL
  /// refused a step).
  Result<Digest> finish();

private:
  Sha256();
  struct Context;
  std::unique_ptr<Context> context;
};

/// The digest of one range.
Result<Digest> sha256(const void *data, size_t size);

/// 64 lower-case hex digits.
std::string hex(const Digest &digest);

/// Fails with InvalidData unless `data` has the digest `expected`; `what`
/// begins the message.
Result<void> checkDigest(std::string_view what, const void *data, size_t size,
                         const Digest &expected);
/// The same for a digest that is known already.
Result<void> compareDigest(std::string_view what, const Digest &found,
                           const Digest &expected);

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_HASH_H
