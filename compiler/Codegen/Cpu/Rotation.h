//===- Rotation.h - Rotary angles as kernels read them ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_ROTATION_H
#define GEMMA_COMPILER_CODEGEN_CPU_ROTATION_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// A rope table (see RopeTableSourceAttr) in a kernel.
class RotationTable {
public:
  /// `table` is an argument of the kernel's source.
  RotationTable(KernelBuilder &kernel, Value table);

  /// The rows of the table from which the angles of a position are summed.
  struct Place {
    Value coarse;
    Value fine;
  };
  Place find(Value position) const;

  /// Rotates `lanes` pairs from `pair` on: first becomes first * cos - second *
  /// sin, second becomes second * cos + first * sin.
  void rotate(const Place &place, Value pair, Value &first,
              Value &second) const;

private:
  KernelBuilder &kernel;
  Value table;
  int64_t fineStart;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_ROTATION_H
