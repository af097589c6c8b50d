// RUN: not gemma-opt %s --gemma-verify-emit 2>&1 | FileCheck %s --check-prefix=BARE
// RUN: gemma-compile %{tiny} --compile-to=llvm -o %t.mlir
// RUN: gemma-opt %t.mlir --gemma-verify-emit -o /dev/null
// RUN: sed 's/ from #gemma.rope_table<[^>]*>//' %t.mlir > %t.bad.mlir
// RUN: not gemma-opt %t.bad.mlir --gemma-verify-emit 2>&1 | FileCheck %s --check-prefix=SOURCE
// RUN: sed 's/memref.view %arg5\[%c[0-9_]*\]/memref.view %arg5[%arg6]/' %t.mlir > %t.view.mlir
// RUN: not gemma-opt %t.view.mlir --gemma-verify-emit 2>&1 | FileCheck %s --check-prefix=VIEW

// BARE: error: module: expected the attributes gemma.model and gemma.options
// SOURCE: error: 'gemma.weight' op expected a source to read the weight from, found none
// VIEW: error: dispatch {{[0-9]+}} (@{{[a-z_0-9]+}}), operand {{[0-9]+}}: expected a view of the arena of static shape at a constant offset
module {
}
