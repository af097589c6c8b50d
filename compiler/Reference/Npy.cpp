//===- Npy.cpp - Matrices as NumPy files ----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Npy.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::gemma::reference;

/// The header: a Python dictionary, padded so that the data is 64-aligned.
static std::string makeHeader(NpyElement element, int64_t rows,
                              int64_t columns) {
  std::string text = "{'descr': '";
  text += element == NpyElement::F32 ? "<f4" : "<f8";
  text += "', 'fortran_order': False, 'shape': (" + std::to_string(rows) +
          ", " + std::to_string(columns) + "), }";
  constexpr size_t kPrefix = 10; // magic, version, length
  size_t total = llvm::alignTo(kPrefix + text.size() + 1, 64);
  text.append(total - kPrefix - text.size() - 1, ' ');
  return text + "\n";
}

::gemma::Result<void>
mlir::gemma::reference::writeNpy(llvm::StringRef path, NpyElement element,
                                 int64_t rows, int64_t columns,
                                 llvm::ArrayRef<double> values) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (error) {
    return ::gemma::resourceError(path.str() +
                                  ": expected a file that can be written, "
                                  "found: " +
                                  error.message());
  }
  std::string header = makeHeader(element, rows, columns);
  llvm::support::endian::Writer writer(file, llvm::endianness::little);
  file << llvm::StringRef("\x93NUMPY\x01\x00", 8);
  writer.write<uint16_t>(static_cast<uint16_t>(header.size()));
  file << header;
  for (double value : values) {
    if (element == NpyElement::F32) {
      writer.write<float>(static_cast<float>(value));
    } else {
      writer.write<double>(value);
    }
  }
  file.close();
  if (file.has_error()) {
    std::string message = file.error().message();
    file.clear_error();
    return ::gemma::resourceError(path.str() + ": expected room for " +
                                  std::to_string(values.size()) +
                                  " numbers, found: " + message);
  }
  return {};
}
