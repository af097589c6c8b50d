//===- Cubin.cpp - What compiled GPU code may be --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Cubin.h"

#include <cstdint>
#include <cstring>
#include <elf.h>

using namespace gemma;
using namespace gemma::cuda;

/// e_machine of NVIDIA's GPUs.
static constexpr uint16_t kMachineCuda = 190;

bool cuda::isElf(std::string_view image) {
  return image.substr(0, SELFMAG) == std::string_view(ELFMAG, SELFMAG);
}

/// Whether [offset, offset + count * size) lies inside `bytes`.
static bool inside(uint64_t bytes, uint64_t offset, uint64_t count,
                   uint64_t size) {
  return offset <= bytes && (size == 0 || count <= (bytes - offset) / size);
}

static Error bad(const char *expected, const char *found) {
  return invalidData("cubin: expected " + std::string(expected) + ", found " +
                     found);
}

Result<void> cuda::checkCubin(std::string_view image) {
  Elf64_Ehdr header;
  if (image.size() < sizeof header) {
    return bad("an ELF header", "fewer bytes than it takes");
  }
  std::memcpy(&header, image.data(), sizeof header);
  if (!isElf(image) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return bad("64-bit little-endian ELF", "something else");
  }
  if (header.e_machine != kMachineCuda) {
    return bad("code for NVIDIA GPUs", "code for another machine");
  }
  // Without a count of sections it would be in the first one.
  if (header.e_shnum == 0 || header.e_shentsize != sizeof(Elf64_Shdr) ||
      !inside(image.size(), header.e_shoff, header.e_shnum,
              sizeof(Elf64_Shdr)) ||
      (header.e_phnum != 0 && (header.e_phentsize != sizeof(Elf64_Phdr) ||
                               !inside(image.size(), header.e_phoff,
                                       header.e_phnum, sizeof(Elf64_Phdr))))) {
    return bad("its tables inside it", "none, or one beyond the end");
  }
  for (uint64_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, image.data() + header.e_shoff + i * sizeof section,
                sizeof section);
    if (section.sh_type != SHT_NOBITS &&
        !inside(image.size(), section.sh_offset, section.sh_size, 1)) {
      return bad("its sections inside it", "one that goes beyond the end");
    }
  }
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, image.data() + header.e_phoff + i * sizeof segment,
                sizeof segment);
    if (!inside(image.size(), segment.p_offset, segment.p_filesz, 1)) {
      return bad("its segments inside it", "one that goes beyond the end");
    }
  }
  return {};
}
