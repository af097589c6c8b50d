//===- MappedFile.cpp - A read-only file in memory ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/MappedFile.h"

#include "compiler/Import/Readers/Message.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace gemma;

namespace {
/// A file descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int fd) : fd(fd) {}
  Descriptor(Descriptor &&other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~Descriptor() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
  int get() const { return fd; }

private:
  int fd;
};

struct OpenFile {
  Descriptor descriptor;
  uint64_t size;
};
} // namespace

static Error openError(const std::string &path, int number) {
  std::string name = printablePath(path);
  if (number == ENOENT || number == ENOTDIR) {
    return notFound(name + ": expected a file, found none");
  }
  std::string reason = std::strerror(number);
  if (number == EMFILE || number == ENFILE || number == ENOMEM) {
    return resourceError(name + ": expected to open it, found: " + reason);
  }
  return notFound(name + ": expected a readable file, found: " + reason);
}

static Result<OpenFile> openRegular(const std::string &path) {
  // A NUL would cut the name short for the system only.
  if (path.find('\0') != std::string::npos) {
    return badFile(path, "a file name", "a NUL character in it");
  }
  int fd;
  do {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    return openError(path, errno);
  }
  Descriptor descriptor(fd);
  struct stat status;
  if (::fstat(fd, &status) != 0) {
    return openError(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return badFile(path, "a regular file",
                   S_ISDIR(status.st_mode) ? "a folder" : "a special file");
  }
  return OpenFile{std::move(descriptor), static_cast<uint64_t>(status.st_size)};
}

Result<MappedFile> MappedFile::open(const std::string &path) {
  Result<OpenFile> file = openRegular(path);
  if (!file) {
    return file.takeError();
  }
  MappedFile mapped;
  if (file->size == 0) {
    return mapped; // an empty range cannot be mapped
  }
  void *address = ::mmap(nullptr, file->size, PROT_READ, MAP_PRIVATE,
                         file->descriptor.get(), 0);
  if (address == MAP_FAILED) {
    return resourceError(printablePath(path) + ": expected to map " +
                         std::to_string(file->size) +
                         " bytes, found: " + std::strerror(errno));
  }
  mapped.data = static_cast<const char *>(address);
  mapped.size = file->size;
  return mapped;
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : data(std::exchange(other.data, nullptr)),
      size(std::exchange(other.size, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(data, other.data);
  std::swap(size, other.size);
  return *this;
}

MappedFile::~MappedFile() {
  if (data) {
    ::munmap(const_cast<char *>(data), size);
  }
}

void MappedFile::release(uint64_t offset, uint64_t count) const {
  if (offset >= size || count == 0) {
    return;
  }
  count = std::min<uint64_t>(count, size - offset);
  // Whole pages, rounded outwards: a page that a neighbour still reads comes
  // back from the page cache.
  uint64_t page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  uint64_t begin = offset / page * page;
  ::madvise(const_cast<char *>(data) + begin, offset + count - begin,
            MADV_DONTNEED);
}

Result<std::string> gemma::readSmallFile(const std::string &path,
                                         uint64_t limit) {
  Result<OpenFile> file = openRegular(path);
  if (!file) {
    return file.takeError();
  }
  if (file->size > limit) {
    return badFile(path, "at most " + std::to_string(limit) + " bytes",
                   std::to_string(file->size));
  }
  std::string contents(file->size, '\0');
  size_t done = 0;
  while (done < contents.size()) {
    ssize_t count = ::read(file->descriptor.get(), contents.data() + done,
                           contents.size() - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return openError(path, errno);
    }
    if (count == 0) {
      return badFile(path, std::to_string(file->size) + " bytes",
                     "its end after " + std::to_string(done));
    }
    done += static_cast<size_t>(count);
  }
  if (isLfsPointer(contents)) {
    return lfsPointer(path);
  }
  return contents;
}

bool gemma::entryExists(const std::string &path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}
