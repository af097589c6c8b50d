//===- CpuFeatures.cpp - What this machine can execute --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuFeatures.h"

#include "runtime/core/Text.h"

#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include "runtime/cpu/ArmFeatures.h"

#include <optional>
#include <sys/auxv.h>
#endif

using namespace gemma;

enum class Presence { Present, Absent, Unknown };

#if defined(__x86_64__)

// Register states of XCR0 (Intel SDM volume 1, 13.1): SSE and AVX; opmask and
// both halves of the ZMM registers; tile configuration and data; the extended
// general registers.
static constexpr uint64_t kAvxStates = 0x6;
static constexpr uint64_t kAvx512States = 0xe6;
static constexpr uint64_t kAmxStates = 0x60000;
static constexpr uint64_t kApxStates = 0x80000;

namespace {
enum Register { kEax, kEbx, kEcx, kEdx };
struct X86Feature {
  std::string_view name;
  uint32_t leaf, subleaf;
  Register reg;
  uint32_t bit;
  /// States that the system must save.
  uint64_t states;
};
} // namespace

// CPUID bits (Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E) of the
// names that LLVM 22 gives them.
static constexpr X86Feature kX86Features[] = {
    // Leaf 1.
    {"sse3", 1, 0, kEcx, 0, 0},
    {"pclmul", 1, 0, kEcx, 1, 0},
    {"ssse3", 1, 0, kEcx, 9, 0},
    {"fma", 1, 0, kEcx, 12, kAvxStates},
    {"cx16", 1, 0, kEcx, 13, 0},
    {"sse4.1", 1, 0, kEcx, 19, 0},
    {"sse4.2", 1, 0, kEcx, 20, 0},
    {"crc32", 1, 0, kEcx, 20, 0},
    {"movbe", 1, 0, kEcx, 22, 0},
    {"popcnt", 1, 0, kEcx, 23, 0},
    {"aes", 1, 0, kEcx, 25, 0},
    {"xsave", 1, 0, kEcx, 27, 0},
    {"avx", 1, 0, kEcx, 28, kAvxStates},
    {"f16c", 1, 0, kEcx, 29, kAvxStates},
    {"rdrnd", 1, 0, kEcx, 30, 0},
    {"x87", 1, 0, kEdx, 0, 0},
    {"cx8", 1, 0, kEdx, 8, 0},
    {"cmov", 1, 0, kEdx, 15, 0},
    {"mmx", 1, 0, kEdx, 23, 0},
    {"fxsr", 1, 0, kEdx, 24, 0},
    {"sse", 1, 0, kEdx, 25, 0},
    {"sse2", 1, 0, kEdx, 26, 0},
    // Leaf 7.
    {"fsgsbase", 7, 0, kEbx, 0, 0},
    {"sgx", 7, 0, kEbx, 2, 0},
    {"bmi", 7, 0, kEbx, 3, 0},
    {"avx2", 7, 0, kEbx, 5, kAvxStates},
    {"bmi2", 7, 0, kEbx, 8, 0},
    {"invpcid", 7, 0, kEbx, 10, 0},
    {"rtm", 7, 0, kEbx, 11, 0},
    {"avx512f", 7, 0, kEbx, 16, kAvx512States},
    {"avx512dq", 7, 0, kEbx, 17, kAvx512States},
    {"rdseed", 7, 0, kEbx, 18, 0},
    {"adx", 7, 0, kEbx, 19, 0},
    {"avx512ifma", 7, 0, kEbx, 21, kAvx512States},
    {"clflushopt", 7, 0, kEbx, 23, 0},
    {"clwb", 7, 0, kEbx, 24, 0},
    {"avx512cd", 7, 0, kEbx, 28, kAvx512States},
    {"sha", 7, 0, kEbx, 29, 0},
    {"avx512bw", 7, 0, kEbx, 30, kAvx512States},
    {"avx512vl", 7, 0, kEbx, 31, kAvx512States},
    {"evex512", 7, 0, kEbx, 16, kAvx512States},
    {"avx512vbmi", 7, 0, kEcx, 1, kAvx512States},
    {"pku", 7, 0, kEcx, 4, 0},
    {"waitpkg", 7, 0, kEcx, 5, 0},
    {"avx512vbmi2", 7, 0, kEcx, 6, kAvx512States},
    {"shstk", 7, 0, kEcx, 7, 0},
    {"gfni", 7, 0, kEcx, 8, 0},
    {"vaes", 7, 0, kEcx, 9, kAvxStates},
    {"vpclmulqdq", 7, 0, kEcx, 10, kAvxStates},
    {"avx512vnni", 7, 0, kEcx, 11, kAvx512States},
    {"avx512bitalg", 7, 0, kEcx, 12, kAvx512States},
    {"avx512vpopcntdq", 7, 0, kEcx, 14, kAvx512States},
    {"rdpid", 7, 0, kEcx, 22, 0},
    {"kl", 7, 0, kEcx, 23, 0},
    {"cldemote", 7, 0, kEcx, 25, 0},
    {"movdiri", 7, 0, kEcx, 27, 0},
    {"movdir64b", 7, 0, kEcx, 28, 0},
    {"enqcmd", 7, 0, kEcx, 29, 0},
    {"avx5124vnniw", 7, 0, kEdx, 2, kAvx512States},
    {"avx5124fmaps", 7, 0, kEdx, 3, kAvx512States},
    {"uintr", 7, 0, kEdx, 5, 0},
    {"avx512vp2intersect", 7, 0, kEdx, 8, kAvx512States},
    {"serialize", 7, 0, kEdx, 14, 0},
    {"tsxldtrk", 7, 0, kEdx, 16, 0},
    {"pconfig", 7, 0, kEdx, 18, 0},
    {"amx-bf16", 7, 0, kEdx, 22, kAmxStates},
    {"avx512fp16", 7, 0, kEdx, 23, kAvx512States},
    {"amx-tile", 7, 0, kEdx, 24, kAmxStates},
    {"amx-int8", 7, 0, kEdx, 25, kAmxStates},
    {"sha512", 7, 1, kEax, 0, kAvxStates},
    {"sm3", 7, 1, kEax, 1, kAvxStates},
    {"sm4", 7, 1, kEax, 2, kAvxStates},
    {"raoint", 7, 1, kEax, 3, 0},
    {"avxvnni", 7, 1, kEax, 4, kAvxStates},
    {"avx512bf16", 7, 1, kEax, 5, kAvx512States},
    {"cmpccxadd", 7, 1, kEax, 7, 0},
    {"amx-fp16", 7, 1, kEax, 21, kAmxStates},
    {"hreset", 7, 1, kEax, 22, 0},
    {"avxifma", 7, 1, kEax, 23, kAvxStates},
    {"movrs", 7, 1, kEax, 31, 0},
    {"avxvnniint8", 7, 1, kEdx, 4, kAvxStates},
    {"avxneconvert", 7, 1, kEdx, 5, kAvxStates},
    {"amx-complex", 7, 1, kEdx, 8, kAmxStates},
    {"avxvnniint16", 7, 1, kEdx, 10, kAvxStates},
    {"prefetchi", 7, 1, kEdx, 14, 0},
    {"usermsr", 7, 1, kEdx, 15, 0},
    {"egpr", 7, 1, kEdx, 21, kApxStates},
    {"push2pop2", 7, 1, kEdx, 21, kApxStates},
    {"ppx", 7, 1, kEdx, 21, kApxStates},
    {"ndd", 7, 1, kEdx, 21, kApxStates},
    {"ccmp", 7, 1, kEdx, 21, kApxStates},
    {"nf", 7, 1, kEdx, 21, kApxStates},
    {"cf", 7, 1, kEdx, 21, kApxStates},
    {"zu", 7, 1, kEdx, 21, kApxStates},
    // Leaves 0xd, 0x14, 0x19, 0x1e.
    {"xsaveopt", 0xd, 1, kEax, 0, 0},
    {"xsavec", 0xd, 1, kEax, 1, 0},
    {"xsaves", 0xd, 1, kEax, 3, 0},
    {"ptwrite", 0x14, 0, kEbx, 4, 0},
    {"widekl", 0x19, 0, kEbx, 2, 0},
    {"amx-fp8", 0x1e, 1, kEax, 4, kAmxStates},
    {"amx-tf32", 0x1e, 1, kEax, 6, kAmxStates},
    {"amx-avx512", 0x1e, 1, kEax, 7, kAmxStates},
    {"amx-movrs", 0x1e, 1, kEax, 8, kAmxStates},
    // Extended leaves.
    {"sahf", 0x80000001, 0, kEcx, 0, 0},
    {"lzcnt", 0x80000001, 0, kEcx, 5, 0},
    {"sse4a", 0x80000001, 0, kEcx, 6, 0},
    {"prfchw", 0x80000001, 0, kEcx, 8, 0},
    {"xop", 0x80000001, 0, kEcx, 11, kAvxStates},
    {"lwp", 0x80000001, 0, kEcx, 15, 0},
    {"fma4", 0x80000001, 0, kEcx, 16, kAvxStates},
    {"tbm", 0x80000001, 0, kEcx, 21, 0},
    {"mwaitx", 0x80000001, 0, kEcx, 29, 0},
    {"64bit", 0x80000001, 0, kEdx, 29, 0},
    {"clzero", 0x80000008, 0, kEbx, 0, 0},
    {"rdpru", 0x80000008, 0, kEbx, 4, 0},
    {"wbnoinvd", 0x80000008, 0, kEbx, 9, 0},
};

