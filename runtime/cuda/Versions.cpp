//===- Versions.cpp - Which driver takes which PTX ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Versions.h"

#include "runtime/core/Text.h"

#include <algorithm>
#include <charconv>
#include <optional>

using namespace gemma;
using namespace gemma::cuda;

// "PTX ISA", release history.
static constexpr PtxRelease kReleases[] = {
    {70, 11000, 450}, {71, 11010, 455}, {72, 11020, 460}, {73, 11030, 465},
    {74, 11040, 470}, {75, 11050, 495}, {76, 11060, 510}, {77, 11070, 515},
    {78, 11080, 520}, {80, 12000, 525}, {81, 12010, 530}, {82, 12020, 535},
    {83, 12030, 545}, {84, 12040, 550}, {85, 12050, 555}, {86, 12070, 565},
    {87, 12080, 570}, {88, 12090, 575}, {90, 13000, 580},
};

namespace {
/// The first PTX that knows a chip: "PTX ISA", target-specific notes.
struct ChipRelease {
  std::string_view chip;
  int ptx;
};
/// A chip's name in its parts.
struct Chip {
  uint32_t major = 0, minor = 0;
  /// 'a': only this chip, not newer ones.
  bool isOnly = false;
};
} // namespace

// Those that the compiler has; a newer chip came with a newer PTX anyway.
static constexpr ChipRelease kChips[] = {
    {"sm_80", 70}, {"sm_86", 71}, {"sm_87", 74},
    {"sm_89", 78}, {"sm_90", 78}, {"sm_90a", 80},
};

const PtxRelease *cuda::releaseOfPtx(int version) {
  auto *found = std::find_if(
      std::begin(kReleases), std::end(kReleases),
      [&](const PtxRelease &release) { return release.ptx == version; });
  return found == std::end(kReleases) ? nullptr : found;
}

std::string cuda::cudaVersionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

std::string cuda::cudaOrNewer(int version) {
  std::string text = "CUDA " + cudaVersionText(version);
  for (const PtxRelease &release : kReleases) {
    if (release.cuda == version) {
      text += " (driver " + std::to_string(release.driver) + ")";
    }
  }
  return text + " or newer";
}

//===----------------------------------------------------------------------===//
// The header of PTX
//===----------------------------------------------------------------------===//

/// Takes a number without sign from the front of `text`.
static std::optional<uint32_t> takeNumber(std::string_view &text) {
  uint32_t value = 0;
  const char *end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(next - text.data()));
  return value;
}

static std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// The version of "7.8", or none.
static std::optional<int> versionOf(std::string_view text) {
  std::optional<uint32_t> major = takeNumber(text);
  if (!major || *major > 99 || text.empty() || text.front() != '.') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  std::optional<uint32_t> minor = takeNumber(text);
  if (!minor || *minor > 9 || !text.empty()) {
    return std::nullopt;
  }
  return static_cast<int>(*major * 10 + *minor);
}

static Error notHeader(std::string_view line) {
  return invalidData("PTX: expected a .version and a .target, found \"" +
                     printable(line, 64) + "\"");
}

Result<PtxHeader> cuda::readPtxHeader(std::string_view text) {
  constexpr std::string_view kVersion = ".version", kTarget = ".target";
  PtxHeader header;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = trimmed(line.substr(0, line.find("//")));
    if (line.empty()) {
      continue;
    }
    if (header.version == 0) {
      // The first statement of PTX is its version.
      std::optional<int> version;
      if (line.substr(0, kVersion.size()) == kVersion) {
        version = versionOf(trimmed(line.substr(kVersion.size())));
      }
      if (!version) {
        return notHeader(line);
      }
      header.version = *version;
      continue;
    }
    if (line.substr(0, kTarget.size()) != kTarget) {
      return notHeader(line);
    }
    std::string_view chip = line.substr(kTarget.size());
    header.chip = trimmed(chip.substr(0, chip.find(',')));
    return header;
  }
  return invalidData("PTX: expected a .version and a .target, found the end");
}

//===----------------------------------------------------------------------===//
// Chips
//===----------------------------------------------------------------------===//

static std::optional<Chip> readChip(std::string_view name) {
  constexpr std::string_view kPrefix = "sm_";
  if (name.substr(0, kPrefix.size()) != kPrefix) {
    return std::nullopt;
  }
  name.remove_prefix(kPrefix.size());
  std::optional<uint32_t> number = takeNumber(name);
  if (!number || *number < 10 || *number > 999) {
    return std::nullopt;
  }
  if (!name.empty() && name != "a") {
    return std::nullopt;
  }
  return Chip{*number / 10, *number % 10, !name.empty()};
}

Result<void> cuda::checkChip(std::string_view name, const DeviceFacts &facts) {
  std::optional<Chip> chip = readChip(name);
  if (!chip) {
    return invalidData("chip: expected a name as \"sm_80\", found \"" +
                       printable(name, 64) + "\"");
  }
  bool runs = facts.major != chip->major ? facts.major > chip->major
                                         : facts.minor >= chip->minor;
  std::string expected = std::string(name) + " or newer";
  if (chip->isOnly) {
    runs = facts.major == chip->major && facts.minor == chip->minor;
    expected = std::string(name) + " exactly";
  }
  if (!runs) {
    return resourceError("chip: expected " + expected +
                         ", which the code is for, found " + facts.chip() +
                         " (" + facts.where() + ")");
  }
  return {};
}

Result<void> cuda::checkPtx(const PtxHeader &header, const DeviceFacts &facts) {
  if (Result<void> runs = checkChip(header.chip, facts); !runs) {
    return runs;
  }
  auto versionText = [](int version) {
    return std::to_string(version / 10) + "." + std::to_string(version % 10);
  };
  for (const ChipRelease &known : kChips) {
    if (known.chip == header.chip && header.version < known.ptx) {
      return invalidData("PTX: expected version " + versionText(known.ptx) +
                         " or newer for " + header.chip + ", found " +
                         versionText(header.version));
    }
  }
  const PtxRelease *release = releaseOfPtx(header.version);
  int least = release ? release->cuda : kLeastCuda;
  if (facts.cudaVersion < least) {
    return resourceError(
        "driver: expected one of " + cudaOrNewer(least) + " for PTX " +
        versionText(header.version) + " of " + header.chip + ", found CUDA " +
        cudaVersionText(facts.cudaVersion) + " (" + facts.where() + ")");
  }
  return {};
}
