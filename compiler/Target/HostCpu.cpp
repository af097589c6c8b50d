//===- HostCpu.cpp - CPUs by name and the host's own ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/HostCpu.h"

#include "runtime/cpu/CpuFeatures.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <memory>

using namespace mlir::gemma;
using llvm::StringLiteral;
using llvm::StringRef;

llvm::ArrayRef<StringLiteral>
mlir::gemma::getCodegenFeatures(const llvm::Triple &triple) {
  static constexpr StringLiteral x86[] = {"avx",
                                          "avx2",
                                          "avx512bf16",
                                          "avx512bitalg",
                                          "avx512bw",
                                          "avx512cd",
                                          "avx512dq",
                                          "avx512f",
                                          "avx512vbmi",
                                          "avx512vbmi2",
                                          "avx512vl",
                                          "avx512vnni",
                                          "avx512vpopcntdq",
                                          "avxvnni",
                                          "bmi",
                                          "bmi2",
                                          "f16c",
                                          "fma",
                                          "lzcnt",
                                          "popcnt",
                                          "sse3",
                                          "sse4.1",
                                          "sse4.2",
                                          "ssse3"};
  static constexpr StringLiteral aarch64[] = {"bf16", "dotprod", "fullfp16",
                                              "i8mm"};
  if (triple.isX86()) {
    return x86;
  }
  return triple.isAArch64() ? llvm::ArrayRef<StringLiteral>(aarch64)
                            : llvm::ArrayRef<StringLiteral>();
}

/// LLVM's view of a CPU; null if LLVM has no such target.
static std::unique_ptr<llvm::MCSubtargetInfo>
getSubtarget(const llvm::Triple &triple, StringRef cpu, StringRef features) {
  // Registering is cheap and safe to repeat.
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    return nullptr;
  }
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      target->createMCSubtargetInfo(triple, cpu, features));
}

static bool hasFeature(const llvm::MCSubtargetInfo &subtarget,
                       StringRef feature) {
  return subtarget.checkFeatures(("+" + feature).str());
}

/// Whether `subtarget` is a CPU of 64 bits; LLVM lists older ones beside them.
static bool is64Bit(const llvm::Triple &triple,
                    const llvm::MCSubtargetInfo &subtarget) {
  return !triple.isX86() || hasFeature(subtarget, "64bit");
}

static std::vector<std::string>
getFeatures(const llvm::Triple &triple,
            llvm::function_ref<bool(StringRef)> isOn) {
  std::vector<std::string> features;
  for (StringLiteral feature : getCodegenFeatures(triple)) {
    if (isOn(feature)) {
      features.push_back(feature.str());
    }
  }
  return features;
}

Cpu mlir::gemma::getHostCpu() {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  ::gemma::CpuSource source = ::gemma::thisCpu();
  // The runtime's own look: what it would refuse must not be compiled.
  auto isOn = [&](StringRef feature) {
    ::gemma::MissingFeatures missing =
        ::gemma::missingFeatures({std::string_view(feature)}, source);
    return missing.absent.empty() && missing.unknown.empty();
  };
  // LLVM takes what a feature implies for given; a hypervisor that hides
  // AVX512BW but not AVX512BF16 must get neither.
  auto isUsable = [&](StringRef feature) {
    if (!isOn(feature)) {
      return false;
    }
    auto alone = getSubtarget(triple, "", ("+" + feature).str());
    return alone && llvm::all_of(getCodegenFeatures(triple), [&](StringRef f) {
             return !hasFeature(*alone, f) || isOn(f);
           });
  };
  return {triple.str(), llvm::sys::getHostCPUName().str(),
          getFeatures(triple, isUsable)};
}

std::optional<std::string> mlir::gemma::getTriple(StringRef name) {
  if (name.empty()) {
    return llvm::sys::getDefaultTargetTriple();
  }
  llvm::Triple triple(llvm::Triple::normalize(name));
  bool isBare = !name.contains('-');
  bool isKnown = triple.getArch() == llvm::Triple::x86_64 ||
                 triple.getArch() == llvm::Triple::aarch64;
  bool isGnuLinux =
      triple.isOSLinux() &&
      (triple.getEnvironment() == llvm::Triple::GNU ||
       triple.getEnvironment() == llvm::Triple::UnknownEnvironment);
  if (!isKnown || (!isGnuLinux && !isBare)) {
    return std::nullopt;
  }
  // One spelling, so that the same target gives the same bytes.
  return (llvm::Triple::getArchTypeName(triple.getArch()) +
          "-unknown-linux-gnu")
      .str();
}

Cpu mlir::gemma::getDefaultCpu(StringRef triple) {
  llvm::Triple parsed(triple);
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  if (parsed.getArch() == host.getArch()) {
    Cpu cpu = getHostCpu();
    cpu.triple = triple.str();
    return cpu;
  }
  // The baseline has no feature beyond it.
  return {triple.str(), parsed.isX86() ? "x86-64" : "generic", {}};
}

static llvm::Triple tripleOrHost(StringRef triple) {
  return llvm::Triple(triple.empty() ? llvm::sys::getDefaultTargetTriple()
                                     : triple.str());
}

std::optional<Cpu> mlir::gemma::getNamedCpu(StringRef name, StringRef triple) {
  llvm::Triple parsed = tripleOrHost(triple);
  auto names = getSubtarget(parsed, "", "");
  if (!names || !names->isCPUStringValid(name)) {
    return std::nullopt;
  }
  auto subtarget = getSubtarget(parsed, name, "");
  if (!is64Bit(parsed, *subtarget)) {
    return std::nullopt;
  }
  return Cpu{parsed.str(), name.str(),
             getFeatures(parsed, [&](StringRef feature) {
               return hasFeature(*subtarget, feature);
             })};
}

std::vector<std::string> mlir::gemma::getCpuNames(StringRef triple) {
  llvm::Triple parsed = tripleOrHost(triple);
  std::vector<std::string> names;
  if (auto all = getSubtarget(parsed, "", "")) {
    for (const auto &description : all->getAllProcessorDescriptions()) {
      auto subtarget = getSubtarget(parsed, description.Key, "");
      if (is64Bit(parsed, *subtarget)) {
        names.push_back(description.Key);
      }
    }
  }
  return names;
}
