//===- Packer.cpp - Weights streamed through their encoders ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Packer.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

using namespace mlir::gemma;
using ::gemma::Digest;
using ::gemma::Error;
using ::gemma::Result;

/// f32 values of a block, if a group of rows is not more. A quarter of what
/// the design allows: it keeps two threads as busy, and stays in the cache.
static constexpr int64_t kBlockValues = 1 << 20;

namespace {

/// Groups of rows of one weight.
struct Block {
  size_t weight;
  int64_t row;
  int64_t rows;
  /// Of the encoded bytes in the weight.
  uint64_t offset;
  uint64_t bytes;
};

/// A block's bytes on the way from the thread that encodes it to the one that
/// writes it.
struct Slot {
  std::vector<char> bytes;
  std::optional<Error> error;
  EncodingError measured;
  bool full = false;
};

class Packer {
public:
  Packer(llvm::ArrayRef<WeightEncoder> weights, const PackerPorts &ports,
         unsigned jobs, std::vector<EncodingError> *errors)
      : errors(errors), weights(weights), ports(ports),
        jobs(std::max(jobs, 1u)), slots(this->jobs + 2) {
    cut();
  }

  Result<std::vector<Digest>> run() {
    std::vector<std::thread> workers;
    size_t count = std::min<size_t>(jobs, blocks.size());
    try {
      for (size_t i = 0; i < count; ++i) {
        workers.emplace_back([this] { work(); });
      }
    } catch (const std::exception &exception) {
      // Fewer do as well, in more time; none do not.
      if (workers.empty()) {
        return ::gemma::resourceError(std::string("threads: ") +
                                      exception.what());
      }
    }
    Result<std::vector<Digest>> digests = drain();
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    slotEmptied.notify_all();
    for (std::thread &worker : workers) {
      worker.join();
    }
    return digests;
  }

private:
  void cut() {
    for (auto [index, weight] : llvm::enumerate(weights)) {
      int64_t groupValues = weight.getGroupRows() * weight.getColumns();
      int64_t groups = std::max<int64_t>(kBlockValues / groupValues, 1);
      for (int64_t g = 0; g < weight.getGroups(); g += groups) {
        int64_t here = std::min(groups, weight.getGroups() - g);
        int64_t row = g * weight.getGroupRows();
        blocks.push_back(
            {index, row,
             std::min(here * weight.getGroupRows(), weight.getRows() - row),
             static_cast<uint64_t>(g * weight.getGroupBytes()),
             static_cast<uint64_t>(here * weight.getGroupBytes())});
      }
    }
  }

  /// Encodes blocks until none is left.
  void work() {
    std::vector<float> values;
    for (;;) {
      size_t index;
      {
        std::unique_lock<std::mutex> lock(mutex);
        slotEmptied.wait(lock, [&] {
          return stopping || next == blocks.size() ||
                 next < written + slots.size();
        });
        if (stopping || next == blocks.size()) {
          return;
        }
        index = next++;
      }
      Slot &slot = slots[index % slots.size()];
      encode(blocks[index], values, slot);
      {
        std::lock_guard<std::mutex> lock(mutex);
        slot.full = true;
      }
      slotFilled.notify_one();
    }
  }

  void encode(const Block &block, std::vector<float> &values, Slot &slot) {
    const WeightEncoder &weight = weights[block.weight];
    slot.bytes.resize(block.bytes);
    slot.measured = {};
    if (weight.takesBlocks()) {
      std::string_view blocks =
          ports.blocks(block.weight, block.row, block.rows);
      finish(block,
             weight.encodeBlocks(blocks.data(), block.rows, slot.bytes.data()),
             slot);
      return;
    }
    values.resize(block.rows * weight.getColumns());
    Result<void> read =
        ports.read(block.weight, block.row, block.rows, values.data());
    if (!read) {
      slot.error = read.takeError();
      return;
    }
    auto bad = weight.encode(values.data(), block.rows, slot.bytes.data());
    if (!bad && errors && ports.isMeasured && ports.isMeasured(block.weight)) {
      slot.measured =
          weight.measure(values.data(), block.rows, slot.bytes.data());
    }
    finish(block, bad, slot);
  }

  void finish(const Block &block, std::optional<BadValue> bad, Slot &slot) {
    if (bad) {
      bad->row += block.row;
      slot.error = describe(block.weight, *bad);
      return;
    }
    ports.release(block.weight, block.row, block.rows);
  }

  Error describe(size_t weight, const BadValue &bad) {
    std::string expected = "finite values";
    if (std::isfinite(bad.value)) {
      char limit[32];
      std::snprintf(limit, sizeof limit, "%g", weights[weight].getLimit());
      expected = "values below " + std::string(limit) +
                 ", which its encoding can hold";
    }
    char found[32];
    std::snprintf(found, sizeof found, "%g", bad.value);
    return ::gemma::invalidData(ports.name(weight) + ": expected " + expected +
                                ", found " + found + " (row " +
                                std::to_string(bad.row) + ", column " +
                                std::to_string(bad.column) + ")");
  }

  /// Hashes and writes the blocks in order.
  Result<std::vector<Digest>> drain() {
    Result<::gemma::Sha256> hash = ::gemma::Sha256::create();
    if (!hash) {
      return hash.takeError();
    }
    std::vector<Digest> digests;
    for (size_t index = 0; index < blocks.size(); ++index) {
      const Block &block = blocks[index];
      Slot &slot = slots[index % slots.size()];
      {
        std::unique_lock<std::mutex> lock(mutex);
        slotFilled.wait(lock, [&] { return slot.full; });
      }
      if (slot.error) {
        return *slot.error;
      }
      if (errors) {
        // In order, so that the sums do not depend on the threads.
        errors->resize(weights.size());
        (*errors)[block.weight].add(slot.measured);
      }
      hash->add(slot.bytes.data(), slot.bytes.size());
      Result<void> out =
          ports.write(block.weight, block.offset,
                      std::string_view(slot.bytes.data(), slot.bytes.size()));
      if (!out) {
        return out.takeError();
      }
      bool isLast = index + 1 == blocks.size() ||
                    blocks[index + 1].weight != block.weight;
      if (isLast) {
        Result<Digest> digest = hash->finish();
        if (!digest) {
          return digest.takeError();
        }
        digests.push_back(*digest);
      }
      {
        std::lock_guard<std::mutex> lock(mutex);
        slot.full = false;
        written = index + 1;
      }
      slotEmptied.notify_all();
    }
    return digests;
  }

  std::vector<EncodingError> *errors;
  llvm::ArrayRef<WeightEncoder> weights;
  const PackerPorts &ports;
  unsigned jobs;
  std::vector<Block> blocks;

  /// Block i is in slot i mod their number.
  std::vector<Slot> slots;
  std::mutex mutex;
  std::condition_variable slotFilled, slotEmptied;
  size_t next = 0;
  size_t written = 0;
  bool stopping = false;
};

} // namespace

Result<std::vector<Digest>>
mlir::gemma::packWeights(llvm::ArrayRef<WeightEncoder> weights,
                         const PackerPorts &ports, unsigned jobs,
                         std::vector<EncodingError> *errors) {
  return Packer(weights, ports, jobs, errors).run();
}