/// AVX10's leaf holds a version instead of bits.
static uint32_t avx10Version(const CpuSource &source) {
  constexpr uint32_t kAvx10Bit = 1u << 19;
  if ((source.cpuid(7, 1).value[kEdx] & kAvx10Bit) == 0 ||
      (source.savedStates & kAvx512States) != kAvx512States) {
    return 0;
  }
  return source.cpuid(0x24, 0).value[kEbx] & 0xff;
}

static Presence presence(std::string_view name, const CpuSource &source) {
  auto of = [](bool present) {
    return present ? Presence::Present : Presence::Absent;
  };
  if (name == "avx10.1") {
    return of(avx10Version(source) >= 1);
  }
  if (name == "avx10.2") {
    return of(avx10Version(source) >= 2);
  }
  for (const X86Feature &feature : kX86Features) {
    if (feature.name == name) {
      uint32_t bits =
          source.cpuid(feature.leaf, feature.subleaf).value[feature.reg];
      return of((bits >> feature.bit & 1) != 0 &&
                (source.savedStates & feature.states) == feature.states);
    }
  }
  return Presence::Unknown;
}

static CpuidRegisters readCpuid(uint32_t leaf, uint32_t subleaf) {
  CpuidRegisters registers;
  uint32_t *value = registers.value;
  // Zeros stay for a leaf beyond the highest; __get_cpuid_count checks that.
  if (!__get_cpuid_count(leaf, subleaf, &value[kEax], &value[kEbx],
                         &value[kEcx], &value[kEdx])) {
    return {};
  }
  return registers;
}

