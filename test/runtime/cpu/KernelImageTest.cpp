//===- KernelImageTest.cpp - What a code segment may be -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/KernelImage.h"

#include "../TestingArtifact.h"

#include <cstring>
#include <elf.h>
#include <functional>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static const char kSource[] = "int data = 3; int *pointer = &data;"
                              "void kernel(void) { ++*pointer; }";

static Result<void> check(const std::string &image,
                          std::vector<std::string_view> kernels = {"kernel"}) {
  return checkKernelImage(
      {reinterpret_cast<const unsigned char *>(image.data()), image.size()},
      kernels);
}

static void expectBad(const std::string &image, const char *part) {
  Result<void> result = check(image);
  ASSERT_FALSE(result) << part;
  EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  EXPECT_NE(result.error().message.find(part), std::string::npos)
      << result.error().message;
}

/// Edits of an image's headers.
struct Image {
  std::string bytes;

  template <typename T> T *at(uint64_t offset) {
    return reinterpret_cast<T *>(bytes.data() + offset);
  }
  Elf64_Ehdr *header() { return at<Elf64_Ehdr>(0); }
  Elf64_Phdr *segment(uint32_t type, uint32_t flags = 0) {
    for (int i = 0; i < header()->e_phnum; ++i) {
      auto *segment =
          at<Elf64_Phdr>(header()->e_phoff + i * sizeof(Elf64_Phdr));
      if (segment->p_type == type && (segment->p_flags & flags) == flags) {
        return segment;
      }
    }
    return nullptr;
  }
  Elf64_Dyn *tag(int64_t name) {
    for (auto *entry = at<Elf64_Dyn>(segment(PT_DYNAMIC)->p_offset);; ++entry) {
      if (entry->d_tag == name) {
        return entry;
      }
      if (entry->d_tag == DT_NULL) {
        return nullptr;
      }
    }
  }
};

static std::string edited(const std::function<void(Image &)> &edit) {
  Image image{compileImage(kSource)};
  edit(image);
  return image.bytes;
}

TEST(KernelImageTest, AcceptsKernels) {
  Result<void> result = check(compileImage(kSource));
  EXPECT_TRUE(result) << result.error().message;
  result = check(compileImage(kSource, "-Wl,--hash-style=sysv"));
  EXPECT_TRUE(result) << result.error().message;
  result = check(compileImage(kSource, "-Wl,--hash-style=both -Wl,-z,now"));
  EXPECT_TRUE(result) << result.error().message;
}

TEST(KernelImageTest, RefusesOtherFiles) {
  expectBad("", "an ELF file");
  expectBad(std::string(100, 'x'), "an ELF file");
  expectBad(edited([](Image &i) { i.header()->e_machine = EM_RISCV; }),
            "machine");
  expectBad(edited([](Image &i) { i.header()->e_type = ET_EXEC; }),
            "a shared object");
  expectBad(edited([](Image &i) { i.header()->e_ident[EI_CLASS] = 1; }),
            "64 bits");
  expectBad(edited([](Image &i) { i.header()->e_phnum = 0; }),
            "program headers");
  expectBad(edited([](Image &i) { i.header()->e_phoff = ~0ull; }),
            "program headers");
}

TEST(KernelImageTest, RefusesWhatTheLoaderWouldReadElsewhere) {
  constexpr uint32_t kGnuProperty = 0x6474e553;
  for (uint32_t type : {uint32_t(PT_NOTE), uint32_t(PT_PHDR),
                        uint32_t(PT_GNU_RELRO), kGnuProperty}) {
    for (uint64_t address : {uint64_t(1) << 40, ~uint64_t(0) - 7}) {
      expectBad(edited([&](Image &i) {
                  Elf64_Phdr *segment = i.segment(PT_GNU_EH_FRAME);
                  ASSERT_NE(segment, nullptr);
                  segment->p_type = type;
                  segment->p_vaddr = address;
                }),
                "every segment inside those that are loaded");
    }
  }
  expectBad(edited([](Image &i) {
              i.segment(PT_GNU_RELRO)->p_memsz = uint64_t(1) << 40;
            }),
            "every segment inside those that are loaded");
  expectBad(edited([](Image &i) {
              i.segment(PT_GNU_EH_FRAME)->p_type = PT_GNU_RELRO;
            }),
            "every segment inside those that are loaded");
  expectBad(edited([](Image &i) {
              Elf64_Phdr *note = i.segment(PT_NOTE);
              i.at<Elf64_Nhdr>(note->p_offset)->n_descsz = 0xffffffff;
            }),
            "notes that end with their segment");
}

TEST(KernelImageTest, RefusesWhatRunsAtLoad) {
  expectBad(compileImage("void kernel(void) {}"
                         "__attribute__((constructor)) void f(void) {}"),
            "only dynamic tags without effect");
  expectBad(compileImage("void kernel(void) {}"
                         "__attribute__((destructor)) void f(void) {}"),
            "only dynamic tags without effect");
  expectBad(compileImage("void kernel(void) {}", "-Wl,-init=kernel"),
            "only dynamic tags without effect");
  expectBad(compileImage("void kernel(void) {}", "-Wl,-fini=kernel"),
            "only dynamic tags without effect");
  expectBad(compileImage("static void real(void) {}"
                         "static void *pick(void) { return real; }"
                         "void kernel(void) __attribute__((ifunc(\"pick\")));"),
            "plain functions and data");
  expectBad(compileImage("static void real(void) {}"
                         "static void *pick(void) { return real; }"
                         "static void f(void) __attribute__((ifunc(\"pick\")));"
                         "void kernel(void) { f(); }"),
            "plain relocations");
}

