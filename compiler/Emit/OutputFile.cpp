//===- OutputFile.cpp - A file that appears whole or not at all -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/OutputFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::gemma;
using ::gemma::Error;
using ::gemma::Result;

static Error systemError(const std::string &what, int number) {
  bool missing = number == ENOENT || number == ENOTDIR;
  std::string message = what + ": " + std::strerror(number);
  return missing ? ::gemma::notFound(message) : ::gemma::resourceError(message);
}

static std::string folderOf(const std::string &path) {
  llvm::StringRef parent = llvm::sys::path::parent_path(path);
  return parent.empty() ? "." : parent.str();
}

/// Temporary files of `name` begin so; a number follows.
static std::string temporaryPrefix(const std::string &name) {
  return "." + name + ".partial-";
}

/// Whether the process that wrote `path` is gone: a living one holds a lock.
/// (A number of a process may have been given to another one since, or belong
/// to another container; a lock cannot be mistaken.)
static bool isLeftover(const std::string &path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) {
    return false;
  }
  bool free = flock(file, LOCK_EX | LOCK_NB) == 0;
  ::close(file);
  return free;
}

static void removeLeftovers(const std::string &folder,
                            const std::string &name) {
  DIR *directory = opendir(folder.c_str());
  if (!directory) {
    return;
  }
  std::string prefix = temporaryPrefix(name);
  while (dirent *entry = readdir(directory)) {
    llvm::StringRef rest(entry->d_name);
    if (!rest.consume_front(prefix) || rest.empty() ||
        !llvm::all_of(rest, llvm::isDigit)) {
      continue;
    }
    std::string path = folder + "/" + entry->d_name;
    if (isLeftover(path)) {
      unlink(path.c_str());
    }
  }
  closedir(directory);
}

/// Opens a new file and locks it; -1 and errno if that fails. Another process
/// that clears up may remove the file before it is locked; then once more.
static int createLocked(const std::string &path) {
  for (;;) {
    int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
      return -1;
    }
    struct stat status;
    // A file system without locks keeps its leftovers until they are removed
    // by hand; writing goes on.
    flock(file, LOCK_EX | LOCK_NB);
    if (fstat(file, &status) == 0 && status.st_nlink != 0) {
      return file;
    }
    ::close(file);
  }
}

Result<OutputFile> OutputFile::create(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return ::gemma::invalidUsage(
        path + ": expected a regular file, found " +
        (S_ISDIR(status.st_mode) ? "a folder" : "a device"));
  }
  std::string name = llvm::sys::path::filename(path).str();
  std::string folder = folderOf(path);
  removeLeftovers(folder, name);
  std::string temporary =
      folder + "/" + temporaryPrefix(name) + std::to_string(getpid());
  int file = createLocked(temporary);
  if (file < 0) {
    return systemError("folder '" + folder + "' of the output", errno);
  }
  llvm::sys::RemoveFileOnSignal(temporary);
  return OutputFile(file, path, std::move(temporary));
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : file(other.file), path(std::move(other.path)),
      temporary(std::move(other.temporary)) {
  other.file = -1;
}

OutputFile::~OutputFile() {
  if (file >= 0) {
    unlink(temporary.c_str());
    close();
  }
}

void OutputFile::close() {
  ::close(file);
  file = -1;
  llvm::sys::DontRemoveFileOnSignal(temporary);
}

Error OutputFile::failure(const char *action) const {
  return ::gemma::resourceError(path + ": " + action + ": " +
                                std::strerror(errno));
}

Result<void> OutputFile::allocate(uint64_t bytes) {
  if (ftruncate(file, static_cast<off_t>(bytes)) != 0) {
    return failure("cannot set the file's size");
  }
  if (fallocate(file, 0, 0, static_cast<off_t>(bytes)) != 0 &&
      errno != EOPNOTSUPP && errno != ENOSYS) {
    return failure("no space for the file");
  }
  return {};
}

Result<void> OutputFile::write(uint64_t offset, std::string_view bytes) {
  uint64_t start = offset, size = bytes.size();
  while (!bytes.empty()) {
    ssize_t written =
        pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      errno = written == 0 ? EIO : errno;
      return failure("cannot write");
    }
    bytes.remove_prefix(written);
    offset += written;
  }
  // Early and steadily rather than all at once in fsync. The pages stay in the
  // cache: who compiles a model runs it next.
  sync_file_range(file, static_cast<off_t>(start), static_cast<off_t>(size),
                  SYNC_FILE_RANGE_WRITE);
  return {};
}

Result<std::string> OutputFile::read(uint64_t offset, uint64_t bytes) const {
  std::string contents(bytes, 0);
  uint64_t done = 0;
  while (done < bytes) {
    ssize_t got = pread(file, contents.data() + done, bytes - done,
                        static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      errno = got == 0 ? EIO : errno;
      return failure("cannot read back");
    }
    done += got;
  }
  return contents;
}

/// Makes the names in a folder last. Not every file system can; then the name
/// lasts as soon as it decides.
static void syncFolder(const std::string &folder) {
  int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);
    ::close(directory);
  }
}

Result<void> OutputFile::commit() {
  if (fsync(file) != 0) {
    return failure("cannot write");
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return failure("cannot rename");
  }
  close();
  syncFolder(folderOf(path));
  return {};
}

/// Writes to a device or a pipe.
static Result<void> writeThrough(const std::string &path,
                                 std::string_view contents) {
  FILE *file = std::fopen(path.c_str(), "we");
  if (!file) {
    return systemError(path, errno);
  }
  size_t written = std::fwrite(contents.data(), 1, contents.size(), file);
  if (std::fclose(file) != 0 || written != contents.size()) {
    return systemError(path, errno);
  }
  return {};
}

Result<void> mlir::gemma::writeFile(const std::string &path,
                                    std::string_view contents) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) &&
      !S_ISDIR(status.st_mode)) {
    return writeThrough(path, contents);
  }
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) {
    return file.takeError();
  }
  if (Result<void> written = file->write(0, contents); !written) {
    return written;
  }
  return file->commit();
}
