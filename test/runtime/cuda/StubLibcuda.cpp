//===- StubLibcuda.cpp - A CUDA driver without a GPU, for tests -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StubDriver.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

using namespace gemma::cuda;
using namespace gemma::testing;

#define STUB_ENTER(how, name)                                                  \
  if (CuResult code = how(name)) {                                             \
    return code;                                                               \
  }

/// A handle that tests count.
template <typename Type> static Type *give(Type *made) {
  driver().handles.insert(made);
  ++stubCuda().held;
  return made;
}

/// Deletes a handle; also on a lost device, which then says so.
template <typename Type> static CuResult take(const char *name, Type *handle) {
  CuResult code = enterContext(name);
  if (driver().handles.erase(handle) == 0) {
    return kCudaInvalidHandle;
  }
  delete handle;
  --stubCuda().held;
  return code;
}

static bool known(void *handle) { return driver().handles.count(handle) != 0; }

/// Whether `bytes` from `address` on lie inside one allocation.
static bool allocated(CuPointer address, size_t bytes) {
  auto after = driver().allocations.upper_bound(address);
  if (after == driver().allocations.begin()) {
    return false;
  }
  const auto &[first, size] = *std::prev(after);
  return address - first <= size && bytes <= size - (address - first);
}

static unsigned char *hostOf(CuPointer address) {
  return reinterpret_cast<unsigned char *>(static_cast<uintptr_t>(address));
}

static void makeCopies(CuStream stream) {
  for (const std::function<void()> &copy : stream->late) {
    copy();
  }
  stream->late.clear();
}

/// Does work now, or records it.
static CuResult queue(CuStream stream, Work work) {
  if (!known(stream)) {
    return kCudaInvalidHandle;
  }
  makeCopies(stream);
  if (stream->capturing) {
    stream->captured.push_back(std::move(work));
  } else {
    work(false);
  }
  return kCudaSuccess;
}

//===----------------------------------------------------------------------===//
// Entry points: driver and devices
//===----------------------------------------------------------------------===//

