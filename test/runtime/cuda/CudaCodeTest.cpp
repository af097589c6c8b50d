//===- CudaCodeTest.cpp - Code on a GPU of the CUDA driver ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestingDevice.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::cuda;
using namespace gemma::testing;

namespace {
class CudaCodeTest : public StubDeviceTest {
protected:
  void SetUp() override {
    StubDeviceTest::SetUp();
    ASSERT_TRUE(device);
    auto loaded = device->load(kPtx, "kernels");
    ASSERT_TRUE(loaded) << loaded.error().message;
    module = std::move(*loaded);
  }
  void TearDown() override {
    module = Module();
    StubDeviceTest::TearDown();
  }

  Module module;
};
} // namespace

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

// A compiler's refusal, as ptxas words it.
TEST_F(CudaCodeTest, CompilerThatRefuses) {
  stub.compilerLog = "ptxas application ptx input, line 9; error   : Unknown "
                     "symbol 'x'\nptxas fatal   : Ptx assembly aborted due to "
                     "errors";
  stub.faults["cuModuleLoadDataEx"] = {kCudaInvalidPtx};
  expectError(device->load(kPtx, "kernels"), ErrorCode::InvalidData,
              std::string("code \"kernels\": expected the driver to take it, "
                          "which said \"ptxas application ptx input, line 9; "
                          "error   : Unknown symbol 'x'\", found "
                          "CUDA_ERROR_INVALID_PTX (a PTX JIT compilation "
                          "failed)") +
                  kWhere);
  // The device is not lost.
  EXPECT_TRUE(device->load(kPtx, "kernels"));
}

// Longer than the room for it, and of bytes that no line may have.
TEST_F(CudaCodeTest, LogsOfAnyKind) {
  stub.compilerLog = "\x1b[31m" + std::string(100000, 'x');
  stub.faults["cuModuleLoadDataEx"] = {kCudaInvalidPtx};
  auto loaded = device->load(kPtx, "kernels");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("\"\\x1b[31mxxx"), std::string::npos);
  EXPECT_LT(loaded.error().message.size(), 600u);
  stub.compilerLog = "";
  stub.faults["cuModuleLoadDataEx"] = {kCudaJitCompilerNotFound};
  expectError(device->load(kPtx, "kernels"), ErrorCode::Resource,
              std::string("code \"kernels\": expected the driver to take it, "
                          "found CUDA_ERROR_JIT_COMPILER_NOT_FOUND (PTX JIT "
                          "compiler library not found)") +
                  kWhere);
}

TEST_F(CudaCodeTest, WrongChip) {
  std::string ptx = ".version 8.8\n.target sm_103\n";
  expectError(device->load(ptx, "kernels"), ErrorCode::Resource,
              std::string("chip: expected sm_103 or newer, which the code is "
                          "for, found sm_90") +
                  kWhere);
  EXPECT_EQ(stub.calls["cuModuleLoadDataEx"], 1);
  // An old chip's text runs on newer ones.
  EXPECT_TRUE(device->load(".version 7.0\n.target sm_80\n", "kernels"));
}

TEST_F(CudaCodeTest, DriverTooOldForThePtx) {
  expectError(device->load(".version 8.7\n.target sm_90\n", "kernels"),
              ErrorCode::Resource,
              std::string("driver: expected one of CUDA 12.8 (driver 570) or "
                          "newer for PTX 8.7 of sm_90, found CUDA 12.4") +
                  kWhere);
  // A version that only the driver can judge.
  stub.faults["cuModuleLoadDataEx"] = {kCudaUnsupportedPtxVersion};
  auto loaded = device->load(".version 12.3\n.target sm_90\n", "kernels");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
            std::string::npos);
}

