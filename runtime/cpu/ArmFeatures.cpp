//===- ArmFeatures.cpp - Features of 64-bit Arm CPUs ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ArmFeatures.h"

using namespace gemma;

namespace {
struct ArmFeature {
  std::string_view name;
  /// 0: AT_HWCAP, 1: AT_HWCAP2.
  int word;
  uint64_t bits;
};
} // namespace

// Linux, Documentation/arch/arm64/elf_hwcaps.rst, by LLVM's names.
// A name with two bits needs both: LLVM's sha3 is SHA512 too, its aes PMULL.
static constexpr ArmFeature kArmFeatures[] = {
    {"fp-armv8", 0, 1u << 0},     {"neon", 0, 1u << 1},
    {"aes", 0, 3u << 3},          {"sha2", 0, 3u << 5},
    {"crc", 0, 1u << 7},          {"lse", 0, 1u << 8},
    {"fullfp16", 0, 3u << 9},     {"rdm", 0, 1u << 12},
    {"jsconv", 0, 1u << 13},      {"complxnum", 0, 1u << 14},
    {"rcpc", 0, 1u << 15},        {"ccpp", 0, 1u << 16},
    {"sha3", 0, 0x220000},        {"sm4", 0, 3u << 18},
    {"dotprod", 0, 1u << 20},     {"sve", 0, 1u << 22},
    {"fp16fml", 0, 1u << 23},     {"dit", 0, 1u << 24},
    {"rcpc-immo", 0, 1u << 26},   {"flagm", 0, 1u << 27},
    {"ssbs", 0, 1u << 28},        {"sb", 0, 1u << 29},
    {"pauth", 0, 3ull << 30},     {"ccdp", 1, 1u << 0},
    {"sve2", 1, 1u << 1},         {"sve2-aes", 1, 3u << 2},
    {"sve2-bitperm", 1, 1u << 4}, {"sve2-sha3", 1, 1u << 5},
    {"sve2-sm4", 1, 1u << 6},     {"altnzcv", 1, 1u << 7},
    {"fptoint", 1, 1u << 8},      {"i8mm", 1, 1u << 13},
    {"bf16", 1, 1u << 14},        {"rand", 1, 1u << 16},
    {"bti", 1, 1u << 17},         {"mte", 1, 1u << 18},
};

std::optional<bool> gemma::hasArmFeature(std::string_view name,
                                         const uint64_t (&capabilities)[2]) {
  for (const ArmFeature &feature : kArmFeatures) {
    if (feature.name == name) {
      return (capabilities[feature.word] & feature.bits) == feature.bits;
    }
  }
  return std::nullopt;
}
