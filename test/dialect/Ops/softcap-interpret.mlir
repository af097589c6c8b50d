// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 1x5xf32 {{\[\[}}-30, -0.99963, 0, 13.8635, 30]]
func.func @main() -> tensor<1x5xf32> {
  %x = arith.constant dense<[[-300.0, -1.0, 0.0, 15.0, 1000000000.0]]>
      : tensor<1x5xf32>
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<1x5xf32>) -> tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}
