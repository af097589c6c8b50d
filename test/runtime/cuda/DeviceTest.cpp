//===- DeviceTest.cpp - What the executor asks of a GPU -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/Device.h"

#include "TestingDevice.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

using DeviceTest = StubDeviceTest;

/// More than two pieces, and no multiple of one.
static constexpr uint64_t kBytes = (uint64_t(40) << 20) + 5;

static std::vector<unsigned char> pattern() {
  std::vector<unsigned char> bytes(kBytes);
  for (uint64_t i = 0; i < kBytes; ++i) {
    bytes[i] = static_cast<unsigned char>(i * 7 + (i >> 16));
  }
  return bytes;
}

TEST_F(DeviceTest, Facts) {
  EXPECT_EQ(device->facts().chip(), "sm_90");
  EXPECT_EQ(device->facts().where(),
            "device 0, Stub GPU 0, sm_90, driver of CUDA 12.4");
}

TEST_F(DeviceTest, CopiesInPieces) {
  auto buffer = device->allocate(kBytes, "weights");
  ASSERT_TRUE(buffer);
  std::vector<unsigned char> bytes = pattern();
  Progress progress("uploading", kBytes, false);
  Result<void> result =
      device->upload(stream, buffer->value(), bytes.data(), kBytes, &progress);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(stub.calls["cuMemcpyHtoDAsync_v2"], 3);
  EXPECT_EQ(stub.calls["cuStreamSynchronize"], 3);
  std::vector<unsigned char> back(kBytes);
  ASSERT_TRUE(device->download(stream, back.data(), buffer->value(), kBytes));
  EXPECT_EQ(stub.calls["cuMemcpyDtoHAsync_v2"], 3);
  EXPECT_TRUE(back == bytes);
}

TEST_F(DeviceTest, CopiesCanBeInterrupted) {
  auto buffer = device->allocate(kBytes, "weights");
  ASSERT_TRUE(buffer);
  std::vector<unsigned char> bytes(kBytes);
  CancelFlag cancel;
  cancel.request();
  expectError(device->upload(stream, buffer->value(), bytes.data(), kBytes,
                             nullptr, &cancel),
              ErrorCode::Interrupted, "device memory: interrupted");
  expectError(device->download(stream, bytes.data(), buffer->value(), kBytes,
                               nullptr, &cancel),
              ErrorCode::Interrupted, "device memory: interrupted");
  EXPECT_EQ(stub.calls["cuMemcpyHtoDAsync_v2"], 0);
}

TEST_F(DeviceTest, CopiesThatFailInTheMiddle) {
  auto buffer = device->allocate(kBytes, "weights");
  ASSERT_TRUE(buffer);
  std::vector<unsigned char> bytes(kBytes);
  stub.faults["cuMemcpyHtoDAsync_v2"] = {kCudaIllegalAddress, 1};
  auto result = device->upload(stream, buffer->value(), bytes.data(), kBytes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find("device memory: expected to copy 16.0 "
                                        "MiB to the device, found "
                                        "CUDA_ERROR_ILLEGAL_ADDRESS"),
            0u);
  EXPECT_EQ(stub.calls["cuMemcpyHtoDAsync_v2"], 2);
}

// The error of what was to be recorded, not that of ending the capture.
TEST_F(DeviceTest, CaptureOfABodyThatFails) {
  auto graph = device->capture(
      stream, []() -> Result<void> { return invalidData("body: expected"); });
  expectError(graph, ErrorCode::InvalidData, "body: expected");
  stub.faults["cuStreamEndCapture"] = {901};
  graph = device->capture(
      stream, []() -> Result<void> { return invalidData("body: expected"); });
  expectError(graph, ErrorCode::InvalidData, "body: expected");
  EXPECT_TRUE(device->capture(stream, []() -> Result<void> { return {}; }));
}

TEST_F(DeviceTest, HandlesHoldNothingAtFirst) {
  Buffer buffer;
  EXPECT_FALSE(buffer);
  EXPECT_EQ(buffer.value(), 0u);
  Buffer moved = std::move(buffer);
  EXPECT_FALSE(moved);
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

TEST_F(DeviceTest, PlansThatFit) {
  stub.memory = uint64_t(8) << 20;
  MemoryPlan plan;
  EXPECT_TRUE(checkMemory(plan, *device));
  // Four pages, though the bytes are few.
  plan.weights = plan.arena = plan.kvCache = plan.inputs = 1;
  EXPECT_TRUE(checkMemory(plan, *device));
  plan.logits = 1;
  EXPECT_FALSE(checkMemory(plan, *device));
  plan = MemoryPlan();
  plan.weights = uint64_t(8) << 20;
  EXPECT_TRUE(checkMemory(plan, *device));
  ++plan.weights;
  EXPECT_FALSE(checkMemory(plan, *device));
}

TEST_F(DeviceTest, PlansThatDoNotFit) {
  stub.memory = uint64_t(8) << 30;
  auto taken = device->allocate(uint64_t(1) << 20, "something");
  ASSERT_TRUE(taken);
  stub.heldBytes += uint64_t(3) << 30; // of another process
  MemoryPlan plan;
  plan.weights = uint64_t(5) << 30;
  plan.kvCache = uint64_t(512) << 20;
  plan.inputs = 8192;
  expectError(checkMemory(plan, *device), ErrorCode::Resource,
              std::string("device memory: expected 5.5 GiB free (weights 5.0 "
                          "GiB, KV cache 512.0 MiB, inputs 8.0 KiB), found "
                          "5.0 GiB of 8.0 GiB") +
                  kWhere);
  stub.heldBytes -= uint64_t(3) << 30;
  // Before anything of it is allocated.
  EXPECT_EQ(stub.calls["cuMemAlloc_v2"], 1);
  EXPECT_TRUE(checkMemory(plan, *device));
}

TEST_F(DeviceTest, PlansBeyondAllBounds) {
  MemoryPlan plan;
  plan.weights = plan.kvCache = plan.arena = UINT64_MAX;
  auto fits = checkMemory(plan, *device);
  ASSERT_FALSE(fits);
  EXPECT_NE(fits.error().message.find("expected 16.0 EiB free"),
            std::string::npos)
      << fits.error().message;
  stub.faults["cuMemGetInfo_v2"] = {kCudaInvalidValue};
  EXPECT_FALSE(checkMemory(MemoryPlan(), *device));
}
