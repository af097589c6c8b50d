//===- KernelImage.cpp - What a code segment may be -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/KernelImage.h"

#include "runtime/core/Text.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace gemma;

#if defined(__x86_64__)
static constexpr uint16_t kMachine = EM_X86_64;
static constexpr uint32_t kRelocations[] = {
    R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT};
#elif defined(__aarch64__)
static constexpr uint16_t kMachine = EM_AARCH64;
static constexpr uint32_t kRelocations[] = {R_AARCH64_RELATIVE, R_AARCH64_ABS64,
                                            R_AARCH64_GLOB_DAT,
                                            R_AARCH64_JUMP_SLOT};
#endif

// Dynamic tags without effect beyond the image itself. All others refuse,
// among them NEEDED, INIT, FINI, their arrays, TEXTREL, RPATH, AUDIT, FILTER,
// and SONAME, by which the loader could take one image for another.
static constexpr int64_t kTags[] = {
    DT_PLTRELSZ, DT_PLTGOT,   DT_HASH,  DT_STRTAB,   DT_SYMTAB,  DT_RELA,
    DT_RELASZ,   DT_RELAENT,  DT_STRSZ, DT_SYMENT,   DT_PLTREL,  DT_DEBUG,
    DT_JMPREL,   DT_BIND_NOW, DT_FLAGS, DT_GNU_HASH, DT_FLAGS_1, DT_RELACOUNT};
static constexpr uint64_t kFlags = DF_BIND_NOW | DF_SYMBOLIC;
static constexpr uint64_t kFlags1 = DF_1_NOW;

static constexpr uint64_t kMaxImageBytes = uint64_t(1) << 30;
static constexpr uint64_t kPageBytes = 4096;
static constexpr size_t kMaxProgramHeaders = 64;
static constexpr size_t kMaxNameBytes = 4096;
static constexpr uint32_t kGnuProperty = 0x6474e553; // PT_GNU_PROPERTY

static Error bad(std::string_view expected, std::string_view found) {
  return invalidData("kernel image: expected " + std::string(expected) +
                     ", found " + printable(found));
}

namespace {
/// Checks one image, rule after rule.
class Checker {
public:
  explicit Checker(Span<const unsigned char> image) : image(image) {}

  Result<void> check(Span<const std::string_view> kernels);

private:
  Result<void> checkHeader();
  Result<void> checkSegments();
  Result<void> checkLoads();
  Result<void> checkViews();
  Result<void> checkNotes(const Elf64_Phdr &segment) const;
  Result<void> readDynamic();
  Result<void> countSymbols();
  Result<void> checkSymbols();
  Result<void> checkRelocations(int64_t address, int64_t size);
  Result<void> checkKernel(std::string_view name) const;

  /// The T at a place of the file.
  template <typename T> std::optional<T> at(uint64_t offset) const {
    if (offset > image.size() || sizeof(T) > image.size() - offset) {
      return std::nullopt;
    }
    T value;
    std::memcpy(&value, image.data() + offset, sizeof(T));
    return value;
  }
  /// The T at an address of the loaded image that comes from the file.
  template <typename T> std::optional<T> loaded(uint64_t address) const {
    const Elf64_Phdr *load = covering(address, sizeof(T), /*inFile=*/true);
    return load ? at<T>(load->p_offset + (address - load->p_vaddr))
                : std::nullopt;
  }
  /// The segment that holds [address, address + size).
  const Elf64_Phdr *covering(uint64_t address, uint64_t size,
                             bool inFile) const;
  std::optional<uint64_t> tag(int64_t name) const;
  std::optional<Elf64_Sym> symbol(uint64_t index) const;
  /// The symbol's name; nothing if it is not inside the string table.
  std::optional<std::string_view> nameOf(const Elf64_Sym &symbol) const;

  Span<const unsigned char> image;
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> loads;
  /// Segments that only say what lies in those that are loaded.
  std::vector<Elf64_Phdr> views;
  Elf64_Phdr dynamicSegment{};
  std::vector<Elf64_Dyn> dynamic;
  uint64_t symbolCount = 0;
  /// Number of the symbol of each name, sorted.
  std::vector<std::pair<std::string_view, uint64_t>> names;
};
} // namespace