TEST_F(CudaCodeTest, NeitherPtxNorCubin) {
  expectError(device->load("int main() {}", "kernels"), ErrorCode::InvalidData,
              "code \"kernels\", PTX: expected a .version and a .target, found "
              "\"int main() {}\"");
  expectError(device->load(std::string(kPtx) + '\0', "kernels"),
              ErrorCode::InvalidData,
              "code \"kernels\": expected PTX text, found a zero byte");
  expectError(device->load("\x7f"
                           "ELF",
                           "kernels"),
              ErrorCode::InvalidData,
              "code \"kernels\", cubin: expected an ELF header, found fewer "
              "bytes than it takes");
  EXPECT_EQ(stub.calls["cuModuleLoadDataEx"], 1);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

TEST_F(CudaCodeTest, DescribesKernels) {
  auto scale = device->function(module, "scale", 65536);
  ASSERT_TRUE(scale) << scale.error().message;
  EXPECT_EQ(scale->name, "scale");
  EXPECT_EQ(scale->registers, 40u);
  EXPECT_EQ(scale->localBytes, 16u);
  EXPECT_EQ(scale->sharedBytes, 1024u);
  EXPECT_EQ(scale->blockThreads, 512u);
}

TEST_F(CudaCodeTest, NoSuchKernel) {
  expectError(device->function(module, "gone", 0), ErrorCode::InvalidData,
              "kernel \"gone\": expected it in the code, found none");
}

TEST_F(CudaCodeTest, TooMuchSharedMemory) {
  stub.sharedBytesPerBlock = 101376;
  auto library = openStub();
  ASSERT_TRUE(library);
  auto smaller = CudaDevice::open(*library, 0);
  ASSERT_TRUE(smaller);
  auto kernels = (*smaller)->load(kPtx, "kernels");
  ASSERT_TRUE(kernels);
  // 1 KiB is the kernel's own.
  expectError((*smaller)->function(*kernels, "scale", 101376),
              ErrorCode::Resource,
              std::string("kernel \"scale\": expected 100.0 KiB of shared "
                          "memory for a block, found at most 99.0 KiB") +
                  kWhere);
  EXPECT_TRUE((*smaller)->function(*kernels, "scale", 101376 - 1024));
  expectError((*smaller)->function(*kernels, "scale", UINT32_MAX),
              ErrorCode::Resource,
              std::string("kernel \"scale\": expected 4.0 GiB of shared memory "
                          "for a block, found at most 99.0 KiB") +
                  kWhere);
  stub.faults["cuFuncSetAttribute"] = {kCudaInvalidValue};
  expectError((*smaller)->function(*kernels, "nothing", 65536),
              ErrorCode::Resource,
              std::string("kernel \"nothing\": expected to get 64.0 KiB of "
                          "shared memory for a block, found "
                          "CUDA_ERROR_INVALID_VALUE (invalid argument)") +
                  kWhere);
}

TEST_F(CudaCodeTest, DriverThatDoesNotDescribeKernels) {
  for (const char *call : {"cuFuncGetAttribute", "cuModuleGetFunction"}) {
    stub.faults[call] = {kCudaInvalidHandle};
    auto found = device->function(module, "scale", 0);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::Resource);
    EXPECT_NE(found.error().message.find("CUDA_ERROR_INVALID_HANDLE"),
              std::string::npos);
  }
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

// What the executor will do: weights up, a kernel, the result down.
TEST_F(CudaCodeTest, LaunchesWithArguments) {
  auto scale = device->function(module, "scale", 65536);
  ASSERT_TRUE(scale) << scale.error().message;
  std::vector<float> values = {1, 2, 3, 4};
  auto buffer = device->allocate(16, "values");
  ASSERT_TRUE(buffer);
  stub.kernels["scale"] = [](const StubLaunch &launch) {
    auto *data = reinterpret_cast<float *>(
        static_cast<uintptr_t>(launch.argument<uint64_t>(0)));
    for (uint32_t i = 0; i < launch.argument<uint32_t>(1); ++i) {
      data[i] *= launch.argument<float>(2);
    }
  };
  ASSERT_TRUE(device->write(stream, buffer->value(), values.data(), 16));
  uint64_t address = buffer->value();
  uint32_t count = 3;
  float factor = 10;
  struct {
    uint64_t first = 11, second = 22;
  } pair;
  void *arguments[] = {&address, &count, &factor, &pair};
  LaunchShape shape{{7, 2, 3}, {32, 4, 1}, 65536};
  Result<void> launched = device->launch(stream, *scale, shape, {arguments, 4});
  ASSERT_TRUE(launched) << launched.error().message;
  ASSERT_TRUE(device->read(stream, values.data(), buffer->value(), 16));
  EXPECT_EQ(values, (std::vector<float>{10, 20, 30, 4}));

  ASSERT_EQ(stub.launches.size(), 1u);
  const StubLaunch &launch = stub.launches[0];
  EXPECT_EQ(launch.kernel, "scale");
  EXPECT_EQ(launch.grid[0], 7u);
  EXPECT_EQ(launch.grid[1], 2u);
  EXPECT_EQ(launch.grid[2], 3u);
  EXPECT_EQ(launch.block[0], 32u);
  EXPECT_EQ(launch.block[1], 4u);
  EXPECT_EQ(launch.sharedBytes, 65536u);
  ASSERT_EQ(launch.arguments.size(), 4u);
  EXPECT_EQ(launch.argument<decltype(pair)>(3).second, 22u);
  EXPECT_FALSE(launch.fromGraph);
}

// A graph replays the arguments that it was recorded with.
TEST_F(CudaCodeTest, ArgumentsAreTakenAtTheCall) {
  auto scale = device->function(module, "scale", 0);
  ASSERT_TRUE(scale);
  uint64_t address = 0;
  uint32_t count = 0;
  float factor = 1;
  char pair[16] = {};
  void *arguments[] = {&address, &count, &factor, pair};
  auto graph = device->capture(stream, [&] {
    return device->launch(stream, *scale, {}, {arguments, 4});
  });
  ASSERT_TRUE(graph) << graph.error().message;
  factor = 2;
  ASSERT_TRUE(device->launchGraph(stream, *graph));
  EXPECT_EQ(stub.launches.at(0).argument<float>(2), 1);
}

TEST_F(CudaCodeTest, LaunchesThatFail) {
  auto nothing = device->function(module, "nothing", 0);
  ASSERT_TRUE(nothing);
  expectError(
      device->launch(stream, *nothing, {{4, 1, 1}, {1024, 1, 1}, 16}, {}),
      ErrorCode::Resource,
      std::string("kernel \"nothing\": expected a launch of 4x1x1 "
                  "blocks of 1024x1x1 threads and 16 bytes of shared "
                  "memory, found CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES "
                  "(too many resources requested for launch)") +
          kWhere);
  EXPECT_FALSE(device->launch(stream, *nothing, {{0, 1, 1}, {}, 0}, {}));
  // More than was asked for with the function.
  EXPECT_FALSE(device->launch(stream, *nothing, {{}, {}, 65536}, {}));
  auto large = device->function(module, "nothing", 65536);
  ASSERT_TRUE(large);
  EXPECT_TRUE(device->launch(stream, *nothing, {{}, {}, 65536}, {}));
  // Asking for less takes nothing from those who asked for more.
  ASSERT_TRUE(device->function(module, "nothing", 1024));
  EXPECT_TRUE(device->launch(stream, *large, {{}, {}, 65536}, {}));
  stub.launches.clear();
  EXPECT_FALSE(device->launch(stream, *nothing, {{}, {1024, 1, 1}, 0}, {}));
  EXPECT_TRUE(stub.launches.empty());
  // None of these loses the device.
  EXPECT_TRUE(device->launch(stream, *nothing, {}, {}));
}

// What a kernel does wrong comes out later, and loses the device.
TEST_F(CudaCodeTest, KernelsThatFail) {
  auto nothing = device->function(module, "nothing", 0);
  ASSERT_TRUE(nothing);
  stub.kernels["nothing"] = [&](const StubLaunch &) {
    stub.faults["cuStreamSynchronize"] = {kCudaIllegalAddress};
  };
  ASSERT_TRUE(device->launch(stream, *nothing, {}, {}));
  EXPECT_FALSE(device->synchronize(stream));
  auto again = device->launch(stream, *nothing, {}, {});
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("lost since CUDA_ERROR_ILLEGAL_ADDRESS"),
            std::string::npos);
}