#pragma GCC visibility push(default)
extern "C" {

CuResult cuDriverGetVersion(int *version) {
  STUB_ENTER(enter, "cuDriverGetVersion")
  *version = stubCuda().version;
  return kCudaSuccess;
}

CuResult cuInit(unsigned flags) {
  STUB_ENTER(enter, "cuInit")
  driver().started = true;
  return stubCuda().devices > 0 ? kCudaSuccess : kCudaNoDevice;
}

CuResult cuGetErrorName(CuResult code, const char **name) {
  *name = errorNames(code).first;
  return *name ? kCudaSuccess : kCudaInvalidValue;
}

CuResult cuGetErrorString(CuResult code, const char **text) {
  *text = errorNames(code).second;
  return *text ? kCudaSuccess : kCudaInvalidValue;
}

CuResult cuDeviceGetCount(int *count) {
  STUB_ENTER(enterStarted, "cuDeviceGetCount")
  *count = stubCuda().devices;
  return kCudaSuccess;
}

CuResult cuDeviceGet(CuDevice *device, int index) {
  STUB_ENTER(enterStarted, "cuDeviceGet")
  constexpr CuResult kInvalidDevice = 101;
  *device = index;
  return index < stubCuda().devices ? kCudaSuccess : kInvalidDevice;
}

CuResult cuDeviceGetName(char *name, int bytes, CuDevice device) {
  STUB_ENTER(enterStarted, "cuDeviceGetName")
  std::snprintf(name, static_cast<size_t>(bytes), "Stub GPU %d", device);
  return kCudaSuccess;
}

CuResult cuDeviceGetAttribute(int *value, int attribute, CuDevice device) {
  STUB_ENTER(enterStarted, "cuDeviceGetAttribute")
  const StubCuda &state = stubCuda();
  const std::map<int, int> values = {
      {kMaxThreadsPerBlock, 1024},
      {kMultiprocessorCount, 132},
      {kComputeCapabilityMajor, state.major},
      {kComputeCapabilityMinor, state.minor},
      {kMaxSharedMemoryPerBlockOptin, state.sharedBytesPerBlock},
  };
  auto found = values.find(attribute);
  *value = found == values.end() ? 0 : found->second;
  return found == values.end() ? kCudaInvalidValue : kCudaSuccess;
}

CuResult cuDeviceTotalMem_v2(size_t *bytes, CuDevice device) {
  STUB_ENTER(enterStarted, "cuDeviceTotalMem_v2")
  *bytes = stubCuda().memory;
  return kCudaSuccess;
}

CuResult cuDevicePrimaryCtxRetain(CuContext *context, CuDevice device) {
  STUB_ENTER(enterStarted, "cuDevicePrimaryCtxRetain")
  ++driver().contextUses;
  ++stubCuda().held;
  *context = &driver().context;
  return kCudaSuccess;
}

CuResult cuDevicePrimaryCtxRelease_v2(CuDevice device) {
  STUB_ENTER(enterStarted, "cuDevicePrimaryCtxRelease_v2")
  if (driver().contextUses == 0) {
    return kCudaInvalidContext;
  }
  --driver().contextUses;
  --stubCuda().held;
  return kCudaSuccess;
}

CuResult cuCtxPushCurrent_v2(CuContext context) {
  STUB_ENTER(enterStarted, "cuCtxPushCurrent_v2")
  if (context != &driver().context || driver().contextUses == 0) {
    return kCudaInvalidContext;
  }
  ++contextDepth();
  return kCudaSuccess;
}

CuResult cuCtxPopCurrent_v2(CuContext *context) {
  STUB_ENTER(enterStarted, "cuCtxPopCurrent_v2")
  if (contextDepth() == 0) {
    return kCudaInvalidContext;
  }
  --contextDepth();
  *context = &driver().context;
  return kCudaSuccess;
}

//===----------------------------------------------------------------------===//
// Entry points: memory
//===----------------------------------------------------------------------===//

CuResult cuMemGetInfo_v2(size_t *free, size_t *total) {
  STUB_ENTER(enterContext, "cuMemGetInfo_v2")
  *total = stubCuda().memory;
  *free = *total - std::min(*total, stubCuda().heldBytes);
  return kCudaSuccess;
}

CuResult cuMemAlloc_v2(CuPointer *address, size_t bytes) {
  STUB_ENTER(enterContext, "cuMemAlloc_v2")
  StubCuda &state = stubCuda();
  if (bytes == 0) {
    return kCudaInvalidValue;
  }
  if (bytes > state.memory - std::min(state.memory, state.heldBytes)) {
    return kCudaOutOfMemory;
  }
  constexpr size_t kAlignment = 256;
  void *memory = nullptr;
  // Of exactly this size, so that sanitizers see what goes beyond.
  if (posix_memalign(&memory, kAlignment, bytes) != 0) {
    return kCudaOutOfMemory;
  }
  std::memset(memory, 0xcd, bytes);
  *address = reinterpret_cast<uintptr_t>(memory);
  driver().allocations[*address] = bytes;
  ++state.held;
  state.heldBytes += bytes;
  return kCudaSuccess;
}

CuResult cuMemFree_v2(CuPointer address) {
  CuResult code = enterContext("cuMemFree_v2");
  auto found = driver().allocations.find(address);
  if (found == driver().allocations.end()) {
    return kCudaInvalidValue;
  }
  --stubCuda().held;
  stubCuda().heldBytes -= found->second;
  driver().allocations.erase(found);
  std::free(hostOf(address));
  return code;
}

CuResult cuMemcpyHtoDAsync_v2(CuPointer to, const void *from, size_t bytes,
                              CuStream stream) {
  STUB_ENTER(enterContext, "cuMemcpyHtoDAsync_v2")
  if (!allocated(to, bytes)) {
    return kCudaInvalidValue;
  }
  auto copy = [=] { std::memcpy(hostOf(to), from, bytes); };
  if (!known(stream) || stream->capturing) {
    return queue(stream, [=](bool) { copy(); });
  }
  // As late as a driver may: it need not have taken the bytes on return.
  stream->late.push_back(copy);
  return kCudaSuccess;
}

CuResult cuMemcpyDtoHAsync_v2(void *to, CuPointer from, size_t bytes,
                              CuStream stream) {
  STUB_ENTER(enterContext, "cuMemcpyDtoHAsync_v2")
  if (!allocated(from, bytes)) {
    return kCudaInvalidValue;
  }
  return queue(stream, [=](bool) { std::memcpy(to, hostOf(from), bytes); });
}

CuResult cuMemsetD8Async(CuPointer to, unsigned char value, size_t bytes,
                         CuStream stream) {
  STUB_ENTER(enterContext, "cuMemsetD8Async")
  if (!allocated(to, bytes)) {
    return kCudaInvalidValue;
  }
  return queue(stream, [=](bool) { std::memset(hostOf(to), value, bytes); });
}

//===----------------------------------------------------------------------===//
// Entry points: code
//===----------------------------------------------------------------------===//

/// What the compiler says of PTX that it refuses.
static void writeLog(unsigned optionCount, const int *options, void **values) {
  char *log = nullptr;
  size_t bytes = 0;
  for (unsigned i = 0; i < optionCount; ++i) {
    if (options[i] == kJitErrorLogBuffer) {
      log = static_cast<char *>(values[i]);
    } else if (options[i] == kJitErrorLogBufferBytes) {
      bytes = reinterpret_cast<uintptr_t>(values[i]);
    }
  }
  if (log && bytes != 0) {
    std::snprintf(log, bytes, "%s", stubCuda().compilerLog.c_str());
  }
}

CuResult cuModuleLoadDataEx(CuModule *module, const void *image,
                            unsigned optionCount, int *options, void **values) {
  if (CuResult code = enterContext("cuModuleLoadDataEx")) {
    writeLog(optionCount, options, values);
    return code;
  }
  auto made = std::make_unique<CuModuleType>();
  readEntries(static_cast<const char *>(image), made.get());
  *module = give(made.release());
  return kCudaSuccess;
}

CuResult cuModuleUnload(CuModule module) {
  return take("cuModuleUnload", module);
}

CuResult cuModuleGetFunction(CuFunction *function, CuModule module,
                             const char *name) {
  STUB_ENTER(enterContext, "cuModuleGetFunction")
  if (!known(module)) {
    return kCudaInvalidHandle;
  }
  auto found = module->functions.find(name);
  if (found == module->functions.end()) {
    return kCudaNotFound;
  }
  *function = &found->second;
  return kCudaSuccess;
}

CuResult cuFuncGetAttribute(int *value, int attribute, CuFunction function) {
  STUB_ENTER(enterContext, "cuFuncGetAttribute")
  const std::map<int, int> values = {{kFunctionMaxThreads, 512},
                                     {kFunctionSharedBytes, 1024},
                                     {kFunctionLocalBytes, 16},
                                     {kFunctionRegisters, 40}};
  if (attribute == kFunctionMaxDynamicSharedBytes) {
    *value = function->maxDynamicShared;
    return kCudaSuccess;
  }
  auto found = values.find(attribute);
  *value = found == values.end() ? 0 : found->second;
  return found == values.end() ? kCudaInvalidValue : kCudaSuccess;
}

CuResult cuFuncSetAttribute(CuFunction function, int attribute, int value) {
  STUB_ENTER(enterContext, "cuFuncSetAttribute")
  if (attribute != kFunctionMaxDynamicSharedBytes) {
    return kCudaInvalidValue;
  }
  function->maxDynamicShared = value;
  return kCudaSuccess;
}

CuResult cuLaunchKernel(CuFunction function, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned sharedBytes, CuStream stream,
                        void **arguments, void **extra) {
  STUB_ENTER(enterContext, "cuLaunchKernel")
  if (extra || uint64_t(gridX) * gridY * gridZ == 0 ||
      uint64_t(blockX) * blockY * blockZ == 0 ||
      sharedBytes > static_cast<unsigned>(function->maxDynamicShared)) {
    return kCudaInvalidValue;
  }
  if (uint64_t(blockX) * blockY * blockZ > 512) {
    return kCudaLaunchOutOfResources;
  }
  StubLaunch launch;
  launch.kernel = function->name;
  const unsigned shape[] = {gridX, gridY, gridZ, blockX, blockY, blockZ};
  std::copy(shape, shape + 3, launch.grid);
  std::copy(shape + 3, shape + 6, launch.block);
  launch.sharedBytes = sharedBytes;
  for (size_t i = 0; i < function->parameters.size(); ++i) {
    launch.arguments.emplace_back(static_cast<const char *>(arguments[i]),
                                  function->parameters[i]);
  }
  return queue(stream, [launch](bool fromGraph) {
    StubCuda &state = stubCuda();
    state.launches.push_back(launch);
    state.launches.back().fromGraph = fromGraph;
    auto kernel = state.kernels.find(launch.kernel);
    if (kernel != state.kernels.end()) {
      kernel->second(launch);
    }
  });
}

//===----------------------------------------------------------------------===//
// Entry points: streams, graphs, events
//===----------------------------------------------------------------------===//

CuResult cuStreamCreate(CuStream *stream, unsigned flags) {
  STUB_ENTER(enterContext, "cuStreamCreate")
  *stream = give(new CuStreamType);
  return kCudaSuccess;
}

CuResult cuStreamDestroy_v2(CuStream stream) {
  return take("cuStreamDestroy_v2", stream);
}

CuResult cuStreamSynchronize(CuStream stream) {
  STUB_ENTER(enterContext, "cuStreamSynchronize")
  if (!known(stream)) {
    return kCudaInvalidHandle;
  }
  makeCopies(stream);
  return kCudaSuccess;
}

CuResult cuStreamIsCapturing(CuStream stream, int *status) {
  STUB_ENTER(enterContext, "cuStreamIsCapturing")
  if (!known(stream)) {
    return kCudaInvalidHandle;
  }
  *status = stream->capturing ? 1 : 0;
  return kCudaSuccess;
}

CuResult cuStreamBeginCapture_v2(CuStream stream, int mode) {
  STUB_ENTER(enterContext, "cuStreamBeginCapture_v2")
  if (!known(stream) || stream->capturing || mode != kCaptureThreadLocal) {
    return kCudaInvalidValue;
  }
  stream->capturing = true;
  return kCudaSuccess;
}

CuResult cuStreamEndCapture(CuStream stream, CuGraph *graph) {
  CuResult code = enterContext("cuStreamEndCapture");
  *graph = nullptr;
  if (!known(stream) || !stream->capturing) {
    return kCudaInvalidValue;
  }
  stream->capturing = false;
  std::vector<Work> work = std::exchange(stream->captured, {});
  if (code == kCudaSuccess) {
    *graph = give(new CuGraphType{std::move(work)});
  }
  return code;
}

CuResult cuGraphInstantiate_v2(CuGraphExec *executable, CuGraph graph,
                               CuGraphNode *culprit, char *log,
                               size_t logBytes) {
  if (CuResult code = enterContext("cuGraphInstantiate_v2")) {
    std::snprintf(log, logBytes, "%s", stubCuda().compilerLog.c_str());
    return code;
  }
  if (!known(graph)) {
    return kCudaInvalidHandle;
  }
  *executable = give(new CuGraphExecType{graph->work});
  return kCudaSuccess;
}

CuResult cuGraphDestroy(CuGraph graph) { return take("cuGraphDestroy", graph); }

CuResult cuGraphLaunch(CuGraphExec executable, CuStream stream) {
  STUB_ENTER(enterContext, "cuGraphLaunch")
  if (!known(executable) || !known(stream) || stream->capturing) {
    return kCudaInvalidHandle;
  }
  for (const Work &work : executable->work) {
    work(true);
  }
  return kCudaSuccess;
}

CuResult cuGraphExecDestroy(CuGraphExec executable) {
  return take("cuGraphExecDestroy", executable);
}

CuResult cuEventCreate(CuEvent *event, unsigned flags) {
  STUB_ENTER(enterContext, "cuEventCreate")
  *event = give(new CuEventType);
  return kCudaSuccess;
}

CuResult cuEventDestroy_v2(CuEvent event) {
  return take("cuEventDestroy_v2", event);
}

CuResult cuEventRecord(CuEvent event, CuStream stream) {
  STUB_ENTER(enterContext, "cuEventRecord")
  if (!known(event) || !known(stream)) {
    return kCudaInvalidHandle;
  }
  event->moment = stubCuda().launches.size();
  event->recorded = true;
  return kCudaSuccess;
}

CuResult cuEventSynchronize(CuEvent event) {
  STUB_ENTER(enterContext, "cuEventSynchronize")
  return known(event) ? kCudaSuccess : kCudaInvalidHandle;
}

// Every launch takes a millisecond.
CuResult cuEventElapsedTime(float *milliseconds, CuEvent from, CuEvent to) {
  STUB_ENTER(enterContext, "cuEventElapsedTime")
  if (!known(from) || !known(to) || !from->recorded || !to->recorded) {
    return kCudaInvalidHandle;
  }
  *milliseconds =
      static_cast<float>(to->moment) - static_cast<float>(from->moment);
  return kCudaSuccess;
}

} // extern "C"
#pragma GCC visibility pop
