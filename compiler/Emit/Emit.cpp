//===- Emit.cpp - From a compiled module to an artifact -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Emit.h"

#include "compiler/Emit/Layout.h"
#include "compiler/Emit/OutputFile.h"
#include "compiler/Emit/Packer.h"
#include "compiler/Import/Import.h"
#include "compiler/Import/WeightStore.h"
#include "compiler/Llvm/Kernels.h"
#include "compiler/Llvm/Link.h"
#include "compiler/Pack/StoredKinds.h"
#include "runtime/artifact/Verify.h"
#include "runtime/core/Progress.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Digest;
using ::gemma::FileHeader;
using ::gemma::Result;

static Result<void> dumpKernels(ModuleOp module,
                                llvm::ArrayRef<KernelObject> kernels,
                                const EmitOptions &options) {
  ModuleOp nested = getKernels(module);
  for (const KernelObject &kernel : kernels) {
    std::string text = options.kernelTexts.lookup(kernel.name);
    if (text.empty()) {
      llvm::raw_string_ostream stream(text);
      nested.lookupSymbol(kernel.name)->print(stream);
      if (Operation *body = nested.lookupSymbol(kernel.name + "_body")) {
        body->print(stream << "\n");
      }
      stream << "\n";
    }
    std::string stem = options.dumpKernelsTo + "/" + kernel.name;
    const std::pair<const char *, const std::string *> files[] = {
        {".mlir", &text}, {".ll", &kernel.llvmIr}, {".s", &kernel.assembly}};
    for (auto [extension, contents] : files) {
      if (auto written = writeFile(stem + extension, *contents); !written) {
        return written;
      }
    }
  }
  return {};
}

static Result<std::string> compileCode(ModuleOp module,
                                       const EmitOptions &options) {
  ObjectOptions objectOptions;
  objectOptions.jobs = options.jobs;
  objectOptions.withText = !options.dumpKernelsTo.empty();
  Result<std::vector<KernelObject>> kernels =
      compileKernels(module, objectOptions);
  if (!kernels) {
    return kernels.takeError();
  }
  if (objectOptions.withText) {
    if (auto dumped = dumpKernels(module, *kernels, options); !dumped) {
      return dumped.takeError();
    }
  }
  return linkKernels(*kernels);
}

/// Whether an encoding rounds the values of a tensor of a GGUF file.
static bool isReencoded(WeightOp weight, const WeightStore &store) {
  EncodingAttr encoding = *weight.getEncoding();
  return store.getBlockType(weight) && encoding.getPanel() != 0 &&
         !holdsTensor(encoding.getKind(), weight);
}

/// A line for each type of tensors that were re-encoded, with the relative
/// root mean square of what that changed.
static void noteErrors(llvm::ArrayRef<WeightOp> weights,
                       llvm::ArrayRef<EncodingError> errors,
                       const WeightStore &store,
                       std::vector<std::string> &notes) {
  struct Total {
    EncodingError error;
    int count = 0;
  };
  std::map<std::pair<std::string, std::string>, Total> totals;
  for (auto [index, error] : llvm::enumerate(errors)) {
    WeightOp weight = weights[index];
    if (isReencoded(weight, store)) {
      EncodingKind kind = weight.getEncoding()->getKind();
      Total &total = totals[{store.getBlockType(weight)->name,
                             stringifyEncodingKind(kind).str()}];
      total.error.add(error);
      ++total.count;
    }
  }
  for (const auto &[types, total] : totals) {
    double relative = total.error.value == 0
                          ? 0
                          : std::sqrt(total.error.error / total.error.value);
    char number[32];
    std::snprintf(number, sizeof number, "%.2g", relative);
    notes.push_back(types.first + ": " + std::to_string(total.count) +
                    (total.count == 1 ? " tensor" : " tensors") +
                    " re-encoded as " + types.second + ", relative rms error " +
                    number);
  }
}

/// Encodes the weights into the file. Their digests go into the manifest, or
/// in a stub that of their segment.
static Result<void> writeWeights(Program &program, const Layout &layout,
                                 const WeightStore &store, OutputFile &file,
                                 const EmitOptions &options) {
  std::vector<WeightEncoder> encoders;
  std::vector<WeightOp> ops;
  uint64_t total = 0;
  for (size_t index : layout.storedWeights) {
    WeightOp op = program.weights[index];
    ops.push_back(op);
    encoders.emplace_back(*op.getEncoding(), getWeightRows(op),
                          getWeightRowSize(op), getQ4Rule(op),
                          store.getBlockType(op));
    total += program.manifest.weights[index]->size;
  }
  ::gemma::Progress progress("writing weights", total, options.progress);
  PackerPorts ports;
  ports.read = [&](size_t weight, int64_t row, int64_t count, float *out) {
    return store.readRows(ops[weight], row, count, out);
  };
  ports.blocks = [&](size_t weight, int64_t row, int64_t count) {
    return store.getBlocks(ops[weight], row, count);
  };
  ports.isMeasured = [&](size_t weight) {
    return isReencoded(ops[weight], store);
  };
  ports.release = [&](size_t weight, int64_t row, int64_t count) {
    store.release(ops[weight], row, count);
  };
  ports.name = [&](size_t weight) {
    // Threads read the IR, none changes it.
    auto tensor =
        dyn_cast_or_null<TensorSourceAttr>(ops[weight].getSourceAttr());
    return tensor ? tensor.getFile().str() + ": \"" + tensor.getTensor().str() +
                        "\""
                  : "weight @" + ops[weight].getSymName().str();
  };
  ports.write = [&](size_t weight, uint64_t offset, std::string_view bytes) {
    progress.add(bytes.size());
    size_t index = layout.storedWeights[weight];
    return file.write(layout.weightsOffset +
                          program.manifest.weights[index]->offset + offset,
                      bytes);
  };
  std::vector<EncodingError> errors;
  Result<std::vector<Digest>> digests = packWeights(
      encoders, ports, options.jobs, options.notes ? &errors : nullptr);
  if (!digests) {
    return digests.takeError();
  }
  if (options.notes) {
    errors.resize(ops.size());
    noteErrors(ops, errors, store, *options.notes);
  }
  for (auto [number, index] : llvm::enumerate(layout.storedWeights)) {
    if (!program.manifest.stub) {
      program.manifest.weights[index]->sha256 = toVector((*digests)[number]);
    }
  }
  return {};
}

