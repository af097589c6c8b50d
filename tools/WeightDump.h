//===- WeightDump.h - The values of one weight of an artifact ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_WEIGHTDUMP_H
#define GEMMA_TOOLS_WEIGHTDUMP_H

#include "runtime/artifact/Encoding.h"
#include "runtime/artifact/Reader.h"
#include "runtime/exec/StubWeights.h"
#include "runtime/text/NumpyWriter.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gemma::inspect {

/// Writes the values that the weight's bytes stand for as a float32 matrix, a
/// row per row of the weight, all but the last dimension being rows; those
/// that a stub's runtime would draw, too. Errors: NotFound for a name that the
/// artifact has not; those of the files.
inline Result<void> dumpWeight(const Artifact &artifact,
                               const std::string &name,
                               const std::string &output) {
  const artifact::Manifest &manifest = artifact.manifest();
  const artifact::Weight *weight = nullptr;
  for (const artifact::Weight *candidate : each(manifest.weights())) {
    weight = text(candidate->name()) == name ? candidate : weight;
  }
  if (!weight) {
    return notFound("--dump-weight: expected a weight of the artifact (see "
                    "--weights), found \"" +
                    printable(name) + "\"");
  }
  WeightLayout layout = *weightLayout(text(weight->encoding()->kind()),
                                      weight->encoding()->panel());
  Span<const uint64_t> shape = shapeOf(*weight);
  uint64_t columns = shape[shape.size() - 1], rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); ++i) {
    rows *= shape[i];
  }
  Result<NumpyWriter> writer = NumpyWriter::create(output, rows, columns);
  if (!writer) {
    return writer.takeError();
  }
  bool isPlain = layout == WeightLayout::F32Rows;
  uint64_t groupRows = isPlain ? 1 : kPanelRows;
  uint64_t groupBytes = panelBytes(layout, columns);
  Range segment = rangeOf(manifest.stub() ? manifest.stub_data()
                                          : manifest.weights_segment());
  std::vector<unsigned char> bytes(groupBytes);
  std::vector<float> values(columns);
  for (uint64_t row = 0; row < rows; row += groupRows) {
    uint64_t group = row / groupRows;
    if (const artifact::RandomFill *fill = weight->fill()) {
      RandomWeights random(fill->seed(), name, fill->bound());
      fillPiece(random, layout, rows, {group, 0, columns}, bytes.data());
    } else if (auto read = artifact.file().read(
                   segment.offset + weight->offset() + group * groupBytes,
                   bytes.data(), groupBytes);
               !read) {
      return read;
    }
    for (uint64_t lane = 0; lane < std::min(groupRows, rows - row); ++lane) {
      if (isPlain) {
        std::memcpy(values.data(), bytes.data(), groupBytes);
      } else {
        decodePanelRow(layout, bytes.data(), lane, columns, values.data());
      }
      if (auto written = writer->write(values); !written) {
        return written;
      }
    }
  }
  return writer->commit();
}

} // namespace gemma::inspect

#endif // GEMMA_TOOLS_WEIGHTDUMP_H
