//===- CudaCode.cpp - Code on a GPU of the CUDA driver --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Text.h"
#include "runtime/cuda/Cubin.h"
#include "runtime/cuda/CudaDevice.h"
#include "runtime/cuda/CudaHandles.h"
#include "runtime/cuda/Versions.h"

#include <algorithm>
#include <utility>

using namespace gemma;
using namespace gemma::cuda;

Result<Module> CudaDevice::load(std::string_view image, std::string_view name) {
  const std::string what = "code \"" + printable(name, 64) + "\"";
  if (isElf(image)) {
    if (Result<void> whole = checkCubin(image); !whole) {
      return invalidData(what + ", " + whole.error().message);
    }
  } else {
    Result<PtxHeader> header = readPtxHeader(image);
    if (!header) {
      return invalidData(what + ", " + header.error().message);
    }
    if (Result<void> takes = checkPtx(*header, deviceFacts); !takes) {
      return takes.takeError();
    }
    if (image.find('\0') != std::string_view::npos) {
      return invalidData(what + ": expected PTX text, found a zero byte");
    }
  }
  // The driver reads text up to a zero byte.
  std::string text(image);
  std::string log(kLogBytes, '\0');
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBufferBytes};
  void *values[] = {log.data(), toPointer<void *>(log.size() - 1)};
  CuModule module = nullptr;
  CuResult code = inContext([&] {
    return driver.moduleLoad(&module, text.c_str(), 2, options, values);
  });
  if (code != kCudaSuccess) {
    std::string said = firstLine(log.c_str());
    Error error = failure(
        code, what + ": expected the driver to take it" +
                  (said.empty() ? "" : ", which said \"" + said + "\""));
    // No other machine takes these.
    if (code == kCudaInvalidPtx || code == kCudaInvalidImage) {
      error.code = ErrorCode::InvalidData;
    }
    return error;
  }
  return Module(*this, toValue(module));
}

Result<Function> CudaDevice::function(const Module &module,
                                      const std::string &name,
                                      uint32_t sharedBytes) {
  const std::string what = "kernel \"" + printable(name, 64) + "\"";
  CuFunction found = nullptr;
  CuResult code = inContext([&] {
    return driver.moduleGetFunction(&found, toPointer<CuModule>(module.value()),
                                    name.c_str());
  });
  if (code == kCudaNotFound) {
    return invalidData(what + ": expected it in the code, found none");
  }
  if (code != kCudaSuccess) {
    return failure(code, what + ": expected to find it in the code");
  }
  Function function;
  function.value = toValue(found);
  function.name = name;
  const std::pair<int, uint32_t *> attributes[] = {
      {kFunctionRegisters, &function.registers},
      {kFunctionLocalBytes, &function.localBytes},
      {kFunctionSharedBytes, &function.sharedBytes},
      {kFunctionMaxThreads, &function.blockThreads},
  };
  for (auto [attribute, field] : attributes) {
    int value = 0;
    code = inContext(
        [&] { return driver.funcGetAttribute(&value, attribute, found); });
    if (code != kCudaSuccess) {
      return failure(code, what + ": expected the driver to describe it");
    }
    *field = static_cast<uint32_t>(std::max(value, 0));
  }
  uint64_t shared = uint64_t(sharedBytes) + function.sharedBytes;
  if (shared > deviceFacts.sharedBytes) {
    return resourceError(what + ": expected " + byteCount(shared) +
                         " of shared memory for a block, found at most " +
                         byteCount(deviceFacts.sharedBytes) + " (" +
                         deviceFacts.where() + ")");
  }
  // What a kernel may ask for at its launch: 48 KiB unless raised. Never less
  // than before, since all who look it up share the driver's handle.
  code = inContext([&] {
    int most = 0;
    CuResult told =
        driver.funcGetAttribute(&most, kFunctionMaxDynamicSharedBytes, found);
    int wanted = static_cast<int>(sharedBytes);
    return told || wanted <= most
               ? told
               : driver.funcSetAttribute(found, kFunctionMaxDynamicSharedBytes,
                                         wanted);
  });
  if (code != kCudaSuccess) {
    return failure(code, what + ": expected to get " + byteCount(sharedBytes) +
                             " of shared memory for a block");
  }
  return function;
}

static std::string shapeText(const Extent &extent) {
  return std::to_string(extent.x) + "x" + std::to_string(extent.y) + "x" +
         std::to_string(extent.z);
}

Result<void> CudaDevice::launch(const Stream &stream, const Function &function,
                                const LaunchShape &shape,
                                Span<void *const> arguments) {
  CuResult code = inContext([&] {
    return driver.launchKernel(toPointer<CuFunction>(function.value),
                               shape.grid.x, shape.grid.y, shape.grid.z,
                               shape.block.x, shape.block.y, shape.block.z,
                               shape.sharedBytes, streamOf(stream),
                               // The driver only reads the list.
                               const_cast<void **>(arguments.data()), nullptr);
  });
  return check(code, [&] {
    return "kernel \"" + printable(function.name, 64) +
           "\": expected a launch of " + shapeText(shape.grid) + " blocks of " +
           shapeText(shape.block) + " threads and " +
           byteCount(shape.sharedBytes) + " of shared memory";
  });
}
