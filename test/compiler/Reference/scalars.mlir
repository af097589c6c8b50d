// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Binary float ops, then unary ones, integers, conversions, comparisons.

// CHECK: 3xf32 [5, 0.5, nan]
// CHECK-NEXT: 3xf32 [-1, -1.5, nan]
// CHECK-NEXT: 3xf32 [6, -0.5, nan]
// CHECK-NEXT: 3xf32 [0.666667, -0.5, nan]
// CHECK-NEXT: 3xf32 [3, 1, nan]
// CHECK-NEXT: 3xf32 [2, -0.5, nan]
// CHECK-NEXT: 3xf32 [3, 1, 7]
// CHECK-NEXT: 3xf32 [2, -0.5, 7]
func.func private @binary() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
    tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
    tensor<3xf32>) {
  %a = arith.constant dense<[2.0, -0.5, 0x7FC00000]> : tensor<3xf32>
  %b = arith.constant dense<[3.0, 1.0, 7.0]> : tensor<3xf32>
  %add = arith.addf %a, %b : tensor<3xf32>
  %sub = arith.subf %a, %b : tensor<3xf32>
  %mul = arith.mulf %a, %b : tensor<3xf32>
  %div = arith.divf %a, %b : tensor<3xf32>
  %max = arith.maximumf %a, %b : tensor<3xf32>
  %min = arith.minimumf %a, %b : tensor<3xf32>
  %maxnum = arith.maxnumf %a, %b : tensor<3xf32>
  %minnum = arith.minnumf %a, %b : tensor<3xf32>
  return %add, %sub, %mul, %div, %max, %min, %maxnum, %minnum
      : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
        tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-NEXT: 2xf32 [-0.25, -4]
// CHECK-NEXT: 2xf32 [1.28403, 54.5982]
// CHECK-NEXT: 2xf32 [1.18921, 16]
// CHECK-NEXT: 2xf32 [-1.38629, 1.38629]
// CHECK-NEXT: 2xf32 [0.5, 2]
// CHECK-NEXT: 2xf32 [2, 0.5]
// CHECK-NEXT: 2xf32 [0.244919, 0.999329]
// CHECK-NEXT: 2xf32 [0.276326, 1]
// CHECK-NEXT: 2xf32 [0.247404, -0.756802]
// CHECK-NEXT: 2xf32 [0.968912, -0.653644]
// CHECK-NEXT: 2xf32 [0.707107, 256]
// CHECK-NEXT: 2xf32 [0.3125, 20]
func.func private @unary() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %x = arith.constant dense<[0.25, 4.0]> : tensor<2xf32>
  %neg = arith.negf %x : tensor<2xf32>
  %abs = math.absf %neg : tensor<2xf32>
  %exp = math.exp %abs : tensor<2xf32>
  %exp2 = math.exp2 %x : tensor<2xf32>
  %log = math.log %x : tensor<2xf32>
  %sqrt = math.sqrt %x : tensor<2xf32>
  %rsqrt = math.rsqrt %x : tensor<2xf32>
  %tanh = math.tanh %x : tensor<2xf32>
  %erf = math.erf %x : tensor<2xf32>
  %sin = math.sin %x : tensor<2xf32>
  %cos = math.cos %x : tensor<2xf32>
  %pow = math.powf %x, %x : tensor<2xf32>
  %fma = math.fma %x, %x, %x : tensor<2xf32>
  return %neg, %exp, %exp2, %log, %sqrt, %rsqrt, %tanh, %erf, %sin, %cos, %pow,
         %fma
      : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-NEXT: 3xi8 [-56, 3, -1]
// CHECK-NEXT: 3xi8 [0, 7, -5]
// CHECK-NEXT: 3xi8 [16, -10, -6]
// CHECK-NEXT: 3xi8 [100, 0, -4]
// CHECK-NEXT: 3xi8 [100, -1, -1]
// CHECK-NEXT: 3xi8 [0, -6, 2]
// CHECK-NEXT: 3xi8 [100, 5, 2]
// CHECK-NEXT: 3xi8 [100, -2, -3]
func.func private @integers() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
    tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) {
  %a = arith.constant dense<[100, 5, -3]> : tensor<3xi8>
  %b = arith.constant dense<[100, -2, 2]> : tensor<3xi8>
  %add = arith.addi %a, %b : tensor<3xi8>
  %sub = arith.subi %a, %b : tensor<3xi8>
  %mul = arith.muli %a, %b : tensor<3xi8>
  %mask = arith.constant dense<[-1, 0, -4]> : tensor<3xi8>
  %and = arith.andi %a, %mask : tensor<3xi8>
  %zeros = arith.constant dense<[0, -6, 2]> : tensor<3xi8>
  %or = arith.ori %a, %zeros : tensor<3xi8>
  %xor = arith.xori %or, %a : tensor<3xi8>
  %max = arith.maxsi %a, %b : tensor<3xi8>
  %min = arith.minsi %a, %b : tensor<3xi8>
  return %add, %sub, %mul, %and, %or, %xor, %max, %min
      : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
        tensor<3xi8>, tensor<3xi8>, tensor<3xi8>
}

