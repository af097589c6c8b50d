//===- ManifestView.h - Safe looks into a manifest --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// In a FlatBuffer every string, vector and table may be absent. These give an
// absent one the meaning "empty".
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_MANIFESTVIEW_H
#define GEMMA_RUNTIME_ARTIFACT_MANIFESTVIEW_H

#include "runtime/artifact/Format.h"
#include "runtime/artifact/Hash.h"
#include "runtime/artifact/artifact_generated.h"
#include "runtime/core/Span.h"

#include <cstring>
#include <string_view>

namespace gemma {

inline std::string_view text(const flatbuffers::String *string) {
  return string ? std::string_view(string->data(), string->size())
                : std::string_view();
}

template <typename T> size_t count(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

/// For loops over a vector that may be absent:
/// `for (const artifact::Weight *weight : each(manifest.weights()))`.
template <typename T> struct Each {
  const flatbuffers::Vector<T> *vector;
  auto begin() const {
    return vector ? vector->begin()
                  : typename flatbuffers::Vector<T>::const_iterator(nullptr, 0);
  }
  auto end() const {
    return vector ? vector->end()
                  : typename flatbuffers::Vector<T>::const_iterator(nullptr, 0);
  }
};
template <typename T> Each<T> each(const flatbuffers::Vector<T> *vector) {
  return {vector};
}

/// The shape of a weight. (Little-endian machines only, as all of the format.)
inline Span<const uint64_t> shapeOf(const artifact::Weight &weight) {
  return weight.shape() ? Span<const uint64_t>(weight.shape()->data(),
                                               weight.shape()->size())
                        : Span<const uint64_t>();
}

/// The digest in a vector of kSha256Bytes.
inline Digest digestOf(const flatbuffers::Vector<uint8_t> *bytes) {
  Digest digest{};
  if (count(bytes) == digest.size()) {
    std::memcpy(digest.data(), bytes->data(), digest.size());
  }
  return digest;
}

/// Offset and size of a segment that may be absent.
struct Range {
  uint64_t offset = 0;
  uint64_t size = 0;
};
inline Range rangeOf(const artifact::Segment *segment) {
  return segment ? Range{segment->offset(), segment->size()} : Range{};
}

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_MANIFESTVIEW_H
