//===- TestingArtifact.cpp - Small artifacts for tests --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestingArtifact.h"

#include "runtime/artifact/Encoding.h"
#include "runtime/artifact/Format.h"
#include "runtime/artifact/Hash.h"
#include "runtime/artifact/Reader.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <sstream>
#include <unistd.h>

using namespace gemma;
using namespace gemma::testing;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

TemporaryFile::TemporaryFile() : name("/tmp/gemma-test-XXXXXX") {
  int descriptor = mkstemp(name.data());
  EXPECT_GE(descriptor, 0);
  close(descriptor);
}

TemporaryFile::TemporaryFile(const std::string &bytes) : TemporaryFile() {
  write(bytes);
}

TemporaryFile::TemporaryFile(TemporaryFile &&other) noexcept
    : name(std::exchange(other.name, "")) {}

TemporaryFile::~TemporaryFile() {
  if (!name.empty()) {
    unlink(name.c_str());
  }
}

void TemporaryFile::write(const std::string &bytes) const {
  std::ofstream stream(name, std::ios::binary | std::ios::trunc);
  stream << bytes;
  stream.close();
  EXPECT_TRUE(stream.good());
}

std::string TemporaryFile::read() const {
  std::ifstream stream(name, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

std::string gemma::testing::compileImage(const std::string &source,
                                         const std::string &flags) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::string> images;
  std::lock_guard<std::mutex> lock(mutex);
  std::string &image = images[{source, flags}];
  if (image.empty()) {
    TemporaryFile input(source), output;
    std::string command =
        "cc -O1 -std=gnu11 -fPIC -shared -nostdlib -ffp-contract=off -x c " +
        input.path() + " -o " + output.path() + " " + flags;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    image = output.read();
  }
  return image;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

static const char kKernels[] = R"(
typedef long long i64;
enum { HIDDEN = 16, VOCAB = 40 };
/* tokens, embed, x; an item is a row */
void embed(void *const *p, const i64 *s, i64 begin, i64 end) {
  const int *tokens = p[0]; const float *w = p[1]; float *x = p[2];
  for (i64 r = begin; r < end; ++r)
    for (int j = 0; j < HIDDEN; ++j)
      x[r * HIDDEN + j] = w[tokens[r] * HIDDEN + j];
}
/* x, positions, slots, keys, values; an item is a row */
void cache_write(void *const *p, const i64 *s, i64 begin, i64 end) {
  const float *x = p[0]; const int *at = p[1], *slots = p[2];
  float *values = p[4];
  for (i64 r = begin; r < end; ++r)
    for (int j = 0; j < HIDDEN; ++j)
      values[(slots[r] * s[1] + at[r] % s[1]) * HIDDEN + j] =
          x[r * HIDDEN + j];
}
/* positions, slots, keys, values, y; an item is a row */
void attention(void *const *p, const i64 *s, i64 begin, i64 end) {
  const int *at = p[0], *slots = p[1]; const float *values = p[3];
  float *y = p[4];
  for (i64 r = begin; r < end; ++r)
    for (int j = 0; j < HIDDEN; ++j) {
      float sum = 0;
      i64 first = at[r] >= s[1] ? at[r] - s[1] + 1 : 0;
      for (i64 t = first; t <= at[r]; ++t)
        sum += values[(slots[r] * s[1] + t % s[1]) * HIDDEN + j];
      y[r * HIDDEN + j] = sum;
    }
}
/* out_rows, y, head, logits; an item is a panel of 16 columns */
void head(void *const *p, const i64 *s, i64 begin, i64 end) {
  const int *rows = p[0]; const float *y = p[1], *w = p[2];
  float *logits = p[3];
  for (i64 panel = begin; panel < end; ++panel)
    for (i64 r = 0; r < s[0]; ++r)
      for (int c = 0; c < 16 && panel * 16 + c < VOCAB; ++c) {
        float sum = 0;
        for (int k = 0; k < HIDDEN; ++k)
          sum += y[rows[r] * HIDDEN + k] * w[(panel * HIDDEN + k) * 16 + c];
        logits[r * VOCAB + panel * 16 + c] = sum;
      }
}
)";

static float embedAt(int64_t token, int64_t column) {
  return static_cast<float>((token * 7 + column * 3) % 11 - 5);
}
static float headAt(int64_t token, int64_t column) {
  return static_cast<float>((token * 5 + column) % 7 - 3);
}

std::vector<float>
gemma::testing::expectedLogits(const std::vector<int32_t> &tokens) {
  std::vector<float> logits(kVocab);
  for (int64_t v = 0; v < kVocab; ++v) {
    for (int64_t k = 0; k < kHidden; ++k) {
      float sum = 0;
      for (int32_t token : tokens) {
        sum += embedAt(token, k);
      }
      logits[v] += sum * headAt(v, k);
    }
  }
  return logits;
}

static std::unique_ptr<artifact::BindingT>
binding(artifact::BindingKind kind, uint64_t offset = 0, uint64_t rowBytes = 0,
        bool writes = false, uint32_t index = 0) {
  auto result = std::make_unique<artifact::BindingT>();
  result->kind = kind;
  result->offset = offset;
  result->row_bytes = rowBytes;
  result->writes = writes;
  result->index = index;
  return result;
}

static void
addDispatch(artifact::ManifestT &manifest, const char *kernel,
            artifact::RowCount rows, uint64_t tiles, uint64_t rowTile,
            std::vector<std::unique_ptr<artifact::BindingT>> bindings) {
  auto entry = std::make_unique<artifact::KernelT>();
  entry->symbol = kernel;
  entry->op = kernel;
  auto dispatch = std::make_unique<artifact::DispatchT>();
  dispatch->kernel = static_cast<uint32_t>(manifest.kernels.size());
  dispatch->rows = rows;
  dispatch->tiles = tiles;
  dispatch->row_tile = rowTile;
  dispatch->bindings = std::move(bindings);
  dispatch->fixed_bytes = 1000;
  dispatch->row_bytes = 10;
  dispatch->row_operations = 20;
  manifest.kernels.push_back(std::move(entry));
  manifest.forward.push_back(std::move(dispatch));
}

template <typename... Bindings>
static std::vector<std::unique_ptr<artifact::BindingT>>
list(Bindings... bindings) {
  std::vector<std::unique_ptr<artifact::BindingT>> result;
  (result.push_back(std::move(bindings)), ...);
  return result;
}

static void addProgram(artifact::ManifestT &manifest) {
  using namespace artifact;
  constexpr uint64_t kRow = kHidden * sizeof(float);
  constexpr uint64_t kX = 0, kY = kRow * kMaxRows;
  manifest.arena_bytes = 2 * kRow * kMaxRows;
  manifest.max_rows = kMaxRows;
  addDispatch(manifest, "embed", RowCount_Rows, 1, 1,
              list(binding(BindingKind_Tokens), binding(BindingKind_Weight),
                   binding(BindingKind_Scratch, kX, kRow, true)));
  addDispatch(manifest, "cache_write", RowCount_Rows, 1, 1,
              list(binding(BindingKind_Scratch, kX, kRow),
                   binding(BindingKind_Positions), binding(BindingKind_Slots),
                   binding(BindingKind_KvCache, 0, 0, true)));
  addDispatch(manifest, "attention", RowCount_Rows, 1, 1,
              list(binding(BindingKind_Positions), binding(BindingKind_Slots),
                   binding(BindingKind_KvCache),
                   binding(BindingKind_Scratch, kY, kRow, true)));
  manifest.forward.back()->key_bytes = 4;
  manifest.forward.back()->key_operations = 2;
  addDispatch(
      manifest, "head", RowCount_OutRows, (kVocab + 15) / 16, 0,
      list(binding(BindingKind_OutRows), binding(BindingKind_Scratch, kY, kRow),
           binding(BindingKind_Weight, 0, 0, false, 1),
           binding(BindingKind_Logits, 0, kVocab * sizeof(float), true)));
}

static void addWeight(artifact::ManifestT &manifest, const char *name,
                      uint32_t panel, uint64_t offset, uint64_t size) {
  auto weight = std::make_unique<artifact::WeightT>();
  weight->name = name;
  weight->encoding = std::make_unique<artifact::EncodingT>();
  weight->encoding->kind = "f32";
  weight->encoding->panel = panel;
  weight->shape = {kVocab, kHidden};
  weight->offset = offset;
  weight->size = size;
  manifest.weights.push_back(std::move(weight));
}

TestArtifact TestArtifact::make(uint32_t window) {
  TestArtifact result;
  artifact::ManifestT &manifest = result.manifest;
  manifest.compiler = "gemma-compile test";
  manifest.model = std::make_unique<artifact::ModelT>();
  artifact::ModelT &model = *manifest.model;
  model.family = "gemma";
  model.hidden = kHidden;
  model.layers = 1;
  model.heads = model.kv_heads = 1;
  model.head_dim = kHidden;
  model.ff = 1;
  model.vocab = kVocab;
  model.context = kContext;
  model.bos_token = 2;
  model.pad_token = 0;
  model.eos_tokens = {1, 3};
  model.add_bos = true;
  model.chat_format = "gemma";
  manifest.target = std::make_unique<artifact::TargetT>();
  manifest.target->device = "cpu";
#if defined(__x86_64__)
  manifest.target->triple = "x86_64-unknown-linux-gnu";
  manifest.target->features = {"sse2"};
#else
  manifest.target->triple = "aarch64-unknown-linux-gnu";
#endif
  manifest.target->cpu = "generic";
  addProgram(manifest);
  auto cache = std::make_unique<artifact::KvCacheT>();
  cache->name = "kv.0";
  cache->heads = 1;
  cache->head_dim = kHidden;
  cache->element_bytes = 4;
  cache->window = window;
  manifest.kv_caches.push_back(std::move(cache));
  auto property = std::make_unique<artifact::PropertyT>();
  property->key = "weights";
  property->value = "f32";
  manifest.properties.push_back(std::move(property));

  result.code = compileImage(kKernels);
  result.tokenizer = "not a tokenizer, but bytes";
  std::vector<float> embed, head;
  for (int64_t token = 0; token < kVocab; ++token) {
    for (int64_t column = 0; column < kHidden; ++column) {
      embed.push_back(embedAt(token, column));
    }
  }
  for (int64_t panel = 0; panel * 16 < kVocab; ++panel) {
    for (int64_t column = 0; column < kHidden; ++column) {
      for (int64_t row = panel * 16; row < panel * 16 + 16; ++row) {
        head.push_back(row < kVocab ? headAt(row, column) : 0);
      }
    }
  }
  auto append = [&](const std::vector<float> &values) {
    result.weights.append(reinterpret_cast<const char *>(values.data()),
                          values.size() * sizeof(float));
  };
  append(embed);
  append(head);
  addWeight(manifest, "embed_tokens", 0, 0, embed.size() * sizeof(float));
  addWeight(manifest, "lm_head", 16, embed.size() * sizeof(float),
            head.size() * sizeof(float));
  return result;
}

TestArtifact TestArtifact::makeStub() {
  TestArtifact result = make();
  artifact::ManifestT &manifest = result.manifest;
  manifest.stub = true;
  // The embedding comes from a seed, the head is data of the stub.
  manifest.weights[0]->fill = std::make_unique<artifact::RandomFillT>();
  manifest.weights[0]->fill->seed = 7;
  manifest.weights[0]->fill->bound = 0.5;
  result.stubData = result.weights.substr(manifest.weights[1]->offset);
  manifest.weights[1]->offset = 0;
  result.weights.clear();
  return result;
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static std::vector<uint8_t> hashOf(const std::string &bytes) {
  Digest digest = *sha256(bytes.data(), bytes.size());
  return {digest.begin(), digest.end()};
}

std::string TestArtifact::packed() const {
  flatbuffers::FlatBufferBuilder builder;
  artifact::FinishManifestBuffer(builder,
                                 artifact::Manifest::Pack(builder, &manifest));
  std::string bytes(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                    builder.GetSize());
  if (manifestSpace != 0) {
    EXPECT_LE(bytes.size(), manifestSpace);
    bytes.resize(manifestSpace);
  }
  return bytes;
}

void TestArtifact::layOut() {
  uint64_t end = 0;
  auto place = [&](std::unique_ptr<artifact::SegmentT> &segment,
                   const std::string &bytes, uint64_t alignment, bool hashed) {
    segment = std::make_unique<artifact::SegmentT>();
    if (bytes.empty()) {
      return;
    }
    segment->offset = alignUp(end, alignment);
    segment->size = bytes.size();
    if (hashed) {
      segment->sha256 = hashOf(bytes);
    }
    end = segment->offset + segment->size;
  };
  for (auto &weight : manifest.weights) {
    if (!manifest.stub) {
      weight->sha256 = hashOf(weights.substr(weight->offset, weight->size));
    }
  }
  // The first round finds the size of the manifest.
  for (int round = 0; round < 2; ++round) {
    end = kHeaderBytes + packed().size();
    place(manifest.code, code, kCodeAlignment, true);
    place(manifest.tokenizer, tokenizer, kTokenizerAlignment, true);
    place(manifest.weights_segment, weights, kWeightsAlignment, false);
    place(manifest.stub_data, stubData, kStubDataAlignment, true);
  }
}

std::string TestArtifact::bytes() const {
  std::string manifestBytes = packed();
  std::string file(kHeaderBytes, 0);
  file += manifestBytes;
  auto put = [&](const std::unique_ptr<artifact::SegmentT> &segment,
                 const std::string &bytes) {
    // An edited place decides nothing: the bytes stay where layOut put them.
    if (segment && !bytes.empty()) {
      file.resize(alignUp(file.size(), &bytes == &tokenizer
                                           ? kTokenizerAlignment
                                           : kCodeAlignment));
      file += bytes;
    }
  };
  put(manifest.code, code);
  put(manifest.tokenizer, tokenizer);
  put(manifest.weights_segment, weights);
  put(manifest.stub_data, stubData);

  FileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = kFormatVersion;
  header.headerBytes = kHeaderBytes;
  header.fileBytes = file.size();
  header.manifestOffset = kHeaderBytes;
  header.manifestBytes = manifestBytes.size();
  std::memcpy(file.data(), &header, sizeof header);
  fixManifestHash(file);
  return file;
}

std::string TestArtifact::bytesAfter(
    const std::function<void(artifact::ManifestT &)> &edit) {
  layOut();
  edit(manifest);
  return bytes();
}

void gemma::testing::fixManifestHash(std::string &file) {
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof header);
  uint64_t offset = header.manifestOffset, size = header.manifestBytes;
  if (offset > file.size() || size > file.size() - offset) {
    return;
  }
  Digest digest = *sha256(file.data() + offset, size);
  std::memcpy(header.manifestSha256, digest.data(), digest.size());
  std::memcpy(file.data(), &header, sizeof header);
}

void gemma::testing::expectRefused(std::initializer_list<BadManifest> cases) {
  for (const BadManifest &bad : cases) {
    SCOPED_TRACE(bad.name);
    TemporaryFile file(TestArtifact::make().bytesAfter(bad.edit));
    Result<Artifact> result = Artifact::open(file.path());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
    EXPECT_NE(result.error().message.find(bad.message), std::string::npos)
        << result.error().message;
    EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
  }
}
