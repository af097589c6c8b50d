//===- GgufCheckpoint.cpp - The tensors of a model of GGUF ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufCheckpoint.h"

#include "compiler/Import/Readers/Message.h"

#include <cstdio>
#include <limits>

using namespace gemma;

constexpr const char *kNumberKey = "split.no";
constexpr const char *kCountKey = "split.count";
constexpr const char *kTensorsKey = "split.tensors.count";
constexpr std::string_view kEnding = ".gguf";
constexpr std::string_view kSplitForm = "-00000-of-00000.gguf";

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// The number of five digits at `place`; nothing if there are others.
static std::optional<uint64_t> fiveDigits(std::string_view text, size_t place) {
  uint64_t number = 0;
  for (char c : text.substr(place, 5)) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number;
}

std::optional<GgufSplitName> gemma::parseGgufSplitName(std::string_view name) {
  if (name.size() < kSplitForm.size()) {
    return std::nullopt;
  }
  size_t stem = name.size() - kSplitForm.size();
  std::string_view end = name.substr(stem);
  auto number = fiveDigits(end, 1), count = fiveDigits(end, 10);
  bool hasForm = end[0] == '-' && end.substr(6, 4) == "-of-" &&
                 end.substr(15) == kEnding && number && count;
  if (!hasForm) {
    return std::nullopt;
  }
  return GgufSplitName{std::string(name.substr(0, stem)), *number, *count};
}

std::string GgufSplitName::nameOf(uint64_t number) const {
  char end[64];
  std::snprintf(end, sizeof end, "-%05llu-of-%05llu.gguf",
                static_cast<unsigned long long>(number),
                static_cast<unsigned long long>(count));
  return stem + end;
}

std::string_view gemma::ggufStem(std::string_view path) {
  if (parseGgufSplitName(path)) {
    path.remove_suffix(kSplitForm.size());
  } else if (path.size() > kEnding.size() &&
             path.substr(path.size() - kEnding.size()) == kEnding) {
    path.remove_suffix(kEnding.size());
  }
  return path;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Result<const GgufHeader *> GgufCheckpoint::addFile(const std::string &name) {
  std::string place = directory + "/" + name;
  Result<GgufFile> file = GgufFile::open(place);
  if (!file) {
    return file.takeError();
  }
  auto entry = files.emplace(name, std::move(*file)).first;
  const GgufHeader &header = entry->second.getHeader();
  for (const GgufTensor &tensor : header.tensors) {
    auto [other, isNew] =
        tensors.emplace(tensor.name, GgufPlace{&entry->first, &tensor});
    if (!isNew) {
      return badField(place, inQuotes(tensor.name), "each tensor in one file",
                      "it in " + inQuotes(*other->second.file) + " too");
    }
  }
  return &header;
}

/// Reads the files after the first one.
Result<void> GgufCheckpoint::addOthers(uint64_t count) {
  std::optional<GgufSplitName> name = parseGgufSplitName(fileName);
  if (!name || name->number != 1 || name->count != count) {
    return badField(
        path, kCountKey,
        "the name STEM-00001-of-" + std::to_string(100000 + count).substr(1) +
            ".gguf for the first of " + std::to_string(count) + " files",
        inQuotes(fileName));
  }
  for (uint64_t number = 1; number < count; ++number) {
    std::string other = name->nameOf(number + 1);
    if (!entryExists(directory + "/" + other)) {
      return notFound(printablePath(path) + ": " + kCountKey +
                      ": expected the file " + inQuotes(other) +
                      " beside it, found none");
    }
    Result<const GgufHeader *> header = addFile(other);
    if (!header) {
      return header.takeError();
    }
    GgufFields fields((*header)->metadata, directory + "/" + other);
    auto index = static_cast<int64_t>(number);
    (void)fields.integer(kNumberKey, index, index);
    auto same = static_cast<int64_t>(count);
    (void)fields.integer(kCountKey, same, same);
    if (fields.error) {
      return *fields.error;
    }
  }
  return {};
}

Result<GgufCheckpoint> GgufCheckpoint::open(const std::string &path) {
  GgufCheckpoint checkpoint;
  checkpoint.path = path;
  size_t slash = path.rfind('/');
  checkpoint.directory = slash == std::string::npos ? "."
                         : slash == 0               ? "/"
                                                    : path.substr(0, slash);
  checkpoint.fileName =
      slash == std::string::npos ? path : path.substr(slash + 1);
  Result<const GgufHeader *> header = checkpoint.addFile(checkpoint.fileName);
  if (!header) {
    return header.takeError();
  }
  GgufFields fields((*header)->metadata, path);
  int64_t count = fields.integer(kCountKey, 1, kMaxFiles, 1);
  int64_t number =
      fields.integer(kNumberKey, 0, std::numeric_limits<uint16_t>::max(), 0);
  if (!fields.error && number != 0) {
    fields.fail(kNumberKey,
                "0, the first of " + std::to_string(count) + " files",
                std::to_string(number));
  }
  if (fields.error) {
    return *fields.error;
  }
  if (count > 1) {
    Result<void> added = checkpoint.addOthers(static_cast<uint64_t>(count));
    if (!added) {
      return added.takeError();
    }
  }
  auto total = static_cast<int64_t>(checkpoint.tensors.size());
  if (fields.integer(kTensorsKey, 0, std::numeric_limits<int32_t>::max(),
                     total) != total &&
      !fields.error) {
    fields.fail(kTensorsKey, std::to_string(total) + ", as the files have",
                fields.find(kTensorsKey)->describe());
  }
  if (fields.error) {
    return *fields.error;
  }
  return checkpoint;
}
