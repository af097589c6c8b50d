//===- NpyTest.cpp - Matrices as NumPy files ------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Npy.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace mlir::gemma::reference;

namespace {

/// The bytes of a file that writeNpy wrote.
std::string write(NpyElement element, int64_t rows, int64_t columns,
                  llvm::ArrayRef<double> values) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("npy", "npy", path));
  EXPECT_TRUE(writeNpy(path, element, rows, columns, values));
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(buffer);
  std::string bytes = (*buffer)->getBuffer().str();
  llvm::sys::fs::remove(path);
  return bytes;
}

TEST(NpyTest, HeaderIsThatOfFormatOne) {
  std::string bytes = write(NpyElement::F32, 2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  size_t header = static_cast<unsigned char>(bytes[8]) +
                  256 * static_cast<unsigned char>(bytes[9]);
  EXPECT_EQ((10 + header) % 64, 0u);
  EXPECT_EQ(bytes[10 + header - 1], '\n');
  std::string text = bytes.substr(10, header);
  EXPECT_EQ(text.substr(0, text.find('}') + 1),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  EXPECT_EQ(bytes.size(), 10 + header + 6 * sizeof(float));
}

TEST(NpyTest, ValuesAreRowMajorAndRoundedToTheElement) {
  std::string f32 = write(NpyElement::F32, 1, 2, {0.1, -2});
  float singles[2];
  std::memcpy(singles, f32.data() + f32.size() - sizeof(singles),
              sizeof(singles));
  EXPECT_EQ(singles[0], 0.1f);
  EXPECT_EQ(singles[1], -2.0f);
  std::string f64 = write(NpyElement::F64, 1, 2, {0.1, -2});
  EXPECT_NE(f64.find("'<f8'"), std::string::npos);
  double doubles[2];
  std::memcpy(doubles, f64.data() + f64.size() - sizeof(doubles),
              sizeof(doubles));
  EXPECT_EQ(doubles[0], 0.1);
  EXPECT_EQ(doubles[1], -2.0);
}

TEST(NpyTest, ReportsAFullDisk) {
  auto done = writeNpy("/dev/full", NpyElement::F32, 1, 1, {1.0});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ::gemma::ErrorCode::Resource);
  EXPECT_NE(done.error().message.find("/dev/full: expected room for 1 numbers"),
            std::string::npos)
      << done.error().message;
}

} // namespace
