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
    // sdot takes signed bytes: the sign bit of q8_0 is flipped.
    // CHECK-LABEL: func.func @q8_0(
    // SDOT-SAME: %[[MEMORY:[^:]*]]: memref<2176xi8>,
    // SDOT: %[[SIGN:[a-z0-9_]+]] = arith.constant dense<-128> : vector<64xi8>
    // CHECK: } else {
    // SDOT: %[[BYTES:[0-9]+]] = vector.load %[[MEMORY]][%{{[a-z0-9]+}}] {alignment = 64 : i64} : memref<2176xi8>, vector<64xi8>
    // SDOT-NEXT: %[[W:[0-9]+]] = arith.xori %[[BYTES]], %[[SIGN]] : vector<64xi8>
    // SDOT: %[[LANES:[0-9]+]] = vector.extract_strided_slice %[[W]] {offsets = [0], sizes = [16],
    // SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%{{[a-z0-9]+}}, %[[LANES]], %{{[a-z0-9]+}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
    // SDOT: %[[LANES:[0-9]+]] = vector.extract_strided_slice %[[W]] {offsets = [48], sizes = [16],
    // SDOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%{{[a-z0-9]+}}, %[[LANES]], %{{[a-z0-9]+}})
    // X86: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
    func.func @q8_0(%x: memref<8x80xi8>, %w: !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x80xi8>, !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // The sum of a row's integers corrects for unsigned weights: q8_0 that are
    // made signed need none but the bias.
    // CHECK-LABEL: func.func @rows(
    // SDOT-NOT: vector.reduction <add>
    // X86: %[[SUM:[0-9]+]] = vector.reduction <add>
    // X86: arith.muli %[[SUM]],
    // CHECK: return
    func.func @rows(%x: memref<8x64xf32>, %y: memref<8x80xi8>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<q8_0>} : (memref<8x64xf32>, memref<8x80xi8>, index) -> ()
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
    // BFDOT: llvm.call_intrinsic "llvm.aarch64.neon.bfdot.v4f32.v8bf16"(%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
    // X86: x86vector.avx512.dot
    func.func @bf16(%x: memref<8x64xbf16>, %w: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xbf16>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
