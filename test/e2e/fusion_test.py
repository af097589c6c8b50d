#!/usr/bin/env python3
"""Fusions on and off: what they leave, and that no number changes.

What a fusion takes is counted in the output of phase pack, where every op over
rows is a step of the program (attention over long contexts may become two).
The dialect's interpreter computes each program in float64.
"""

import collections
import re
import unittest

import numpy as np

from checkpoint_specs import SPECS
from gemma_tools import (INTERPRETED, TOLERANCE, GemmaReference, checkpoint,
                         compile_artifact, dumps, expected_logits,
                         interpreted_logits, logits, random_tokens,
                         relative_error, require, run)
from quantization import WeightEncodings

# Of q8_0 and q4_0 against the reference on the encoded weights.
QUANTISED_TOLERANCE = 3e-2

FUSIONS = ("norm-linear", "norm-geglu", "rope-attention", "linear-residual",
           "lm-head")
# Of one layer, and of what comes before and after the layers. pack_rows stands
# where no producer packs: behind embed, and where the residual add is an op of
# its own. head_dim is a multiple of 32 in "mqa".
FUSED = ("norm_qkv rope_attention linear_residual norm_geglu linear_residual",
         "embed pack_rows lm_head")
INPUT = ("rms_norm linear linear linear rope rope cache_write attention linear "
         "addf rms_norm linear linear geglu linear addf",
         "embed select_rows rms_norm linear")
LEFT = {
    "none": FUSED,
    "all": INPUT,
    "norm-linear": ("rms_norm linear linear linear rope cache_write "
                    "rope_attention linear_residual norm_geglu linear_residual",
                    "embed lm_head"),
    "norm-geglu": ("norm_qkv rope_attention linear_residual norm_linear geglu "
                   "linear_residual", "embed pack_rows lm_head"),
    "rope-attention": ("norm_linear rope rope cache_write attention "
                       "linear_residual norm_geglu linear_residual",
                       "embed pack_rows lm_head"),
    "linear-residual": ("pack_rows norm_qkv rope_attention linear addf "
                        "pack_rows norm_geglu linear addf",
                        "embed pack_rows lm_head"),
    "lm-head": ("norm_qkv rope_attention linear_residual norm_geglu "
                "linear_residual",
                "embed pack_rows select_rows pack_rows norm_linear"),
}


def setUpModule():
    require("gemma-compile", "gemma-opt")


def compiled(name, weights, no_fuse):
    return dumps(checkpoint(SPECS[name]), weights=weights, no_fuse=no_fuse,
                 compile_to=INTERPRETED[-1])


def steps(dump):
    """How many ops of each kind compute rows."""
    with open(dump, encoding="utf-8") as text:
        found = re.findall(r"^    (?:%\S+ = )?(?:gemma|arith)\.(\w+)",
                           text.read(), re.MULTILINE)
    return collections.Counter(kind for kind in found
                               if kind not in ("weight_ref", "kv_cache_ref"))


class FusionTest(unittest.TestCase):
    def test_what_each_switch_leaves(self):
        layers = SPECS["mqa"].layers
        for weights in ("f32", "bf16"):
            for no_fuse, (layer, rest) in LEFT.items():
                with self.subTest(weights=weights, no_fuse=no_fuse):
                    expected = collections.Counter(layer.split() * layers
                                                   + rest.split())
                    found = steps(compiled("mqa", weights, no_fuse)["pack"])
                    self.assertEqual(found, expected)

    def test_five_steps_per_layer(self):
        layers = SPECS["mqa"].layers
        found = steps(compiled("mqa", "bf16", "none")["pack"])
        self.assertEqual(sum(found.values()), 5 * layers + 3)

    def test_no_switch_changes_a_number(self):
        for name in ("mqa", "gqa", "own_head"):
            tokens = random_tokens(9, SPECS[name].vocab)
            expected = expected_logits(checkpoint(SPECS[name]), tokens)
            for no_fuse in LEFT:
                files = compiled(name, "f32", no_fuse)
                for phase in ("fuse", "pack", "dispatch"):
                    with self.subTest(name=name, no_fuse=no_fuse, phase=phase):
                        actual = interpreted_logits(files[phase], tokens,
                                                    dtype="f64")
                        self.assertEqual(actual.dtype, np.float64)
                        self.assertLessEqual(relative_error(actual, expected),
                                             1e-10)

    def test_no_switch_changes_a_quantised_number(self):
        """A norm's factor changes the scales of a row, not its integers, whether
        it comes before the rounding or after; only the scales' own rounding to
        float32 differs."""
        tokens = random_tokens(9, SPECS["mqa"].vocab)
        for weights in ("q8_0", "q4_0"):
            fused = interpreted_logits(
                compiled("mqa", weights, "none")["dispatch"], tokens, dtype="f64")
            for no_fuse in FUSIONS + ("all",):
                with self.subTest(weights=weights, no_fuse=no_fuse):
                    other = interpreted_logits(
                        compiled("mqa", weights, no_fuse)["dispatch"], tokens,
                        dtype="f64")
                    self.assertLessEqual(relative_error(other, fused), 1e-6)

    def test_no_switch_changes_what_the_kernels_compute(self):
        """Compiled, not interpreted: every fusion alone off, all, none."""
        path = checkpoint(SPECS["mqa"])
        tokens = random_tokens(60, SPECS["mqa"].vocab)
        for weights in ("f32", "bf16", "q8_0", "q4_0"):
            quantised = weights in ("q8_0", "q4_0")
            expected = (GemmaReference.load(
                path, encodings=WeightEncodings(weights, weights)
            ).forward(tokens) if quantised else expected_logits(path, tokens))
            options = dict(head_weights=weights) if quantised else {}
            if weights == "q4_0":
                options["q4_0_rule"] = "ggml"
            for no_fuse in LEFT:
                with self.subTest(weights=weights, no_fuse=no_fuse):
                    actual = logits(compile_artifact(
                        path, weights=weights, no_fuse=no_fuse, **options),
                        tokens)
                    error = relative_error(actual, expected)
                    print(f"{weights:6}{no_fuse:18}{error:.1e}")
                    self.assertLessEqual(
                        error, TOLERANCE.get(weights, QUANTISED_TOLERANCE))

    def test_several_switches(self):
        files = compiled("mqa", "f32", "lm-head,norm-geglu")
        found = steps(files["pack"])
        self.assertEqual((found["norm_geglu"], found["lm_head"]), (0, 0))
        self.assertGreater(found["norm_qkv"], 0)

    def test_decomposed_is_the_program_again(self):
        """decompose(fuse(x)) = x, for each fusion alone."""
        tokens = random_tokens(5, SPECS["mqa"].vocab)
        for word in FUSIONS:
            others = ",".join(other for other in FUSIONS if other != word)
            files = compiled("mqa", "f32", others)
            before = interpreted_logits(files["import"], tokens, dtype="f64")
            with self.subTest(fusion=word):
                self.assertNotEqual(steps(files["fuse"]),
                                    steps(files["import"]))
                back = files["fuse"] + ".back"
                run("gemma-opt", files["fuse"], "--gemma-decompose-fused", "-o",
                    back)
                self.assertEqual(steps(back), steps(files["import"]))
                after = interpreted_logits(back, tokens, dtype="f64")
                np.testing.assert_array_equal(before, after)


if __name__ == "__main__":
    unittest.main()
