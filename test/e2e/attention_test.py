#!/usr/bin/env python3
"""Attention where contexts cross the edges of its tiles and pieces.

Keys are taken in blocks of 64 and pieces of 512 at absolute positions; few
rows are computed piece by piece over all threads, many rows block by block.
None of it may change a bit, and all of it must be what the reference says.
"""

import os
import re
import unittest

import numpy as np

from checkpoint_specs import CheckpointSpec
from gemma_tools import (TOLERANCE, checkpoint, compile_artifact, dumps,
                         expected_logits, interpreted_logits, logits,
                         new_directory, random_tokens, relative_error,
                         require, run)
from ir_text import IrText

# One and several key heads, one and several query heads for each, head sizes
# that are whole vectors, two of them, and neither.
SPECS = {
    "mqa": CheckpointSpec(hidden=64, layers=2, heads=8, kv_heads=1,
                          head_dim=32, ff=32, vocab=64, seed=41),
    "gqa": CheckpointSpec(hidden=48, layers=2, heads=6, kv_heads=2,
                          head_dim=48, ff=32, vocab=64, seed=42),
    "mha": CheckpointSpec(hidden=48, layers=2, heads=3, kv_heads=3,
                          head_dim=20, ff=32, vocab=64, seed=43),
}
# Where a block of keys or a piece of them ends, and one more and less.
EDGES = (15, 16, 17, 63, 64, 65, 127, 129, 511, 512, 513)
# Of the range of the logits; the reference keeps keys and values exact.
KV_INT8_TOLERANCE = 3e-2


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-opt")


class AttentionTest(unittest.TestCase):
    def check_bits(self, actual, expected):
        rows = np.flatnonzero((actual.view(np.uint32)
                               != expected.view(np.uint32)).any(axis=1))
        self.assertEqual(rows.tolist(), [], "rows that differ")

    def check_reference(self, name, weights, count, tolerance=None, **options):
        path = checkpoint(SPECS[name])
        artifact = compile_artifact(path, weights=weights, **options)
        ids = random_tokens(count, SPECS[name].vocab)
        error = relative_error(logits(artifact, ids),
                               expected_logits(path, ids))
        print(f"{name:5}{weights:6}{count:5} tokens {error:.1e} "
              f"{options or ''}")
        self.assertLessEqual(error, tolerance or TOLERANCE[weights])

    def test_edges_of_tiles_and_pieces(self):
        for name in SPECS:
            for weights in ("f32", "bf16"):
                for count in EDGES:
                    with self.subTest(checkpoint=name, weights=weights,
                                      tokens=count):
                        self.check_reference(name, weights, count)

    def test_several_pieces(self):
        for name in SPECS:
            for weights in ("f32", "bf16"):
                with self.subTest(checkpoint=name, weights=weights):
                    self.check_reference(name, weights, 1500)

    def test_the_same_bits_however_rows_come(self):
        ways = (dict(threads=2), dict(chunk=1), dict(chunk=1, threads=2),
                dict(chunk=5, threads=2), dict(chunk=8),
                dict(chunk=9, threads=2), dict(chunk=100),
                dict(beside=7, threads=2), dict(beside=7, chunk=3))
        for name in SPECS:
            for weights, kv in (("f32", None), ("bf16", None),
                                ("bf16", "int8")):
                path = checkpoint(SPECS[name])
                artifact = compile_artifact(path, weights=weights, kv=kv)
                ids = random_tokens(1100, SPECS[name].vocab)
                expected = logits(artifact, ids, threads=1)
                for way in ways:
                    with self.subTest(checkpoint=name, weights=weights, kv=kv,
                                      way=way):
                        self.check_bits(logits(artifact, ids, **way), expected)

    def test_cache_of_another_element(self):
        for name in SPECS:
            for weights, kv, tolerance in (
                    ("f32", "bf16", TOLERANCE["bf16"]),
                    ("bf16", "f32", TOLERANCE["bf16"]),
                    ("f32", "int8", KV_INT8_TOLERANCE),
                    ("bf16", "int8", KV_INT8_TOLERANCE)):
                with self.subTest(checkpoint=name, weights=weights, kv=kv):
                    self.check_reference(name, weights, 600, tolerance, kv=kv)

    def test_windows(self):
        """Windows beyond a block and beyond a piece, in rings that wrap."""
        spec = SPECS["gqa"]
        path = checkpoint(spec)
        ids = random_tokens(1300, spec.vocab)
        with open(dumps(path, weights="f32", max_rows=16)["import"]) as file:
            imported = file.read()
        for window in (63, 64, 65, 600):
            with self.subTest(window=window):
                ir = IrText(imported)
                ir.set_all("gemma.attention", "window", str(window))
                ir.set_all("gemma.attention", "softcap", "2.5 : f64")
                ir.lines = [re.sub("window = 0>", f"window = {window}>", line)
                            for line in ir.lines]
                directory = new_directory("window")
                dump, artifact = (os.path.join(directory, name) for name
                                  in ("model.1.import.mlir", "model.gemma"))
                with open(dump, "w") as file:
                    file.write(str(ir))
                run("gemma-compile", "--compile-from=import", dump, "-o",
                    artifact)
                actual = logits(artifact, ids)
                self.check_bits(logits(artifact, ids, chunk=1, threads=2),
                                actual)
                error = relative_error(actual, interpreted_logits(dump, ids))
                print(f"window {window:4} {error:.1e}")
                self.assertLessEqual(error, TOLERANCE["f32"])


if __name__ == "__main__":
    unittest.main()