// f32 to bf16 rounds to nearest even; f32 itself is not rounded.
// CHECK-NEXT: 3xbf16 [1, 1.01562, -2]
// CHECK-NEXT: 3xf32 [1, 1.01562, -2]
// CHECK-NEXT: 3xf16 [1.00391, 1.01172, -1.99902]
// CHECK-NEXT: 3xi32 [1, 1, -1]
// CHECK-NEXT: 3xf32 [1, 1, -1]
// CHECK-NEXT: 3xi8 [1, 1, -1]
// CHECK-NEXT: 3xi64 [1, 1, -1]
// CHECK-NEXT: index 300
// CHECK-NEXT: f64 1e-07
func.func private @conversions() -> (tensor<3xbf16>, tensor<3xf32>,
    tensor<3xf16>, tensor<3xi32>, tensor<3xf32>, tensor<3xi8>, tensor<3xi64>,
    index, f64) {
  %x = arith.constant dense<[1.00390625, 1.01171875, -1.9990234375]>
      : tensor<3xf32>
  %bf16 = arith.truncf %x : tensor<3xf32> to tensor<3xbf16>
  %back = arith.extf %bf16 : tensor<3xbf16> to tensor<3xf32>
  %f16 = arith.truncf %x : tensor<3xf32> to tensor<3xf16>
  %int = arith.fptosi %x : tensor<3xf32> to tensor<3xi32>
  %float = arith.sitofp %int : tensor<3xi32> to tensor<3xf32>
  %short = arith.trunci %int : tensor<3xi32> to tensor<3xi8>
  %long = arith.extsi %int : tensor<3xi32> to tensor<3xi64>
  %i = arith.constant 300 : i32
  %index = arith.index_cast %i : i32 to index
  %one = arith.constant 1.0 : f32
  %tiny = arith.constant 1.0e-7 : f64
  %one64 = arith.extf %one : f32 to f64
  %sum = arith.addf %one64, %tiny : f64
  %sum32 = arith.truncf %sum : f64 to f32
  %sum64 = arith.extf %sum32 : f32 to f64
  %rest = arith.subf %sum64, %one64 : f64
  return %bf16, %back, %f16, %int, %float, %short, %long, %index, %rest
      : tensor<3xbf16>, tensor<3xf32>, tensor<3xf16>, tensor<3xi32>,
        tensor<3xf32>, tensor<3xi8>, tensor<3xi64>, index, f64
}

