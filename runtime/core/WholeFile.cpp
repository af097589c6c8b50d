//===- WholeFile.cpp - A file that is there whole or not at all -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/WholeFile.h"

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

// Linux moves at most 2 GiB per call.
static constexpr uint64_t kMaxPiece = uint64_t(1) << 30;

static std::string quoted(int reason) {
  return "\"" + std::string(std::strerror(reason)) + "\"";
}

static Error cannotCreate(const std::string &path, int reason) {
  std::string message = "output: expected a file to write, found " +
                        quoted(reason) + " (" + printable(path) + ")";
  bool resource = reason == ENOSPC || reason == EMFILE || reason == EROFS;
  return resource ? resourceError(message) : notFound(message);
}

WholeFile::WholeFile(WholeFile &&other) noexcept
    : target(std::move(other.target)),
      temporary(std::exchange(other.temporary, std::string())),
      descriptor(std::exchange(other.descriptor, -1)) {}

WholeFile &WholeFile::operator=(WholeFile &&other) noexcept {
  std::swap(target, other.target);
  std::swap(temporary, other.temporary);
  std::swap(descriptor, other.descriptor);
  return *this;
}

WholeFile::~WholeFile() {
  if (descriptor >= 0) {
    close(descriptor);
  }
  if (!temporary.empty()) {
    unlink(temporary.c_str());
  }
}

Result<WholeFile> WholeFile::create(const std::string &path) {
  if (path.empty()) {
    return cannotCreate(path, ENOENT);
  }
  struct stat status;
  std::string target = path, temporary;
  int descriptor;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // What a symbolic link names is replaced, not the link.
    if (char *real = realpath(path.c_str(), nullptr)) {
      target = real;
      std::free(real);
    }
    temporary = target + ".XXXXXX";
    descriptor = mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) {
      temporary.clear();
    }
  }
  if (descriptor < 0) {
    return cannotCreate(path, errno);
  }
  WholeFile file(std::move(target), std::move(temporary), descriptor);
  if (!file.temporary.empty()) {
    // mkostemp makes files that only the owner reads.
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
  }
  return file;
}

Result<void> WholeFile::write(const void *bytes, uint64_t size) {
  const char *next = static_cast<const char *>(bytes);
  while (size != 0) {
    ssize_t put = ::write(descriptor, next, std::min(size, kMaxPiece));
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return resourceError("output: expected room for " + std::to_string(size) +
                           " more bytes, found " + quoted(errno) + " (" +
                           printable(target) + ")");
    }
    next += put;
    size -= static_cast<uint64_t>(put);
  }
  return {};
}

Result<void> WholeFile::commit() {
  bool ok = temporary.empty() || fsync(descriptor) == 0;
  // The file is closed whatever close says.
  ok = close(std::exchange(descriptor, -1)) == 0 && ok;
  if (ok && !temporary.empty()) {
    ok = rename(temporary.c_str(), target.c_str()) == 0;
  }
  if (!ok) {
    return resourceError("output: expected the file to be written, found " +
                         quoted(errno) + " (" + printable(target) + ")");
  }
  temporary.clear();
  return {};
}

Result<void> gemma::writeWholeFile(const std::string &path,
                                   const std::string &bytes) {
  auto file = WholeFile::create(path);
  if (!file) {
    return file.takeError();
  }
  if (auto done = file->write(bytes.data(), bytes.size()); !done) {
    return done.takeError();
  }
  return file->commit();
}
