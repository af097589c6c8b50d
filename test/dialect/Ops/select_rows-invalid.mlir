// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_width(%x: tensor<?x64xf32>, %indices: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected x's width and element, those of 'tensor<?x64xf32>', found 'tensor<?x32xf32>'}}
  %y = gemma.select_rows(%x, %indices)
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c1_element(%x: tensor<?x64xf32>, %indices: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected x's width and element, those of 'tensor<?x64xf32>', found 'tensor<?x64xbf16>'}}
  %y = gemma.select_rows(%x, %indices)
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xbf16>
  return
}