const Elf64_Phdr *Checker::covering(uint64_t address, uint64_t size,
                                    bool inFile) const {
  for (const Elf64_Phdr &load : loads) {
    uint64_t length = inFile ? load.p_filesz : load.p_memsz;
    if (address >= load.p_vaddr && address - load.p_vaddr <= length &&
        size <= length - (address - load.p_vaddr)) {
      return &load;
    }
  }
  return nullptr;
}

std::optional<uint64_t> Checker::tag(int64_t name) const {
  for (const Elf64_Dyn &entry : dynamic) {
    if (entry.d_tag == name) {
      return entry.d_un.d_val;
    }
  }
  return std::nullopt;
}

std::optional<Elf64_Sym> Checker::symbol(uint64_t index) const {
  // The index is at most 2^32: no overflow past 64 bits but by the table's
  // address, which is far below.
  return loaded<Elf64_Sym>(*tag(DT_SYMTAB) + index * sizeof(Elf64_Sym));
}

std::optional<std::string_view> Checker::nameOf(const Elf64_Sym &symbol) const {
  // readDynamic proved that the string table is in the file.
  uint64_t address = *tag(DT_STRTAB), size = *tag(DT_STRSZ);
  const Elf64_Phdr *load = covering(address, size, /*inFile=*/true);
  if (!load || symbol.st_name >= size) {
    return std::nullopt;
  }
  const auto *first = image.data() + load->p_offset +
                      (address - load->p_vaddr) + symbol.st_name;
  const void *end = std::memchr(
      first, 0, std::min<uint64_t>(size - symbol.st_name, kMaxNameBytes));
  if (!end) {
    return std::nullopt;
  }
  return std::string_view(
      reinterpret_cast<const char *>(first),
      static_cast<size_t>(static_cast<const unsigned char *>(end) - first));
}

Result<void> Checker::checkHeader() {
  std::optional<Elf64_Ehdr> read = at<Elf64_Ehdr>(0);
  if (!read || std::memcmp(read->e_ident, ELFMAG, SELFMAG) != 0) {
    return bad("an ELF file", "other bytes");
  }
  header = *read;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT ||
      (header.e_ident[EI_OSABI] != ELFOSABI_SYSV &&
       header.e_ident[EI_OSABI] != ELFOSABI_GNU)) {
    return bad("ELF of 64 bits, little-endian, for Linux", "another kind");
  }
  if (header.e_type != ET_DYN) {
    return bad("a shared object", "type " + std::to_string(header.e_type));
  }
  if (header.e_machine != kMachine) {
    return bad("machine " + std::to_string(kMachine),
               std::to_string(header.e_machine));
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > kMaxProgramHeaders) {
    return bad("1 to 64 program headers of 56 bytes",
               std::to_string(header.e_phnum) + " of " +
                   std::to_string(header.e_phentsize));
  }
  return {};
}

Result<void> Checker::checkSegments() {
  bool stack = false, dynamicFound = false;
  if (header.e_phoff > image.size()) {
    return bad("program headers inside", "an offset past the end");
  }
  for (size_t i = 0; i < header.e_phnum; ++i) {
    std::optional<Elf64_Phdr> segment =
        at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) {
      return bad("program headers inside", "the end of the image");
    }
    switch (segment->p_type) {
    case PT_LOAD:
      loads.push_back(*segment);
      break;
    case PT_DYNAMIC:
      if (dynamicFound) {
        return bad("one dynamic section", "two");
      }
      dynamicFound = true;
      dynamicSegment = *segment;
      break;
    case PT_GNU_STACK:
      stack = true;
      if (segment->p_flags & PF_X) {
        return bad("a stack that is not executable", "one that is");
      }
      break;
    case PT_NULL:
      break;
    case PT_NOTE:
    case PT_PHDR:
    case PT_GNU_EH_FRAME:
    case PT_GNU_RELRO:
    case kGnuProperty:
      views.push_back(*segment);
      break;
    default:
      return bad("segments that only load",
                 "type " + std::to_string(segment->p_type));
    }
  }
  if (!stack) {
    return bad("PT_GNU_STACK, without which the stack becomes executable",
               "none");
  }
  if (!dynamicFound) {
    return bad("a dynamic section", "none");
  }
  return {};
}

