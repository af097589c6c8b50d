//===- ReaderTest.cpp - Opening artifacts ---------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Reader.h"

#include "../TestingArtifact.h"
#include "runtime/artifact/WeightHashes.h"
#include "runtime/exec/LoadedModel.h"
#include "runtime/exec/MemoryPlan.h"

#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace gemma;
using namespace gemma::testing;

static std::string goodFile() {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  return artifact.bytes();
}

/// The error of opening a file with these bytes.
static Error errorOf(const std::string &bytes) {
  TemporaryFile file(bytes);
  Result<Artifact> result = Artifact::open(file.path());
  EXPECT_FALSE(result);
  return result ? internalError("accepted") : result.error();
}

template <typename Edit> static std::string edited(Edit edit) {
  std::string file = goodFile();
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof header);
  edit(header);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

static bool contains(const Error &error, const char *part) {
  EXPECT_EQ(error.code, ErrorCode::InvalidData);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
  bool found = error.message.find(part) != std::string::npos;
  EXPECT_TRUE(found) << error.message;
  return found;
}

TEST(ReaderTest, OpensAGoodFile) {
  TemporaryFile file(goodFile());
  Result<Artifact> artifact = Artifact::open(file.path());
  ASSERT_TRUE(artifact) << artifact.error().message;
  EXPECT_EQ(artifact->manifest().max_rows(), kMaxRows);
  EXPECT_EQ(artifact->manifestSize(), kManifestSpace);
  EXPECT_EQ(artifact->tokenizer(), "not a tokenizer, but bytes");
  EXPECT_EQ(artifact->file().path(), file.path());
}

TEST(ReaderTest, NothingThere) {
  Result<Artifact> result = Artifact::open("/nonexistent/model.gemma");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::NotFound);
  EXPECT_NE(result.error().message.find("/nonexistent/model.gemma"),
            std::string::npos);
}

TEST(ReaderTest, RefusesWhatIsNoFile) {
  TemporaryFile pipe;
  unlink(pipe.path().c_str());
  ASSERT_EQ(mkfifo(pipe.path().c_str(), 0600), 0);
  for (const std::string &path :
       {std::string("/tmp"), std::string("/dev/zero"), pipe.path()}) {
    Result<Artifact> result = Artifact::open(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  }
}

TEST(ReaderTest, RefusesBadHeaders) {
  contains(errorOf(""), "at least the 128 bytes of a header, found 0");
  contains(errorOf(std::string(4096, 0)), "magic number");
  contains(errorOf(edited([](FileHeader &h) { h.magic[5] = '\n'; })),
           "magic number");
  contains(errorOf(edited([](FileHeader &h) { h.version = 2; })),
           "format version: expected 1, found 2");
  contains(errorOf(edited([](FileHeader &h) { h.headerBytes = 64; })),
           "header: expected 128 bytes, found 64");
  contains(errorOf(edited([](FileHeader &h) { h.reserved[55] = 1; })),
           "zeros in its reserved bytes");
  contains(errorOf(edited([](FileHeader &h) { h.fileBytes += 1; })),
           "(it is truncated)");
  contains(errorOf(edited([](FileHeader &h) { h.fileBytes = 0; })), "file");
  contains(errorOf(edited([](FileHeader &h) { h.manifestOffset = 0; })),
           "manifest: expected offset 128, found 0");
  contains(errorOf(edited([](FileHeader &h) { h.manifestBytes = 0; })),
           "bytes of the manifest");
  contains(errorOf(edited([](FileHeader &h) { h.manifestBytes = ~0ull; })),
           "bytes of the manifest");
  contains(errorOf(edited([](FileHeader &h) { h.manifestSha256[0] ^= 1; })),
           "manifest: expected SHA-256");
}

TEST(ReaderTest, RefusesAWrongManifestHash) {
  std::string file = goodFile();
  file[kHeaderBytes + 100] ^= 1;
  contains(errorOf(file), "manifest: expected SHA-256");
}

TEST(ReaderTest, RefusesAMalformedFlatBuffer) {
  std::string file = goodFile();
  // The offset of the root table.
  file[kHeaderBytes + 2] = 0x7f;
  fixManifestHash(file);
  contains(errorOf(file), "a FlatBuffer of the type gemma.artifact");
  file = goodFile();
  // The identifier.
  file[kHeaderBytes + 4] = 'X';
  fixManifestHash(file);
  contains(errorOf(file), "a FlatBuffer of the type gemma.artifact");
}

// The verifier of FlatBuffers only asks that a vector's length is aligned, to 4
// bytes: this one lies between the halves of 64-bit numbers.
TEST(ReaderTest, RefusesShapesThatAreNotAligned) {
  TestArtifact artifact = TestArtifact::make();
  artifact.manifest.weights[0]->shape = {1, 1, 1};
  artifact.layOut();
  std::string file = artifact.bytes();
  char *start = file.data() + kHeaderBytes;
  const artifact::Weight *weight =
      artifact::GetManifest(start)->weights()->Get(0);
  const uint8_t *field =
      reinterpret_cast<const flatbuffers::Table *>(weight)->GetAddressOf(
          artifact::Weight::VT_SHAPE);
  ASSERT_NE(field, nullptr);
  auto offset = flatbuffers::ReadScalar<flatbuffers::uoffset_t>(field);
  flatbuffers::WriteScalar(
      start + (reinterpret_cast<const char *>(field) - start), offset + 4);
  ASSERT_EQ(weight->shape()->size(), 1u);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(start),
                                 kManifestSpace);
  ASSERT_TRUE(artifact::VerifyManifestBuffer(verifier));
  fixManifestHash(file);
  contains(errorOf(file), "a FlatBuffer of the type gemma.artifact");
}

