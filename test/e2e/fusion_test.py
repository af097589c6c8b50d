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
           "norm-residual", "lm-head")
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
    "norm-residual": FUSED,
    "lm-head": ("norm_qkv rope_attention linear_residual norm_geglu "
                "linear_residual",
                "embed pack_rows select_rows pack_rows norm_linear"),
}

# Gemma 3: norms of q and k, and a norm before each addition. A matmul with a
# norm behind it cannot add to the stream.
NORMED = ("norm_qkv rope_attention linear norm_residual norm_geglu linear "
          "norm_residual", "embed pack_rows lm_head")
LEFT_OF_GEMMA3 = {
    "none": NORMED,
    "all": ("rms_norm linear linear linear rms_norm rms_norm rope rope "
            "cache_write attention linear rms_norm addf rms_norm linear linear "
            "geglu linear rms_norm addf", "embed select_rows rms_norm linear"),
    "norm-linear": ("rms_norm linear linear linear rms_norm rope cache_write "
                    "rope_attention linear norm_residual norm_geglu linear "
                    "norm_residual", "embed lm_head"),
    "norm-geglu": ("norm_qkv rope_attention linear norm_residual norm_linear "
                   "geglu linear norm_residual", "embed pack_rows lm_head"),
    "rope-attention": ("norm_linear rms_norm rms_norm rope rope cache_write "
                       "attention linear norm_residual norm_geglu linear "
                       "norm_residual", "embed pack_rows lm_head"),
    "linear-residual": NORMED,
    "norm-residual": ("pack_rows norm_qkv rope_attention linear rms_norm addf "
                      "pack_rows norm_geglu linear rms_norm addf",
                      "embed pack_rows lm_head"),
    "lm-head": (NORMED[0], "embed pack_rows select_rows pack_rows norm_linear"),
}
MODELS = {"mqa": LEFT, "gemma3": LEFT_OF_GEMMA3}


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
        for name, left in MODELS.items():
            for weights in ("f32", "bf16"):
                for no_fuse, (layer, rest) in left.items():
                    with self.subTest(name=name, weights=weights,
                                      no_fuse=no_fuse):
                        expected = collections.Counter(
                            layer.split() * SPECS[name].layers + rest.split())
                        found = steps(compiled(name, weights, no_fuse)["pack"])
                        self.assertEqual(found, expected)

    def test_steps_per_layer(self):
        for name, count in (("mqa", 5), ("gemma2", 7), ("gemma3", 7)):
            found = steps(compiled(name, "bf16", "none")["pack"])
            with self.subTest(name=name):
                self.assertEqual(sum(found.values()),
                                 count * SPECS[name].layers + 3)

    def test_no_switch_changes_a_number(self):
        for name in ("mqa", "gqa", "own_head", "gemma2", "gemma3"):
            # Beyond a window of 16.
            tokens = random_tokens(18 if "gemma" in name else 9,
                                   SPECS[name].vocab)
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
        self.check_kernels("mqa", ("f32", "bf16", "q8_0", "q4_0"), LEFT)
        self.check_kernels("gemma3", ("f32", "q8_0"), (
            "none", "all", "norm-linear", "rope-attention", "norm-residual"))

    def check_kernels(self, name, kinds, switches):
        path = checkpoint(SPECS[name])
        tokens = random_tokens(60, SPECS[name].vocab)
        for weights in kinds:
            quantised = weights in ("q8_0", "q4_0")
            expected = (GemmaReference.load(
                path, encodings=WeightEncodings(weights, weights)
            ).forward(tokens) if quantised else expected_logits(path, tokens))
            options = dict(head_weights=weights) if quantised else {}
            if weights == "q4_0":
                options["q4_0_rule"] = "ggml"
            for no_fuse in switches:
                with self.subTest(name=name, weights=weights, no_fuse=no_fuse):
                    actual = logits(compile_artifact(
                        path, weights=weights, no_fuse=no_fuse, **options),
                        tokens)
                    error = relative_error(actual, expected)
                    print(f"{name:8}{weights:6}{no_fuse:18}{error:.1e}")
                    self.assertLessEqual(
                        error, TOLERANCE.get(weights, QUANTISED_TOLERANCE))

    def test_several_switches(self):
        files = compiled("mqa", "f32", "lm-head,norm-geglu")
        found = steps(files["pack"])
        self.assertEqual((found["norm_geglu"], found["lm_head"]), (0, 0))
        self.assertGreater(found["norm_qkv"], 0)

    def test_decomposed_is_the_program_again(self):
        """decompose(fuse(x)) = x, for each fusion alone."""
        for name, idle in (("mqa", "norm-residual"),
                           ("gemma3", "linear-residual")):
            tokens = random_tokens(5, SPECS[name].vocab)
            for word in FUSIONS:
                if word == idle:
                    continue
                others = ",".join(other for other in FUSIONS if other != word)
                files = compiled(name, "f32", others)
                before = interpreted_logits(files["import"], tokens, dtype="f64")
                with self.subTest(name=name, fusion=word):
                    self.assertNotEqual(steps(files["fuse"]),
                                        steps(files["import"]))
                    back = files["fuse"] + ".back"
                    run("gemma-opt", files["fuse"], "--gemma-decompose-fused",
                        "-o", back)
                    self.assertEqual(steps(back), steps(files["import"]))
                    after = interpreted_logits(back, tokens, dtype="f64")
                    np.testing.assert_array_equal(before, after)


if __name__ == "__main__":
    unittest.main()
