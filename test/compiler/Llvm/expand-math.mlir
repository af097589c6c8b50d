// RUN: gemma-opt %s --split-input-file --gemma-expand-math | FileCheck %s

// Nothing is left that needs a library; what the target has stays.

// CHECK-LABEL: func.func @with_rounding
// CHECK-NOT: math.{{exp|tanh|erf|rsqrt|log}}
// CHECK: math.sqrt
// CHECK-NOT: math.{{exp|tanh|erf|rsqrt|log}}
// CHECK: math.ceil
module attributes {gemma.options = {weights = "f32", max_rows = 4 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = ["sse4.1"], stub = false}} {
  module @kernels {
    func.func @with_rounding(%x: vector<16xf32>, %y: f32) -> (vector<16xf32>, f32) {
      %0 = math.exp %x : vector<16xf32>
      %1 = math.tanh %0 : vector<16xf32>
      %2 = math.erf %1 : vector<16xf32>
      %3 = math.rsqrt %2 : vector<16xf32>
      %4 = math.log %y : f32
      %5 = math.ceil %4 : f32
      return %3, %5 : vector<16xf32>, f32
    }
  }
}

// -----

// CHECK-LABEL: func.func @without_rounding
// CHECK-NOT: math.{{floor|ceil|roundeven}}
// CHECK: arith.fptosi
// CHECK-NOT: math.{{floor|ceil|roundeven}}
// CHECK: return
module attributes {gemma.options = {weights = "f32", max_rows = 4 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}} {
  module @kernels {
    func.func @without_rounding(%x: vector<16xf32>) -> vector<16xf32> {
      %0 = math.floor %x : vector<16xf32>
      %1 = math.ceil %0 : vector<16xf32>
      %2 = math.roundeven %1 : vector<16xf32>
      return %2 : vector<16xf32>
    }
  }
}

// -----

// Only kernels are touched.

// CHECK-LABEL: func.func @outside
// CHECK: math.exp
module {
  func.func @outside(%x: f32) -> f32 {
    %0 = math.exp %x : f32
    return %0 : f32
  }
  module @kernels {
  }
}
