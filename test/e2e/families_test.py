#!/usr/bin/env python3
"""Gemma 2 and 3 where they differ from Gemma 1, against the reference.

What all models have in common is held by logits_test.py, whose checkpoints
have both families too; here is what only they have: the edges of windows,
rotations per kind of layer, softcaps, layouts of checkpoints, rings that wrap.
"""

import dataclasses
import json
import os
import unittest

import numpy as np

from checkpoint_specs import SPECS
from gemma_tools import (TOLERANCE, checkpoint, compile_artifact,
                         expected_logits, logits, new_directory, random_tokens,
                         reference, relative_error, require, run)
from random_checkpoint import write_checkpoint

FAMILIES = ("gemma2", "gemma2_caps", "gemma3", "gemma3_plain")
LAYOUTS = ("model.language_model.", "language_model.model.")


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-inspect")


class FamiliesTest(unittest.TestCase):
    def check(self, spec, count, weights="f32", **options):
        path = checkpoint(spec)
        artifact = compile_artifact(path, weights=weights, **options)
        ids = random_tokens(count, spec.vocab)
        error = relative_error(logits(artifact, ids),
                               expected_logits(path, ids))
        print(f"{spec.family:12}{weights:6}{count:5} tokens {error:.1e}")
        self.assertLessEqual(error, TOLERANCE[weights])

    def test_edges_of_windows(self):
        """As many tokens as the window, one less and more, and several; then
        windows at the edge of a block of 64 keys."""
        for name in FAMILIES:
            window = SPECS[name].sliding_window
            for count in (window - 1, window, window + 1, 5 * window + 3):
                with self.subTest(checkpoint=name, tokens=count):
                    self.check(SPECS[name], count)
        for window in (1, 63, 64, 65):
            spec = dataclasses.replace(SPECS["gemma3"], sliding_window=window)
            with self.subTest(window=window):
                self.check(spec, 150)

    def test_scaled_positions_are_those_of_global_layers(self):
        for factor in (1.0, 8.0):
            spec = dataclasses.replace(SPECS["gemma3"], rope_factor=factor)
            with self.subTest(factor=factor):
                self.check(spec, 600)

    def test_layouts_of_multimodal_checkpoints(self):
        """Both prefixes, the vision model left out, rows that are no text."""
        for prefix in LAYOUTS:
            for own_head in (False, True):
                spec = dataclasses.replace(SPECS["gemma3_plain"], prefix=prefix,
                                           own_head=own_head, extra_rows=64)
                with self.subTest(prefix=prefix, own_head=own_head):
                    self.check(spec, 20)

    def test_vocabulary_is_the_text_only(self):
        spec = SPECS["gemma3_plain"]
        artifact = compile_artifact(checkpoint(spec), weights="f32")
        self.assertEqual(logits(artifact, [1, spec.vocab - 1]).shape[1],
                         spec.vocab)
        done = run("gemma-eval", "logits", artifact, f"--tokens={spec.vocab}",
                   "-o", os.devnull, status=None)
        self.assertRegex(done.stderr, r"\Aerror: .+\n\Z")

    def test_layer_types_as_newer_files_have_them(self):
        """layer_types and rope_parameters mean what the older keys mean."""
        spec = SPECS["gemma3"]
        path = write_checkpoint(new_directory("checkpoint"), spec)
        file_name = os.path.join(path, "config.json")
        with open(file_name) as file:
            config = json.load(file)
        for key in ("sliding_window_pattern", "rope_theta", "rope_scaling",
                    "rope_local_base_freq"):
            del config[key]
        config["layer_types"] = [
            "full_attention" if i == 5 else "sliding_attention"
            for i in range(spec.layers)]
        config["rope_parameters"] = {
            "full_attention": {"rope_type": "linear", "factor": 8.0,
                               "rope_theta": 1e6},
            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}
        with open(file_name, "w") as file:
            json.dump(config, file)
        ids = random_tokens(40, spec.vocab)
        old = compile_artifact(checkpoint(spec), weights="f32")
        np.testing.assert_array_equal(
            logits(compile_artifact(path, weights="f32"), ids),
            logits(old, ids))
        np.testing.assert_array_equal(reference(path).forward(ids),
                                      expected_logits(checkpoint(spec), ids))

    def plan(self, artifact, context):
        return json.loads(run("gemma-inspect", artifact, "--plan", "--json",
                              f"--context={context}").stdout)["memory"]

    def cache_bytes(self, spec, context, max_rows, element):
        """Keys and values of every layer: a global one keeps the context, a
        local one its window and the rows of a forward, in blocks of 64."""
        types = reference(checkpoint(spec)).config.layer_types
        rows = 0
        for kind in types:
            kept = -(-context // 64) * 64
            if kind == "sliding_attention":
                ring = -(-(spec.sliding_window + max_rows) // 64) * 64
                kept = min(kept, ring)
            rows += kept
        scale = 4 if element == 1 else 0
        return 2 * rows * spec.kv_heads * (spec.head_dim * element + scale)

    def test_cache_is_planned_to_the_byte(self):
        for name, max_rows, kv, element in (("gemma2", 16, "f32", 4),
                                            ("gemma3", 16, "bf16", 2),
                                            ("gemma3", 200, "int8", 1)):
            spec = SPECS[name]
            artifact = compile_artifact(checkpoint(spec), weights="bf16",
                                        max_rows=max_rows, kv=kv)
            for context in (16, 64, 100, 4096):
                with self.subTest(checkpoint=name, kv=kv, context=context):
                    self.assertEqual(
                        self.plan(artifact, context)["kv_cache_bytes"],
                        self.cache_bytes(spec, context, max_rows, element))

    def test_a_long_context_of_gemma_3_1b_costs_what_rings_cost(self):
        """26 layers of one key head of 256 channels in bf16: 4 of them keep
        32768 positions, the other 22 a window of 512 and 512 rows."""
        artifact = os.path.join(new_directory("stub"), "m.gemma")
        run("gemma-compile", "--config=gemma3-1b", "--random-weights=1",
            "--stub-weights", "-o", artifact)
        found = self.plan(artifact, 32768)["kv_cache_bytes"]
        print(f"32768 positions of Gemma 3 1B: {found} bytes, "
              f"{found / (2 * 26 * 32768 * 256 * 2):.3f} of a cache that keeps all")
        self.assertEqual(found, 2 * (4 * 32768 + 22 * 1024) * 256 * 2)


if __name__ == "__main__":
    unittest.main()
