// RUN: split-file %s %t
// RUN: cat %t/neon %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,NEON --implicit-check-not=llvm.call_intrinsic --implicit-check-not=x86vector
// RUN: cat %t/n1 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,SDOT,NEON --implicit-check-not=bfdot --implicit-check-not=x86
// RUN: cat %t/v1 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,SDOT,BFDOT --implicit-check-not=x86
// RUN: cat %t/x86 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,X86 --implicit-check-not=aarch64 --implicit-check-not=arith.xori

//--- neon
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a72", features = [], stub = false}} {
//--- n1
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "aarch64-unknown-linux-gnu", cpu = "neoverse-n1", features = ["dotprod", "fullfp16"], stub = false}} {
//--- v1
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "aarch64-unknown-linux-gnu", cpu = "neoverse-v1", features = ["bf16", "dotprod", "fullfp16", "i8mm"], stub = false}} {
//--- x86
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = ["avx512bf16", "avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- body
  module @kernels {
    // sdot takes signed bytes: the sign bit of q8_0 is flipped, and the sum of a
    // row's integers does not enter its correction.
    // CHECK-LABEL: func.func @q8_0(
    // SDOT: %[[W:[0-9]+]] = arith.xori %{{[0-9]+}}, %{{[a-z0-9_]+}} : vector<64xi8>
    // SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
    // X86: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
    func.func @q8_0(%x: memref<8x80xi8>, %w: !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x80xi8>, !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Integers below 16 are the same, signed or not.
    // CHECK-LABEL: func.func @q4_0(
    // CHECK-NOT: arith.xori
    // SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
    // X86: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
    // CHECK-NOT: arith.xori
    // CHECK: return
    func.func @q4_0(%x: memref<8x80xi8>, %w: !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x80xi8>, !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // NEON has fused multiply-adds on every level.
    // CHECK-LABEL: func.func @bf16(
    // NEON: vector.fma
    // BFDOT-NOT: vector.fma
    // BFDOT: llvm.call_intrinsic "llvm.aarch64.neon.bfdot.v4f32.v8bf16"(%{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
    // X86: x86vector.avx512.dot
    func.func @bf16(%x: memref<8x64xbf16>, %w: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xbf16>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
