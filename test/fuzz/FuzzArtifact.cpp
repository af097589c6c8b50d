//===- FuzzArtifact.cpp - Artifacts, from file to inspection --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Format.h"
#include "runtime/artifact/Hash.h"
#include "runtime/artifact/Reader.h"
#include "runtime/artifact/Verify.h"
#include "runtime/exec/MemoryPlan.h"
#include "test/fuzz/FuzzSupport.h"
#include "test/fuzz/ManifestMutator.h"
#include "tools/InspectReport.h"

#include <cstring>
#include <random>

using namespace gemma;
using namespace gemma::fuzzing;

/// Makes the header agree with the rest, so that it is not the hash that
/// refuses the file; one file in 16 stays as it is.
static void fixHeader(std::string &file) {
  if (file.size() < kHeaderBytes || file.back() % 16 == 1) {
    return;
  }
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof header);
  header.fileBytes = file.size();
  if (header.manifestBytes <= file.size() - kHeaderBytes) {
    Result<Digest> digest =
        sha256(file.data() + kHeaderBytes, header.manifestBytes);
    require(bool(digest), "a hash");
    std::copy(digest->begin(), digest->end(), header.manifestSha256);
  }
  std::memcpy(file.data(), &header, sizeof header);
}

/// What gemma-inspect does with every artifact that opens.
static void report(const Artifact &artifact) {
  Result<SessionOptions> options = resolveOptions(artifact.manifest(), {});
  if (!options) {
    return;
  }
  Result<MemoryPlan> plan = planMemory(artifact.manifest(), *options);
  if (!plan) {
    return requireGoodError(plan.error());
  }
  inspect::Selection everything{false, true, true};
  inspect::Json json =
      inspect::makeReport(artifact, *options, *plan, everything);
  for (unsigned char c : inspect::toText(json) + json.dump()) {
    require(c >= 0x20 || c == '\n', "a report of plain text", json.dump());
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static MemoryFile memory;
  std::string file(reinterpret_cast<const char *>(data), size);
  fixHeader(file);
  Result<Artifact> artifact = Artifact::open(memory.with(file));
  if (artifact) {
    report(*artifact);
  } else {
    requireGoodError(artifact.error());
  }
  return 0;
}

/// The manifest of a file, if it is one.
static std::unique_ptr<artifact::ManifestT>
manifestOf(const uint8_t *data, size_t size, uint64_t &bytes) {
  FileHeader header;
  if (size < sizeof header) {
    return nullptr;
  }
  std::memcpy(&header, data, sizeof header);
  bytes = header.manifestBytes;
  if (bytes > size - kHeaderBytes) {
    return nullptr;
  }
  // A FlatBuffer is aligned as memory from the heap is, the input need not be.
  std::vector<uint8_t> manifest(data + kHeaderBytes,
                                data + kHeaderBytes + bytes);
  if (!isManifest(manifest.data(), manifest.size())) {
    return nullptr;
  }
  return artifact::UnPackManifest(manifest.data());
}

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/// Bytes as libFuzzer mutates them, or one entry of the manifest, written anew
/// in the room of the old one so that the segments stay where they are.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  uint64_t room = 0;
  auto manifest = random() % 4 ? manifestOf(data, size, room) : nullptr;
  if (!manifest) {
    return LLVMFuzzerMutate(data, size, most);
  }
  ManifestMutator(*manifest, random).mutate();
  flatbuffers::FlatBufferBuilder builder;
  artifact::FinishManifestBuffer(
      builder, artifact::Manifest::Pack(builder, manifest.get()));
  if (builder.GetSize() > room) {
    return LLVMFuzzerMutate(data, size, most);
  }
  std::memset(data + kHeaderBytes, 0, room);
  std::memcpy(data + kHeaderBytes, builder.GetBufferPointer(),
              builder.GetSize());
  return size;
}
