//===- Reader.cpp - Opens artifacts ---------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Reader.h"

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/Rules.h"
#include "runtime/core/Text.h"

#include <algorithm>

using namespace gemma;
using namespace gemma::rules;

static Result<void> isOurs(const FileHeader &header) {
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    return violation("header", "the magic number of a .gemma artifact",
                     "other bytes");
  }
  return {};
}

static Result<void> versionIsKnown(const FileHeader &header) {
  if (header.version != kFormatVersion) {
    return violation("format version", std::to_string(kFormatVersion),
                     header.version);
  }
  return {};
}

static Result<void> headerIsAsLongAsKnown(const FileHeader &header) {
  if (header.headerBytes != kHeaderBytes) {
    return violation("header", std::to_string(kHeaderBytes) + " bytes",
                     header.headerBytes);
  }
  for (unsigned char byte : header.reserved) {
    if (byte != 0) {
      return violation("header", "zeros in its reserved bytes", byte);
    }
  }
  return {};
}

static Result<void> fileIsWhole(const FileHeader &header, uint64_t fileBytes) {
  if (header.fileBytes != fileBytes) {
    return violation("file", std::to_string(header.fileBytes) + " bytes",
                     std::to_string(fileBytes) + (fileBytes < header.fileBytes
                                                      ? " (it is truncated)"
                                                      : ""));
  }
  return {};
}

static Result<void> manifestIsInside(const FileHeader &header) {
  if (header.manifestOffset != kHeaderBytes) {
    return violation("manifest", "offset " + std::to_string(kHeaderBytes),
                     header.manifestOffset);
  }
  uint64_t most =
      std::min(limits::kManifestBytes, header.fileBytes - kHeaderBytes);
  return inRange("bytes of the manifest", header.manifestBytes, 1, most);
}

static Result<FileHeader> readHeader(const File &file) {
  if (file.size() < kHeaderBytes) {
    return violation("file",
                     "at least the " + std::to_string(kHeaderBytes) +
                         " bytes of a header",
                     file.size());
  }
  FileHeader header;
  if (auto result = file.read(0, &header, sizeof header); !result) {
    return result.takeError();
  }
  for (Result<void> result :
       {isOurs(header), versionIsKnown(header), headerIsAsLongAsKnown(header),
        fileIsWhole(header, file.size()), manifestIsInside(header)}) {
    if (!result) {
      return result.takeError();
    }
  }
  return header;
}

Result<void> Artifact::readManifest() {
  Result<FileHeader> header = readHeader(source);
  if (!header) {
    return header.takeError();
  }
  manifestBytes.resize(header->manifestBytes);
  if (auto result = source.read(header->manifestOffset, manifestBytes.data(),
                                manifestBytes.size());
      !result) {
    return result;
  }
  std::copy(std::begin(header->manifestSha256),
            std::end(header->manifestSha256), digest.begin());
  if (auto result = checkDigest("manifest", manifestBytes.data(),
                                manifestBytes.size(), digest);
      !result) {
    return result;
  }
  if (!isManifest(manifestBytes.data(), manifestBytes.size())) {
    return violation("manifest", "a FlatBuffer of the type gemma.artifact",
                     "a malformed one");
  }
  return verifyManifest(
      {manifest(), kHeaderBytes + manifestBytes.size(), source.size()});
}

Result<void> Artifact::readTokenizer() {
  Range range = rangeOf(manifest().tokenizer());
  if (range.size == 0) {
    return {};
  }
  tokenizerBytes.resize(range.size);
  if (auto result =
          source.read(range.offset, tokenizerBytes.data(), range.size);
      !result) {
    return result;
  }
  return checkDigest("segment tokenizer", tokenizerBytes.data(), range.size,
                     digestOf(manifest().tokenizer()->sha256()));
}

/// No hash covers the bytes between two parts: they are zero.
Result<void> Artifact::checkPadding() const {
  uint64_t end = kHeaderBytes + manifestBytes.size();
  for (const artifact::Segment *segment :
       {manifest().code(), manifest().tokenizer(), manifest().weights_segment(),
        manifest().stub_data()}) {
    Range range = rangeOf(segment);
    if (range.size == 0) {
      continue;
    }
    // The rules made it shorter than the largest alignment.
    unsigned char padding[kWeightsAlignment];
    uint64_t size = range.offset - end;
    if (auto result = source.read(end, padding, size); !result) {
      return result;
    }
    if (std::any_of(padding, padding + size,
                    [](unsigned char byte) { return byte != 0; })) {
      return violation("padding",
                       "zeros in the " + std::to_string(size) +
                           " bytes from offset " + std::to_string(end),
                       "other bytes");
    }
    end = range.offset + range.size;
  }
  return {};
}

Result<Artifact> Artifact::open(const std::string &path) {
  Result<File> file = File::open(path);
  if (!file) {
    return file.takeError();
  }
  Artifact opened(std::move(*file));
  Result<void> result = opened.readManifest();
  if (result) {
    result = opened.checkPadding();
  }
  if (result) {
    result = opened.readTokenizer();
  }
  if (!result) {
    Error error = result.takeError();
    error.message += " (" + printable(path) + ")";
    return error;
  }
  return opened;
}
