#!/usr/bin/env python3
"""The dialect's interpreter, on the dump of every phase, against the reference.

This is what tells a wrong phase from a wrong kernel: the interpreter computes
in float64 what the dump says, so the first dump that disagrees names the phase.
"""

import unittest

import numpy as np

from checkpoint_specs import SPECS
from gemma_tools import (INTERPRETED, TOLERANCE, checkpoint, dumps,
                         expected_logits, interpreted_logits, random_tokens,
                         relative_error, require)

# Float64 throughout differs from the reference by the order of sums only; a
# float32 output file adds its own rounding.
EXACT = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-7}


def setUpModule():
    require("gemma-compile", "gemma-opt")


class InterpreterTest(unittest.TestCase):
    def check(self, name, weights, tokens, no_fuse="none"):
        path = checkpoint(SPECS[name])
        expected = expected_logits(path, tokens)
        files = dumps(path, weights=weights, no_fuse=no_fuse,
                      compile_to=INTERPRETED[-1])
        for phase in INTERPRETED:
            with self.subTest(checkpoint=name, phase=phase, tokens=len(tokens),
                              no_fuse=no_fuse):
                actual = interpreted_logits(files[phase], tokens)
                error = relative_error(actual, expected)
                print(f"{name:14}{weights:6}{phase:11}{error:.1e}")
                self.assertLessEqual(error, EXACT[actual.dtype] if weights == "f32"
                                     else TOLERANCE[weights])

    def test_f32_is_exact_at_every_phase(self):
        for name in SPECS:
            if name != "large":
                self.check(name, "f32", random_tokens(9, SPECS[name].vocab))

    def test_f32_is_exact_without_fusions(self):
        for name in ("mqa", "gqa", "own_head"):
            self.check(name, "f32", random_tokens(9, SPECS[name].vocab), "all")

    def test_one_token(self):
        self.check("odd", "f32", [5])

    def test_far_positions(self):
        self.check("odd", "f32", random_tokens(300, SPECS["odd"].vocab))

    def test_bf16_at_every_phase(self):
        for name in ("mqa", "gqa", "odd", "own_head", "mixed"):
            self.check(name, "bf16", random_tokens(9, SPECS[name].vocab))
            self.check(name, "bf16", random_tokens(9, SPECS[name].vocab), "all")


if __name__ == "__main__":
    unittest.main()
