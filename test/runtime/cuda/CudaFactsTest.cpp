//===- CudaFactsTest.cpp - What the CUDA driver says of its devices -------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaFacts.h"

#include "TestingDevice.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

using CudaFactsTest = StubTest;

TEST_F(CudaFactsTest, ListsDevicesWithoutOpeningThem) {
  stub.devices = 2;
  stub.major = 8;
  stub.minor = 6;
  auto library = openStub();
  ASSERT_TRUE(library);
  Result<std::vector<DeviceFacts>> list = listDevices(**library);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 2u);
  const DeviceFacts &facts = (*list)[1];
  EXPECT_EQ(facts.kind, "cuda");
  EXPECT_EQ(facts.index, 1u);
  EXPECT_EQ(facts.name, "Stub GPU 1");
  EXPECT_EQ(facts.chip(), "sm_86");
  EXPECT_EQ(facts.multiprocessors, 132u);
  EXPECT_EQ(facts.memoryBytes, uint64_t(8) << 30);
  EXPECT_EQ(facts.sharedBytes, 232448u);
  EXPECT_EQ(facts.blockThreads, 1024u);
  EXPECT_EQ(facts.cudaVersion, 12040);
  EXPECT_EQ(stub.calls["cuDevicePrimaryCtxRetain"], 0);
}

TEST_F(CudaFactsTest, NoDevices) {
  stub.devices = 0;
  auto library = openStub();
  ASSERT_TRUE(library);
  Result<std::vector<DeviceFacts>> list = listDevices(**library);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_TRUE(list->empty());
}

// Whichever question the driver does not answer.
TEST_F(CudaFactsTest, DriverThatDoesNotAnswer) {
  auto library = openStub();
  ASSERT_TRUE(library);
  for (const char *call : {"cuDeviceGet", "cuDeviceGetName",
                           "cuDeviceTotalMem_v2", "cuDeviceGetAttribute"}) {
    stub.faults[call] = {999};
    expectError(listDevices(**library), ErrorCode::Resource,
                "device 0: expected the driver to describe it, found "
                "CUDA_ERROR_UNKNOWN (unknown error) (driver of CUDA 12.4)");
  }
}