TEST(KernelImageTest, RefusesOtherObjects) {
  expectBad(compileImage("void kernel(void) {}", "-Wl,--no-as-needed -lc"),
            "only dynamic tags without effect");
  expectBad(compileImage("void kernel(void) {}", "-Wl,-rpath,/tmp"),
            "only dynamic tags without effect");
  expectBad(compileImage("void kernel(void) {}", "-Wl,-soname,x"),
            "only dynamic tags without effect");
  expectBad(compileImage("void other(int);"
                         "void kernel(void) { other(1); }"),
            "no undefined symbol, found other");
  expectBad(compileImage("void f(void) __attribute__((weak));"
                         "void kernel(void) { if (f) f(); }"),
            "no undefined symbol, found f");
  expectBad(compileImage("__thread int x = 1; void kernel(void) { ++x; }",
                         "-ftls-model=initial-exec"),
            "segments that only load");
}

TEST(KernelImageTest, RefusesDangerousSegments) {
  expectBad(edited([](Image &i) { i.segment(PT_LOAD, PF_X)->p_flags |= PF_W; }),
            "writable and executable");
  expectBad(edited([](Image &i) { i.segment(PT_LOAD, PF_W)->p_flags |= PF_X; }),
            "writable and executable");
  expectBad(compileImage("void kernel(void) {}", "-Wl,-z,execstack"),
            "a stack that is not executable");
  expectBad(edited([](Image &i) { i.segment(PT_GNU_STACK)->p_type = PT_NULL; }),
            "PT_GNU_STACK");
  expectBad(edited([](Image &i) { i.segment(PT_NOTE)->p_type = PT_INTERP; }),
            "segments that only load");
  expectBad(edited([](Image &i) { i.segment(PT_DYNAMIC)->p_type = PT_NULL; }),
            "a dynamic section");
  expectBad(edited([](Image &i) { i.segment(PT_NOTE)->p_type = PT_DYNAMIC; }),
            "dynamic section");
}

TEST(KernelImageTest, RefusesTextRelocations) {
  // What -z notext leaves: relocations of a segment that is not writable.
  expectBad(edited([](Image &i) {
              i.at<Elf64_Rela>(i.tag(DT_RELA)->d_un.d_ptr)->r_offset =
                  i.segment(PT_LOAD, PF_X)->p_vaddr;
            }),
            "relocations of writable data");
  expectBad(edited([](Image &i) {
              Elf64_Dyn *tag = i.tag(DT_RELACOUNT);
              (tag ? tag : i.tag(DT_RELAENT))->d_tag = DT_TEXTREL;
            }),
            "only dynamic tags without effect");
}

TEST(KernelImageTest, RefusesBadTables) {
  expectBad(edited([](Image &i) { i.tag(DT_STRTAB)->d_un.d_ptr = 1 << 29; }),
            "symbol and string tables");
  expectBad(edited([](Image &i) { i.tag(DT_STRSZ)->d_un.d_val = ~0ull; }),
            "symbol and string tables");
  expectBad(edited([](Image &i) { i.tag(DT_STRSZ)->d_un.d_val = 1; }), "names");
  expectBad(edited([](Image &i) { i.tag(DT_SYMTAB)->d_un.d_ptr = ~0ull; }),
            "symbol table");
  expectBad(edited([](Image &i) { i.tag(DT_GNU_HASH)->d_un.d_ptr = ~0ull; }),
            "hash table");
  expectBad(edited([](Image &i) { i.tag(DT_RELA)->d_un.d_ptr = ~0ull; }),
            "table of relocations");
  expectBad(edited([](Image &i) { i.tag(DT_RELASZ)->d_un.d_val += 1; }),
            "table of relocations");
  expectBad(edited([](Image &i) { i.tag(DT_SYMENT)->d_un.d_val = 1; }),
            "symbol and string tables");
  expectBad(edited([](Image &i) { i.tag(DT_SYMENT)->d_tag = DT_STRSZ; }),
            "each dynamic tag once");
  expectBad(edited([](Image &i) { i.segment(PT_LOAD)->p_filesz = ~0ull; }),
            "segments inside");
  expectBad(edited([](Image &i) { i.segment(PT_LOAD)->p_align = 3; }),
            "aligned to pages");
}

TEST(KernelImageTest, RefusesAbsentKernels) {
  EXPECT_FALSE(check(compileImage(kSource), {"kernel", "other"}));
  EXPECT_FALSE(check(compileImage(kSource), {"data"}));
  EXPECT_FALSE(check(compileImage("static void kernel(void) {}"
                                  "void user(void) { kernel(); }")));
}

// Cut anywhere, it is refused; with any bit of its tables flipped it is
// refused or good, and never read outside.
TEST(KernelImageTest, SurvivesDamage) {
  std::string good = compileImage(kSource);
  Image image{good};
  uint64_t tables = image.segment(PT_LOAD, PF_X)->p_offset;
  uint64_t dynamic = image.segment(PT_DYNAMIC)->p_offset;
  for (uint64_t size = 0; size < good.size(); size += size < 1200 ? 1 : 97) {
    (void)check(good.substr(0, size));
  }
  size_t refused = 0;
  auto flip = [&](uint64_t begin, uint64_t end) {
    for (uint64_t at = begin; at < end; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        refused += !check(damaged);
      }
    }
  };
  flip(0, std::min<uint64_t>(tables, 1200));
  flip(dynamic, dynamic + image.segment(PT_DYNAMIC)->p_filesz);
  EXPECT_GT(refused, 1000u);
}
