//===- CudaDevice.cpp - A GPU of the CUDA driver --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDevice.h"

#include "runtime/core/Text.h"
#include "runtime/cuda/CudaFacts.h"
#include "runtime/cuda/CudaHandles.h"
#include "runtime/cuda/Versions.h"

#include <cstdlib>
#include <utility>

using namespace gemma;
using namespace gemma::cuda;

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

/// What hides devices, for messages.
static std::string visibleDevices() {
  const char *visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible
             ? ", CUDA_VISIBLE_DEVICES is \"" + printable(visible, 64) + "\""
             : "";
}

CudaDevice::CudaDevice(std::shared_ptr<const LibCuda> owner, CuDevice device,
                       DeviceFacts facts)
    : library(std::move(owner)), driver(library->api()), device(device),
      deviceFacts(std::move(facts)) {}

Result<std::unique_ptr<CudaDevice>>
CudaDevice::open(std::shared_ptr<const LibCuda> library, uint32_t index) {
  Result<uint32_t> count = library->countDevices();
  if (!count) {
    return count.takeError();
  }
  if (index >= *count) {
    std::string found =
        *count == 0 ? "no CUDA device on this machine"
                    : std::to_string(*count) + " of them on this machine";
    return resourceError(
        "device: expected CUDA device " + std::to_string(index) + ", found " +
        found + " (driver of CUDA " + cudaVersionText(library->version()) +
        visibleDevices() + ")");
  }
  CuDevice device = 0;
  Result<DeviceFacts> facts = readFacts(*library, index, device);
  if (!facts) {
    return facts.takeError();
  }
  std::unique_ptr<CudaDevice> opened(
      new CudaDevice(std::move(library), device, std::move(*facts)));
  CuContext context = nullptr;
  CuResult code = opened->driver.primaryCtxRetain(&context, device);
  if (code != kCudaSuccess) {
    return opened->failure(code, "device: expected it to be free for use");
  }
  opened->context = context;
  return opened;
}

CudaDevice::~CudaDevice() {
  if (context) {
    driver.primaryCtxRelease(device);
  }
}

//===----------------------------------------------------------------------===//
// Calls and their errors
//===----------------------------------------------------------------------===//

Error CudaDevice::failure(CuResult code, const std::string &expected) {
  std::string where = " (" + deviceFacts.where() + ")";
  // Of two threads that lose the device at once, the first to come here counts.
  CuResult earlier = kCudaSuccess;
  if (losesDevice(code)
          ? !lostBy.compare_exchange_strong(earlier, code)
          : (earlier = lostBy.load(std::memory_order_relaxed)) != 0) {
    return resourceError("device: expected it to work, found it lost since " +
                         library->describe(earlier) + where);
  }
  return resourceError(expected + ", found " + library->describe(code) + where);
}

