//===- FamilyConfig.h - What the family's members differ in -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_FAMILYCONFIG_H
#define GEMMA_COMPILER_IMPORT_READERS_FAMILYCONFIG_H

#include "compiler/Import/Readers/JsonFields.h"
#include "compiler/Import/Readers/ModelConfig.h"

namespace gemma {

/// A model_type of config.json, and the sizes that transformers takes where
/// the file leaves them out; 0 = the file must have them (kvHeads: as many as
/// heads).
struct Family {
  const char *modelType;
  const char *architecture;
  const char *name; ///< ModelConfig::family
  int generation;   ///< 1, 2 or 3
  /// The text model is in the object text_config.
  bool isMultimodal;
  int64_t hidden, layers, heads, kvHeads, ff, vocab, context;
};

/// The family by model_type; checks that architectures, if given, agrees. Null
/// with an error in `fields`.
const Family *readFamily(JsonFields &fields);

/// Reads what only some members have: query_pre_attn_scalar, sliding_window,
/// layer_types or sliding_window_pattern, rope_theta, rope_local_base_freq,
/// rope_scaling or rope_parameters, attn_logit_softcapping,
/// final_logit_softcapping. The sizes of `config` have been read.
void readFamilyFields(JsonFields &fields, const Family &family,
                      ModelConfig &config);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_FAMILYCONFIG_H
