//===- Format.h - Fixed parts of a .gemma file -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is, in this order: the header below, the FlatBuffers manifest
// (artifact.fbs), then those of the segments code, tokenizer, weights and
// stub_data that are not empty, each at the next multiple of its alignment
// after the part before it. The gaps are zero and the last part ends the file.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_FORMAT_H
#define GEMMA_RUNTIME_ARTIFACT_FORMAT_H

#include <cstddef>
#include <cstdint>

namespace gemma {

/// First bytes of every artifact. "\r\n" shows a transfer in text mode.
constexpr unsigned char kMagic[8] = {'G', 'E', 'M', 'M', 'A', 0, '\r', '\n'};
/// Version of the file format. A reader knows exactly one.
constexpr uint32_t kFormatVersion = 1;
/// Bytes of FileHeader; the manifest starts here.
constexpr uint32_t kHeaderBytes = 128;
constexpr size_t kSha256Bytes = 32;

/// Alignment in the file of the start of each segment, in bytes.
constexpr uint64_t kCodeAlignment = 4096;
constexpr uint64_t kTokenizerAlignment = 64;
constexpr uint64_t kWeightsAlignment = 4096;
constexpr uint64_t kStubDataAlignment = 4096;
/// Alignment of a weight in its segment, of a buffer in the arena and of a
/// layer in the KV cache: one cache line, and the widest vector.
constexpr uint64_t kBufferAlignment = 64;

/// The start of the file; all numbers are little-endian. An empty segment has
/// size 0, offset 0 and no hash (or no table at all in the manifest).
struct FileHeader {
  unsigned char magic[8];
  uint32_t version;
  uint32_t headerBytes;
  uint64_t fileBytes;
  /// kHeaderBytes.
  uint64_t manifestOffset;
  uint64_t manifestBytes;
  unsigned char manifestSha256[kSha256Bytes];
  /// Zero.
  unsigned char reserved[56];
};
static_assert(sizeof(FileHeader) == kHeaderBytes, "part of the file format");
static_assert(offsetof(FileHeader, manifestSha256) == 40,
              "part of the file format");

/// `value` rounded up to a multiple of `alignment`, a power of two. The caller
/// knows that this does not overflow.
constexpr uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_FORMAT_H
