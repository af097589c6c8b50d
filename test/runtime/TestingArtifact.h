//===- TestingArtifact.h - Small artifacts for tests ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_TESTINGARTIFACT_H
#define GEMMA_TEST_RUNTIME_TESTINGARTIFACT_H

#include "runtime/artifact/artifact_generated.h"
#include "runtime/core/Error.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace gemma::testing {

/// A file that is removed at the end.
class TemporaryFile {
public:
  TemporaryFile();
  explicit TemporaryFile(const std::string &bytes);
  TemporaryFile(TemporaryFile &&other) noexcept;
  ~TemporaryFile();

  const std::string &path() const { return name; }
  void write(const std::string &bytes) const;
  std::string read() const;

private:
  std::string name;
};

/// A shared object made from C source by the system's compiler; the same
/// source and flags are compiled once. Fails the test if that does not work.
std::string compileImage(const std::string &source,
                         const std::string &flags = "");

/// A model that is small enough to follow: x = embedding of the token, the
/// "attention" is the sum of x over the sequence so far, the logits are that
/// sum times a matrix. Float sums of small integers, so every order of work
/// gives the same bits.
constexpr int64_t kHidden = 16, kVocab = 40, kContext = 128, kMaxRows = 8;

/// Size of the manifest of a TestArtifact by default.
constexpr uint64_t kManifestSpace = 12288;

/// An artifact in pieces, from which a file is made.
struct TestArtifact {
  artifact::ManifestT manifest;
  std::string code, tokenizer, weights, stubData;
  /// Bytes of the manifest, zeros at its end included; 0 = no more than it
  /// needs.
  uint64_t manifestSpace = kManifestSpace;

  /// The model above: f32 weights `embed` [vocab, hidden] and `head` (panels),
  /// one KV cache with the window (0 = none).
  static TestArtifact make(uint32_t window = 0);
  /// The same as a stub.
  static TestArtifact makeStub();

  /// Sets hashes and places of segments.
  void layOut();
  /// The file for the manifest as it is: header, manifest, segments at their
  /// places after layOut(). As the manifest is padded, an edit after layOut()
  /// moves nothing.
  std::string bytes() const;
  /// layOut(), then `edit`, then bytes().
  std::string
  bytesAfter(const std::function<void(artifact::ManifestT &)> &edit);

private:
  std::string packed() const;
};

/// Recomputes the header's hash of the manifest in place.
void fixManifestHash(std::string &file);

/// A bad manifest and a part of the message that it must give.
struct BadManifest {
  const char *name;
  std::function<void(artifact::ManifestT &)> edit;
  const char *message;
};
/// Expects Artifact::open to refuse each with InvalidData and one line.
void expectRefused(std::initializer_list<BadManifest> cases);

/// Expected logits of the model above for the last token of a sequence.
std::vector<float> expectedLogits(const std::vector<int32_t> &tokens);

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_TESTINGARTIFACT_H
