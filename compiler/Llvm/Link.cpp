//===- Link.cpp - One shared object of all kernels ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Link.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

LLD_HAS_DRIVER(elf)

using namespace mlir::gemma;
using ::gemma::Result;

/// Puts `bytes` where lld can open them; -1 and errno if that fails.
static int createMemoryFile(llvm::StringRef bytes) {
  int file = memfd_create("gemma-kernel", MFD_CLOEXEC);
  while (file >= 0 && !bytes.empty()) {
    ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      close(file);
      return -1;
    }
    bytes = bytes.drop_front(written);
  }
  return file;
}

static Result<std::string> runLinker(llvm::ArrayRef<int> objects,
                                     const std::string &output) {
  std::vector<std::string> names;
  for (int object : objects) {
    names.push_back("/proc/self/fd/" + std::to_string(object));
  }
  std::vector<const char *> arguments = {"ld.lld",
                                         "-shared",
                                         "--build-id=none",
                                         "--hash-style=gnu",
                                         "--threads=1",
                                         "-z",
                                         "defs",
                                         "-z",
                                         "noexecstack",
                                         "-z",
                                         "text",
                                         "-z",
                                         "now",
                                         "-o",
                                         output.c_str()};
  for (const std::string &name : names) {
    arguments.push_back(name.c_str());
  }
  std::string out, err;
  llvm::raw_string_ostream outStream(out), errStream(err);
  lld::Result result = lld::lldMain(arguments, outStream, errStream,
                                    {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0) {
    llvm::StringRef first = llvm::StringRef(err).split('\n').first;
    first.consume_front("ld.lld: error: ");
    return ::gemma::internalError("linking the kernels: " + first.str());
  }
  auto buffer = llvm::MemoryBuffer::getFile(output, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    return ::gemma::resourceError(output + ": " + buffer.getError().message());
  }
  return (*buffer)->getBuffer().str();
}

Result<std::string>
mlir::gemma::linkKernels(llvm::ArrayRef<KernelObject> kernels) {
  std::vector<int> files;
  auto closeFiles = llvm::make_scope_exit([&] {
    for (int file : files) {
      close(file);
    }
  });
  for (const KernelObject &kernel : kernels) {
    int file = createMemoryFile(kernel.object);
    if (file < 0) {
      return ::gemma::resourceError("memory for kernel '" + kernel.name +
                                    "': " + std::strerror(errno));
    }
    files.push_back(file);
  }
  llvm::SmallString<128> output;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("gemma-kernels", "so", output)) {
    return ::gemma::resourceError("temporary file: " + error.message());
  }
  llvm::sys::RemoveFileOnSignal(output);
  Result<std::string> result = runLinker(files, output.str().str());
  llvm::sys::fs::remove(output);
  llvm::sys::DontRemoveFileOnSignal(output);
  return result;
}
