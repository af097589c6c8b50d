//===- File.cpp - Files to read and temporary files -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/File.h"

#include "runtime/core/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace gemma;

// Linux moves at most 2 GiB - 4 KiB per call; smaller pieces also let a signal
// be seen in between.
static constexpr uint64_t kMaxPiece = uint64_t(1) << 30;

File::File(File &&other) noexcept
    : descriptor(std::exchange(other.descriptor, -1)),
      name(std::move(other.name)), bytes(other.bytes) {}

File &File::operator=(File &&other) noexcept {
  std::swap(descriptor, other.descriptor);
  std::swap(name, other.name);
  std::swap(bytes, other.bytes);
  return *this;
}

File::~File() {
  if (descriptor >= 0) {
    close(descriptor);
  }
}

static Error cannot(const char *verb, const std::string &path, int reason) {
  std::string message = "file: expected one to " + std::string(verb) +
                        ", found \"" + std::strerror(reason) + "\" (" +
                        printable(path) + ")";
  if (reason == EMFILE || reason == ENFILE || reason == ENOMEM) {
    return resourceError(std::move(message));
  }
  return notFound(std::move(message));
}

Result<File> File::open(const std::string &path) {
  // O_NONBLOCK: opening a pipe nobody writes to must not hang.
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    return cannot("open", path, errno);
  }
  File file(descriptor, path, 0);
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    return cannot("read", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return invalidData("file: expected a regular file, found " +
                       std::string(S_ISDIR(status.st_mode)
                                       ? "a directory"
                                       : "a device or pipe") +
                       " (" + printable(path) + ")");
  }
  file.bytes = static_cast<uint64_t>(status.st_size);
  return file;
}

Result<File> File::temporary(uint64_t bytes) {
  const char *chosen = std::getenv("TMPDIR");
  std::string folder = chosen && *chosen ? chosen : "/var/tmp";
  std::string path = folder + "/gemma-XXXXXX";
  int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return resourceError("temporary file: expected a folder to write to, found "
                         "\"" +
                         std::string(std::strerror(errno)) + "\" (" +
                         printable(folder) + ", TMPDIR names another)");
  }
  unlink(path.c_str());
  File file(descriptor, std::move(path), bytes);
  // Space that is missing must show here, not as a signal at an access.
  int reason = bytes == 0
                   ? 0
                   : posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  if (reason != 0) {
    return resourceError("temporary file: expected " + std::to_string(bytes) +
                         " bytes of free space, found \"" +
                         std::strerror(reason) + "\" (" + printable(folder) +
                         ", TMPDIR names another)");
  }
  return file;
}

Result<void> File::read(uint64_t offset, void *to, uint64_t bytes) const {
  auto *next = static_cast<unsigned char *>(to);
  while (bytes != 0) {
    ssize_t got = pread(descriptor, next, std::min(bytes, kMaxPiece),
                        static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return cannot("read", name, errno);
    }
    if (got == 0) {
      return invalidData("file: expected " + std::to_string(bytes) +
                         " more bytes at offset " + std::to_string(offset) +
                         ", found its end (" + printable(name) + ")");
    }
    next += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
  return {};
}

Result<void> File::write(uint64_t offset, const void *from,
                         uint64_t bytes) const {
  auto *next = static_cast<const unsigned char *>(from);
  while (bytes != 0) {
    ssize_t put = pwrite(descriptor, next, std::min(bytes, kMaxPiece),
                         static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      return resourceError("file: expected room for " + std::to_string(bytes) +
                           " more bytes, found \"" +
                           std::strerror(put < 0 ? errno : ENOSPC) + "\" (" +
                           printable(name) + ")");
    }
    next += put;
    offset += static_cast<uint64_t>(put);
    bytes -= static_cast<uint64_t>(put);
  }
  return {};
}

Result<Mapping> File::map(uint64_t offset, uint64_t bytes) const {
  return Mapping::file(descriptor, offset, bytes, printable(name));
}
