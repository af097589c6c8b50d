//===- EmitTest.cpp - Whole artifacts -------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Emit.h"
#include "test/compiler/Emit/TestingProgram.h"
#include "test/compiler/TestingModule.h"

#include "runtime/artifact/Format.h"
#include "runtime/artifact/Hash.h"
#include "runtime/artifact/artifact_generated.h"
#include "runtime/core/RandomWeights.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

class EmitTest : public ::testing::Test {
protected:
  std::string emit(bool stub, unsigned jobs = 1) {
    auto module = parse(*context, getProgram(stub));
    EmitOptions options;
    options.output = path;
    options.jobs = jobs;
    auto bytes = emitArtifact(*module, options);
    EXPECT_TRUE(static_cast<bool>(bytes)) << bytes.error().message;
    std::ifstream stream(path, std::ios::binary);
    std::string file((std::istreambuf_iterator<char>(stream)), {});
    std::remove(path.c_str());
    if (bytes) {
      EXPECT_EQ(file.size(), *bytes);
    }
    return file;
  }

  std::unique_ptr<MLIRContext> context = makeContext();
  std::string path = ::testing::TempDir() + "gemma-emit-test.gemma";
};

::gemma::FileHeader headerOf(const std::string &file) {
  ::gemma::FileHeader header;
  std::memcpy(&header, file.data(), sizeof header);
  return header;
}

const ::gemma::artifact::Manifest &manifestOf(const std::string &file) {
  return *::gemma::artifact::GetManifest(file.data() + 128);
}

bool hashMatches(const std::string &file, uint64_t offset, uint64_t size,
                 const flatbuffers::Vector<uint8_t> *hash) {
  auto digest = ::gemma::sha256(file.data() + offset, size);
  return hash && hash->size() == 32 &&
         std::memcmp(hash->data(), digest->data(), 32) == 0;
}

TEST_F(EmitTest, HeaderHashesAndWeights) {
  std::string file = emit(false);
  ::gemma::FileHeader header = headerOf(file);
  EXPECT_EQ(std::memcmp(header.magic, ::gemma::kMagic, 8), 0);
  EXPECT_EQ(header.version, 1u);
  EXPECT_EQ(header.fileBytes, file.size());
  auto digest = ::gemma::sha256(file.data() + 128, header.manifestBytes);
  EXPECT_EQ(std::memcmp(header.manifestSha256, digest->data(), 32), 0);

  const auto &manifest = manifestOf(file);
  EXPECT_TRUE(hashMatches(file, manifest.code()->offset(),
                          manifest.code()->size(), manifest.code()->sha256()));
  EXPECT_EQ(file.compare(manifest.code()->offset(), 4,
                         "\x7f"
                         "ELF"),
            0);
  uint64_t base = manifest.weights_segment()->offset();
  EXPECT_EQ(manifest.weights_segment()->sha256(), nullptr);
  for (const auto *weight : *manifest.weights()) {
    EXPECT_TRUE(hashMatches(file, base + weight->offset(), weight->size(),
                            weight->sha256()));
  }
  // @norm is row-major: its values in order.
  const auto *norm = manifest.weights()->Get(1);
  float values[32], expected[32];
  std::memcpy(values, file.data() + base + norm->offset(), sizeof values);
  ::gemma::RandomWeights random(5, "norm", 0.5);
  random.block(0, 0, expected);
  random.block(0, 1, expected + 16);
  EXPECT_EQ(std::memcmp(values, expected, sizeof values), 0);
}

TEST_F(EmitTest, SameBytesForAnyNumberOfJobs) {
  EXPECT_TRUE(emit(false) == emit(false, 5));
}

TEST_F(EmitTest, StubHoldsOnlyTheRopeTable) {
  std::string file = emit(true);
  const auto &manifest = manifestOf(file);
  EXPECT_TRUE(manifest.stub());
  const auto *data = manifest.stub_data();
  ASSERT_TRUE(data);
  EXPECT_EQ(data->size(), 257u * 2 * 8 * 4);
  EXPECT_TRUE(hashMatches(file, data->offset(), data->size(), data->sha256()));
  EXPECT_EQ(data->offset() + data->size(), file.size());
}

TEST_F(EmitTest, ErrorsLeaveNoFile) {
  std::string text = getProgram(false);
  std::string source = "from #gemma.random<seed = 5, bound = 0.5 : f64>";
  text.replace(text.rfind(source), source.size(),
               "from #gemma.tensor<\"a.safetensors\", \"t\">");
  auto module = parse(*context, text);
  (*module)->setAttr("gemma.checkpoint",
                     StringAttr::get(context.get(), "/nonexistent"));
  EmitOptions options;
  options.output = path;
  auto bytes = emitArtifact(*module, options);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ::gemma::ErrorCode::NotFound);
  EXPECT_EQ(access(path.c_str(), F_OK), -1);
}

} // namespace
