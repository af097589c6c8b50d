//===- CudaDeviceTest.cpp - A GPU of the CUDA driver ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDevice.h"

#include "TestingDevice.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

using CudaOpenTest = StubTest;
using CudaDeviceTest = StubDeviceTest;

static Result<std::unique_ptr<CudaDevice>> openDevice(uint32_t index) {
  auto library = openStub();
  if (!library) {
    return library.takeError();
  }
  return CudaDevice::open(*library, index);
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

TEST_F(CudaOpenTest, OpensByIndex) {
  stub.devices = 2;
  auto device = openDevice(1);
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ((*device)->facts().name, "Stub GPU 1");
  EXPECT_EQ(stub.held, 1);
}

TEST_F(CudaOpenTest, NoDevice) {
  stub.devices = 0;
  unsetenv("CUDA_VISIBLE_DEVICES");
  expectError(openDevice(0), ErrorCode::Resource,
              "device: expected CUDA device 0, found no CUDA device on this "
              "machine (driver of CUDA 12.4)");
  setenv("CUDA_VISIBLE_DEVICES", "", 1);
  expectError(openDevice(0), ErrorCode::Resource,
              "device: expected CUDA device 0, found no CUDA device on this "
              "machine (driver of CUDA 12.4, CUDA_VISIBLE_DEVICES is \"\")");
  unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_F(CudaOpenTest, NoSuchDevice) {
  stub.devices = 2;
  unsetenv("CUDA_VISIBLE_DEVICES");
  for (const char *index : {"2", "4294967295"}) {
    expectError(openDevice(static_cast<uint32_t>(std::atoll(index))),
                ErrorCode::Resource,
                "device: expected CUDA device " + std::string(index) +
                    ", found 2 of them on this machine (driver of CUDA 12.4)");
  }
}

TEST_F(CudaOpenTest, DeviceInUse) {
  stub.faults["cuDevicePrimaryCtxRetain"] = {46};
  expectError(openDevice(0), ErrorCode::Resource,
              "device: expected it to be free for use, found "
              "CUDA_ERROR_DEVICE_UNAVAILABLE (CUDA-capable device(s) is/are "
              "busy or unavailable) (device 0, Stub GPU 0, sm_90, driver of "
              "CUDA 12.4)");
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

TEST_F(CudaDeviceTest, MemoryIsCountedAndGivenBack) {
  auto before = device->memory();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->free, before->total);
  {
    auto buffer = device->allocate(1000, "weights");
    ASSERT_TRUE(buffer) << buffer.error().message;
    EXPECT_EQ(buffer->value() % 256, 0u);
    EXPECT_EQ(device->memory()->free, before->free - 1000);
    // A handle that moved gives back once.
    Buffer moved = std::move(*buffer);
    EXPECT_FALSE(*buffer);
    EXPECT_TRUE(moved);
    Buffer other;
    other = std::move(moved);
    EXPECT_EQ(stub.calls["cuMemFree_v2"], 0);
  }
  EXPECT_EQ(stub.calls["cuMemFree_v2"], 1);
  EXPECT_EQ(device->memory()->free, before->free);
}

TEST_F(CudaDeviceTest, NothingOfNoBytes) {
  auto buffer = device->allocate(0, "nothing");
  ASSERT_TRUE(buffer);
  EXPECT_FALSE(*buffer);
  EXPECT_TRUE(device->write(stream, 0, nullptr, 0));
  EXPECT_TRUE(device->read(stream, nullptr, 0, 0));
  EXPECT_TRUE(device->fill(stream, 0, 1, 0));
}

TEST_F(CudaDeviceTest, OutOfMemory) {
  stub.memory = uint64_t(1) << 30;
  auto weights = device->allocate(768 << 20, "weights");
  ASSERT_TRUE(weights);
  expectError(
      device->allocate(512 << 20, "KV cache"), ErrorCode::Resource,
      std::string("device memory: expected 512.0 MiB for KV cache where "
                  "256.0 MiB of 1.0 GiB are free, found "
                  "CUDA_ERROR_OUT_OF_MEMORY (out of memory)") +
          kWhere);
  // Not lost: what fits is still given.
  EXPECT_TRUE(device->allocate(256 << 20, "KV cache"));
}

TEST_F(CudaDeviceTest, WritesReadsAndFills) {
  auto buffer = device->allocate(64, "test");
  ASSERT_TRUE(buffer);
  std::string text = "what goes there and comes back";
  ASSERT_TRUE(device->fill(stream, buffer->value(), 0x5a, 64));
  ASSERT_TRUE(
      device->write(stream, buffer->value() + 8, text.data(), text.size()));
  // The bytes have been taken: what becomes of theirs is no matter.
  const std::string sent = text;
  std::fill(text.begin(), text.end(), '?');
  std::string back(64, '\0');
  ASSERT_TRUE(device->read(stream, back.data(), buffer->value(), 64));
  std::string expected(64, '\x5a');
  expected.replace(8, sent.size(), sent);
  EXPECT_EQ(back, expected);
}

// What the driver refuses, as the stub does here, is told with its size.
TEST_F(CudaDeviceTest, RefusedCopies) {
  auto buffer = device->allocate(64, "test");
  ASSERT_TRUE(buffer);
  char bytes[65] = {};
  std::string found = ", found CUDA_ERROR_INVALID_VALUE (invalid argument)";
  expectError(device->write(stream, buffer->value(), bytes, 65),
              ErrorCode::Resource,
              "device memory: expected to copy 65 bytes to the device" + found +
                  kWhere);
  expectError(device->read(stream, bytes, buffer->value() + 1, 64),
              ErrorCode::Resource,
              "device memory: expected to copy 64 bytes from the device" +
                  found + kWhere);
  expectError(device->fill(stream, buffer->value() + 64, 0, 1),
              ErrorCode::Resource,
              "device memory: expected to fill 1 bytes" + found + kWhere);
}

//===----------------------------------------------------------------------===//
// A lost device
//===----------------------------------------------------------------------===//

TEST_F(CudaDeviceTest, IllegalAddressLosesTheDevice) {
  auto buffer = device->allocate(64, "test");
  auto event = device->createEvent();
  ASSERT_TRUE(buffer && event);
  std::string illegal = "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access "
                        "was encountered)";
  stub.faults["cuStreamSynchronize"] = {kCudaIllegalAddress};
  expectError(device->synchronize(stream), ErrorCode::Resource,
              "device: expected queued work to end well, found " + illegal +
                  kWhere);
  // Whatever is asked now, the answer is what lost it.
  std::string lost =
      "device: expected it to work, found it lost since " + illegal + kWhere;
  char byte = 0;
  int calls = stub.calls["cuCtxPushCurrent_v2"];
  expectError(device->synchronize(stream), ErrorCode::Resource, lost);
  expectError(device->memory(), ErrorCode::Resource, lost);
  expectError(device->allocate(1, "test"), ErrorCode::Resource, lost);
  expectError(device->createStream(), ErrorCode::Resource, lost);
  expectError(device->createEvent(), ErrorCode::Resource, lost);
  expectError(device->write(stream, buffer->value(), &byte, 1),
              ErrorCode::Resource, lost);
  expectError(device->read(stream, &byte, buffer->value(), 1),
              ErrorCode::Resource, lost);
  expectError(device->fill(stream, buffer->value(), 0, 1), ErrorCode::Resource,
              lost);
  expectError(device->load(kPtx, "kernels"), ErrorCode::Resource, lost);
  expectError(device->launch(stream, Function(), {}, {}), ErrorCode::Resource,
              lost);
  expectError(device->launchGraph(stream, Graph()), ErrorCode::Resource, lost);
  expectError(device->record(stream, *event), ErrorCode::Resource, lost);
  expectError(device->elapsed(*event, *event), ErrorCode::Resource, lost);
  expectError(device->capture(stream, []() -> Result<void> { return {}; }),
              ErrorCode::Resource, lost);
  EXPECT_EQ(stub.calls["cuCtxPushCurrent_v2"], calls);
  // And all is given back: TearDown looks.
}

TEST_F(CudaDeviceTest, LostInACopy) {
  stub.faults["cuMemcpyDtoHAsync_v2"] = {kCudaLaunchFailed};
  auto buffer = device->allocate(64, "test");
  ASSERT_TRUE(buffer);
  char byte = 0;
  auto read = device->read(stream, &byte, buffer->value(), 1);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("found CUDA_ERROR_LAUNCH_FAILED"),
            std::string::npos);
  auto memory = device->memory();
  ASSERT_FALSE(memory);
  EXPECT_NE(memory.error().message.find("lost since CUDA_ERROR_LAUNCH_FAILED"),
            std::string::npos);
}

// Another session's error on the same context is found out by the next call.
TEST_F(CudaDeviceTest, OneDeviceForMany) {
  auto library = openStub();
  ASSERT_TRUE(library);
  auto second = CudaDevice::open(*library, 0);
  ASSERT_TRUE(second);
  stub.faults["cuStreamSynchronize"] = {kCudaIllegalAddress};
  EXPECT_FALSE(device->synchronize(stream));
  auto memory = (*second)->memory();
  ASSERT_FALSE(memory);
  EXPECT_NE(memory.error().message.find("CUDA_ERROR_ILLEGAL_ADDRESS"),
            std::string::npos);
}

TEST_F(CudaDeviceTest, AnyThreadMayCall) {
  std::thread([&] {
    auto buffer = device->allocate(64, "test");
    ASSERT_TRUE(buffer) << buffer.error().message;
    EXPECT_TRUE(device->fill(stream, buffer->value(), 1, 64));
    EXPECT_EQ(stub.contextDepth(), 0);
  }).join();
}

TEST_F(CudaDeviceTest, ContextThatCannotBeSet) {
  stub.faults["cuCtxPushCurrent_v2"] = {kCudaInvalidContext};
  auto memory = device->memory();
  ASSERT_FALSE(memory);
  EXPECT_NE(memory.error().message.find("CUDA_ERROR_INVALID_CONTEXT"),
            std::string::npos);
  EXPECT_TRUE(device->memory());
}

//===----------------------------------------------------------------------===//
// Graphs and events
//===----------------------------------------------------------------------===//

/// A module of the device with the kernel "nothing", which counts.
struct Counting {
  Module module;
  Function nothing;
  int runs = 0;
};
static void makeCounting(Device &device, StubCuda &stub, Counting &counting) {
  auto module = device.load(kPtx, "kernels");
  ASSERT_TRUE(module) << module.error().message;
  auto nothing = device.function(*module, "nothing", 0);
  ASSERT_TRUE(nothing) << nothing.error().message;
  counting.module = std::move(*module);
  counting.nothing = std::move(*nothing);
  stub.kernels["nothing"] = [&](const StubLaunch &) { ++counting.runs; };
}

TEST_F(CudaDeviceTest, GraphsRecordAndReplay) {
  Counting counting;
  makeCounting(*device, stub, counting);
  auto buffer = device->allocate(4, "test");
  ASSERT_TRUE(buffer);
  auto graph = device->capture(stream, [&]() -> Result<void> {
    if (auto filled = device->fill(stream, buffer->value(), 7, 4); !filled) {
      return filled;
    }
    return device->launch(stream, counting.nothing, {}, {});
  });
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(counting.runs, 0);
  unsigned char bytes[4] = {};
  ASSERT_TRUE(device->read(stream, bytes, buffer->value(), 4));
  EXPECT_NE(bytes[0], 7);
  for (int replay = 0; replay < 3; ++replay) {
    ASSERT_TRUE(device->launchGraph(stream, *graph));
  }
  EXPECT_EQ(counting.runs, 3);
  EXPECT_TRUE(stub.launches.back().fromGraph);
  ASSERT_TRUE(device->read(stream, bytes, buffer->value(), 4));
  EXPECT_EQ(bytes[3], 7);
  // Only the executable graph is kept.
  EXPECT_EQ(stub.calls["cuGraphDestroy"], 1);
}

// A copy in a graph would read the host's memory when the graph runs.
TEST_F(CudaDeviceTest, NoCopiesInGraphs) {
  auto buffer = device->allocate(4, "test");
  ASSERT_TRUE(buffer);
  char bytes[4] = {};
  auto written = device->capture(
      stream, [&] { return device->write(stream, buffer->value(), bytes, 4); });
  expectError(written, ErrorCode::Internal,
              "device memory: expected no copy while a graph is captured, "
              "found one");
  auto read = device->capture(
      stream, [&] { return device->read(stream, bytes, buffer->value(), 4); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::Internal);
  // The capture is over, and nothing of it is kept.
  EXPECT_TRUE(device->write(stream, buffer->value(), bytes, 4));
}

TEST_F(CudaDeviceTest, CapturesThatFail) {
  auto nothing = []() -> Result<void> { return {}; };
  stub.faults["cuStreamBeginCapture_v2"] = {kCudaInvalidValue};
  expectError(device->capture(stream, nothing), ErrorCode::Resource,
              std::string("graph: expected a capture to begin, found "
                          "CUDA_ERROR_INVALID_VALUE (invalid argument)") +
                  kWhere);
  stub.faults["cuStreamEndCapture"] = {901};
  // Code 901 is above those that lose a device, and is none of them.
  expectError(device->capture(stream, nothing), ErrorCode::Resource,
              std::string("graph: expected a capture to end well, found "
                          "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED (operation "
                          "failed due to a previous error during capture)") +
                  kWhere);
  stub.faults["cuGraphInstantiate_v2"] = {kCudaInvalidValue};
  stub.compilerLog = "\n a node that is wrong\nmore";
  expectError(device->capture(stream, nothing), ErrorCode::Resource,
              std::string("graph: expected the driver to take it, which said "
                          "\"a node that is wrong\", found "
                          "CUDA_ERROR_INVALID_VALUE (invalid argument)") +
                  kWhere);
  EXPECT_TRUE(device->capture(stream, nothing));
}

TEST_F(CudaDeviceTest, EventsTakeTheTime) {
  Counting counting;
  makeCounting(*device, stub, counting);
  auto from = device->createEvent(), to = device->createEvent();
  ASSERT_TRUE(from && to);
  ASSERT_TRUE(device->record(stream, *from));
  for (int launch = 0; launch < 5; ++launch) {
    ASSERT_TRUE(device->launch(stream, counting.nothing, {}, {}));
  }
  ASSERT_TRUE(device->record(stream, *to));
  Result<double> seconds = device->elapsed(*from, *to);
  ASSERT_TRUE(seconds) << seconds.error().message;
  EXPECT_NEAR(*seconds, 5e-3, 1e-9);
}

TEST_F(CudaDeviceTest, EventsAndStreamsThatFail) {
  auto from = device->createEvent();
  ASSERT_TRUE(from);
  EXPECT_FALSE(device->elapsed(*from, *from));
  for (const char *call : {"cuEventCreate", "cuStreamCreate"}) {
    stub.faults[call] = {kCudaOutOfMemory};
    bool event = std::strcmp(call, "cuEventCreate") == 0;
    Error error =
        event ? device->createEvent().error() : device->createStream().error();
    EXPECT_EQ(error.code, ErrorCode::Resource);
    EXPECT_NE(error.message.find("expected a new one, found "
                                 "CUDA_ERROR_OUT_OF_MEMORY"),
              std::string::npos);
  }
}
