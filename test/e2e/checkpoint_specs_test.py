#!/usr/bin/env python3
"""The test checkpoints can tell right from wrong.  Needs no built tool.

A correct f32 (bf16) implementation must pass the tolerances with room to
spare on each checkpoint, or a failure of the numeric tests would say nothing.
"""

import unittest

import numpy as np

from checkpoint_specs import SPECS
from gemma_tools import (TOLERANCE, checkpoint, expected_logits, random_tokens,
                         relative_error)
from gemma_reference import GemmaReference
from safetensors_io import round_to_bf16


class RoundingReference(GemmaReference):
    """What bf16 mode rounds: weights, inputs of matmuls, the KV cache."""

    def linear(self, x, name):
        return round_to_bf16(x) @ round_to_bf16(self.weight(name)).T

    def new_cache(self):
        cache = super().new_cache()
        append = cache.append
        cache.append = lambda layer, keys, values: append(
            layer, round_to_bf16(keys), round_to_bf16(values))
        return cache


class CheckpointSpecsTest(unittest.TestCase):
    def test_rounding_stays_below_half_the_tolerance(self):
        for name, spec in SPECS.items():
            path = checkpoint(spec)
            tokens = random_tokens(200, spec.vocab)
            expected = expected_logits(path, tokens)
            single = GemmaReference.load(path, np.float32).forward(tokens)
            rounded = RoundingReference.load(path).forward(tokens)
            for mode, actual in (("f32", single), ("bf16", rounded)):
                with self.subTest(checkpoint=name, mode=mode):
                    error = relative_error(actual, expected)
                    print(f"{name:14}{mode:6}{error:.1e}")
                    self.assertLess(error, 0.5 * TOLERANCE[mode])


if __name__ == "__main__":
    unittest.main()
