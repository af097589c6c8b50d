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

namespace {
struct Headers {
  Elf64_Ehdr file = {};
  Elf64_Shdr section = {};
  Elf64_Phdr segment = {};
};
} // namespace

/// A cubin of one section of 8 bytes that is a segment too, their headers
/// behind it. ptxas gives its files this OS ABI.
static std::string cubin(void (*change)(Headers &) = nullptr) {
  constexpr uint8_t kOsAbi = 65;
  Headers headers;
  auto &[header, section, segment] = headers;
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_OSABI] = kOsAbi;
  header.e_machine = 190;
  header.e_shoff = sizeof header + 8;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 1;
  header.e_phoff = header.e_shoff + sizeof section;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  section.sh_type = SHT_PROGBITS;
  section.sh_offset = sizeof header;
  section.sh_size = 8;
  segment.p_type = PT_LOAD;
  segment.p_offset = section.sh_offset;
  segment.p_filesz = section.sh_size;
  if (change) {
    change(headers);
  }
  std::string image(reinterpret_cast<char *>(&header), sizeof header);
  image += "8 bytes!";
  image.append(reinterpret_cast<char *>(&section), sizeof section);
  image.append(reinterpret_cast<char *>(&segment), sizeof segment);
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
  EXPECT_TRUE(checkCubin(cubin([](Headers &headers) {
    headers.section.sh_type = SHT_NOBITS;
    headers.section.sh_size = ~uint64_t(0);
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
  using Change = void (*)(Headers &);
  const Change changes[] = {
      [](Headers &headers) { headers.file.e_machine = EM_X86_64; },
      [](Headers &headers) { headers.file.e_ident[EI_CLASS] = ELFCLASS32; },
      [](Headers &headers) { headers.file.e_ident[EI_DATA] = ELFDATA2MSB; },
      [](Headers &headers) { headers.file.e_shnum = 0; },
      [](Headers &headers) { headers.file.e_shnum = 3; },
      [](Headers &headers) { headers.file.e_shoff = ~uint64_t(0); },
      [](Headers &headers) { headers.file.e_shentsize = 0; },
      [](Headers &headers) { headers.file.e_phentsize = 0; },
      [](Headers &headers) { headers.file.e_phnum = 9; },
      [](Headers &headers) { headers.section.sh_size = 1000; },
      [](Headers &headers) { headers.section.sh_size = ~uint64_t(0); },
      [](Headers &headers) { headers.section.sh_offset = ~uint64_t(0); },
      [](Headers &headers) { headers.segment.p_filesz = 1000; },
      [](Headers &headers) { headers.segment.p_filesz = ~uint64_t(0); },
      [](Headers &headers) { headers.segment.p_offset = ~uint64_t(0); },
  };
  for (const Change &change : changes) {
    Result<void> result = checkCubin(cubin(change));
    ASSERT_FALSE(result) << &change - changes;
    EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(result.error().message.find("cubin: expected "), 0u);
  }
}
