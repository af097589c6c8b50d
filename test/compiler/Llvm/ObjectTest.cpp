//===- ObjectTest.cpp - Compiled kernels compute what they should ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Object.h"
#include "test/compiler/TestingModule.h"

#include "compiler/Target/HostCpu.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

/// A kernel that applies `op` to vectors of 16.
std::string unary(const std::string &op) {
  return "func.func @k(%x: memref<4x64xf32>, %y: memref<4x64xf32>, %rows: "
         "index, %begin: index, %end: index) {\n"
         "  %c0 = arith.constant 0 : index\n"
         "  %c1 = arith.constant 1 : index\n"
         "  %c16 = arith.constant 16 : index\n"
         "  scf.for %m = %c0 to %rows step %c1 {\n"
         "    scf.for %i = %begin to %end step %c1 {\n"
         "      %n = arith.muli %i, %c16 : index\n"
         "      %a = vector.load %x[%m, %n] : memref<4x64xf32>, "
         "vector<16xf32>\n"
         "      %b = " +
         op +
         " : vector<16xf32>\n"
         "      vector.store %b, %y[%m, %n] : memref<4x64xf32>, "
         "vector<16xf32>\n"
         "    }\n  }\n  return\n}";
}

std::string hostFeatures() {
  std::string text;
  for (const std::string &feature : getHostCpu().features) {
    text += (text.empty() ? "\"" : ", \"") + feature + "\"";
  }
  return text;
}

/// Runs the kernel `k` on rows of numbers in [-6, 6).
std::vector<float> runUnary(const std::string &op, const std::string &features,
                            std::vector<float> &x) {
  auto context = makeContext();
  auto module = parse(*context, wrapKernels(unary(op), features));
  if (!module || !lower(*module)) {
    return {};
  }
  auto objects = compileKernels(*module, {});
  auto image = objects ? linkKernels(*objects)
                       : ::gemma::Result<std::string>(objects.takeError());
  Kernel kernel = image ? loadKernel(*image, "k") : nullptr;
  if (!kernel) {
    return {};
  }
  alignas(64) static float in[4 * 64], out[4 * 64];
  x.resize(256);
  for (int i = 0; i < 256; ++i) {
    x[i] = in[i] = (i - 128) * (6.0f / 128);
    out[i] = -77;
  }
  void *pointers[] = {in, out};
  int64_t scalars[] = {3, 0};
  kernel(pointers, scalars, 0, 2);
  kernel(pointers, scalars, 2, 4);
  return std::vector<float>(out, out + 256);
}

class ObjectTest : public ::testing::TestWithParam<bool> {
protected:
  std::string features() { return GetParam() ? hostFeatures() : ""; }

  void check(const std::string &op, double (*expected)(double),
             double tolerance) {
    std::vector<float> x;
    std::vector<float> y = runUnary(op, features(), x);
    ASSERT_EQ(y.size(), 256u);
    for (int i = 0; i < 192; ++i) {
      double want = expected(x[i]);
      EXPECT_NEAR(y[i], want, tolerance * std::max(1.0, std::fabs(want)))
          << op << " of " << x[i];
    }
    // Rows from the third on are not asked for.
    EXPECT_EQ(y[192], -77);
  }
};

TEST_P(ObjectTest, Exp) { check("math.exp %a", std::exp, 3e-7); }
TEST_P(ObjectTest, Tanh) { check("math.tanh %a", std::tanh, 5e-7); }
TEST_P(ObjectTest, Erf) { check("math.erf %a", std::erf, 5e-7); }
TEST_P(ObjectTest, Exp2) { check("math.exp2 %a", std::exp2, 1e-6); }
TEST_P(ObjectTest, Floor) { check("math.floor %a", std::floor, 0); }
TEST_P(ObjectTest, Ceil) { check("math.ceil %a", std::ceil, 0); }
TEST_P(ObjectTest, RoundEven) { check("math.roundeven %a", std::nearbyint, 0); }
TEST_P(ObjectTest, MultiplyAdd) {
  check("vector.fma %a, %a, %a", [](double x) { return x * x + x; }, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(BaselineAndHost, ObjectTest, ::testing::Bool());

TEST(ObjectFormTest, SameBytesForAnyNumberOfJobs) {
  auto context = makeContext();
  std::string two = unary("math.exp %a");
  two += unary("math.tanh %a").replace(11, 1, "t");
  auto module = parse(*context, wrapKernels(two));
  ASSERT_TRUE(module && lower(*module));
  ObjectOptions parallel;
  parallel.jobs = 4;
  parallel.withText = true;
  auto one = compileKernels(*module, {});
  auto other = compileKernels(*module, parallel);
  ASSERT_TRUE(one && other);
  ASSERT_EQ(one->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*one)[i].object, (*other)[i].object);
    EXPECT_TRUE((*one)[i].assembly.empty());
    EXPECT_NE((*other)[i].assembly.find("_body"), std::string::npos);
    EXPECT_NE((*other)[i].llvmIr.find("define"), std::string::npos);
  }
}

TEST(ObjectFormTest, FusesWhereTheTargetCanAndNowhereElse) {
  auto context = makeContext();
  ObjectOptions text;
  text.withText = true;
  for (bool fma : {false, true}) {
    auto module = parse(*context, wrapKernels(unary("vector.fma %a, %a, %a"),
                                              fma ? "\"avx2\", \"fma\"" : ""));
    ASSERT_TRUE(module && lower(*module));
    auto objects = compileKernels(*module, text);
    ASSERT_TRUE(static_cast<bool>(objects));
    EXPECT_EQ(objects->front().assembly.find("vfmadd") != std::string::npos,
              fma);
  }
}

TEST(ObjectFormTest, UnknownTriple) {
  auto context = makeContext();
  std::string text = wrapKernels(unary("math.exp %a"));
  text.replace(text.find("x86_64-unknown-linux-gnu"), 24, "vax-dec-vms");
  auto module = parse(*context, text);
  ASSERT_TRUE(module && lower(*module));
  auto objects = compileKernels(*module, {});
  ASSERT_FALSE(objects);
  EXPECT_EQ(objects.error().code, ::gemma::ErrorCode::InvalidData);
}

} // namespace
