//===- VerifyProgramTest.cpp - Rules for kernels and dispatches -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"

#include <gtest/gtest.h>

using namespace gemma::testing;
using gemma::artifact::BindingKind;
using gemma::artifact::ManifestT;
using gemma::artifact::RowCount;

// Dispatches: 0 embed (tokens, embed, x), 1 cache_write (x, positions, slots,
// KV), 2 attention (positions, slots, KV, y), 3 head (out_rows, y, head,
// logits). The arena is x [8][64 bytes], y [8][64 bytes].

TEST(VerifyProgramTest, RefusesBadKernels) {
  expectRefused(
      {{"none", [](ManifestT &m) { m.kernels.clear(); },
        "number of kernels: expected 1 to 16384, found 0"},
       {"empty symbol", [](ManifestT &m) { m.kernels[0]->symbol.clear(); },
        "name of a kernel"},
       {"bad symbol", [](ManifestT &m) { m.kernels[0]->symbol = "a b"; },
        "name of a kernel: expected letters, digits, _ . $, found \"a b\""},
       {"bad op", [](ManifestT &m) { m.kernels[0]->op = "\n"; },
        "name of a kernel"}});
}

TEST(VerifyProgramTest, RefusesBadCaches) {
  expectRefused(
      {{"heads", [](ManifestT &m) { m.kv_caches[0]->heads = 0; },
        "heads of KV cache 0"},
       {"head_dim", [](ManifestT &m) { m.kv_caches[0]->head_dim = 1 << 31; },
        "head size of KV cache 0"},
       {"element", [](ManifestT &m) { m.kv_caches[0]->element_bytes = 3; },
        "element of KV cache 0: expected 1, 2 or 4 bytes, found 3"},
       {"window", [](ManifestT &m) { m.kv_caches[0]->window = 0xffffffff; },
        "window of KV cache 0"},
       {"name", [](ManifestT &m) { m.kv_caches[0]->name.assign(5000, 'x'); },
        "name of KV cache 0"}});
}

TEST(VerifyProgramTest, RefusesBadDispatches) {
  expectRefused(
      {{"none", [](ManifestT &m) { m.forward.clear(); },
        "number of dispatches"},
       {"kernel", [](ManifestT &m) { m.forward[1]->kernel = 4; },
        "kernel of dispatch 1: expected one of the 4 kernels, found 4"},
       {"no bindings", [](ManifestT &m) { m.forward[1]->bindings.clear(); },
        "number of bindings of dispatch 1"},
       {"row count", [](ManifestT &m) { m.forward[0]->rows = RowCount(2); },
        "row count of dispatch 0: expected 0 or 1, found 2"},
       {"no tiles", [](ManifestT &m) { m.forward[3]->tiles = 0; },
        "tiles of dispatch 3"},
       {"tiles", [](ManifestT &m) { m.forward[3]->tiles = ~uint64_t(0); },
        "tiles of dispatch 3"},
       {"tiles by rows overflow",
        [](ManifestT &m) { m.forward[0]->tiles = uint64_t(1) << 62; },
        "tiles of dispatch 0"},
       {"row_tile", [](ManifestT &m) { m.forward[0]->row_tile = ~uint64_t(0); },
        "row_tile of dispatch 0"},
       {"arena", [](ManifestT &m) { m.arena_bytes = ~uint64_t(0); },
        "arena_bytes"}});
}

TEST(VerifyProgramTest, RefusesRangesOutsideOfTheirBuffers) {
  expectRefused(
      {{"not aligned",
        [](ManifestT &m) { m.forward[0]->bindings[2]->offset = 4; },
        "offset of dispatch 0 binding 2: expected a multiple of 64, found 4"},
       {"past the arena",
        [](ManifestT &m) { m.forward[2]->bindings[3]->offset = 576; },
        "range of dispatch 2 binding 3: expected one in the 1024 bytes of the "
        "arena, found 512 bytes at offset 576"},
       {"offset + size overflows",
        [](ManifestT &m) { m.forward[2]->bindings[3]->offset = ~63ull; },
        "the arena"},
       {"rows too long",
        [](ManifestT &m) { m.forward[2]->bindings[3]->row_bytes = 128; },
        "the arena"},
       {"huge rows",
        [](ManifestT &m) {
          m.forward[2]->bindings[3]->row_bytes = uint64_t(1) << 61;
        },
        "row of dispatch 2 binding 3"},
       {"empty rows",
        [](ManifestT &m) { m.forward[2]->bindings[3]->row_bytes = 0; },
        "row of dispatch 2 binding 3"},
       {"small arena", [](ManifestT &m) { m.arena_bytes = 1023; }, "the arena"},
       {"more rows than the arena holds", [](ManifestT &m) { m.max_rows = 9; },
        "the arena"},
       {"weight", [](ManifestT &m) { m.forward[0]->bindings[1]->index = 2; },
        "weight of dispatch 0 binding 1: expected one of the 2 weights, found "
        "2"},
       {"in the weight",
        [](ManifestT &m) { m.forward[0]->bindings[1]->offset = 1 << 20; },
        "the weight"},
       {"cache", [](ManifestT &m) { m.forward[1]->bindings[3]->index = 1; },
        "KV cache of dispatch 1 binding 3"},
       {"offset in a cache",
        [](ManifestT &m) { m.forward[1]->bindings[3]->offset = 64; },
        "KV cache of dispatch 1 binding 3"},
       {"offset in the tokens",
        [](ManifestT &m) { m.forward[0]->bindings[0]->offset = 64; },
        "offset of dispatch 0 binding 0: expected 0, found 64"},
       {"offset in the logits",
        [](ManifestT &m) { m.forward[3]->bindings[3]->offset = 64; },
        "range of dispatch 3 binding 3"},
       {"logits of another vocabulary",
        [](ManifestT &m) { m.forward[3]->bindings[3]->row_bytes = 256; },
        "range of dispatch 3 binding 3: expected rows of 160 bytes"},
       {"kind",
        [](ManifestT &m) { m.forward[0]->bindings[0]->kind = BindingKind(8); },
        "kind of dispatch 0 binding 0: expected 0 to 7, found 8"}});
}

TEST(VerifyProgramTest, RefusesBadWrites) {
  expectRefused(
      {{"weight",
        [](ManifestT &m) { m.forward[0]->bindings[1]->writes = true; },
        "dispatch 0 binding 1: expected no write to an input or a weight"},
       {"tokens",
        [](ManifestT &m) { m.forward[0]->bindings[0]->writes = true; },
        "dispatch 0 binding 0: expected no write"},
       {"logits by rows",
        [](ManifestT &m) {
          m.forward[3]->rows = gemma::artifact::RowCount_Rows;
        },
        "dispatch 3 binding 0: expected a dispatch over out_rows"},
       {"no logits",
        [](ManifestT &m) { m.forward[3]->bindings[3]->writes = false; },
        "program: expected a dispatch that writes the logits"},
       {"two caches",
        [](ManifestT &m) {
          *m.forward[1]->bindings[1] = *m.forward[1]->bindings[3];
        },
        "dispatch 1: expected at most one KV cache, found 2"},
       {"overlap in a dispatch",
        [](ManifestT &m) {
          *m.forward[0]->bindings[0] = *m.forward[0]->bindings[2];
          m.forward[0]->bindings[0]->offset = 64;
          m.forward[0]->bindings[0]->writes = false;
        },
        "dispatch 0: expected written ranges of the arena apart"}});
}