Result<void> Checker::checkLoads() {
  uint64_t end = 0;
  for (const Elf64_Phdr &load : loads) {
    if ((load.p_flags & PF_W) && (load.p_flags & PF_X)) {
      return bad("no segment that is writable and executable", "one");
    }
    if (load.p_offset > image.size() ||
        load.p_filesz > image.size() - load.p_offset ||
        load.p_filesz > load.p_memsz || load.p_memsz > kMaxImageBytes ||
        load.p_vaddr > kMaxImageBytes || load.p_vaddr < end) {
      return bad("segments inside, in order",
                 "one of " + std::to_string(load.p_memsz) +
                     " bytes at address " + std::to_string(load.p_vaddr));
    }
    if (load.p_align < kPageBytes || load.p_align > kMaxImageBytes ||
        (load.p_align & (load.p_align - 1)) != 0 ||
        (load.p_vaddr - load.p_offset) % load.p_align != 0) {
      return bad("segments aligned to pages",
                 "alignment " + std::to_string(load.p_align));
    }
    end = load.p_vaddr + load.p_memsz;
  }
  return {};
}

/// The loader walks notes by the sizes that they give themselves.
Result<void> Checker::checkNotes(const Elf64_Phdr &segment) const {
  auto aligned = [&](uint64_t size) {
    uint64_t step = segment.p_align == 8 ? 8 : 4;
    return (size + step - 1) / step * step;
  };
  for (uint64_t at = 0; at < segment.p_memsz;) {
    std::optional<Elf64_Nhdr> note = loaded<Elf64_Nhdr>(segment.p_vaddr + at);
    uint64_t size =
        note ? aligned(sizeof(Elf64_Nhdr) + note->n_namesz) + note->n_descsz
             : 0;
    if (!note || size > segment.p_memsz - at) {
      return bad("notes that end with their segment", "one that is cut off");
    }
    at += aligned(size);
  }
  return {};
}

/// The loader reads these segments, or changes their protection, at whatever
/// address they give.
Result<void> Checker::checkViews() {
  for (const Elf64_Phdr &view : views) {
    bool relro = view.p_type == PT_GNU_RELRO;
    const Elf64_Phdr *load =
        covering(view.p_vaddr, view.p_memsz, /*inFile=*/!relro);
    bool inside = load != nullptr;
    if (inside && relro) {
      inside = (load->p_flags & PF_W) != 0;
    } else if (inside && view.p_type == PT_PHDR) {
      inside =
          load->p_offset + (view.p_vaddr - load->p_vaddr) == header.e_phoff &&
          view.p_memsz == header.e_phnum * sizeof(Elf64_Phdr);
    }
    if (!inside) {
      return bad("every segment inside those that are loaded",
                 "one of type " + std::to_string(view.p_type) + " elsewhere");
    }
    if (view.p_type == PT_NOTE || view.p_type == kGnuProperty) {
      if (Result<void> result = checkNotes(view); !result) {
        return result;
      }
    }
  }
  return {};
}

Result<void> Checker::readDynamic() {
  // The loader reads it at its address, through a segment that is loaded.
  const Elf64_Phdr *load = covering(dynamicSegment.p_vaddr,
                                    dynamicSegment.p_filesz, /*inFile=*/true);
  if (!load || !(load->p_flags & PF_W)) {
    return bad("the dynamic section in a writable segment", "it elsewhere");
  }
  for (uint64_t i = 0;; ++i) {
    std::optional<Elf64_Dyn> entry;
    if ((i + 1) * sizeof(Elf64_Dyn) <= dynamicSegment.p_filesz) {
      entry = loaded<Elf64_Dyn>(dynamicSegment.p_vaddr + i * sizeof(Elf64_Dyn));
    }
    if (!entry) {
      return bad("a dynamic section that ends", "no end");
    }
    if (entry->d_tag == DT_NULL) {
      break;
    }
    if (std::find(std::begin(kTags), std::end(kTags), entry->d_tag) ==
        std::end(kTags)) {
      return bad("only dynamic tags without effect outside of the image",
                 "tag " + std::to_string(entry->d_tag));
    }
    if (tag(entry->d_tag)) {
      return bad("each dynamic tag once",
                 "tag " + std::to_string(entry->d_tag) + " again");
    }
    dynamic.push_back(*entry);
  }
  for (int64_t needed : {DT_STRTAB, DT_STRSZ, DT_SYMTAB}) {
    if (!tag(needed)) {
      return bad("dynamic tag " + std::to_string(needed), "none");
    }
  }
  if ((tag(DT_FLAGS).value_or(0) & ~kFlags) != 0 ||
      (tag(DT_FLAGS_1).value_or(0) & ~kFlags1) != 0) {
    return bad("no dynamic flag but BIND_NOW", "others");
  }
  if (tag(DT_SYMENT).value_or(sizeof(Elf64_Sym)) != sizeof(Elf64_Sym) ||
      !covering(*tag(DT_STRTAB), *tag(DT_STRSZ), /*inFile=*/true)) {
    return bad("symbol and string tables inside", "others");
  }
  return {};
}

