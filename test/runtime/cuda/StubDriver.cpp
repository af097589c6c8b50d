//===- StubDriver.cpp - What the stub driver keeps ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StubDriver.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

static void readEnvironment(StubCuda &state) {
  const char *text = std::getenv("GEMMA_STUB_CUDA");
  std::istringstream list(text ? text : "");
  for (std::string entry; std::getline(list, entry, ',');) {
    size_t equals = std::min(entry.find('='), entry.size() - 1);
    std::string key = entry.substr(0, equals);
    std::string value = entry.substr(equals + 1);
    if (key == "version") {
      state.version = std::atoi(value.c_str());
    } else if (key == "devices") {
      state.devices = std::atoi(value.c_str());
    } else if (key == "sm") {
      state.major = std::atoi(value.c_str()) / 10;
      state.minor = std::atoi(value.c_str()) % 10;
    } else if (key == "memory") {
      state.memory = std::strtoull(value.c_str(), nullptr, 10);
    } else if (key == "fail") {
      size_t colon = std::min(value.find(':'), value.size() - 1);
      int code = std::atoi(value.c_str() + colon + 1);
      state.faults[value.substr(0, colon)] = {code, 0, true};
    } else {
      std::fprintf(stderr, "GEMMA_STUB_CUDA: unknown key '%s'\n", key.c_str());
      std::abort();
    }
  }
}

Driver &gemma::testing::driver() {
  static Driver *instance = [] {
    auto *made = new Driver;
    readEnvironment(made->state);
    return made;
  }();
  return *instance;
}

StubCuda &gemma::testing::stubCuda() { return driver().state; }

void gemma::testing::resetStubCuda() {
  if (driver().state.held != 0) {
    std::fprintf(stderr, "stub CUDA: %d things are still held\n",
                 driver().state.held);
    std::abort();
  }
  driver().state = StubCuda();
  driver().started = false;
}

int &gemma::testing::contextDepth() {
  static thread_local int depth = 0;
  return depth;
}

int StubCuda::contextDepth() const { return testing::contextDepth(); }

//===----------------------------------------------------------------------===//
// Faults and handles
//===----------------------------------------------------------------------===//

CuResult gemma::testing::enter(const char *name) {
  StubCuda &state = stubCuda();
  ++state.calls[name];
  auto fault = state.faults.find(name);
  if (fault == state.faults.end() || fault->second.after-- > 0) {
    return kCudaSuccess;
  }
  fault->second.after = 0;
  CuResult code = fault->second.code;
  if (!fault->second.always) {
    state.faults.erase(fault);
  }
  // As a driver: what the device does wrong loses the context, what a call
  // does wrong does not.
  if (losesDevice(code)) {
    state.sticky = code;
  }
  return code;
}

CuResult gemma::testing::enterStarted(const char *name) {
  CuResult code = enter(name);
  constexpr CuResult kNotInitialized = 3;
  return code ? code : driver().started ? kCudaSuccess : kNotInitialized;
}

CuResult gemma::testing::enterContext(const char *name) {
  CuResult sticky = stubCuda().sticky;
  CuResult code = enterStarted(name);
  if (sticky || code) {
    return sticky ? sticky : code;
  }
  return contextDepth() > 0 ? kCudaSuccess : kCudaInvalidContext;
}

//===----------------------------------------------------------------------===//
// PTX
//===----------------------------------------------------------------------===//

/// Bytes of ".param .align 16 .b8 name[64]" or ".param .u64 name".
static size_t parameterBytes(const std::string &text) {
  std::istringstream words(text);
  size_t bytes = 0;
  for (std::string word; words >> word;) {
    if (word.size() > 2 && word[0] == '.' && std::strchr("bfsu", word[1]) &&
        std::isdigit(static_cast<unsigned char>(word[2]))) {
      bytes = std::strtoul(word.c_str() + 2, nullptr, 10) / 8;
    }
    size_t bracket = word.find('[');
    if (bracket != std::string::npos) {
      bytes *= std::strtoul(word.c_str() + bracket + 1, nullptr, 10);
    }
  }
  return bytes;
}

void gemma::testing::readEntries(const std::string &ptx, CuModule module) {
  const std::string keyword = ".entry";
  for (size_t at = ptx.find(keyword); at != std::string::npos;
       at = ptx.find(keyword, at)) {
    at += keyword.size();
    size_t open = ptx.find('(', at), close = ptx.find(')', at);
    if (open == std::string::npos || close == std::string::npos) {
      return;
    }
    CuFunctionType function;
    std::istringstream(ptx.substr(at, open - at)) >> function.name;
    std::istringstream list(ptx.substr(open + 1, close - open - 1));
    for (std::string item; std::getline(list, item, ',');) {
      if (item.find(".param") != std::string::npos) {
        function.parameters.push_back(parameterBytes(item));
      }
    }
    module->functions[function.name] = function;
  }
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

std::pair<const char *, const char *>
gemma::testing::errorNames(CuResult code) {
  static const std::map<CuResult, std::pair<const char *, const char *>>
      kErrors = {
          {0, {"CUDA_SUCCESS", "no error"}},
          {1, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
          {2, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
          {3, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
          {34, {"CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"}},
          {46,
           {"CUDA_ERROR_DEVICE_UNAVAILABLE",
            "CUDA-capable device(s) is/are busy or unavailable"}},
          {100, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
          {101, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
          {201, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
          {209,
           {"CUDA_ERROR_NO_BINARY_FOR_GPU",
            "no kernel image is available for execution on the device"}},
          {218, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}},
          {221,
           {"CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
            "PTX JIT compiler library not found"}},
          {222,
           {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
            "the provided PTX was compiled with an unsupported toolchain."}},
          {400, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
          {500, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
          {700,
           {"CUDA_ERROR_ILLEGAL_ADDRESS",
            "an illegal memory access was encountered"}},
          {701,
           {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
            "too many resources requested for launch"}},
          {719, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
          {803,
           {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
            "system has unsupported display driver / cuda driver combination"}},
          {901,
           {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
            "operation failed due to a previous error during capture"}},
          {999, {"CUDA_ERROR_UNKNOWN", "unknown error"}}};

  auto found = kErrors.find(code);
  return found == kErrors.end() ? std::pair<const char *, const char *>()
                                : found->second;
}
