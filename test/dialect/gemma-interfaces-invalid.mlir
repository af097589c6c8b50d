// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @f1_memref(%x: memref<8x16xf32>) {
  // expected-error @+1 {{(F1) expected no memref without `rows`, found 'memref<8x16xf32>'}}
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (memref<8x16xf32>) -> tensor<8x16xf32>
  return
}

// -----

func.func @f1_into(%x: tensor<8x16xf32>, %out: memref<8x16xf32>) {
  // expected-error @+1 {{(F1) expected no memref without `rows`, found 'memref<8x16xf32>'}}
  gemma.softcap(%x) into(%out) {cap = 30.0 : f64}
      : (tensor<8x16xf32>, memref<8x16xf32>) -> ()
  return
}

// -----

func.func @f1_no_result(%x: tensor<8x16xf32>) {
  // expected-error @+1 {{(F1) expected one result without `rows`}}
  gemma.softcap(%x) {cap = 30.0 : f64} : (tensor<8x16xf32>) -> ()
  return
}

// -----

func.func @f1_memref_result(%x: tensor<8x16xf32>) {
  // expected-error @+1 {{(F1) expected a tensor for the result, found 'memref<8x16xf32>'}}
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<8x16xf32>) -> memref<8x16xf32>
  return
}

// -----

func.func @f2_tensor(%x: tensor<8x16xf32>, %out: memref<8x16xf32>,
                     %rows: index) {
  // expected-error @+1 {{(F2) expected no tensor with `rows`, found 'tensor<8x16xf32>'}}
  gemma.softcap(%x) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (tensor<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}

// -----

func.func @f2_result(%x: memref<8x16xf32>, %out: memref<8x16xf32>,
                     %rows: index) {
  // expected-error @+1 {{(F2) expected no result with `rows`, found 1}}
  %y = gemma.softcap(%x) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> tensor<8x16xf32>
  return
}

// -----

func.func @f2_no_into(%x: memref<8x16xf32>, %rows: index) {
  // expected-error @+1 {{(F2) expected `into` with `rows`}}
  gemma.softcap(%x) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, index) -> ()
  return
}

// -----

// Ops with several results have as many buffers.
func.func @f2_several_tensors(%x: tensor<8x16xf32>, %w: tensor<16x16xf32>,
                              %out: memref<8x16xf32>, %rows: index) {
  // expected-error @+1 {{(F2) expected no tensor with `rows`, found 'tensor<8x16xf32>'}}
  gemma.norm_linear x(%x) weights(%w, %w) into(%out, %out) rows(%rows)
      {epsilon = 1.0e-3 : f64}
      : (tensor<8x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>,
         memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}
