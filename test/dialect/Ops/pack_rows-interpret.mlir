// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Two blocks of 32: integers, two f32 scales, two i32 sums times minus the zero
// point (8, then 128). Numbers are bytes, little-endian.
// CHECK: 1x80xi8 {{\[\[}}32, -127, 16, 126, 0, 95, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -21, 42, 85, 0, 0, 0, 0, -127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 1, 61, 6, -125, 65, 60, -112, -5, -1, -1, -88, 0, 0, 0]]
// CHECK-NEXT: 1x80xi8 {{\[\[}}32, -64, 16, 127, 0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -21, 42, 85, 0, 0, 0, 0, -127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 61, 6, -125, 65, 60, -128, -104, -1, -1, -128, 10, 0, 0]]
// CHECK-NEXT: 1x40xbf16 {{\[\[}}1, -4, 0.5, 3.96875, 0.0100098, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.25, 0.5, 1, 0, 0, 0, 0, -1.5]]
// CHECK-NEXT: 1x40xf32 {{\[\[}}0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0, 0, 0, 0, 0, 0, 0, -0]]
func.func @main() -> (tensor<1x80xi8>, tensor<1x80xi8>, tensor<1x40xbf16>,
    tensor<1x40xf32>) {
  %x = arith.constant dense<[[1.0, -2.0, 0.5, 3.96875, 0.01, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.25, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, -1.5]]>
      : tensor<1x40xf32>
  %w = arith.constant dense<[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]>
      : tensor<40xf32>
  %0 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<q4_0>, unit_offset = true}
      : (tensor<1x40xf32>, tensor<40xf32>) -> tensor<1x80xi8>
  %1 = gemma.pack_rows(%x) {kind = #gemma.kind<q8_0>}
      : (tensor<1x40xf32>) -> tensor<1x80xi8>
  %2 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<bf16>, unit_offset = true}
      : (tensor<1x40xf32>, tensor<40xf32>) -> tensor<1x40xbf16>
  %3 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<f32>}
      : (tensor<1x40xf32>, tensor<40xf32>) -> tensor<1x40xf32>
  return %0, %1, %2, %3 : tensor<1x80xi8>, tensor<1x80xi8>, tensor<1x40xbf16>,
      tensor<1x40xf32>
}
