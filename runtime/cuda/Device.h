//===- Device.h - What the executor asks of a GPU ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The border between what runs dispatches on a GPU and what carries them out:
// the CUDA driver (CudaDevice.h), or a simulated device. Nothing here knows
// which. Every error has a message of one line; those of the device are of
// ErrorCode::Resource and name the device and its driver.
//
// A device that has been lost (an illegal address, a failed assertion, broken
// memory) stays so: each later call fails at once with what lost it.
//
// Any thread may call a device; calls on one stream need an order of their
// own. Handles give back what they hold when they end, and must not outlive
// their device.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_DEVICE_H
#define GEMMA_RUNTIME_CUDA_DEVICE_H

#include "runtime/core/CancelFlag.h"
#include "runtime/core/Progress.h"
#include "runtime/core/Result.h"
#include "runtime/core/Span.h"
#include "runtime/gemma.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace gemma::cuda {

class Device;

/// The address of a byte of device memory; 0 is none.
using Address = uint64_t;

/// What a device is; never changes.
struct DeviceFacts {
  /// The kind of artifacts that it runs: "cuda" or "cuda-sim".
  std::string kind;
  uint32_t index = 0;
  std::string name;
  /// Compute capability: 9 and 0 of sm_90.
  uint32_t major = 0, minor = 0;
  uint32_t multiprocessors = 0;
  /// Bytes of device memory.
  uint64_t memoryBytes = 0;
  /// Most bytes of shared memory that a block can ask for.
  uint32_t sharedBytes = 0;
  /// Most threads of a block.
  uint32_t blockThreads = 0;
  /// The CUDA that the driver speaks, 1000 * major + 10 * minor.
  int cudaVersion = 0;

  /// "sm_90".
  std::string chip() const;
  /// "device 0, NVIDIA H100 80GB HBM3, sm_90, driver of CUDA 12.4", for errors.
  std::string where() const;
};

/// Device memory at this moment, in bytes, that of other processes included.
struct DeviceMemory {
  uint64_t free = 0, total = 0;
};

enum class HandleKind { Memory, Module, Stream, Graph, Event };

/// Something of a device that is given back when the handle ends.
template <HandleKind Kind> class Handle {
public:
  /// Holds nothing.
  Handle() = default;
  Handle(Device &device, uint64_t value) : device(&device), held(value) {}
  Handle(Handle &&other) noexcept
      : device(other.device), held(std::exchange(other.held, 0)) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(device, other.device);
    std::swap(held, other.held);
    return *this;
  }
  ~Handle();

  /// The device's own number for it; 0 = nothing is held.
  uint64_t value() const { return held; }
  explicit operator bool() const { return held != 0; }

private:
  Device *device = nullptr;
  uint64_t held = 0;
};

/// Device memory, aligned to 256 bytes. Its value() is the Address.
using Buffer = Handle<HandleKind::Memory>;
/// Loaded code.
using Module = Handle<HandleKind::Module>;
/// Work that is done in the order in which it was queued.
using Stream = Handle<HandleKind::Stream>;
/// Recorded work that is queued by one call.
using Graph = Handle<HandleKind::Graph>;
/// A moment of a stream.
using Event = Handle<HandleKind::Event>;

/// A kernel; lives as long as its module.
struct Function {
  uint64_t value = 0;
  std::string name;
  /// Of each thread: registers, and bytes of local memory (spills).
  uint32_t registers = 0, localBytes = 0;
  /// Of each block: bytes of shared memory that the code itself declares.
  uint32_t sharedBytes = 0;
  /// Most threads of a block with so many registers.
  uint32_t blockThreads = 0;
};

/// Numbers of blocks, or of threads.
struct Extent {
  uint32_t x = 1, y = 1, z = 1;
};

/// How a kernel is launched.
struct LaunchShape {
  /// Blocks.
  Extent grid;
  /// Threads of a block.
  Extent block;
  /// Bytes of shared memory of a block beyond those that the code declares.
  uint32_t sharedBytes = 0;
};

/// A GPU, or what stands for one.
class Device {
public:
  Device() = default;
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;
  virtual ~Device() = default;

