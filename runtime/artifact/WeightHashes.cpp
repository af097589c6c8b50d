//===- WeightHashes.cpp - Checks the bytes of the weights -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/WeightHashes.h"

#include "runtime/core/Guard.h"
#include "runtime/core/Text.h"

#include <algorithm>
#include <mutex>

using namespace gemma;

// Read at a time: large enough to stream, small enough to cancel quickly.
static constexpr uint64_t kPieceBytes = uint64_t(1) << 20;

namespace {
/// A range of the file with a hash, and zeros after it up to `end`.
struct Hashed {
  std::string name;
  uint64_t offset, size, end;
  Digest digest;
};
} // namespace

static std::vector<Hashed> hashedRanges(const Artifact &artifact) {
  const artifact::Manifest &manifest = artifact.manifest();
  std::vector<Hashed> ranges;
  if (manifest.stub()) {
    Range data = rangeOf(manifest.stub_data());
    if (data.size != 0) {
      ranges.push_back({"segment stub_data", data.offset, data.size,
                        data.offset + data.size,
                        digestOf(manifest.stub_data()->sha256())});
    }
    return ranges;
  }
  Range segment = rangeOf(manifest.weights_segment());
  for (const artifact::Weight *weight : each(manifest.weights())) {
    uint64_t offset = segment.offset + weight->offset();
    ranges.push_back({"weight \"" + printable(text(weight->name()), 128) + "\"",
                      offset, weight->size(), offset + weight->size(),
                      digestOf(weight->sha256())});
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto &a, const auto &b) { return a.offset < b.offset; });
  for (size_t i = 0; i + 1 < ranges.size(); ++i) {
    ranges[i].end = ranges[i + 1].offset;
  }
  return ranges;
}

/// Checks one range; `buffer` has kPieceBytes.
static Result<void> check(const File &file, const Hashed &range,
                          std::vector<unsigned char> &buffer,
                          Progress &progress, const CancelFlag *cancel) {
  Result<Sha256> hash = Sha256::create();
  if (!hash) {
    return hash.takeError();
  }
  for (uint64_t done = 0; done < range.size;) {
    if (cancel && cancel->requested()) {
      return Error{ErrorCode::Interrupted, "verification: interrupted"};
    }
    uint64_t size = std::min(kPieceBytes, range.size - done);
    if (auto result = file.read(range.offset + done, buffer.data(), size);
        !result) {
      return result;
    }
    hash->add(buffer.data(), size);
    progress.add(size);
    done += size;
  }
  Result<Digest> found = hash->finish();
  if (!found) {
    return found.takeError();
  }
  if (auto result = compareDigest(range.name, *found, range.digest); !result) {
    return result;
  }
  // Less than 64 bytes, by the rules.
  uint64_t padding = range.end - (range.offset + range.size);
  if (auto result =
          file.read(range.offset + range.size, buffer.data(), padding);
      !result) {
    return result;
  }
  if (std::any_of(buffer.begin(), buffer.begin() + padding,
                  [](unsigned char byte) { return byte != 0; })) {
    return invalidData("padding after " + range.name +
                       ": expected zeros, found other bytes");
  }
  return {};
}

uint64_t gemma::weightBytes(const Artifact &artifact) {
  uint64_t bytes = 0;
  for (const Hashed &range : hashedRanges(artifact)) {
    bytes += range.size;
  }
  return bytes;
}

Result<void> gemma::checkWeightBytes(const Artifact &artifact, ThreadPool &pool,
                                     Progress &progress,
                                     const CancelFlag *cancel) {
  std::vector<Hashed> ranges = hashedRanges(artifact);
  std::atomic<size_t> next{0};
  std::mutex mutex;
  // The first failure in the file's order, whatever thread finds it.
  size_t failed = ranges.size();
  Result<void> failure;
  pool.run([&](uint32_t) {
    Result<void> result = guarded([&]() -> Result<void> {
      std::vector<unsigned char> buffer(kPieceBytes);
      for (size_t i; (i = next.fetch_add(1)) < ranges.size();) {
        Result<void> checked =
            check(artifact.file(), ranges[i], buffer, progress, cancel);
        std::lock_guard<std::mutex> lock(mutex);
        if (!checked && i < failed) {
          failed = i;
          failure = std::move(checked);
        }
        if (failed != ranges.size()) {
          return {};
        }
      }
      return {};
    });
    if (!result) {
      std::lock_guard<std::mutex> lock(mutex);
      failed = 0;
      failure = std::move(result);
    }
  });
  if (failure) {
    return {};
  }
  Error error = failure.takeError();
  error.message += " (" + printable(artifact.file().path()) + ")";
  return error;
}
