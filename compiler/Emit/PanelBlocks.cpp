//===- PanelBlocks.cpp - Blocks of a file as they lie in panels -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/PanelBlocks.h"

#include "runtime/artifact/Quantize.h"
#include "runtime/core/HalfFloat.h"

#include <cstring>
#include <string_view>

using namespace mlir::gemma;
using ::gemma::GgmlType;
using ::gemma::WeightLayout;

constexpr int kBlock = 32;
constexpr uint64_t kRows = ::gemma::kPanelRows;

bool mlir::gemma::takesBlocks(const GgmlType &type, WeightLayout layout) {
  std::string_view name = type.name;
  return layout == WeightLayout::Q4Panel
             ? name == "Q4_0"
             : layout == WeightLayout::Q8Panel &&
                   (name == "Q4_0" || name == "Q5_0" || name == "Q8_0");
}

/// The integers of a block, whose layouts GgmlTypes.cpp tells.
static void readIntegers(const GgmlType &type, const char *block,
                         int out[kBlock]) {
  auto byte = [&](int i) { return static_cast<unsigned char>(block[i]); };
  char kind = type.name[1]; // Q4_0, Q5_0, Q8_0
  if (kind == '8') {
    for (int i = 0; i < kBlock; ++i) {
      out[i] = static_cast<int8_t>(block[2 + i]);
    }
    return;
  }
  int codes = kind == '4' ? 2 : 6, middle = kind == '4' ? 8 : 16;
  for (int i = 0; i < kBlock / 2; ++i) {
    out[i] = byte(codes + i) & 15;
    out[i + kBlock / 2] = byte(codes + i) >> 4;
  }
  for (int i = 0; i < kBlock; ++i) {
    int fifth = kind == '5' ? (byte(2 + i / 8) >> i % 8 & 1) << 4 : 0;
    out[i] = (out[i] | fifth) - middle;
  }
}

/// Steps of 4 columns: a byte each of q + 128.
static void writeQ8(const int q[kBlock], unsigned char *steps) {
  for (int i = 0; i < kBlock; ++i) {
    steps[i / 4 * kRows * 4 + i % 4] = static_cast<unsigned char>(q[i] + 128);
  }
}

/// Two steps of 4 columns together: halves of a byte of q + 8.
static void writeQ4(const int q[kBlock], unsigned char *steps) {
  for (int i = 0; i < kBlock; i += 8) {
    for (int k = 0; k < 4; ++k) {
      int both = (q[i + k] + 8) | (q[i + 4 + k] + 8) << 4;
      steps[i / 8 * kRows * 4 + k] = static_cast<unsigned char>(both);
    }
  }
}

std::optional<BadScale> mlir::gemma::packBlocks(const GgmlType &type,
                                                WeightLayout layout,
                                                const BlockRows &from,
                                                unsigned char *out) {
  bool isQ8 = layout == WeightLayout::Q8Panel;
  uint64_t superblockBytes =
      isQ8 ? ::gemma::kQ8SuperblockBytes : ::gemma::kQ4SuperblockBytes;
  uint64_t blocks = from.columns / kBlock;
  for (uint64_t b = 0; b < (blocks + 1) / 2; ++b) {
    unsigned char *superblock = out + b * superblockBytes;
    std::memset(superblock, 0, ::gemma::kScaleBytes);
    std::memset(superblock + ::gemma::kScaleBytes, isQ8 ? 0x80 : 0x88,
                superblockBytes - ::gemma::kScaleBytes);
  }
  uint64_t stepBytes = isQ8 ? 512 : 256; // of one block's columns
  for (uint64_t row = 0; row < from.rows; ++row) {
    const char *block = from.data + row * blocks * type.bytes;
    for (uint64_t b = 0; b < blocks; ++b, block += type.bytes) {
      int q[kBlock];
      readIntegers(type, block, q);
      uint16_t scale;
      std::memcpy(&scale, block, sizeof scale);
      if ((scale & 0x7c00) == 0x7c00) {
        return BadScale{row, b * kBlock,
                        ::gemma::fromHalf(scale) * static_cast<float>(q[0])};
      }
      unsigned char *superblock = out + b / 2 * superblockBytes;
      std::memcpy(superblock + b % 2 * kRows * 2 + row * 2, &scale,
                  sizeof scale);
      unsigned char *steps =
          superblock + ::gemma::kScaleBytes + b % 2 * stepBytes + row * 4;
      (isQ8 ? writeQ8 : writeQ4)(q, steps);
    }
  }
  return std::nullopt;
}
