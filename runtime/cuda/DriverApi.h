//===- DriverApi.h - Types and entry points of libcuda ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What we use of NVIDIA's driver interface, declared here so that neither its
// headers nor its library are needed to build: "CUDA Driver API", the versions
// of CUDA 11.0. Symbols with _v2 are what its header calls by the plain name.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_DRIVERAPI_H
#define GEMMA_RUNTIME_CUDA_DRIVERAPI_H

#include <cstddef>

namespace gemma::cuda {

/// CUresult, by its number: newer drivers return numbers that no header of
/// today names.
using CuResult = int;
/// A device's number.
using CuDevice = int;
/// An address in device memory.
using CuPointer = unsigned long long;
using CuContext = struct CuContextType *;
using CuModule = struct CuModuleType *;
using CuFunction = struct CuFunctionType *;
using CuStream = struct CuStreamType *;
using CuEvent = struct CuEventType *;
using CuGraph = struct CuGraphType *;
using CuGraphNode = struct CuGraphNodeType *;
using CuGraphExec = struct CuGraphExecType *;

/// CUresult: those that we, or our tests, tell apart.
enum : CuResult {
  kCudaSuccess = 0,
  kCudaInvalidValue = 1,
  kCudaOutOfMemory = 2,
  kCudaStubLibrary = 34,
  kCudaNoDevice = 100,
  kCudaInvalidImage = 200,
  kCudaInvalidContext = 201,
  kCudaNoBinaryForGpu = 209,
  kCudaEccUncorrectable = 214,
  kCudaInvalidPtx = 218,
  kCudaNvlinkUncorrectable = 220,
  kCudaJitCompilerNotFound = 221,
  kCudaUnsupportedPtxVersion = 222,
  kCudaContained = 226,
  kCudaInvalidHandle = 400,
  kCudaNotFound = 500,
  kCudaIllegalAddress = 700,
  kCudaLaunchOutOfResources = 701,
  kCudaLaunchTimeout = 702,
  kCudaContextIsDestroyed = 709,
  kCudaAssert = 710,
  kCudaHardwareStackError = 714,
  kCudaIllegalInstruction = 715,
  kCudaMisalignedAddress = 716,
  kCudaInvalidAddressSpace = 717,
  kCudaInvalidPc = 718,
  kCudaLaunchFailed = 719,
  kCudaTensorMemoryLeak = 721,
  kCudaUnknown = 999,
};

/// Whether a code means that the context is of no more use, by what "CUDA
/// Driver API" says of it at CUresult; those that it is silent on are what a
/// device does wrong while it works. An unknown error is taken for one: that is
/// how a device that fell off the bus shows.
constexpr bool losesDevice(CuResult code) {
  switch (code) {
  case kCudaEccUncorrectable:
  case kCudaNvlinkUncorrectable:
  case kCudaContained:
  case kCudaIllegalAddress:
  case kCudaLaunchTimeout:
  case kCudaContextIsDestroyed:
  case kCudaAssert:
  case kCudaHardwareStackError:
  case kCudaIllegalInstruction:
  case kCudaMisalignedAddress:
  case kCudaInvalidAddressSpace:
  case kCudaInvalidPc:
  case kCudaLaunchFailed:
  case kCudaTensorMemoryLeak:
  case kCudaUnknown:
    return true;
  default:
    return false;
  }
}

/// CUdevice_attribute.
enum : int {
  kMaxThreadsPerBlock = 1,
  kMultiprocessorCount = 16,
  kComputeCapabilityMajor = 75,
  kComputeCapabilityMinor = 76,
  kMaxSharedMemoryPerBlockOptin = 97,
};

/// CUfunction_attribute.
enum : int {
  kFunctionMaxThreads = 0,
  kFunctionSharedBytes = 1,
  kFunctionLocalBytes = 3,
  kFunctionRegisters = 4,
  kFunctionMaxDynamicSharedBytes = 8,
};

/// CUjit_option.
enum : int {
  kJitErrorLogBuffer = 5,
  kJitErrorLogBufferBytes = 6,
};

/// CU_STREAM_NON_BLOCKING: does not wait for the default stream.
constexpr unsigned kStreamNonBlocking = 1;
/// CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may allocate meanwhile.
constexpr int kCaptureThreadLocal = 1;

// FUNCTION(member of DriverApi, symbol, parameters)
#define GEMMA_CUDA_FUNCTIONS(FUNCTION)                                         \
  FUNCTION(driverGetVersion, cuDriverGetVersion, (int *version))               \
  FUNCTION(init, cuInit, (unsigned flags))                                     \
  FUNCTION(getErrorName, cuGetErrorName, (CuResult code, const char **name))   \
  FUNCTION(getErrorString, cuGetErrorString,                                   \
           (CuResult code, const char **text))                                 \
  FUNCTION(deviceGetCount, cuDeviceGetCount, (int *count))                     \
  FUNCTION(deviceGet, cuDeviceGet, (CuDevice * device, int index))             \
  FUNCTION(deviceGetName, cuDeviceGetName,                                     \
           (char *name, int bytes, CuDevice device))                           \
  FUNCTION(deviceGetAttribute, cuDeviceGetAttribute,                           \
           (int *value, int attribute, CuDevice device))                       \
  FUNCTION(deviceTotalMem, cuDeviceTotalMem_v2,                                \
           (size_t *bytes, CuDevice device))                                   \
  FUNCTION(primaryCtxRetain, cuDevicePrimaryCtxRetain,                         \
           (CuContext * context, CuDevice device))                             \
  FUNCTION(primaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CuDevice device)) \
  FUNCTION(ctxPush, cuCtxPushCurrent_v2, (CuContext context))                  \
  FUNCTION(ctxPop, cuCtxPopCurrent_v2, (CuContext * context))                  \
  FUNCTION(memGetInfo, cuMemGetInfo_v2, (size_t *free, size_t *total))         \
  FUNCTION(memAlloc, cuMemAlloc_v2, (CuPointer * address, size_t bytes))       \
  FUNCTION(memFree, cuMemFree_v2, (CuPointer address))                         \
  FUNCTION(memcpyHtoD, cuMemcpyHtoDAsync_v2,                                   \
           (CuPointer to, const void *from, size_t bytes, CuStream stream))    \
  FUNCTION(memcpyDtoH, cuMemcpyDtoHAsync_v2,                                   \
           (void *to, CuPointer from, size_t bytes, CuStream stream))          \
  FUNCTION(memset, cuMemsetD8Async,                                            \
           (CuPointer to, unsigned char value, size_t bytes, CuStream stream)) \
  FUNCTION(moduleLoad, cuModuleLoadDataEx,                                     \
           (CuModule * module, const void *image, unsigned optionCount,        \
            int *options, void **optionValues))                                \
  FUNCTION(moduleUnload, cuModuleUnload, (CuModule module))                    \
  FUNCTION(moduleGetFunction, cuModuleGetFunction,                             \
           (CuFunction * function, CuModule module, const char *name))         \
  FUNCTION(funcGetAttribute, cuFuncGetAttribute,                               \
           (int *value, int attribute, CuFunction function))                   \
  FUNCTION(funcSetAttribute, cuFuncSetAttribute,                               \
           (CuFunction function, int attribute, int value))                    \
  FUNCTION(launchKernel, cuLaunchKernel,                                       \
           (CuFunction function, unsigned gridX, unsigned gridY,               \
            unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, \
            unsigned sharedBytes, CuStream stream, void **arguments,           \
            void **extra))                                                     \
  FUNCTION(streamCreate, cuStreamCreate, (CuStream * stream, unsigned flags))  \
  FUNCTION(streamDestroy, cuStreamDestroy_v2, (CuStream stream))               \
  FUNCTION(streamSynchronize, cuStreamSynchronize, (CuStream stream))          \
  FUNCTION(streamIsCapturing, cuStreamIsCapturing,                             \
           (CuStream stream, int *status))                                     \
  FUNCTION(beginCapture, cuStreamBeginCapture_v2, (CuStream stream, int mode)) \
  FUNCTION(endCapture, cuStreamEndCapture, (CuStream stream, CuGraph * graph)) \
  FUNCTION(graphInstantiate, cuGraphInstantiate_v2,                            \
           (CuGraphExec * executable, CuGraph graph, CuGraphNode * culprit,    \
            char *log, size_t logBytes))                                       \
  FUNCTION(graphDestroy, cuGraphDestroy, (CuGraph graph))                      \
  FUNCTION(graphLaunch, cuGraphLaunch,                                         \
           (CuGraphExec executable, CuStream stream))                          \
  FUNCTION(graphExecDestroy, cuGraphExecDestroy, (CuGraphExec executable))     \
  FUNCTION(eventCreate, cuEventCreate, (CuEvent * event, unsigned flags))      \
  FUNCTION(eventDestroy, cuEventDestroy_v2, (CuEvent event))                   \
  FUNCTION(eventRecord, cuEventRecord, (CuEvent event, CuStream stream))       \
  FUNCTION(eventSynchronize, cuEventSynchronize, (CuEvent event))              \
  FUNCTION(eventElapsedTime, cuEventElapsedTime,                               \
           (float *milliseconds, CuEvent from, CuEvent to))

/// The entry points, each a pointer into the library.
struct DriverApi {
#define GEMMA_MEMBER(member, symbol, parameters)                               \
  CuResult(*member) parameters = nullptr;
  GEMMA_CUDA_FUNCTIONS(GEMMA_MEMBER)
#undef GEMMA_MEMBER
};

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_DRIVERAPI_H