/// Only the hash tables tell how many dynamic symbols there are.
Result<void> Checker::countSymbols() {
  if (std::optional<uint64_t> table = tag(DT_GNU_HASH)) {
    struct Head {
      uint32_t buckets, firstSymbol, bloomWords, bloomShift;
    };
    std::optional<Head> head = loaded<Head>(*table);
    if (!head || head->buckets == 0 || head->bloomWords == 0 ||
        (head->bloomWords & (head->bloomWords - 1)) != 0 ||
        head->bloomShift > 31) {
      return bad("a GNU hash table", "a malformed one");
    }
    uint64_t buckets = *table + sizeof(Head) + 8ull * head->bloomWords;
    uint64_t chains = buckets + 4ull * head->buckets;
    if (!covering(*table, chains - *table, /*inFile=*/true)) {
      return bad("a GNU hash table", "one that is cut off");
    }
    symbolCount = head->firstSymbol;
    for (uint64_t i = 0; i < head->buckets; ++i) {
      std::optional<uint32_t> first = loaded<uint32_t>(buckets + 4 * i);
      if (!first || (*first != 0 && *first < head->firstSymbol)) {
        return bad("a GNU hash table", "a bucket of an unhashed symbol");
      }
      symbolCount = std::max<uint64_t>(symbolCount, *first);
    }
    if (symbolCount < head->firstSymbol || symbolCount == 0) {
      return bad("a GNU hash table", "an empty one");
    }
    // Each chain ends at an entry with the lowest bit set.
    for (bool last = false; !last;) {
      std::optional<uint32_t> entry =
          loaded<uint32_t>(chains + 4 * (symbolCount - head->firstSymbol));
      if (!entry) {
        return bad("a GNU hash table", "a chain without end");
      }
      last = *entry & 1;
      ++symbolCount;
    }
  } else if (std::optional<uint64_t> table = tag(DT_HASH)) {
    struct Head {
      uint32_t buckets, chains;
    };
    std::optional<Head> head = loaded<Head>(*table);
    if (!head || head->buckets == 0 ||
        !covering(*table,
                  sizeof(Head) + 4ull * head->buckets + 4ull * head->chains,
                  /*inFile=*/true)) {
      return bad("a hash table", "a malformed one");
    }
    for (uint64_t i = 0; i < uint64_t(head->buckets) + head->chains; ++i) {
      if (*loaded<uint32_t>(*table + sizeof(Head) + 4 * i) >= head->chains) {
        return bad("a hash table", "an entry past its end");
      }
    }
    symbolCount = head->chains;
  } else {
    return bad("a hash table of symbols", "none");
  }
  if (!covering(*tag(DT_SYMTAB), symbolCount * sizeof(Elf64_Sym),
                /*inFile=*/true)) {
    return bad("a symbol table of " + std::to_string(symbolCount) + " entries",
               "one that is cut off");
  }
  return {};
}