// CHECK-NEXT: 3xi1 [1, 0, 0]
// CHECK-NEXT: 3xi1 [1, 0, 1]
// CHECK-NEXT: 3xi1 [0, 1, 0]
// CHECK-NEXT: 3xi1 [0, 1, 1]
// CHECK-NEXT: 3xi1 [1, 0, 0]
// CHECK-NEXT: 3xi1 [0, 0, 1]
// CHECK-NEXT: 3xi1 [1, 0, 0]
// CHECK-NEXT: 3xi1 [0, 1, 1]
// CHECK-NEXT: 3xi1 [0, 0, 1]
// CHECK-NEXT: 3xf32 [1, 1, 7]
// CHECK-NEXT: 3xf32 [0.5, 2, nan]
func.func private @comparisons() -> (tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
    tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
    tensor<3xi1>, tensor<3xf32>, tensor<3xf32>) {
  %a = arith.constant dense<[0.5, 2.0, 0x7FC00000]> : tensor<3xf32>
  %b = arith.constant dense<[1.0, 1.0, 7.0]> : tensor<3xf32>
  %olt = arith.cmpf olt, %a, %b : tensor<3xf32>
  %ult = arith.cmpf ult, %a, %b : tensor<3xf32>
  %oge = arith.cmpf oge, %a, %b : tensor<3xf32>
  %uge = arith.cmpf uge, %a, %b : tensor<3xf32>
  %ole = arith.cmpf ole, %a, %b : tensor<3xf32>
  %uno = arith.cmpf uno, %a, %b : tensor<3xf32>
  %i = arith.constant dense<[-1, 5, 7]> : tensor<3xi32>
  %j = arith.constant dense<[0, 5, 6]> : tensor<3xi32>
  %slt = arith.cmpi slt, %i, %j : tensor<3xi32>
  %sge = arith.cmpi sge, %i, %j : tensor<3xi32>
  %k = arith.constant dense<[1, 5, 6]> : tensor<3xi32>
  %sgt = arith.cmpi sgt, %i, %j : tensor<3xi32>
  %chosen = arith.select %uge, %b, %b : tensor<3xi1>, tensor<3xf32>
  %true = arith.constant true
  %all = arith.select %true, %a, %b : tensor<3xf32>
  return %olt, %ult, %oge, %uge, %ole, %uno, %slt, %sge, %sgt, %chosen, %all
      : tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
        tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>,
        tensor<3xf32>
}

func.func @main()
    -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
        tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
        tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xbf16>,
        tensor<3xf32>, tensor<3xf16>, tensor<3xi32>, tensor<3xf32>,
        tensor<3xi8>, tensor<3xi64>, index, f64, tensor<3xi1>, tensor<3xi1>,
        tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
        tensor<3xi1>, tensor<3xi1>, tensor<3xf32>, tensor<3xf32>) {
    %binary:8 = func.call @binary() : () -> (tensor<3xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>)
    %unary:12 = func.call @unary() : () -> (tensor<2xf32>, tensor<2xf32>,
      tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
      tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
      tensor<2xf32>, tensor<2xf32>)
    %integers:8 = func.call @integers() : () -> (tensor<3xi8>, tensor<3xi8>,
      tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
      tensor<3xi8>)
    %conversions:9 = func.call @conversions() : () -> (tensor<3xbf16>,
      tensor<3xf32>, tensor<3xf16>, tensor<3xi32>, tensor<3xf32>,
      tensor<3xi8>, tensor<3xi64>, index, f64)
    %comparisons:11 = func.call @comparisons() : () -> (tensor<3xi1>,
      tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
      tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>, tensor<3xf32>)
  return %binary#0, %binary#1, %binary#2, %binary#3, %binary#4, %binary#5,
         %binary#6, %binary#7, %unary#0, %unary#1, %unary#2, %unary#3,
         %unary#4, %unary#5, %unary#6, %unary#7, %unary#8, %unary#9,
         %unary#10, %unary#11, %integers#0, %integers#1, %integers#2,
         %integers#3, %integers#4, %integers#5, %integers#6, %integers#7,
         %conversions#0, %conversions#1, %conversions#2, %conversions#3,
         %conversions#4, %conversions#5, %conversions#6, %conversions#7,
         %conversions#8, %comparisons#0, %comparisons#1, %comparisons#2,
         %comparisons#3, %comparisons#4, %comparisons#5, %comparisons#6,
         %comparisons#7, %comparisons#8, %comparisons#9, %comparisons#10
      : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
        tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
        tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
        tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xbf16>,
        tensor<3xf32>, tensor<3xf16>, tensor<3xi32>, tensor<3xf32>,
        tensor<3xi8>, tensor<3xi64>, index, f64, tensor<3xi1>, tensor<3xi1>,
        tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
        tensor<3xi1>, tensor<3xi1>, tensor<3xf32>, tensor<3xf32>
}
