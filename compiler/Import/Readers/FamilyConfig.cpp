//===- FamilyConfig.cpp - What the family's members differ in -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/FamilyConfig.h"

#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/ModelLimits.h"

#include <algorithm>

using namespace gemma;
using nlohmann::json;

constexpr const char *kLocal = "sliding_attention";
constexpr const char *kGlobal = "full_attention";
constexpr const char *kDefaultRotation = "null or the default rotation";
constexpr const char *kLinearRotation = "null, default or linear scaling";

// Sizes of Gemma2Config and Gemma3TextConfig. Gemma 3's multimodal files rely
// on them: that of 4B names no heads and no vocabulary.
static const Family kFamilies[] = {
    {"gemma", "GemmaForCausalLM", "gemma", 1, false, 0, 0, 0, 0, 0, 0, 8192},
    {"gemma2", "Gemma2ForCausalLM", "gemma2", 2, false, 2304, 26, 8, 4, 9216,
     256000, 8192},
    {"gemma3_text", "Gemma3ForCausalLM", "gemma3", 3, false, 2304, 26, 8, 4,
     9216, 262208, 131072},
    {"gemma3", "Gemma3ForConditionalGeneration", "gemma3", 3, true, 2304, 26, 8,
     4, 9216, 262208, 131072},
};

const Family *gemma::readFamily(JsonFields &fields) {
  const json *type = fields.find("model_type");
  const Family *family = std::find_if(
      std::begin(kFamilies), std::end(kFamilies),
      [&](const Family &each) { return type && *type == each.modelType; });
  if (family == std::end(kFamilies)) {
    fields.fail("model_type",
                "\"gemma\", \"gemma2\", \"gemma3_text\" or \"gemma3\"",
                type ? describeJson(*type) : "none");
    return nullptr;
  }
  const json *names = fields.find("architectures");
  if (!names) {
    return family; // model_type has said it
  }
  bool isOne = names->is_array() && names->size() == 1;
  if (!isOne || names->front() != family->architecture) {
    fields.fail("architectures",
                "[\"" + std::string(family->architecture) + "\"]",
                describeJson(isOne ? names->front() : *names));
    return nullptr;
  }
  return family;
}

//===----------------------------------------------------------------------===//
// Rotation
//===----------------------------------------------------------------------===//

/// The base of an object of rope_parameters, `theta` if it has none.
static double readTheta(JsonFields &fields, const char *key,
                        const json &parameters, double theta) {
  JsonFields inner(parameters, "");
  double base = inner.number("rope_theta", 0, kMaxTheta, theta);
  if (inner.error) {
    fields.fail(key, "a rope_theta above 0",
                describeJson(*inner.find("rope_theta")));
  }
  return base;
}

/// What an object of rope_scaling or rope_parameters divides positions by: 1
/// unless it may be, and is, linear.
static double readFactor(JsonFields &fields, const char *key,
                         const json &scaling, bool mayBeLinear) {
  const char *expected = mayBeLinear ? kLinearRotation : kDefaultRotation;
  bool isLinear = false;
  for (const char *kind : {"rope_type", "type"}) {
    auto place = scaling.find(kind);
    if (place == scaling.end() || place->is_null() || *place == "default") {
      continue;
    }
    isLinear = mayBeLinear && *place == "linear";
    if (!isLinear) {
      fields.fail(key, expected, describeJson(*place));
      return 1;
    }
  }
  JsonFields inner(scaling, "");
  double factor = inner.number("factor", 0, kMaxRopeFactor, 1);
  const json *found = inner.find("factor");
  if (inner.error) {
    fields.fail(key, "a factor above 0", describeJson(*found));
  } else if (!isLinear && factor != 1) {
    fields.fail(key, expected, "factor " + describeJson(*found));
  }
  return factor;
}

/// One rotation for all layers, which may be linearly scaled in Gemma 3. Both
/// spellings: rope_theta with rope_scaling, and, since transformers 5,
/// rope_parameters.
static void readRotation(JsonFields &fields, bool mayBeLinear,
                         ModelConfig &config) {
  for (const char *key : {"rope_scaling", "rope_parameters"}) {
    const json *value = fields.find(key);
    if (!value) {
      continue;
    }
    if (!value->is_object()) {
      fields.fail(key, mayBeLinear ? kLinearRotation : kDefaultRotation,
                  describeJson(*value));
      continue;
    }
    double factor = readFactor(fields, key, *value, mayBeLinear);
    config.ropeFactor = factor == 1 ? config.ropeFactor : factor;
    config.ropeTheta = readTheta(fields, key, *value, config.ropeTheta);
  }
}