static uint64_t readSavedStates() {
  constexpr uint32_t kOsXsaveBit = 1u << 27;
  if ((readCpuid(1, 0).value[kEcx] & kOsXsaveBit) == 0) {
    return 0;
  }
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

std::string_view gemma::machineArchitecture() { return "x86_64"; }

CpuSource gemma::thisCpu() { return {readCpuid, readSavedStates(), {0, 0}}; }

/// Linux keeps the tile registers off until a process asks for them.
static bool mayUseTiles() {
  constexpr long kRequestState = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestState, kTileData) == 0;
}

#elif defined(__aarch64__)

static Presence presence(std::string_view name, const CpuSource &source) {
  std::optional<bool> present = hasArmFeature(name, source.capabilities);
  if (!present) {
    return Presence::Unknown;
  }
  return *present ? Presence::Present : Presence::Absent;
}

std::string_view gemma::machineArchitecture() { return "aarch64"; }

CpuSource gemma::thisCpu() {
  return {nullptr, 0, {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)}};
}

static bool mayUseTiles() { return true; }

#else
#error "the runtime knows x86-64 and aarch64"
#endif

MissingFeatures gemma::missingFeatures(Span<const std::string_view> features,
                                       const CpuSource &source) {
  MissingFeatures missing;
  for (std::string_view name : features) {
    switch (presence(name, source)) {
    case Presence::Present:
      break;
    case Presence::Absent:
      missing.absent.emplace_back(name);
      break;
    case Presence::Unknown:
      missing.unknown.emplace_back(printable(name, 64));
      break;
    }
  }
  return missing;
}

static std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

/// "x86_64" of "x86_64-unknown-linux-gnu", with other common spellings.
static std::string_view architectureOf(std::string_view triple) {
  std::string_view word = triple.substr(0, triple.find('-'));
  if (word == "amd64") {
    return "x86_64";
  }
  return word == "arm64" ? "aarch64" : word;
}

bool gemma::isThisMachine(std::string_view triple) {
  return architectureOf(triple) == machineArchitecture() &&
         triple.find("linux") != std::string_view::npos;
}

Result<void> gemma::checkTarget(std::string_view device,
                                std::string_view triple, std::string_view cpu,
                                Span<const std::string_view> features) {
  if (device != "cpu") {
    return resourceError("device: expected \"cpu\", which this runtime has, "
                         "found \"" +
                         printable(device, 64) + "\"");
  }
  if (!isThisMachine(triple)) {
    return resourceError(
        "machine: expected " + std::string(machineArchitecture()) +
        " and linux, found code for \"" + printable(triple, 64) + "\"");
  }
  MissingFeatures missing = missingFeatures(features, thisCpu());
  if (!missing.unknown.empty()) {
    return resourceError(
        "CPU: expected features that this runtime can check, found " +
        joined(missing.unknown));
  }
  for (std::string_view name : features) {
    if (missing.absent.empty() && name == "amx-tile" && !mayUseTiles()) {
      missing.absent.emplace_back(name);
    }
  }
  if (!missing.absent.empty()) {
    return resourceError("CPU: expected every feature of " +
                         printable(cpu, 64) +
                         ", found these missing: " + joined(missing.absent));
  }
  return {};
}
