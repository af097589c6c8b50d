//===- LinkTest.cpp - The shared object of the kernels --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Link.h"
#include "test/compiler/TestingModule.h"

#include "llvm/Object/ELFObjectFile.h"

#include <gtest/gtest.h>

using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

const char *const kKernel =
    "func.func @copy(%x: memref<4x1xf32>, %y: memref<4x1xf32>, %rows: index, "
    "%begin: index, %end: index) {"
    "  %c0 = arith.constant 0 : index"
    "  %v = memref.load %x[%begin, %c0] : memref<4x1xf32>"
    "  memref.store %v, %y[%begin, %c0] : memref<4x1xf32>"
    "  return }";

TEST(LinkTest, NeedsNothingAndExportsTheKernels) {
  auto context = makeContext();
  auto module = parse(*context, wrapKernels(kKernel));
  ASSERT_TRUE(module && lower(*module));
  auto objects = compileKernels(*module, {});
  ASSERT_TRUE(static_cast<bool>(objects));
  auto image = linkKernels(*objects);
  ASSERT_TRUE(static_cast<bool>(image));
  auto again = linkKernels(*objects);
  ASSERT_TRUE(static_cast<bool>(again));
  EXPECT_EQ(*image, *again);

  auto parsed = llvm::object::ELFObjectFile<llvm::object::ELF64LE>::create(
      llvm::MemoryBufferRef(*image, "kernels"));
  ASSERT_TRUE(static_cast<bool>(parsed));
  std::vector<std::string> exported;
  for (const auto &symbol : parsed->getDynamicSymbolIterators()) {
    EXPECT_FALSE(*symbol.getFlags() & llvm::object::SymbolRef::SF_Undefined);
    exported.push_back(symbol.getName()->str());
  }
  EXPECT_EQ(exported, std::vector<std::string>{"copy"});
  auto entries = parsed->getELFFile().dynamicEntries();
  ASSERT_TRUE(static_cast<bool>(entries));
  for (const auto &entry : *entries) {
    EXPECT_NE(entry.d_tag, llvm::ELF::DT_NEEDED);
    EXPECT_NE(entry.d_tag, llvm::ELF::DT_INIT);
    EXPECT_NE(entry.d_tag, llvm::ELF::DT_TEXTREL);
  }
}

TEST(LinkTest, UndefinedSymbolIsAnError) {
  auto context = makeContext();
  // No phase gives this; the link is the last to notice.
  auto module =
      parse(*context,
            wrapKernels(
                "llvm.func @expf(f32) -> f32\n"
                "llvm.func @k(%p: !llvm.ptr, %s: !llvm.ptr, %b: i64, %e: i64) {"
                "  %x = llvm.load %s : !llvm.ptr -> f32"
                "  %y = llvm.call @expf(%x) : (f32) -> f32"
                "  llvm.store %y, %s : f32, !llvm.ptr"
                "  llvm.return }"));
  ASSERT_TRUE(module);
  auto objects = compileKernels(*module, {});
  ASSERT_TRUE(static_cast<bool>(objects));
  auto image = linkKernels(*objects);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ::gemma::ErrorCode::Internal);
  EXPECT_NE(image.error().message.find("expf"), std::string::npos);
}

} // namespace