  virtual const DeviceFacts &facts() const = 0;
  virtual Result<DeviceMemory> memory() = 0;

  /// Memory of `bytes`, of any content; none for 0. `purpose` is for the
  /// message: "weights".
  virtual Result<Buffer> allocate(uint64_t bytes, std::string_view purpose) = 0;
  virtual Result<Stream> createStream() = 0;

  /// Waits for what was queued before, and copies to the device, from plain
  /// memory that is not page-locked. Errors: also Internal, while the stream is
  /// captured.
  virtual Result<void> write(const Stream &stream, Address to, const void *from,
                             uint64_t bytes) = 0;
  /// Waits for what was queued before, and copies from the device. Errors:
  /// also Internal, while the stream is captured.
  virtual Result<void> read(const Stream &stream, void *to, Address from,
                            uint64_t bytes) = 0;
  /// Queues setting each of `bytes` to `value`.
  virtual Result<void> fill(const Stream &stream, Address to, uint8_t value,
                            uint64_t bytes) = 0;

  /// Copies to the device in pieces, and waits for the last. After each piece
  /// adds its bytes to `progress` and asks `cancel`; both may be null.
  /// Errors: also Interrupted.
  Result<void> upload(const Stream &stream, Address to, const void *from,
                      uint64_t bytes, Progress *progress = nullptr,
                      const CancelFlag *cancel = nullptr);
  /// Copies from the device in pieces, as upload().
  Result<void> download(const Stream &stream, void *to, Address from,
                        uint64_t bytes, Progress *progress = nullptr,
                        const CancelFlag *cancel = nullptr);

  /// Loads code: PTX text, which is compiled for the device, or a cubin.
  /// `name` is for messages. Errors: also InvalidData (neither of both); too
  /// old a driver, the wrong chip, and what the compiler refuses (with the
  /// first line of its log) are Resource.
  virtual Result<Module> load(std::string_view image,
                              std::string_view name) = 0;
  /// A kernel of a module, ready for launches with up to `sharedBytes` of
  /// shared memory beyond its own. Errors: also InvalidData (no such kernel).
  virtual Result<Function> function(const Module &module,
                                    const std::string &name,
                                    uint32_t sharedBytes) = 0;
  /// Queues a launch. `arguments` point to the values of the parameters, which
  /// have been taken when the call returns.
  virtual Result<void> launch(const Stream &stream, const Function &function,
                              const LaunchShape &shape,
                              Span<void *const> arguments) = 0;

  /// Records what `body` queues on the stream, and queues none of it: only
  /// launch(), fill() and launchGraph(). Errors: also those of `body`.
  Result<Graph> capture(const Stream &stream,
                        const std::function<Result<void>()> &body);
  /// Queues what was recorded, with the arguments of that time.
  virtual Result<void> launchGraph(const Stream &stream,
                                   const Graph &graph) = 0;

  /// Waits for all that was queued; its errors come out here, or in any call
  /// in between.
  virtual Result<void> synchronize(const Stream &stream) = 0;

  virtual Result<Event> createEvent() = 0;
  /// Queues the moment.
  virtual Result<void> record(const Stream &stream, const Event &event) = 0;
  /// Waits for both moments. Seconds from one to the other, to about 0.5 us.
  virtual Result<double> elapsed(const Event &from, const Event &to) = 0;

protected:
  template <HandleKind Kind> friend class Handle;

  virtual Result<void> beginCapture(const Stream &stream) = 0;
  /// Ends the capture in any case; that of a lost device is gone with it.
  virtual Result<Graph> endCapture(const Stream &stream) = 0;
  /// Gives back what a handle held. Never fails: what a lost device does not
  /// take any more is gone with it.
  virtual void release(HandleKind kind, uint64_t value) noexcept = 0;
};

template <HandleKind Kind> Handle<Kind>::~Handle() {
  if (held != 0) {
    device->release(Kind, held);
  }
}

/// Fails with Resource unless the plan's parts fit what is free on the device
/// now: before anything is loaded. A part takes whole pages of 2 MiB. Not
/// counted: code and graphs, a few MiB.
Result<void> checkMemory(const MemoryPlan &plan, Device &device);

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_DEVICE_H
