//===- GemmaOps.td - All of the gemma dialect, by meaning -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_OPS_TD
#define GEMMA_OPS_TD

include "dialect/GemmaSymbolOps.td"
include "dialect/GemmaDecoderOps.td"
include "dialect/GemmaFusedOps.td"
include "dialect/GemmaDispatchOps.td"

#endif // GEMMA_OPS_TD
