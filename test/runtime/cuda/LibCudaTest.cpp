//===- LibCudaTest.cpp - The CUDA driver's library, by dlopen -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/LibCuda.h"

#include "../TestingArtifact.h"
#include "TestingDevice.h"
#include "runtime/cuda/Versions.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <tuple>
#include <utility>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

using LibCudaTest = StubTest;

TEST_F(LibCudaTest, OpensADriver) {
  auto library = openStub();
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ((*library)->version(), 12040);
  EXPECT_EQ((*library)->path(), GEMMA_STUB_LIBCUDA);
  // Opening a library starts nothing.
  EXPECT_EQ(stub.calls["cuInit"], 0);
  stub.devices = 3;
  Result<uint32_t> count = (*library)->countDevices();
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 3u);
}

TEST_F(LibCudaTest, NoDriver) {
  expectError(LibCuda::open("libnocuda.so.1"), ErrorCode::Resource,
              "CUDA driver: expected the library of an NVIDIA driver, found "
              "\"libnocuda.so.1: cannot open shared object file: No such file "
              "or directory\"");
  auto library = LibCuda::open("/dev/null");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::Resource);
}

TEST_F(LibCudaTest, DriverTooOld) {
  stub.version = 10020;
  expectError(openStub(), ErrorCode::Resource,
              "CUDA driver: expected one of CUDA 11.0 (driver 450) or newer, "
              "found CUDA 10.2 (" GEMMA_STUB_LIBCUDA ")");
  stub.version = kLeastCuda;
  EXPECT_TRUE(openStub());
}

TEST_F(LibCudaTest, MissingFunctions) {
  auto open = [](const std::string &source) {
    TemporaryFile file(compileImage(source));
    return std::pair(LibCuda::open(file.path()), file.path());
  };
  std::string version = "int cuDriverGetVersion(int *v) { *v = ";
  auto [library, path] = open(version + "12040; return 0; }");
  expectError(library, ErrorCode::Resource,
              "CUDA driver: expected the function cuInit of CUDA 11.0 (driver "
              "450) or newer, found none of that name (driver of CUDA 12.4, " +
                  path + ")");
  std::tie(library, path) = open("int x;");
  expectError(library, ErrorCode::Resource,
              "CUDA driver: expected the function cuDriverGetVersion of CUDA "
              "11.0 (driver 450) or newer, found none of that name (" +
                  path + ")");
}

TEST_F(LibCudaTest, DriverThatTellsNoVersion) {
  stub.faults["cuDriverGetVersion"] = {999};
  expectError(openStub(), ErrorCode::Resource,
              "CUDA driver: expected its version, found CUDA_ERROR_UNKNOWN "
              "(unknown error) (" GEMMA_STUB_LIBCUDA ")");
}

// The toolkit's libcuda has all functions, and none of them does anything.
TEST_F(LibCudaTest, LibraryForLinking) {
  TemporaryFile file(compileImage("int cuDriverGetVersion() { return 34; }"
                                  "int cuGetErrorName() { return 34; }"));
  expectError(LibCuda::open(file.path()), ErrorCode::Resource,
              "CUDA driver: expected its version, found "
              "CUDA_ERROR_STUB_LIBRARY (a library for linking, no driver) (" +
                  file.path() + ")");
}

TEST_F(LibCudaTest, NoDeviceIsACount) {
  stub.devices = 0;
  auto library = openStub();
  ASSERT_TRUE(library);
  Result<uint32_t> count = (*library)->countDevices();
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 0u);
}

TEST_F(LibCudaTest, DriverThatDoesNotStart) {
  auto library = openStub();
  ASSERT_TRUE(library);
  stub.faults["cuInit"] = {803};
  expectError((*library)->countDevices(), ErrorCode::Resource,
              "CUDA driver: expected it to start, found "
              "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (system has unsupported "
              "display driver / cuda driver combination) (driver of CUDA "
              "12.4)");
  stub.faults["cuDeviceGetCount"] = {12345};
  expectError((*library)->countDevices(), ErrorCode::Resource,
              "CUDA driver: expected it to start, found CUDA error 12345 "
              "(driver of CUDA 12.4)");
}

TEST_F(LibCudaTest, PathFromTheEnvironment) {
  unsetenv("GEMMA_LIBCUDA");
  EXPECT_EQ(LibCuda::defaultPath(), "libcuda.so.1");
  setenv("GEMMA_LIBCUDA", "", 1);
  EXPECT_EQ(LibCuda::defaultPath(), "libcuda.so.1");
  setenv("GEMMA_LIBCUDA", GEMMA_STUB_LIBCUDA, 1);
  EXPECT_EQ(LibCuda::defaultPath(), GEMMA_STUB_LIBCUDA);
  EXPECT_TRUE(LibCuda::open());
  unsetenv("GEMMA_LIBCUDA");
}
