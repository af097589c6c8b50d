#!/usr/bin/env python3
"""The same checkpoint compiled for every CPU level that this machine can run.

Levels differ in vector width and in whether products are fused, so bits may
differ between artifacts; in f32 all must be within the tolerance of the
reference and of each other, and give the same greedy tokens. 64-bit Arm is
compared with this machine in test/cross.
"""

import unittest

from checkpoint_specs import SPECS
from gemma_tools import (TOLERANCE, ToolFailure, checkpoint, comma,
                         compile_artifact, expected_logits, logits,
                         random_tokens, relative_error, require, run)

LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "znver4")
MISSING = "missing:"


class CpuLevelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval", "gemma-run")

    def check(self, name, weights):
        path = checkpoint(SPECS[name])
        ids = random_tokens(30, SPECS[name].vocab, seed=3)
        expected = expected_logits(path, ids)
        greedy, found = {}, {}
        for level in LEVELS:
            with self.subTest(checkpoint=name, level=level, weights=weights):
                artifact = compile_artifact(path, weights=weights, cpu=level)
                try:
                    actual = logits(artifact, ids)
                except ToolFailure as failure:
                    # Only a level that this machine lacks may be left out.
                    self.assertNotIn(level, ("x86-64", "x86-64-v2"))
                    self.assertIn(MISSING, str(failure))
                    print(f"{name:10}{weights:6}{level:12}not on this machine")
                    continue
                error = relative_error(actual, expected)
                print(f"{name:10}{weights:6}{level:12}{error:.1e}")
                self.assertLessEqual(error, TOLERANCE[weights])
                if weights == "f32":
                    for other in found.values():
                        self.assertLessEqual(relative_error(actual, other),
                                             TOLERANCE[weights])
                found[level] = actual
                greedy[level] = run(
                    "gemma-run", artifact, f"--tokens={comma(ids)}", "-n", "40",
                    "--print-tokens").stdout
        if weights == "f32":
            self.assertEqual(len(set(greedy.values())), 1, greedy)

    def test_f32(self):
        for name in ("mqa", "odd"):
            self.check(name, "f32")

    def test_bf16(self):
        for name in ("mqa", "odd"):
            self.check(name, "bf16")


if __name__ == "__main__":
    unittest.main()