/// An `expected` of fixed text.
static auto saying(const char *text) {
  return [text] { return std::string(text); };
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Result<DeviceMemory> CudaDevice::memory() {
  size_t free = 0, total = 0;
  CuResult code = inContext([&] { return driver.memGetInfo(&free, &total); });
  if (code != kCudaSuccess) {
    return failure(code, "device memory: expected to be told how much is free");
  }
  return DeviceMemory{free, total};
}

Result<Buffer> CudaDevice::allocate(uint64_t bytes, std::string_view purpose) {
  if (bytes == 0) {
    return Buffer();
  }
  CuPointer address = 0;
  size_t free = 0, total = 0;
  CuResult code = inContext([&] {
    CuResult result = driver.memAlloc(&address, bytes);
    if (result == kCudaOutOfMemory) {
      driver.memGetInfo(&free, &total);
    }
    return result;
  });
  if (code != kCudaSuccess) {
    std::string expected = "device memory: expected " + byteCount(bytes) +
                           " for " + std::string(purpose);
    if (total != 0) {
      expected +=
          " where " + byteCount(free) + " of " + byteCount(total) + " are free";
    }
    return failure(code, expected);
  }
  return Buffer(*this, address);
}

Result<void> CudaDevice::checkNotCapturing(const Stream &stream) {
  int status = 0;
  CuResult code = inContext(
      [&] { return driver.streamIsCapturing(streamOf(stream), &status); });
  if (code != kCudaSuccess) {
    return failure(code, "stream: expected to be told its state");
  }
  // The copy would be recorded, with the host's address instead of the bytes.
  if (status != 0) {
    return internalError("device memory: expected no copy while a graph is "
                         "captured, found one");
  }
  return {};
}

Result<void> CudaDevice::write(const Stream &stream, Address to,
                               const void *from, uint64_t bytes) {
  if (bytes == 0) {
    return {};
  }
  if (Result<void> may = checkNotCapturing(stream); !may) {
    return may;
  }
  return check(inContext([&] {
                 CuStream queue = streamOf(stream);
                 CuResult code = driver.memcpyHtoD(to, from, bytes, queue);
                 return code ? code : driver.streamSynchronize(queue);
               }),
               [&] {
                 return "device memory: expected to copy " + byteCount(bytes) +
                        " to the device";
               });
}

Result<void> CudaDevice::read(const Stream &stream, void *to, Address from,
                              uint64_t bytes) {
  if (Result<void> may = checkNotCapturing(stream); !may) {
    return may;
  }
  return check(inContext([&] {
                 CuStream queue = streamOf(stream);
                 CuResult code =
                     bytes ? driver.memcpyDtoH(to, from, bytes, queue) : 0;
                 return code ? code : driver.streamSynchronize(queue);
               }),
               [&] {
                 return "device memory: expected to copy " + byteCount(bytes) +
                        " from the device";
               });
}

Result<void> CudaDevice::fill(const Stream &stream, Address to, uint8_t value,
                              uint64_t bytes) {
  if (bytes == 0) {
    return {};
  }
  return check(
      inContext(
          [&] { return driver.memset(to, value, bytes, streamOf(stream)); }),
      [&] { return "device memory: expected to fill " + byteCount(bytes); });
}

//===----------------------------------------------------------------------===//
// Streams, graphs, events
//===----------------------------------------------------------------------===//

Result<Stream> CudaDevice::createStream() {
  CuStream stream = nullptr;
  CuResult code = inContext(
      [&] { return driver.streamCreate(&stream, kStreamNonBlocking); });
  if (code != kCudaSuccess) {
    return failure(code, "stream: expected a new one");
  }
  return Stream(*this, toValue(stream));
}

Result<void> CudaDevice::synchronize(const Stream &stream) {
  return check(
      inContext([&] { return driver.streamSynchronize(streamOf(stream)); }),
      saying("device: expected queued work to end well"));
}

Result<void> CudaDevice::beginCapture(const Stream &stream) {
  return check(inContext([&] {
                 return driver.beginCapture(streamOf(stream),
                                            kCaptureThreadLocal);
               }),
               saying("graph: expected a capture to begin"));
}

Result<Graph> CudaDevice::endCapture(const Stream &stream) {
  CuGraph recorded = nullptr;
  CuResult code =
      inContext([&] { return driver.endCapture(streamOf(stream), &recorded); });
  if (code != kCudaSuccess) {
    return failure(code, "graph: expected a capture to end well");
  }
  if (!recorded) {
    return resourceError("graph: expected one from the capture, found none (" +
                         deviceFacts.where() + ")");
  }
  CuGraphExec executable = nullptr;
  CuGraphNode culprit = nullptr;
  std::string log(kLogBytes, '\0');
  code = inContext([&] {
    CuResult made = driver.graphInstantiate(&executable, recorded, &culprit,
                                            log.data(), log.size() - 1);
    CuResult dropped = driver.graphDestroy(recorded);
    return made ? made : dropped;
  });
  if (code != kCudaSuccess) {
    std::string said = firstLine(log.c_str());
    return failure(code,
                   "graph: expected the driver to take it" +
                       (said.empty() ? "" : ", which said \"" + said + "\""));
  }
  return Graph(*this, toValue(executable));
}

Result<void> CudaDevice::launchGraph(const Stream &stream, const Graph &graph) {
  return check(inContext([&] {
                 return driver.graphLaunch(
                     toPointer<CuGraphExec>(graph.value()), streamOf(stream));
               }),
               saying("graph: expected a launch"));
}

Result<Event> CudaDevice::createEvent() {
  CuEvent event = nullptr;
  CuResult code = inContext([&] { return driver.eventCreate(&event, 0); });
  if (code != kCudaSuccess) {
    return failure(code, "event: expected a new one");
  }
  return Event(*this, toValue(event));
}

Result<void> CudaDevice::record(const Stream &stream, const Event &event) {
  return check(inContext([&] {
                 return driver.eventRecord(eventOf(event), streamOf(stream));
               }),
               saying("event: expected to be recorded"));
}

Result<double> CudaDevice::elapsed(const Event &from, const Event &to) {
  float milliseconds = 0;
  CuResult code = inContext([&] {
    for (const Event *event : {&from, &to}) {
      if (CuResult waited = driver.eventSynchronize(eventOf(*event))) {
        return waited;
      }
    }
    return driver.eventElapsedTime(&milliseconds, eventOf(from), eventOf(to));
  });
  if (code != kCudaSuccess) {
    return failure(code, "event: expected the time between two");
  }
  return static_cast<double>(milliseconds) * 1e-3;
}

void CudaDevice::release(HandleKind kind, uint64_t value) noexcept {
  // Also on a lost device: host memory of the driver may hang on it. Nothing
  // can be done about an error, and the device keeps the one that counts.
  if (driver.ctxPush(context) != kCudaSuccess) {
    return;
  }
  switch (kind) {
  case HandleKind::Memory:
    driver.memFree(value);
    break;
  case HandleKind::Module:
    driver.moduleUnload(toPointer<CuModule>(value));
    break;
  case HandleKind::Stream:
    driver.streamDestroy(toPointer<CuStream>(value));
    break;
  case HandleKind::Graph:
    driver.graphExecDestroy(toPointer<CuGraphExec>(value));
    break;
  case HandleKind::Event:
    driver.eventDestroy(toPointer<CuEvent>(value));
    break;
  }
  CuContext ours;
  driver.ctxPop(&ours);
}
