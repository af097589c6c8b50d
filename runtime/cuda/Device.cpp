//===- Device.cpp - What the executor asks of a GPU -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Device.h"

#include "runtime/core/Text.h"
#include "runtime/cuda/Versions.h"

#include <algorithm>

using namespace gemma;
using namespace gemma::cuda;

/// Long enough for the full speed of the bus, short enough for a smooth bar.
static constexpr uint64_t kPieceBytes = uint64_t(16) << 20;

/// The driver maps device memory in pages of this size.
static constexpr uint64_t kPageBytes = uint64_t(2) << 20;

std::string DeviceFacts::chip() const {
  return "sm_" + std::to_string(major) + std::to_string(minor);
}

std::string DeviceFacts::where() const {
  return "device " + std::to_string(index) + ", " + printable(name, 64) + ", " +
         chip() + ", driver of CUDA " + cudaVersionText(cudaVersion);
}

//===----------------------------------------------------------------------===//
// Copies in pieces
//===----------------------------------------------------------------------===//

/// Calls `copy` with the offset and the bytes of each piece.
template <typename Copy>
static Result<void> inPieces(uint64_t bytes, Progress *progress,
                             const CancelFlag *cancel, Copy &&copy) {
  for (uint64_t done = 0; done < bytes;) {
    if (cancel && cancel->requested()) {
      return Error{ErrorCode::Interrupted, "device memory: interrupted"};
    }
    uint64_t piece = std::min(kPieceBytes, bytes - done);
    if (Result<void> result = copy(done, piece); !result) {
      return result;
    }
    if (progress) {
      progress->add(piece);
    }
    done += piece;
  }
  return {};
}

Result<void> Device::upload(const Stream &stream, Address to, const void *from,
                            uint64_t bytes, Progress *progress,
                            const CancelFlag *cancel) {
  auto *source = static_cast<const unsigned char *>(from);
  return inPieces(bytes, progress, cancel,
                  [&](uint64_t offset, uint64_t piece) {
                    return write(stream, to + offset, source + offset, piece);
                  });
}

Result<void> Device::download(const Stream &stream, void *to, Address from,
                              uint64_t bytes, Progress *progress,
                              const CancelFlag *cancel) {
  auto *target = static_cast<unsigned char *>(to);
  return inPieces(bytes, progress, cancel,
                  [&](uint64_t offset, uint64_t piece) {
                    return read(stream, target + offset, from + offset, piece);
                  });
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

Result<Graph> Device::capture(const Stream &stream,
                              const std::function<Result<void>()> &body) {
  if (Result<void> begun = beginCapture(stream); !begun) {
    return begun.takeError();
  }
  Result<void> recorded = body();
  // Also after an error: the stream is of no use while it is captured.
  Result<Graph> graph = endCapture(stream);
  if (!recorded) {
    return recorded.takeError();
  }
  return graph;
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

Result<void> cuda::checkMemory(const MemoryPlan &plan, Device &device) {
  Result<DeviceMemory> memory = device.memory();
  if (!memory) {
    return memory.takeError();
  }
  const std::pair<const char *, uint64_t> parts[] = {
      {"weights", plan.weights}, {"KV cache", plan.kvCache},
      {"arena", plan.arena},     {"logits", plan.logits},
      {"inputs", plan.inputs},
  };
  uint64_t left = memory->free, needed = 0;
  bool fits = true;
  std::string list;
  for (const auto &[name, bytes] : parts) {
    // By subtraction: a hostile plan's sum may not fit 64 bits.
    uint64_t pages = bytes / kPageBytes + (bytes % kPageBytes != 0 ? 1 : 0);
    fits = fits && pages <= left / kPageBytes;
    left -= fits ? pages * kPageBytes : 0;
    uint64_t most = UINT64_MAX / kPageBytes - needed / kPageBytes;
    needed += std::min(pages, most) * kPageBytes;
    if (bytes != 0) {
      list += (list.empty() ? "" : ", ") + std::string(name) + " " +
              byteCount(bytes);
    }
  }
  if (!fits) {
    return resourceError(
        "device memory: expected " + byteCount(needed) + " free (" + list +
        "), found " + byteCount(memory->free) + " of " +
        byteCount(memory->total) + " (" + device.facts().where() + ")");
  }
  return {};
}
