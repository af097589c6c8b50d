#!/usr/bin/env python3
"""The same tokens give the same logits, bit for bit, however the work is cut.

Threads, rows per forward, and other sequences in the same forwards change
speed, never a bit.
"""

import unittest

import numpy as np

from bundled_models import MODELS
from checkpoint_specs import SPECS
from gemma_tools import (checkpoint, compile_artifact, logits, random_tokens,
                         require)

WAYS = {
    "2 threads": dict(threads=2),
    "3 threads": dict(threads=3),
    "chunks of 7": dict(chunk=7),
    "chunks of 64, 2 threads": dict(chunk=64, threads=2),
    "token by token": dict(chunk=1),
    "token by token, 2 threads": dict(chunk=1, threads=2),
    "beside 7 others": dict(beside=7),
    "beside 7 others, token by token, 2 threads": dict(beside=7, chunk=1, threads=2),
    "beside 3 others, chunks of 5": dict(beside=3, chunk=5),
}

# For artifacts of 16 rows: their rings hold 64 positions, and wrap.
SHORT_WAYS = {
    "2 threads": dict(threads=2),
    "chunks of 7, 3 threads": dict(chunk=7, threads=3),
    "token by token": dict(chunk=1),
    "token by token, 2 threads": dict(chunk=1, threads=2),
    "beside 7 others, 2 threads": dict(beside=7, threads=2),
    "beside 3 others, chunks of 5": dict(beside=3, chunk=5),
}


def setUpModule():
    require("gemma-compile", "gemma-eval")


class DeterminismTest(unittest.TestCase):
    def check(self, name, weights, count, ways=WAYS, **options):
        self.compare(name, checkpoint(SPECS[name]), weights,
                     random_tokens(count, SPECS[name].vocab), ways, **options)

    def compare(self, name, path, weights, tokens, ways, **options):
        artifact = compile_artifact(path, weights=weights, **options)
        expected = logits(artifact, tokens, threads=1)
        for way, options in ways.items():
            with self.subTest(checkpoint=name, weights=weights, way=way):
                actual = logits(artifact, tokens, **options)
                rows = np.flatnonzero((actual.view(np.uint32)
                                       != expected.view(np.uint32)).any(axis=1))
                self.assertEqual(rows.tolist(), [], "rows that differ")

    def test_f32(self):
        self.check("odd", "f32", 100)
        self.check("large", "f32", 150)

    def test_bf16(self):
        self.check("not_of_16", "bf16", 100)
        self.check("large", "bf16", 150)
        self.check("wide_head", "bf16", 100)

    def test_quantised(self):
        """K longer than a chunk in "large"; rows few and many, by the chunk."""
        for weights in ("q8_0", "q4_0", "f16"):
            self.check("odd", weights, 60)
            self.check("large", weights, 150)

    def test_more_rows_than_a_tile(self):
        """A matmul's sums are kept for 512 rows at a time."""
        ways = {"chunks of 64, 2 threads": dict(chunk=64, threads=2)}
        for weights in ("bf16", "q4_0"):
            self.check("mqa", weights, 700, ways, max_rows=1024)

    def test_twice_the_same(self):
        self.check("gqa", "bf16", 50, {"again": dict(threads=1)})

    def test_longer_than_one_forward(self):
        ways = {k: WAYS[k] for k in ("2 threads", "chunks of 7", "beside 7 others")}
        self.check("mqa", "bf16", 700, ways)
        self.check("mha", "f32", 700, ways)

    def test_rows_do_not_depend_on_later_tokens(self):
        spec = SPECS["gqa"]
        artifact = compile_artifact(checkpoint(spec), weights="bf16")
        tokens = random_tokens(90, spec.vocab)
        whole = logits(artifact, tokens)
        for count in (1, 2, 33, 64, 89):
            with self.subTest(tokens=count):
                part = logits(artifact, tokens[:count])
                np.testing.assert_array_equal(part.view(np.uint32),
                                              whole[:count].view(np.uint32))

    def test_rings_that_wrap(self):
        """Local layers of 16 rows and a window keep 64 positions of 200."""
        for name in ("gemma2", "gemma3", "gemma3_plain"):
            for weights, kv in (("f32", None), ("bf16", "int8")):
                self.check(name, weights, 200, SHORT_WAYS, max_rows=16, kv=kv)

    def test_bundled_models(self):
        for model in MODELS:
            self.compare(model.name, model.path, "bf16",
                         random_tokens(200, 2000), SHORT_WAYS, max_rows=16)


if __name__ == "__main__":
    unittest.main()
