//===- NumpyWriter.cpp - Writes a matrix as a NumPy file ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/NumpyWriter.h"

using namespace gemma;

/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: the
/// header ends at a multiple of 64 bytes.
static std::string header(uint64_t rows, uint64_t columns) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                     std::to_string(rows) + ", " + std::to_string(columns) +
                     "), }";
  constexpr size_t kFixed = 10;
  text.append(63 - (kFixed + text.size()) % 64, ' ');
  text += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(text.size() & 0xFF);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}

Result<NumpyWriter> NumpyWriter::create(const std::string &path, uint64_t rows,
                                        uint64_t columns) {
  auto file = WholeFile::create(path);
  if (!file) {
    return file.takeError();
  }
  std::string start = header(rows, columns);
  if (auto done = file->write(start.data(), start.size()); !done) {
    return done.takeError();
  }
  return NumpyWriter(std::move(*file), rows * columns);
}

Result<void> NumpyWriter::write(Span<const float> values) {
  if (values.size() > missing) {
    return internalError("output: expected " + std::to_string(missing) +
                         " more values, found " +
                         std::to_string(values.size()));
  }
  missing -= values.size();
  return file.write(values.data(), values.size() * sizeof(float));
}

Result<void> NumpyWriter::commit() {
  if (missing != 0) {
    return internalError("output: expected " + std::to_string(missing) +
                         " more values, found none");
  }
  return file.commit();
}
