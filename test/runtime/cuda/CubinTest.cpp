//===- CubinTest.cpp - What compiled GPU code may be ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Cubin.h"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>
#include <string>

using namespace gemma;
using namespace gemma::cuda;

/// A cubin of one section of 8 bytes, that section's header behind it.
static std::string cubin(void (*change)(Elf64_Ehdr &, Elf64_Shdr &) = nullptr) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = 190;
  header.e_shoff = sizeof header + 8;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 1;
  Elf64_Shdr section = {};
  section.sh_type = SHT_PROGBITS;
  section.sh_offset = sizeof header;
  section.sh_size = 8;
  if (change) {
    change(header, section);
  }
  std::string image(reinterpret_cast<char *>(&header), sizeof header);
  image += "8 bytes!";
  image.append(reinterpret_cast<char *>(&section), sizeof section);
  return image;
}

TEST(CubinTest, TakesAWholeOne) {
  EXPECT_TRUE(isElf(cubin()));
  EXPECT_FALSE(isElf("\x7f"
                     "EL"));
  EXPECT_FALSE(isElf(".version 7.0"));
  Result<void> result = checkCubin(cubin());
  EXPECT_TRUE(result) << result.error().message;
  // A section without bytes has no end.
  EXPECT_TRUE(checkCubin(cubin([](Elf64_Ehdr &, Elf64_Shdr &section) {
    section.sh_type = SHT_NOBITS;
    section.sh_size = ~uint64_t(0);
  })));
}

TEST(CubinTest, RefusesEveryTruncation) {
  std::string image = cubin();
  for (size_t size = 0; size < image.size(); ++size) {
    Result<void> result = checkCubin(image.substr(0, size));
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  }
}

TEST(CubinTest, RefusesWhatGoesBeyondTheEnd) {
  using Change = void (*)(Elf64_Ehdr &, Elf64_Shdr &);
  const Change changes[] = {
      [](Elf64_Ehdr &header, Elf64_Shdr &) { header.e_machine = EM_X86_64; },
      [](Elf64_Ehdr &header, Elf64_Shdr &) {
        header.e_ident[EI_CLASS] = ELFCLASS32;
      },
      [](Elf64_Ehdr &header, Elf64_Shdr &) {
        header.e_ident[EI_DATA] = ELFDATA2MSB;
      },
      [](Elf64_Ehdr &header, Elf64_Shdr &) { header.e_shnum = 2; },
      [](Elf64_Ehdr &header, Elf64_Shdr &) { header.e_shoff = ~uint64_t(0); },
      [](Elf64_Ehdr &header, Elf64_Shdr &) { header.e_shentsize = 0; },
      [](Elf64_Ehdr &header, Elf64_Shdr &) { header.e_phnum = 1; },
      [](Elf64_Ehdr &header, Elf64_Shdr &) {
        header.e_phnum = 9;
        header.e_phentsize = sizeof(Elf64_Phdr);
      },
      [](Elf64_Ehdr &, Elf64_Shdr &section) { section.sh_size = 1000; },
      [](Elf64_Ehdr &, Elf64_Shdr &section) { section.sh_size = ~uint64_t(0); },
      [](Elf64_Ehdr &, Elf64_Shdr &section) {
        section.sh_offset = ~uint64_t(0);
      },
  };
  for (const Change &change : changes) {
    Result<void> result = checkCubin(cubin(change));
    ASSERT_FALSE(result) << &change - changes;
    EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(result.error().message.find("cubin: expected "), 0u);
  }
}
