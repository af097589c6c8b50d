#!/usr/bin/env python3
"""The same checkpoint compiled for every CPU level that this machine can run.

Levels differ in vector width and in whether products are fused, so bits may
differ between artifacts; in f32 all must be within the tolerance of the
reference and of each other, and give the same greedy tokens. 64-bit Arm is
compared with this machine in test/cross.
"""

import os
import unittest

from checkpoint_specs import GGUF_SPECS, SPECS
from gemma_tools import (TOLERANCE, GemmaReference, ToolFailure, checkpoint,
                         comma, compile_artifact, expected_logits, logits,
                         new_directory, random_tokens, relative_error, require,
                         run)
from gguf_io import write_file
from gguf_model import from_checkpoint, reference_of
from quantization import WeightEncodings

LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "znver4")
MISSING = "missing:"
QUANTISED = ("q8_0", "q4_0")
# Against the reference on the encoded weights: int8 activations.
QUANTISED_TOLERANCE = 3e-2


class CpuLevelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval", "gemma-run")

    def check(self, name, weights, tolerance, **options):
        path = checkpoint(SPECS[name])
        ids = random_tokens(30, SPECS[name].vocab, seed=3)
        expected = (GemmaReference.load(
            path, encodings=WeightEncodings(weights, weights)).forward(ids)
            if weights in QUANTISED else expected_logits(path, ids))
        self.compare(name, path, ids, expected, weights, tolerance,
                     {"weights": weights, **options})

    def compare(self, name, path, ids, expected, weights, tolerance, options):
        """`path` compiled with `options` for each level, against `expected`;
        `weights` is the type of its weights."""
        greedy, found = {}, {}
        for level in LEVELS:
            with self.subTest(checkpoint=name, level=level, weights=weights):
                artifact = compile_artifact(path, cpu=level, **options)
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
                self.assertLessEqual(error, tolerance)
                if weights.lower() == "f32":
                    for other in found.values():
                        self.assertLessEqual(relative_error(actual, other),
                                             tolerance)
                found[level] = actual
                greedy[level] = run(
                    "gemma-run", artifact, f"--tokens={comma(ids)}", "-n", "40",
                    "--print-tokens").stdout
        if weights.lower() == "f32":
            self.assertEqual(len(set(greedy.values())), 1, greedy)

    def test_floats(self):
        for weights in ("f32", "bf16"):
            for name in ("mqa", "odd"):
                self.check(name, weights, TOLERANCE[weights])
        for name in ("gemma2_caps", "gemma3"):
            self.check(name, "f32", TOLERANCE["f32"])

    def test_quantised(self):
        self.check("mqa", "q8_0", QUANTISED_TOLERANCE, head_weights="q8_0")
        self.check("gemma3", "q8_0", QUANTISED_TOLERANCE, head_weights="q8_0")
        self.check("odd", "q4_0", QUANTISED_TOLERANCE, head_weights="q4_0",
                   q4_0_rule="ggml")

    def test_gguf(self):
        """Files of each family, against the reference on their values. Rings
        hold all 30 tokens: that they wrap is another test's."""
        for name, quantised in (("gemma", "Q4_0"), ("gemma2", "Q8_0"),
                                ("gemma3", "Q4_0")):
            spec = GGUF_SPECS[name]
            ids = random_tokens(30, spec.vocab, seed=3)
            for kind in ("F32", quantised):
                path = write_file(os.path.join(new_directory("gguf"), "m.gguf"),
                                  *from_checkpoint(checkpoint(spec), kind))
                tolerance = TOLERANCE["f32"] if kind == "F32" else (
                    QUANTISED_TOLERANCE)
                self.compare(name, path, ids, reference_of(path).forward(ids),
                             kind, tolerance, {})


if __name__ == "__main__":
    unittest.main()
