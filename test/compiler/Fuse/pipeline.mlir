// RUN: gemma-opt %S/../Inputs/one-layer.mlir -o %t.before
// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-fuse-pipeline -o %t.after
// RUN: cmp %t.before %t.after

// Nothing is fused so far: the phase checks the graph and leaves it alone.
