// RUN: gemma-opt %s --gemma-interpret=keep-rows -o /dev/null | FileCheck %s --check-prefixes=CHECK,KEEP
// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s --check-prefixes=CHECK,ROUND

// Rows for quantised weights may keep their values; what reads them gets them.
gemma.weight @w : tensor<1x2xf32>
    from #gemma.random<seed = 1, bound = 1.0 : f64>
    as #gemma.encoding<q8_0, panel = 16>

// KEEP: 1x80xi8 {{\[\[}}0.3, 1, 0, 0,
// ROUND: 1x80xi8 {{\[\[}}38, 127, 0, 0,
// bf16 rows are rounded in either case.
// CHECK: 1x2xbf16 {{\[\[}}0.300781, 1]]
func.func @main() -> (tensor<1x80xi8>, tensor<1x2xbf16>) {
  %x = arith.constant dense<[[0.3, 1.0]]> : tensor<1x2xf32>
  %p = gemma.pack_rows(%x) {kind = #gemma.kind<q8_0>}
      : (tensor<1x2xf32>) -> tensor<1x80xi8>
  %b = gemma.pack_rows(%x) {kind = #gemma.kind<bf16>}
      : (tensor<1x2xf32>) -> tensor<1x2xbf16>
  %w = gemma.weight_ref @w
      : !gemma.packed<1x2, #gemma.encoding<q8_0, panel = 16>>
  %y = gemma.linear(%p, %w)
      : (tensor<1x80xi8>, !gemma.packed<1x2, #gemma.encoding<q8_0, panel = 16>>)
        -> tensor<1x1xf32>
  return %p, %b : tensor<1x80xi8>, tensor<1x2xbf16>
}