TEST(ReaderTest, RefusesAWrongTokenizer) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string file = artifact.bytes();
  file[artifact.manifest.tokenizer->offset] ^= 1;
  contains(errorOf(file), "segment tokenizer: expected SHA-256");
}

TEST(ReaderTest, RefusesPaddingThatIsNotZero) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  for (uint64_t place : {artifact.manifest.code->offset - 1,
                         artifact.manifest.tokenizer->offset - 1,
                         artifact.manifest.weights_segment->offset - 1,
                         artifact.manifest.tokenizer->offset +
                             artifact.manifest.tokenizer->size}) {
    std::string file = artifact.bytes();
    file[place] = 1;
    contains(errorOf(file), "padding: expected zeros");
  }
}

// One table that a million entries share makes a manifest look small.
TEST(ReaderTest, RefusesTooManyTables) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<artifact::Weight>> weights(
      5 << 20, artifact::CreateWeight(builder));
  auto list = builder.CreateVector(weights);
  artifact::ManifestBuilder root(builder);
  root.add_weights(list);
  artifact::FinishManifestBuffer(builder, root.Finish());
  std::string file(kHeaderBytes, 0);
  FileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = kFormatVersion;
  header.headerBytes = kHeaderBytes;
  header.manifestOffset = kHeaderBytes;
  header.manifestBytes = builder.GetSize();
  header.fileBytes = kHeaderBytes + builder.GetSize();
  std::memcpy(file.data(), &header, sizeof header);
  file.append(reinterpret_cast<const char *>(builder.GetBufferPointer()),
              builder.GetSize());
  fixManifestHash(file);
  contains(errorOf(file), "a FlatBuffer of the type gemma.artifact");
}

//===----------------------------------------------------------------------===//
// Damage
//===----------------------------------------------------------------------===//

/// A file whose manifest has no padding at its end: every bit counts.
static std::string tightFile() {
  TestArtifact artifact = TestArtifact::make();
  artifact.manifestSpace = 0;
  artifact.layOut();
  return artifact.bytes();
}

TEST(ReaderTest, TruncationAtEveryByteOfHeaderAndManifest) {
  TestArtifact artifact = TestArtifact::make();
  artifact.manifestSpace = 0;
  artifact.layOut();
  std::string bytes = artifact.bytes();
  TemporaryFile file(bytes);
  std::vector<uint64_t> sizes;
  for (const auto *segment :
       {artifact.manifest.code.get(), artifact.manifest.tokenizer.get(),
        artifact.manifest.weights_segment.get()}) {
    for (uint64_t edge : {segment->offset, segment->offset + segment->size}) {
      for (uint64_t size : {edge - 1, edge, edge + 1}) {
        if (size < bytes.size()) {
          sizes.push_back(size);
        }
      }
    }
  }
  for (uint64_t size = artifact.manifest.code->offset; size-- > 0;) {
    sizes.push_back(size);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  for (uint64_t size : sizes) {
    ASSERT_EQ(truncate(file.path().c_str(), static_cast<off_t>(size)), 0);
    Result<Artifact> result = Artifact::open(file.path());
    ASSERT_FALSE(result) << size;
    ASSERT_EQ(result.error().code, ErrorCode::InvalidData);
  }
}

/// Opens an artifact and, if it is taken, uses all that was verified.
static bool survives(const std::string &path, ThreadPool &pool) {
  Result<Artifact> artifact = Artifact::open(path);
  if (!artifact) {
    EXPECT_EQ(artifact.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(artifact.error().message.find('\n'), std::string::npos);
    return false;
  }
  const artifact::Manifest &manifest = artifact->manifest();
  (void)describeModel(manifest);
  for (uint32_t slots : {1u, 65536u}) {
    SessionOptions options;
    options.slots = slots;
    if (Result<SessionOptions> resolved = resolveOptions(manifest, options)) {
      (void)planMemory(manifest, *resolved);
    }
  }
  Progress progress("", weightBytes(*artifact), false);
  (void)checkWeightBytes(*artifact, pool, progress, nullptr);
  return true;
}

TEST(ReaderTest, EveryBitOfHeaderAndManifestFlipped) {
  std::string bytes = tightFile();
  TemporaryFile file(bytes);
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  uint64_t end = kHeaderBytes + header.manifestBytes;
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(1));
  int descriptor = open(file.path().c_str(), O_RDWR);
  ASSERT_GE(descriptor, 0);
  auto put = [&](uint64_t offset, const void *data, size_t size) {
    ASSERT_EQ(pwrite(descriptor, data, size, static_cast<off_t>(offset)),
              static_cast<ssize_t>(size));
  };
  size_t accepted = 0, refused = 0;
  for (uint64_t bit = 0; bit < end * 8; ++bit) {
    uint64_t at = bit / 8;
    std::string damaged = bytes.substr(0, end);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit % 8));
    put(at, &damaged[at], 1);
    // The hash as it was: nothing damaged is taken.
    ASSERT_FALSE(Artifact::open(file.path())) << "bit " << bit;
    // The hash recomputed: refused or usable, never a crash.
    if (at >= kHeaderBytes) {
      fixManifestHash(damaged);
      put(0, damaged.data(), kHeaderBytes);
      survives(file.path(), *pool) ? ++accepted : ++refused;
      put(0, bytes.data(), kHeaderBytes);
    }
    put(at, &bytes[at], 1);
  }
  close(descriptor);
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("refused", static_cast<int>(refused));
  EXPECT_GT(refused, accepted / 4);
  EXPECT_TRUE(Artifact::open(file.path()));
}