/// rope_parameters with an object per kind of layer. Returns whether it is
/// that.
static bool readRotationsByKind(JsonFields &fields, ModelConfig &config) {
  constexpr const char *kKey = "rope_parameters";
  const json *value = fields.find(kKey);
  if (!value || !value->is_object() ||
      (!value->contains(kGlobal) && !value->contains(kLocal))) {
    return false;
  }
  for (const char *kind : {kGlobal, kLocal}) {
    auto place = value->find(kind);
    if (place == value->end() || place->is_null()) {
      continue;
    }
    if (!place->is_object()) {
      fields.fail(kKey, std::string("an object for ") + kind,
                  describeJson(*place));
      continue;
    }
    bool isGlobal = kind == kGlobal;
    double factor = readFactor(fields, kKey, *place, isGlobal);
    double &theta = isGlobal ? config.ropeTheta : config.localRopeTheta;
    theta = readTheta(fields, kKey, *place, theta);
    config.ropeFactor = isGlobal ? factor : config.ropeFactor;
  }
  return true;
}

static void readRope(JsonFields &fields, const Family &family,
                     ModelConfig &config) {
  bool hasTwo = family.generation == 3;
  config.ropeTheta =
      fields.number("rope_theta", 0, kMaxTheta, hasTwo ? 1e6 : 1e4);
  if (!hasTwo) {
    readRotation(fields, /*mayBeLinear=*/false, config);
    config.localRopeTheta = config.ropeTheta;
    return;
  }
  config.localRopeTheta =
      fields.number("rope_local_base_freq", 0, kMaxTheta, 1e4);
  if (!readRotationsByKind(fields, config)) {
    readRotation(fields, /*mayBeLinear=*/true, config);
  }
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Which layers are local: by name, else all but every `period`th.
static void readLayerTypes(JsonFields &fields, const Family &family,
                           ModelConfig &config) {
  constexpr const char *kKey = "layer_types";
  const json *types = fields.find(kKey);
  if (!types) {
    int64_t period = 2;
    if (family.generation == 3) {
      period = fields.integer("sliding_window_pattern", 1, 1 << 10, 6);
    }
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      config.localLayers.push_back((layer + 1) % period != 0);
    }
    return;
  }
  if (!types->is_array() ||
      types->size() != static_cast<size_t>(config.layers)) {
    fields.fail(
        kKey, "a list for num_hidden_layers = " + std::to_string(config.layers),
        types->is_array() ? std::to_string(types->size()) + " entries"
                          : describeJson(*types));
    return;
  }
  for (const json &type : *types) {
    if (type != kLocal && type != kGlobal) {
      fields.fail(kKey, "\"sliding_attention\" or \"full_attention\"",
                  describeJson(type));
      return;
    }
    config.localLayers.push_back(type == kLocal);
  }
}

static void readWindows(JsonFields &fields, const Family &family,
                        ModelConfig &config) {
  readLayerTypes(fields, family, config);
  const std::vector<bool> &local = config.localLayers;
  if (std::find(local.begin(), local.end(), true) == local.end()) {
    config.localLayers.clear();
    return;
  }
  // null is no window, which no model that has local layers means.
  config.window = fields.integer(
      "sliding_window", 1, kMaxContext,
      fields.isNull("sliding_window") ? std::nullopt : std::optional(4096L));
}

/// A softcap: null is none, a missing one what the family has.
static double readSoftcap(JsonFields &fields, const char *key,
                          double otherwise) {
  return fields.isNull(key) ? 0 : fields.number(key, 0, kMaxSoftcap, otherwise);
}

void gemma::readFamilyFields(JsonFields &fields, const Family &family,
                             ModelConfig &config) {
  readRope(fields, family, config);
  if (family.generation == 1) {
    config.queryScalar = static_cast<double>(config.headDim);
    return;
  }
  config.queryScalar =
      fields.number("query_pre_attn_scalar", 0, kMaxWidth, 256);
  readWindows(fields, family, config);
  bool isSecond = family.generation == 2;
  config.attentionSoftcap =
      readSoftcap(fields, "attn_logit_softcapping", isSecond ? 50 : 0);
  config.finalSoftcap =
      readSoftcap(fields, "final_logit_softcapping", isSecond ? 30 : 0);
  config.hasQkNorms = family.generation == 3;
  config.hasPostNorms = true;
}