/// A stub's weights are few and small: their segment is hashed as a whole,
/// padding included, once it is written.
static Result<void> hashStubData(Program &program, const OutputFile &file) {
  auto &segment = program.manifest.stub_data;
  if (!segment) {
    return {};
  }
  Result<std::string> bytes = file.read(segment->offset, segment->size);
  if (!bytes) {
    return bytes.takeError();
  }
  Result<Digest> digest = ::gemma::sha256(bytes->data(), bytes->size());
  if (!digest) {
    return digest.takeError();
  }
  segment->sha256 = toVector(*digest);
  return {};
}

static Result<void> writeSegment(::gemma::artifact::SegmentT *segment,
                                 const std::string &bytes, OutputFile &file) {
  if (!segment) {
    return {};
  }
  Result<Digest> digest = ::gemma::sha256(bytes.data(), bytes.size());
  if (!digest) {
    return digest.takeError();
  }
  segment->sha256 = toVector(*digest);
  return file.write(segment->offset, bytes);
}

static Result<void> writeHead(const Program &program, const Layout &layout,
                              OutputFile &file) {
  std::string manifest = serialize(program.manifest);
  if (manifest.size() != layout.manifestBytes) {
    return ::gemma::internalError(
        "manifest: expected " + std::to_string(layout.manifestBytes) +
        " bytes, found " + std::to_string(manifest.size()));
  }
  Result<Digest> digest = ::gemma::sha256(manifest.data(), manifest.size());
  if (!digest) {
    return digest.takeError();
  }
  FileHeader header{};
  std::memcpy(header.magic, ::gemma::kMagic, sizeof header.magic);
  header.version = ::gemma::kFormatVersion;
  header.headerBytes = ::gemma::kHeaderBytes;
  header.fileBytes = layout.fileBytes;
  header.manifestOffset = ::gemma::kHeaderBytes;
  header.manifestBytes = layout.manifestBytes;
  std::memcpy(header.manifestSha256, digest->data(), digest->size());
  if (auto written = file.write(::gemma::kHeaderBytes, manifest); !written) {
    return written;
  }
  return file.write(
      0, std::string_view(reinterpret_cast<char *>(&header), sizeof header));
}

/// Holds the manifest against the runtime's rules before anything is written:
/// who compiles should learn of a limit, not who runs the artifact.
static Result<void> checkManifest(const Program &program,
                                  const Layout &layout) {
  std::string bytes = serialize(program.manifest);
  return ::gemma::verifyManifest({*::gemma::artifact::GetManifest(bytes.data()),
                                  ::gemma::kHeaderBytes + layout.manifestBytes,
                                  layout.fileBytes});
}

Result<uint64_t> mlir::gemma::emitArtifact(ModuleOp module,
                                           const EmitOptions &options) {
  // What a user may have got wrong comes before what takes time.
  Result<Program> program = buildProgram(module);
  if (!program) {
    return program.takeError();
  }
  Result<WeightStore> store = WeightStore::open(module);
  if (!store) {
    return store.takeError();
  }
  Result<std::string> tokenizer = readArtifactTokenizer(module);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  Result<OutputFile> file = OutputFile::create(options.output);
  if (!file) {
    return file.takeError();
  }
  Result<std::string> code = compileCode(module, options);
  if (!code) {
    return code.takeError();
  }

  Layout layout = planLayout(*program, code->size(), tokenizer->size());
  auto write = [&]() -> Result<void> {
    if (auto checked = checkManifest(*program, layout); !checked) {
      return checked;
    }
    if (auto allocated = file->allocate(layout.fileBytes); !allocated) {
      return allocated;
    }
    auto &manifest = program->manifest;
    if (auto done = writeSegment(manifest.code.get(), *code, *file); !done) {
      return done;
    }
    if (auto done = writeSegment(manifest.tokenizer.get(), *tokenizer, *file);
        !done) {
      return done;
    }
    if (auto done = writeWeights(*program, layout, *store, *file, options);
        !done) {
      return done;
    }
    if (auto done = hashStubData(*program, *file); !done) {
      return done;
    }
    if (auto done = writeHead(*program, layout, *file); !done) {
      return done;
    }
    return file->commit();
  };
  if (Result<void> written = write(); !written) {
    return written.takeError();
  }
  return layout.fileBytes;
}
