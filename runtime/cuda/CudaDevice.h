//===- CudaDevice.h - A GPU of the CUDA driver ------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_CUDADEVICE_H
#define GEMMA_RUNTIME_CUDA_CUDADEVICE_H

#include "runtime/cuda/Device.h"
#include "runtime/cuda/LibCuda.h"

#include <atomic>
#include <memory>
#include <string>

namespace gemma::cuda {

/// A GPU, by its primary context, which it shares with others in the process
/// that use the runtime interface of CUDA. The context is current on a thread
/// only during a call.
class CudaDevice final : public Device {
public:
  /// Opens the device of this index, counted as CUDA does, after
  /// CUDA_VISIBLE_DEVICES. Errors: Resource (no device, no such index, or what
  /// the driver says).
  static Result<std::unique_ptr<CudaDevice>>
  open(std::shared_ptr<const LibCuda> library, uint32_t index);
  ~CudaDevice() override;

  const DeviceFacts &facts() const override { return deviceFacts; }
  Result<DeviceMemory> memory() override;
  Result<Buffer> allocate(uint64_t bytes, std::string_view purpose) override;
  Result<Stream> createStream() override;
  Result<void> write(const Stream &stream, Address to, const void *from,
                     uint64_t bytes) override;
  Result<void> read(const Stream &stream, void *to, Address from,
                    uint64_t bytes) override;
  Result<void> fill(const Stream &stream, Address to, uint8_t value,
                    uint64_t bytes) override;
  Result<Module> load(std::string_view image, std::string_view name) override;
  Result<Function> function(const Module &module, const std::string &name,
                            uint32_t sharedBytes) override;
  Result<void> launch(const Stream &stream, const Function &function,
                      const LaunchShape &shape,
                      Span<void *const> arguments) override;
  Result<void> launchGraph(const Stream &stream, const Graph &graph) override;
  Result<void> synchronize(const Stream &stream) override;
  Result<Event> createEvent() override;
  Result<void> record(const Stream &stream, const Event &event) override;
  Result<double> elapsed(const Event &from, const Event &to) override;

protected:
  Result<void> beginCapture(const Stream &stream) override;
  Result<Graph> endCapture(const Stream &stream) override;
  void release(HandleKind kind, uint64_t value) noexcept override;

private:
  CudaDevice(std::shared_ptr<const LibCuda> library, CuDevice device,
             DeviceFacts facts);

  /// What `body` returns, called with the context current, unless the device
  /// is lost.
  template <typename Body> CuResult inContext(Body &&body);
  /// Success, or the error of `code` with the text that `expected` returns.
  template <typename Expected>
  Result<void> check(CuResult code, Expected &&expected);
  /// "<expected>, found <code> (<where>)"; remembers what loses the device.
  Error failure(CuResult code, const std::string &expected);
  Result<void> checkNotCapturing(const Stream &stream);

  std::shared_ptr<const LibCuda> library;
  const DriverApi &driver;
  const CuDevice device;
  const DeviceFacts deviceFacts;
  CuContext context = nullptr;

  /// The code that lost the device, or 0.
  std::atomic<CuResult> lostBy{kCudaSuccess};
};

template <typename Body> CuResult CudaDevice::inContext(Body &&body) {
  if (CuResult code = lostBy.load(std::memory_order_relaxed)) {
    return code;
  }
  if (CuResult code = driver.ctxPush(context)) {
    return code;
  }
  CuResult code = body();
  CuContext ours;
  CuResult popped = driver.ctxPop(&ours);
  return code ? code : popped;
}

template <typename Expected>
Result<void> CudaDevice::check(CuResult code, Expected &&expected) {
  if (code == kCudaSuccess) {
    return {};
  }
  return failure(code, expected());
}

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_CUDADEVICE_H
