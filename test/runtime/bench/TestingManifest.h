//===- TestingManifest.h - A manifest with known costs ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_BENCH_TESTINGMANIFEST_H
#define GEMMA_TEST_RUNTIME_BENCH_TESTINGMANIFEST_H

#include "runtime/artifact/artifact_generated.h"

#include <memory>
#include <string>

namespace gemma::testing {

/// Five dispatches: embed, norm_linear (q8_0), rope_attention, geglu, lm_head
/// (bf16, over the rows of logits), for forwards of at most 8 rows.
class TestingManifest {
public:
  explicit TestingManifest(uint32_t cacheElementBytes = 2) {
    artifact::ManifestT manifest;
    manifest.max_rows = 8;
    manifest.target = std::make_unique<artifact::TargetT>();
    manifest.target->features = {"avx512bf16", "avx512vnni"};
    auto cache = std::make_unique<artifact::KvCacheT>();
    cache->element_bytes = cacheElementBytes;
    manifest.kv_caches.push_back(std::move(cache));
    addWeight(manifest, "bf16", 800);
    addWeight(manifest, "f32", 40);
    addWeight(manifest, "q8_0", 500);
    using Kind = artifact::BindingKind;
    add(manifest, "embed", {{Kind::BindingKind_Weight, 0}}).row_bytes = 8;
    auto &linear = add(manifest, "norm_linear",
                       {{Kind::BindingKind_Weight, 1},
                        {Kind::BindingKind_Weight, 2},
                        {Kind::BindingKind_KvCache, 0}});
    linear.fixed_bytes = 1000;
    linear.row_bytes = 10;
    linear.row_operations = 100;
    auto &attention =
        add(manifest, "rope_attention",
            {{Kind::BindingKind_Weight, 1}, {Kind::BindingKind_KvCache, 0}});
    attention.key_bytes = 4;
    attention.key_operations = 6;
    add(manifest, "geglu", {{Kind::BindingKind_Scratch, 0}}).row_bytes = 2;
    auto &head =
        add(manifest, "lm_head",
            {{Kind::BindingKind_Weight, 1}, {Kind::BindingKind_Weight, 0}});
    head.rows = artifact::RowCount_OutRows;
    head.fixed_bytes = 5000;
    head.row_operations = 700;
    builder.Finish(artifact::Manifest::Pack(builder, &manifest));
  }

  const artifact::Manifest &operator*() const {
    return *flatbuffers::GetRoot<artifact::Manifest>(
        builder.GetBufferPointer());
  }

private:
  struct Bound {
    artifact::BindingKind kind;
    uint32_t index;
  };

  static void addWeight(artifact::ManifestT &manifest, const char *encoding,
                        uint64_t size) {
    auto weight = std::make_unique<artifact::WeightT>();
    weight->encoding = std::make_unique<artifact::EncodingT>();
    weight->encoding->kind = encoding;
    weight->size = size;
    manifest.weights.push_back(std::move(weight));
  }

  static artifact::DispatchT &add(artifact::ManifestT &manifest,
                                  const std::string &op,
                                  std::initializer_list<Bound> bindings) {
    auto kernel = std::make_unique<artifact::KernelT>();
    kernel->op = op;
    kernel->symbol = op + "_0";
    auto dispatch = std::make_unique<artifact::DispatchT>();
    dispatch->kernel = static_cast<uint32_t>(manifest.kernels.size());
    manifest.kernels.push_back(std::move(kernel));
    for (const Bound &bound : bindings) {
      auto binding = std::make_unique<artifact::BindingT>();
      binding->kind = bound.kind;
      binding->index = bound.index;
      dispatch->bindings.push_back(std::move(binding));
    }
    manifest.forward.push_back(std::move(dispatch));
    return *manifest.forward.back();
  }

  flatbuffers::FlatBufferBuilder builder;
};

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_BENCH_TESTINGMANIFEST_H
