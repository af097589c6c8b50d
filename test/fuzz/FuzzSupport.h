//===- FuzzSupport.h - What the fuzz targets share --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_FUZZ_FUZZSUPPORT_H
#define GEMMA_TEST_FUZZ_FUZZSUPPORT_H

#include "compiler/Import/Readers/ModelConfig.h"
#include "runtime/core/Error.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace gemma::fuzzing {

/// A finding, unless `holds`.
inline void require(bool holds, std::string_view what,
                    std::string_view detail = "") {
  if (!holds) {
    std::fprintf(stderr, "finding: expected %.*s, found: %.*s\n",
                 static_cast<int>(what.size()), what.data(),
                 static_cast<int>(detail.size()), detail.data());
    std::abort();
  }
}

/// An error about a file is bad data or a lack of memory, in one line without
/// control characters that says what was expected and what was found.
inline void requireGoodError(const Error &error) {
  require(error.code == ErrorCode::InvalidData ||
              error.code == ErrorCode::Resource,
          "an error of data or resources", error.message);
  for (unsigned char c : error.message) {
    require(c >= 0x20 && c != 0x7f, "one printable line", error.message);
  }
  require(error.message.find("expected") != std::string::npos &&
              error.message.find("found") != std::string::npos,
          "'expected ..., found ...'", error.message);
  require(error.message.size() < 16384, "a short message", error.message);
}

/// What the importer builds a graph from without another look, whatever the
/// files were that said it.
inline void requireSane(const ModelConfig &config) {
  for (int64_t size :
       {config.hidden, config.layers, config.heads, config.kvHeads,
        config.headDim, config.ff, config.vocab, config.context}) {
    require(size > 0 && size <= 1 << 24, "a size", std::to_string(size));
  }
  require(config.heads % config.kvHeads == 0, "heads that KV heads divide");
  require(config.headDim % 2 == 0, "pairs to rotate");
  require(config.embeddingRows >= config.vocab, "a row for every token");
  require(config.window >= 0 && config.window <= 1 << 24, "a window");
  require(config.localLayers.empty() == (config.window == 0),
          "a window where layers are local");
  require(config.localLayers.empty() ||
              config.localLayers.size() == static_cast<size_t>(config.layers),
          "a kind for each layer");
  for (double number : {config.epsilon, config.queryScalar, config.ropeTheta,
                        config.localRopeTheta, config.ropeFactor}) {
    require(std::isfinite(number) && number > 0, "a number above 0",
            std::to_string(number));
  }
  for (double number : {config.attentionSoftcap, config.finalSoftcap,
                        config.temperature, config.topP}) {
    require(std::isfinite(number) && number >= 0, "a number",
            std::to_string(number));
  }
  for (int64_t token : {config.bosToken, config.padToken}) {
    require(token >= -1 && token < config.vocab, "a token or none",
            std::to_string(token));
  }
  for (int64_t token : config.eosTokens) {
    require(token >= 0 && token < config.vocab, "a token",
            std::to_string(token));
  }
  for (const auto &[token, text] : config.addedTokens) {
    require(token >= 0, "a token", std::to_string(token));
  }
  require(config.chatFormat.empty() || config.chatFormat == "gemma" ||
              config.chatFormat == "gemma3",
          "a turn format", config.chatFormat);
}

/// A file in memory, for readers that open a path.
class MemoryFile {
public:
  MemoryFile() : descriptor(memfd_create("fuzz", MFD_CLOEXEC)) {
    require(descriptor >= 0, "a file in memory", "none");
    name = "/proc/self/fd/" + std::to_string(descriptor);
  }
  MemoryFile(const MemoryFile &) = delete;
  ~MemoryFile() { close(descriptor); }

  /// The file with these bytes and no others.
  const std::string &with(std::string_view bytes) {
    bool written = ftruncate(descriptor, 0) == 0 &&
                   pwrite(descriptor, bytes.data(), bytes.size(), 0) ==
                       static_cast<ssize_t>(bytes.size());
    require(written, "a file in memory of that size",
            std::to_string(bytes.size()));
    return name;
  }

private:
  int descriptor;
  std::string name;
};

} // namespace gemma::fuzzing

/// libFuzzer calls it with every input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif // GEMMA_TEST_FUZZ_FUZZSUPPORT_H
