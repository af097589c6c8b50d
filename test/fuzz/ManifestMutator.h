//===- ManifestMutator.h - Changes one entry of a manifest ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_FUZZ_MANIFESTMUTATOR_H
#define GEMMA_TEST_FUZZ_MANIFESTMUTATOR_H

#include "runtime/artifact/artifact_generated.h"

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace gemma::fuzzing {

/// Changes a number, a string or a list of a manifest as a hostile compiler
/// would: bytes that are changed at random rarely stay a FlatBuffer.
class ManifestMutator {
public:
  ManifestMutator(artifact::ManifestT &manifest, std::minstd_rand &random)
      : random(random) {
    visit(manifest);
  }

  void mutate() {
    if (!changes.empty()) {
      changes[random() % changes.size()]();
    }
  }

private:
  template <typename T> void number(T &value) {
    changes.push_back([this, &value] {
      using Limits = std::numeric_limits<T>;
      switch (random() % 8) {
      case 0:
        value = 0;
        break;
      case 1:
        value = Limits::max();
        break;
      case 2:
        value = Limits::lowest();
        break;
      case 3:
        change(value, 1, 1);
        break;
      case 4:
        change(value, 1, -1);
        break;
      case 5:
        change(value, 2, 0);
        break;
      default:
        for (size_t i = 0; i < sizeof value; ++i) {
          if (random() % 2) {
            reinterpret_cast<unsigned char *>(&value)[i] =
                static_cast<unsigned char>(random());
          }
        }
      }
    });
  }
  /// value * factor + more, modulo 2^n for integers.
  template <typename T> static void change(T &value, int factor, int more) {
    if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(static_cast<uint64_t>(value) *
                                 static_cast<uint64_t>(factor) +
                             static_cast<uint64_t>(more));
    } else {
      value = value * static_cast<T>(factor) + static_cast<T>(more);
    }
  }
  void numbers() {}
  template <typename First, typename... Rest>
  void numbers(First &first, Rest &...rest) {
    number(first);
    numbers(rest...);
  }

  /// Enums and bools may only have their values: FlatBuffers reads any byte.
  template <typename T> void choice(T &value, unsigned count) {
    changes.push_back(
        [this, &value, count] { value = static_cast<T>(random() % count); });
  }

  void text(std::string &value) {
    changes.push_back([this, &value] {
      static const char *const kTexts[] = {
          "",        "gemma",
          "gemma3",  "cpu",
          "f32",     "f16",
          "bf16",    "q8_0",
          "q4_0",    "avx512f",
          "\x1b[2J", "\xff",
          "a\nb",    "x86_64-unknown-linux-gnu"};
      value = kTexts[random() % std::size(kTexts)];
    });
  }

  template <typename T> void list(std::vector<T> &values) {
    changes.push_back([this, &values] {
      if (values.empty()) {
        append(values);
        return;
      }
      size_t at = random() % values.size();
      switch (random() % 4) {
      case 0:
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        values.clear();
        break;
      case 2:
        append(values);
        break;
      default:
        std::swap(values[at], values[random() % values.size()]);
      }
    });
    for (T &value : values) {
      if constexpr (std::is_arithmetic_v<T>) {
        number(value);
      } else if constexpr (std::is_same_v<T, std::string>) {
        text(value);
      } else {
        visit(*value);
      }
    }
  }

  template <typename T> void append(std::vector<T> &values) {
    values.emplace_back();
  }
  // A list has no empty places.
  template <typename T> void append(std::vector<std::unique_ptr<T>> &values) {
    values.push_back(std::make_unique<T>());
  }

  template <typename T> void visitTable(std::unique_ptr<T> &table) {
    changes.push_back([&table] { table.reset(); });
    if (table) {
      visit(*table);
    }
  }

  void visit(artifact::SegmentT &segment) {
    numbers(segment.offset, segment.size);
    list(segment.sha256);
  }
  void visit(artifact::ModelT &model) {
    text(model.family);
    text(model.chat_format);
    numbers(model.hidden, model.layers, model.heads, model.kv_heads,
            model.head_dim, model.ff, model.vocab, model.context,
            model.bos_token, model.pad_token, model.temperature, model.top_k,
            model.top_p);
    choice(model.add_bos, 2);
    list(model.eos_tokens);
  }
  void visit(artifact::TargetT &target) {
    text(target.device);
    text(target.triple);
    text(target.cpu);
    list(target.features);
  }
  void visit(artifact::EncodingT &encoding) {
    text(encoding.kind);
    number(encoding.panel);
  }
  void visit(artifact::RandomFillT &fill) { numbers(fill.seed, fill.bound); }
  void visit(artifact::WeightT &weight) {
    text(weight.name);
    visitTable(weight.encoding);
    list(weight.shape);
    numbers(weight.offset, weight.size);
    list(weight.sha256);
    visitTable(weight.fill);
  }
  void visit(artifact::KvCacheT &cache) {
    text(cache.name);
    numbers(cache.heads, cache.head_dim, cache.element_bytes, cache.window);
  }
  void visit(artifact::KernelT &kernel) {
    text(kernel.symbol);
    text(kernel.op);
  }
  void visit(artifact::BindingT &binding) {
    choice(binding.kind, artifact::BindingKind_MAX + 1);
    numbers(binding.index, binding.offset, binding.row_bytes);
    choice(binding.writes, 2);
  }
  void visit(artifact::DispatchT &dispatch) {
    number(dispatch.kernel);
    list(dispatch.bindings);
    choice(dispatch.rows, artifact::RowCount_MAX + 1);
    numbers(dispatch.tiles, dispatch.row_tile, dispatch.fixed_bytes,
            dispatch.row_bytes, dispatch.row_operations, dispatch.key_bytes,
            dispatch.key_operations);
  }
  void visit(artifact::PropertyT &property) {
    text(property.key);
    text(property.value);
  }
  void visit(artifact::ManifestT &manifest) {
    text(manifest.compiler);
    list(manifest.required_features);
    visitTable(manifest.model);
    visitTable(manifest.target);
    visitTable(manifest.code);
    visitTable(manifest.tokenizer);
    visitTable(manifest.weights_segment);
    choice(manifest.stub, 2);
    visitTable(manifest.stub_data);
    list(manifest.weights);
    list(manifest.kv_caches);
    list(manifest.kernels);
    list(manifest.forward);
    numbers(manifest.max_rows, manifest.arena_bytes);
    list(manifest.properties);
  }

  std::minstd_rand &random;
  std::vector<std::function<void()>> changes;
};

} // namespace gemma::fuzzing

#endif // GEMMA_TEST_FUZZ_MANIFESTMUTATOR_H