Result<void> Checker::checkSymbols() {
  for (uint64_t i = 1; i < symbolCount; ++i) {
    Elf64_Sym entry = *symbol(i);
    std::optional<std::string_view> name = nameOf(entry);
    if (!name) {
      return bad("names inside the string table", "one outside");
    }
    if (entry.st_shndx == SHN_UNDEF) {
      return bad("no undefined symbol", *name);
    }
    unsigned char type = ELF64_ST_TYPE(entry.st_info);
    unsigned char binding = ELF64_ST_BIND(entry.st_info);
    if (type > STT_SECTION || binding > STB_WEAK) {
      return bad("plain functions and data",
                 "symbol " + std::string(*name) + " of type " +
                     std::to_string(type) + ", binding " +
                     std::to_string(binding));
    }
    if (entry.st_shndx >= SHN_LORESERVE ||
        !covering(entry.st_value, 0, /*inFile=*/false)) {
      return bad("symbols inside the image", *name);
    }
    names.emplace_back(*name, i);
  }
  std::sort(names.begin(), names.end());
  return {};
}

Result<void> Checker::checkRelocations(int64_t addressTag, int64_t sizeTag) {
  uint64_t address = tag(addressTag).value_or(0);
  uint64_t size = tag(sizeTag).value_or(0);
  if (size == 0) {
    return {};
  }
  if (size % sizeof(Elf64_Rela) != 0 ||
      tag(DT_RELAENT).value_or(sizeof(Elf64_Rela)) != sizeof(Elf64_Rela) ||
      tag(DT_PLTREL).value_or(DT_RELA) != DT_RELA ||
      !covering(address, size, /*inFile=*/true)) {
    return bad("a table of relocations", "a malformed one");
  }
  uint64_t relative = 0;
  for (uint64_t at = address; at != address + size; at += sizeof(Elf64_Rela)) {
    Elf64_Rela entry = *loaded<Elf64_Rela>(at);
    uint32_t type = ELF64_R_TYPE(entry.r_info);
    if (std::find(std::begin(kRelocations), std::end(kRelocations), type) ==
        std::end(kRelocations)) {
      return bad("plain relocations", "type " + std::to_string(type));
    }
    const Elf64_Phdr *load =
        covering(entry.r_offset, sizeof(uint64_t), /*inFile=*/false);
    if (!load || !(load->p_flags & PF_W)) {
      return bad("relocations of writable data",
                 "one at address " + std::to_string(entry.r_offset));
    }
    if (ELF64_R_SYM(entry.r_info) >= std::max<uint64_t>(symbolCount, 1)) {
      return bad("relocations by symbols of the table", "another");
    }
    relative += type == kRelocations[0];
  }
  // The loader takes so many from the start without a look at their type.
  if (addressTag == DT_RELA && tag(DT_RELACOUNT).value_or(0) > relative) {
    return bad("at most " + std::to_string(relative) + " in DT_RELACOUNT",
               std::to_string(*tag(DT_RELACOUNT)));
  }
  return {};
}

Result<void> Checker::checkKernel(std::string_view name) const {
  auto found = std::lower_bound(names.begin(), names.end(),
                                std::make_pair(name, uint64_t(0)));
  if (found == names.end() || found->first != name) {
    return bad("the kernel \"" + printable(name, 128) + "\"", "none");
  }
  Elf64_Sym entry = *symbol(found->second);
  const Elf64_Phdr *load = covering(entry.st_value, 1, /*inFile=*/true);
  if (ELF64_ST_TYPE(entry.st_info) != STT_FUNC ||
      ELF64_ST_BIND(entry.st_info) == STB_LOCAL || !load ||
      !(load->p_flags & PF_X)) {
    return bad("an exported function",
               "\"" + std::string(name) + "\", which is none");
  }
  return {};
}

Result<void> Checker::check(Span<const std::string_view> kernels) {
  Result<void> (Checker::*const steps[])() = {
      &Checker::checkHeader, &Checker::checkSegments, &Checker::checkLoads,
      &Checker::checkViews,  &Checker::readDynamic,   &Checker::countSymbols,
      &Checker::checkSymbols};
  for (auto step : steps) {
    if (Result<void> result = (this->*step)(); !result) {
      return result;
    }
  }
  if (auto result = checkRelocations(DT_RELA, DT_RELASZ); !result) {
    return result;
  }
  if (auto result = checkRelocations(DT_JMPREL, DT_PLTRELSZ); !result) {
    return result;
  }
  for (std::string_view kernel : kernels) {
    if (auto result = checkKernel(kernel); !result) {
      return result;
    }
  }
  return {};
}

Result<void> gemma::checkKernelImage(Span<const unsigned char> image,
                                     Span<const std::string_view> kernels) {
  return Checker(image).check(kernels);
}
