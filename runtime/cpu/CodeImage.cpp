//===- CodeImage.cpp - Loads a code segment -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CodeImage.h"

#include "runtime/core/Mapping.h"
#include "runtime/core/Text.h"
#include "runtime/cpu/KernelImage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace gemma;

static constexpr uint64_t kPieceBytes = uint64_t(1) << 20;

CodeImage::CodeImage(CodeImage &&other) noexcept
    : descriptor(std::exchange(other.descriptor, -1)),
      handle(std::exchange(other.handle, nullptr)),
      functions(std::move(other.functions)) {}

CodeImage &CodeImage::operator=(CodeImage &&other) noexcept {
  std::swap(descriptor, other.descriptor);
  std::swap(handle, other.handle);
  std::swap(functions, other.functions);
  return *this;
}

CodeImage::~CodeImage() {
  if (handle) {
    dlclose(handle);
  }
  if (descriptor >= 0) {
    close(descriptor);
  }
}

static Error systemError(const char *what) {
  return resourceError("code segment: expected " + std::string(what) +
                       ", found \"" + std::strerror(errno) + "\"");
}

static int createMemoryFile() {
  // Where a system refuses executable memory files by default, a program asks
  // for one; older kernels do not know the flag.
  constexpr unsigned kExecutable = 0x10; // MFD_EXEC
  constexpr unsigned kOther = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int descriptor = memfd_create("gemma-kernels", kOther | kExecutable);
  if (descriptor < 0 && errno == EINVAL) {
    descriptor = memfd_create("gemma-kernels", kOther);
  }
  return descriptor;
}

static Result<void> copyTo(int descriptor, const File &file, uint64_t offset,
                           uint64_t size) {
  std::vector<unsigned char> piece(std::min(size, kPieceBytes));
  for (uint64_t done = 0; done < size;) {
    uint64_t bytes = std::min(kPieceBytes, size - done);
    if (auto result = file.read(offset + done, piece.data(), bytes); !result) {
      return result;
    }
    for (uint64_t written = 0; written < bytes;) {
      ssize_t put =
          ::write(descriptor, piece.data() + written, bytes - written);
      if (put < 0 && errno != EINTR) {
        return systemError("memory for a copy");
      }
      written += put > 0 ? static_cast<uint64_t>(put) : 0;
    }
    done += bytes;
  }
  return {};
}

Result<CodeImage> CodeImage::load(const File &file, uint64_t offset,
                                  uint64_t size, const Digest &digest,
                                  Span<const std::string_view> kernels) {
  CodeImage image;
  image.descriptor = createMemoryFile();
  if (image.descriptor < 0) {
    return systemError("a memory file");
  }
  if (auto result = copyTo(image.descriptor, file, offset, size); !result) {
    return result.takeError();
  }
  if (fcntl(image.descriptor, F_ADD_SEALS,
            F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return systemError("to seal a memory file");
  }
  {
    Result<Mapping> bytes =
        Mapping::file(image.descriptor, 0, size, "code segment");
    if (!bytes) {
      return bytes.takeError();
    }
    if (auto result =
            checkDigest("segment code", bytes->data(), bytes->size(), digest);
        !result) {
      return result.takeError();
    }
    if (auto result = checkKernelImage({bytes->data(), bytes->size()}, kernels);
        !result) {
      return result.takeError();
    }
  }
  std::string path = "/proc/self/fd/" + std::to_string(image.descriptor);
  image.handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!image.handle) {
    return resourceError("code segment: expected the loader to take it, found "
                         "\"" +
                         printable(dlerror()) + "\"");
  }
  image.functions.reserve(kernels.size());
  for (std::string_view name : kernels) {
    // A function pointer, as POSIX has dlsym give it.
    auto kernel = reinterpret_cast<Kernel>(
        dlsym(image.handle, std::string(name).c_str()));
    if (!kernel) {
      return invalidData("code segment: expected the kernel \"" +
                         printable(name, 128) + "\", found none");
    }
    image.functions.push_back(kernel);
  }
  return image;
}
