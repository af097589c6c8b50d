#!/usr/bin/env python3
"""Reader, writer and generator of checkpoints."""

import json
import os
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from random_checkpoint import CheckpointSpec, write_checkpoint  # noqa: E402
from safetensors_io import (Checkpoint, SafetensorsFile, bf16_bits,  # noqa: E402
                            bf16_to_float32, encode, write_file)


class Bf16Test(unittest.TestCase):
    def test_rounds_to_the_nearest_and_ties_to_even(self):
        lower = np.arange(0x0080, 0x7F7F, dtype=np.uint16)
        low, high = bf16_to_float32(lower), bf16_to_float32(lower + np.uint16(1))
        middle = ((low.astype(np.float64) + high) / 2).astype(np.float32)
        even = np.where(lower % 2, lower + 1, lower)
        for sign in (1, -1):
            flip = 0x8000 if sign < 0 else 0
            for values, bits in ((low, lower), (middle, even),
                                 (np.nextafter(middle, low), lower),
                                 (np.nextafter(middle, high), lower + 1)):
                np.testing.assert_array_equal(bf16_bits(sign * values), bits + flip)

    def test_scalar(self):
        self.assertEqual(float(bf16_to_float32(bf16_bits(3072 ** 0.5))), 55.5)


class FileTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def test_round_trip_of_every_type(self):
        values = np.random.default_rng(2).standard_normal((5, 3))
        path = os.path.join(self.directory, "a.safetensors")
        stored = {t: encode(values, t) for t in ("F64", "F32", "F16", "BF16")}
        # Two blocks per tensor: writers of large tensors give many.
        write_file(path, [(t, t, (5, 3), [s[:2], s[2:]]) for t, s in stored.items()])
        file = SafetensorsFile(path)
        self.assertEqual(file.names(), list(stored))
        for name, array in stored.items():
            np.testing.assert_array_equal(file.stored(name), array)
        with open(path, "rb") as raw:
            size = int.from_bytes(raw.read(8), "little")
            self.assertEqual(size % 8, 0)
            self.assertEqual(os.path.getsize(path), 8 + size + 15 * (8 + 4 + 2 + 2))
            self.assertEqual(json.loads(raw.read(size))["F16"]["shape"], [5, 3])

    def test_writer_refuses_a_wrong_size(self):
        path = os.path.join(self.directory, "a.safetensors")
        with self.assertRaises(ValueError):
            write_file(path, [("a", "F32", (3,), [np.zeros(2, np.float32)])])

    def test_shards_change_no_value(self):
        spec = CheckpointSpec(dtype="mixed", own_head=True)
        whole = Checkpoint(write_checkpoint(self.directory + "/1", spec))
        spec.shards = 4
        parts = Checkpoint(write_checkpoint(self.directory + "/4", spec))
        self.assertEqual(sorted(whole.names()), sorted(parts.names()))
        self.assertEqual(len([f for f in os.listdir(self.directory + "/4")
                              if f.endswith(".safetensors")]), 4)
        for name in whole.names():
            np.testing.assert_array_equal(whole.stored(name), parts.stored(name))
        self.assertEqual({whole.dtype(n) for n in whole.names()},
                         {"F32", "F16", "BF16"})

    def test_large_tensors_repeat_no_row(self):
        spec = CheckpointSpec(hidden=2048, vocab=4200, layers=1, ff=16,
                              dtype="bf16")
        checkpoint = Checkpoint(write_checkpoint(self.directory + "/big", spec))
        embedding = checkpoint.stored("model.embed_tokens.weight")
        self.assertEqual(embedding.shape, (4200, 2048))
        self.assertEqual(len(np.unique(embedding, axis=0)), 4200)


if __name__ == "__main__":
    unittest.main()
