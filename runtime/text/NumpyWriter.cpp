//===- NumpyWriter.cpp - Writes a matrix as a NumPy file ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/NumpyWriter.h"

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

NumpyWriter::NumpyWriter(NumpyWriter &&other) noexcept
    : target(std::move(other.target)),
      temporary(std::exchange(other.temporary, std::string())),
      descriptor(std::exchange(other.descriptor, -1)), missing(other.missing) {}

NumpyWriter &NumpyWriter::operator=(NumpyWriter &&other) noexcept {
  std::swap(target, other.target);
  std::swap(temporary, other.temporary);
  std::swap(descriptor, other.descriptor);
  std::swap(missing, other.missing);
  return *this;
}

NumpyWriter::~NumpyWriter() {
  if (descriptor >= 0) {
    close(descriptor);
  }
  if (!temporary.empty()) {
    unlink(temporary.c_str());
  }
}

/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: the
/// header ends at a multiple of 64 bytes.
static std::string header(uint64_t rows, uint64_t columns) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                     std::to_string(rows) + ", " + std::to_string(columns) +
                     "), }";
  constexpr size_t kFixed = 10;
  text.append(63 - (kFixed + text.size()) % 64, ' ');
  text += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(text.size() & 0xFF);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}

Result<NumpyWriter> NumpyWriter::create(const std::string &path, uint64_t rows,
                                        uint64_t columns) {
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
  NumpyWriter writer(std::move(target), std::move(temporary), descriptor,
                     rows * columns);
  if (!writer.temporary.empty()) {
    // mkostemp makes files that only the owner reads.
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
  }
  std::string start = header(rows, columns);
  if (auto done = writer.writeBytes(start.data(), start.size()); !done) {
    return done.takeError();
  }
  return writer;
}

Result<void> NumpyWriter::writeBytes(const void *bytes, uint64_t size) {
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

Result<void> NumpyWriter::write(Span<const float> values) {
  if (values.size() > missing) {
    return internalError("output: expected " + std::to_string(missing) +
                         " more values, found " +
                         std::to_string(values.size()));
  }
  missing -= values.size();
  return writeBytes(values.data(), values.size() * sizeof(float));
}

Result<void> NumpyWriter::commit() {
  if (missing != 0) {
    return internalError("output: expected " + std::to_string(missing) +
                         " more values, found none");
  }
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
