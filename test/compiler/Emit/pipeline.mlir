// RUN: gemma-compile %{tiny} --compile-to=llvm -o %t.mlir
// RUN: gemma-opt %t.mlir --gemma-emit-pipeline -o %t.after.mlir
// RUN: gemma-opt %t.mlir -o %t.before.mlir
// RUN: cmp %t.before.mlir %t.after.mlir

// The pipeline only looks: the artifact is written in C++.
