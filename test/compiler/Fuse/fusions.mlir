// What each word of no_fuse leaves.

// RUN: sed 's/stub = false/stub = false, no_fuse = ["norm-linear"]/' %S/../Inputs/fusible-layer.mlir | gemma-opt --gemma-fuse-pipeline | FileCheck %s --check-prefix=NORM-LINEAR
// NORM-LINEAR: gemma.rms_norm
// NORM-LINEAR-COUNT-3: gemma.linear(
// NORM-LINEAR: gemma.rope(
// NORM-LINEAR: gemma.cache_write
// NORM-LINEAR: gemma.rope_attention
// NORM-LINEAR: gemma.linear_residual
// NORM-LINEAR: gemma.norm_geglu
// NORM-LINEAR: gemma.linear_residual
// NORM-LINEAR: gemma.lm_head

// RUN: sed 's/stub = false/stub = false, no_fuse = ["norm-geglu"]/' %S/../Inputs/fusible-layer.mlir | gemma-opt --gemma-fuse-pipeline | FileCheck %s --check-prefix=NORM-GEGLU
// NORM-GEGLU: gemma.norm_qkv
// NORM-GEGLU: gemma.rope_attention
// NORM-GEGLU: gemma.linear_residual
// NORM-GEGLU: gemma.norm_linear
// NORM-GEGLU: gemma.geglu
// NORM-GEGLU: gemma.linear_residual
// NORM-GEGLU: gemma.lm_head

// RUN: sed 's/stub = false/stub = false, no_fuse = ["rope-attention"]/' %S/../Inputs/fusible-layer.mlir | gemma-opt --gemma-fuse-pipeline | FileCheck %s --check-prefix=ROPE-ATTENTION
// ROPE-ATTENTION: gemma.norm_linear
// ROPE-ATTENTION: gemma.rope(
// ROPE-ATTENTION: gemma.rope(
// ROPE-ATTENTION: gemma.cache_write
// ROPE-ATTENTION: gemma.attention
// ROPE-ATTENTION: gemma.linear_residual

// RUN: sed 's/stub = false/stub = false, no_fuse = ["linear-residual"]/' %S/../Inputs/fusible-layer.mlir | gemma-opt --gemma-fuse-pipeline | FileCheck %s --check-prefix=LINEAR-RESIDUAL
// LINEAR-RESIDUAL: gemma.rope_attention
// LINEAR-RESIDUAL: gemma.linear(
// LINEAR-RESIDUAL: arith.addf
// LINEAR-RESIDUAL: gemma.norm_geglu
// LINEAR-RESIDUAL: gemma.linear(
// LINEAR-RESIDUAL: arith.addf
// LINEAR-RESIDUAL: gemma.lm_head

// RUN: sed 's/stub = false/stub = false, no_fuse = ["lm-head"]/' %S/../Inputs/fusible-layer.mlir | gemma-opt --gemma-fuse-pipeline | FileCheck %s --check-prefix=LM-HEAD
// LM-HEAD: gemma.norm_qkv
// LM-HEAD: gemma.select_rows
// LM-HEAD: gemma.norm_linear
// LM-HEAD-NEXT: return

// All of them off: the program stays as it is.
// RUN: sed 's/stub = false/stub = false, no_fuse = ["norm-linear", "norm-geglu", "rope-attention", "linear-residual", "norm-residual", "lm-head"]/' %S/../Inputs/fusible-layer.mlir > %t.in
// RUN: gemma-opt %t.in -o %t.before
// RUN: gemma-opt %t.in --gemma-fuse-pipeline -o %t.after
// RUN: cmp %t.before %t.after
