// RUN: gemma-opt %s --gemma-wrap-kernels | FileCheck %s

// CHECK-LABEL: llvm.func @attention_0(
// CHECK-SAME: %[[POINTERS:.*]]: !llvm.ptr, %[[SCALARS:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK-DAG: %[[Q:.*]] = llvm.load %[[POINTERS]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG: %[[KEYS_AT:.*]] = llvm.getelementptr %[[POINTERS]][1]
// CHECK-DAG: %[[KEYS:.*]] = llvm.load %[[KEYS_AT]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG: %[[CAPACITY_AT:.*]] = llvm.getelementptr %[[SCALARS]][1]
// CHECK-DAG: %[[CAPACITY:.*]] = llvm.load %[[CAPACITY_AT]] : !llvm.ptr -> i64
// CHECK-DAG: %[[OUT_AT:.*]] = llvm.getelementptr %[[POINTERS]][2]
// CHECK-DAG: %[[OUT:.*]] = llvm.load %[[OUT_AT]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG: %[[ROWS:.*]] = llvm.load %[[SCALARS]] : !llvm.ptr -> i64
// CHECK: llvm.call @attention_0_body(%[[Q]], %[[KEYS]], %[[CAPACITY]], %[[OUT]], %[[ROWS]], %[[BEGIN]], %[[END]])

// CHECK: llvm.func internal @attention_0_body(
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.nonnull, llvm.noundef}
// CHECK-SAME: i64 {llvm.noundef}, %{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.noalias, llvm.nonnull, llvm.noundef}
// CHECK-SAME: no_inline

// A private function is no kernel.
// CHECK: llvm.func internal @helper()
// CHECK-NOT: helper_body
module {
  module @kernels {
    llvm.func @attention_0(%q: !llvm.ptr, %keys: !llvm.ptr,
        %capacity: i64 {gemma.capacity}, %out: !llvm.ptr {llvm.noalias},
        %rows: i64, %begin: i64, %end: i64) {
      llvm.return
    }
    llvm.func internal @helper() {
      llvm.return
    }
  }
}
