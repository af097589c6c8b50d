//===- StubWeights.cpp - Weights of an artifact without weights -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/StubWeights.h"

#include "runtime/core/Guard.h"
#include "runtime/exec/MemoryPlan.h"

#include <algorithm>
#include <mutex>
#include <vector>

using namespace gemma;

/// Columns of a piece: 1 MiB of a panel of f32, of which no layout has more
/// bytes.
static constexpr uint64_t kPieceColumns = 1 << 14;
static constexpr uint64_t kPieceBytes =
    kPieceColumns * kPanelRows * sizeof(float);

static_assert(kPieceColumns % kSuperblockColumns == 0 &&
                  kSuperblockColumns % kRandomBlock == 0,
              "pieces are whole superblocks, and those whole random blocks");

uint64_t gemma::fillPiece(const RandomWeights &values, WeightLayout layout,
                          uint64_t rows, const WeightPiece &piece,
                          unsigned char *out) {
  if (layout == WeightLayout::F32Rows) {
    auto *to = reinterpret_cast<float *>(out);
    for (uint64_t begin = piece.begin; begin < piece.end; begin += 16) {
      float block[kRandomBlock];
      values.block(static_cast<int64_t>(piece.row),
                   static_cast<int64_t>(begin / 16), block);
      to = std::copy_n(block, std::min<uint64_t>(16, piece.end - begin), to);
    }
    return (piece.end - piece.begin) * sizeof(float);
  }
  // Drawn and encoded in parts that stay in the first cache.
  constexpr uint64_t kPart = 256;
  static_assert(kPart % kSuperblockColumns == 0);
  float part[kPanelRows][kPart];
  uint64_t real = std::min(kPanelRows, rows - piece.row * kPanelRows);
  uint64_t bytes = 0;
  for (uint64_t begin = piece.begin; begin < piece.end; begin += kPart) {
    uint64_t count = std::min(kPart, piece.end - begin);
    for (uint64_t row = 0; row < real; ++row) {
      for (uint64_t k = 0; k < count; k += kRandomBlock) {
        values.block(static_cast<int64_t>(piece.row * kPanelRows + row),
                     static_cast<int64_t>((begin + k) / kRandomBlock),
                     part[row] + k);
      }
    }
    encodePanel(layout, Q4Rule::Ggml, {part[0], kPart, real, count},
                out + bytes);
    bytes += panelBytes(layout, count);
  }
  return bytes;
}

namespace {
/// A weight to fill, cut into pieces.
struct Job {
  const artifact::Weight *weight;
  WeightLayout layout;
  uint64_t rows, columns;
  /// Number of this weight's first piece among those of all weights.
  uint64_t firstPiece;
  /// Rows of pieces (panels or rows) and pieces in each.
  uint64_t pieceRows, piecesPerRow;
};
} // namespace

static std::vector<Job> planJobs(const artifact::Manifest &manifest,
                                 uint64_t &pieces) {
  std::vector<Job> jobs;
  pieces = 0;
  for (const artifact::Weight *weight : each(manifest.weights())) {
    if (!weight->fill()) {
      continue;
    }
    Span<const uint64_t> shape = shapeOf(*weight);
    Job job;
    job.weight = weight;
    job.layout = *weightLayout(text(weight->encoding()->kind()),
                               weight->encoding()->panel());
    job.columns = shape[shape.size() - 1];
    job.rows = 1;
    for (size_t i = 0; i + 1 < shape.size(); ++i) {
      job.rows *= shape[i];
    }
    job.firstPiece = pieces;
    job.pieceRows = job.layout == WeightLayout::F32Rows
                        ? job.rows
                        : (job.rows + kPanelRows - 1) / kPanelRows;
    job.piecesPerRow = (job.columns + kPieceColumns - 1) / kPieceColumns;
    pieces += job.pieceRows * job.piecesPerRow;
    jobs.push_back(job);
  }
  return jobs;
}

/// Fills one piece and writes it to the file; its size in bytes.
static Result<uint64_t> writePiece(const Job &job, uint64_t number,
                                   unsigned char *buffer, const File &file) {
  uint64_t begin = number % job.piecesPerRow * kPieceColumns;
  WeightPiece piece{number / job.piecesPerRow, begin,
                    std::min(begin + kPieceColumns, job.columns)};
  const artifact::RandomFill &fill = *job.weight->fill();
  RandomWeights values(fill.seed(), text(job.weight->name()), fill.bound());
  uint64_t bytes = fillPiece(values, job.layout, job.rows, piece, buffer);
  // All pieces before it in its weight are whole, so its place follows.
  uint64_t rowBytes = job.weight->size() / job.pieceRows;
  uint64_t offset = job.weight->offset() + piece.row * rowBytes +
                    panelBytes(job.layout, piece.begin);
  if (auto result = file.write(offset, buffer, bytes); !result) {
    return result.takeError();
  }
  return bytes;
}

Result<Mapping> gemma::fillStubWeights(const artifact::Manifest &manifest,
                                       ThreadPool &pool, Progress &progress,
                                       const CancelFlag *cancel) {
  Result<File> file = File::temporary(filledBytes(manifest));
  if (!file) {
    return file.takeError();
  }
  uint64_t pieces = 0;
  std::vector<Job> jobs = planJobs(manifest, pieces);
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  Result<void> failure;
  pool.run([&](uint32_t) {
    Result<void> result = guarded([&]() -> Result<void> {
      std::vector<unsigned char> buffer(kPieceBytes);
      for (uint64_t piece; (piece = next.fetch_add(1)) < pieces;) {
        if (stop.load(std::memory_order_relaxed)) {
          return {};
        }
        if (cancel && cancel->requested()) {
          return Error{ErrorCode::Interrupted, "stub weights: interrupted"};
        }
        // The last job that starts at or before the piece.
        auto job = std::upper_bound(jobs.begin(), jobs.end(), piece,
                                    [](uint64_t number, const Job &job) {
                                      return number < job.firstPiece;
                                    }) -
                   1;
        Result<uint64_t> bytes =
            writePiece(*job, piece - job->firstPiece, buffer.data(), *file);
        if (!bytes) {
          return bytes.takeError();
        }
        progress.add(*bytes);
      }
      return {};
    });
    if (!result) {
      stop.store(true, std::memory_order_relaxed);
      std::lock_guard<std::mutex> lock(mutex);
      failure = std::move(result);
    }
  });
  if (!failure) {
    return failure.takeError();
  }
  return file->map(0, file->size());
}
