#!/usr/bin/env python3
"""The reference against the rules that its parts must keep."""

import dataclasses
import math
import os
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gemma_config import GLOBAL, LOCAL, config_from_hf  # noqa: E402
from gemma_reference import (GemmaReference, apply_rope, gelu_exact,  # noqa: E402
                             gelu_tanh, rms_norm, rope_angles)
from random_checkpoint import CheckpointSpec, hf_config, write_checkpoint  # noqa: E402

SPECS = {
    "mqa": CheckpointSpec(hidden=64, heads=4, kv_heads=1, head_dim=16),
    "gqa_odd_sizes": CheckpointSpec(hidden=37, ff=51, vocab=101, heads=6,
                                    kv_heads=2, head_dim=10, dtype="bf16"),
    "mha_own_head": CheckpointSpec(hidden=40, ff=72, vocab=130, heads=3,
                                   kv_heads=3, head_dim=20, own_head=True,
                                   dtype="mixed", shards=3),
    "small_stream": CheckpointSpec(hidden=48, stream_scale=0.03, dtype="f16"),
    "gemma2": CheckpointSpec(family="gemma2", layers=4, kv_heads=2,
                             sliding_window=9, query_scalar=24, score_scale=8),
    "gemma3": CheckpointSpec(family="gemma3_text", layers=7, kv_heads=2,
                             sliding_window=11, rope_factor=8.0, query_scalar=20),
}


def random_tokens(count, vocab, seed=0):
    return np.random.default_rng(seed).integers(0, vocab, count).tolist()


class ReferenceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._directory.cleanup)
        cls.paths = {
            name: write_checkpoint(os.path.join(cls._directory.name, name), spec)
            for name, spec in SPECS.items()}

    def test_cache_changes_nothing(self):
        for name, path in self.paths.items():
            with self.subTest(checkpoint=name):
                model = GemmaReference.load(path)
                tokens = random_tokens(40, SPECS[name].vocab)
                whole = model.forward(tokens)
                cache, parts = model.new_cache(), []
                for begin, end in ((0, 1), (1, 8), (8, 9), (9, 30), (30, 40)):
                    parts.append(model.forward(tokens[begin:end], cache))
                error = abs(np.concatenate(parts) - whole).max() / np.ptp(whole)
                self.assertLess(error, 1e-13)

    def test_greedy_is_argmax_of_forward(self):
        model = GemmaReference.load(self.paths["mqa"])
        prompt = [2, 5, 7]
        ids = model.greedy(prompt, 20)
        logits = model.forward(prompt + ids)
        self.assertEqual(ids, logits[2:-1].argmax(axis=-1).tolist())

    def test_a_later_token_changes_no_earlier_row(self):
        for name in ("mqa", "gemma2", "gemma3"):
            model = GemmaReference.load(self.paths[name])
            tokens = random_tokens(20, SPECS[name].vocab)
            changed = tokens[:12] + [(tokens[12] + 1) % 256] + tokens[13:]
            first, second = model.forward(tokens), model.forward(changed)
            np.testing.assert_array_equal(first[:12], second[:12])
            self.assertGreater(abs(first[13:] - second[13:]).max(), 1e-3)

    def test_window_hides_old_keys(self):
        model = GemmaReference.load(self.paths["gemma2"])
        local = dataclasses.replace(
            model.config, layer_types=(LOCAL,) + (GLOBAL,) * 3, num_layers=1)
        model.config = local
        tokens = random_tokens(30, 256)
        changed = [(tokens[0] + 1) % 256] + tokens[1:]
        first, second = model.forward(tokens), model.forward(changed)
        window = local.sliding_window
        # Key 0 is visible to queries 0 .. window - 1 and to no other.
        self.assertGreater(abs(first - second)[window - 1].max(), 1e-6)
        np.testing.assert_array_equal(first[window:], second[window:])

    def test_checkpoints_are_not_degenerate(self):
        for name, path in self.paths.items():
            with self.subTest(checkpoint=name):
                model = GemmaReference.load(path)
                tokens = random_tokens(100, SPECS[name].vocab)
                logits = model.forward(tokens)
                self.assertGreater(np.ptp(logits), 3 * SPECS[name].stream_scale)
                states = model.hidden_states(tokens)
                for before, after in zip(states, states[1:]):
                    self.assertGreater(abs(after - before).std(), 0.05 * before.std())
                single = GemmaReference.load(path, np.float32).forward(tokens)
                error = abs(single - logits).max() / np.ptp(logits)
                self.assertLess(error, 4e-6, "too badly conditioned to test at 1e-5")


class MultimodalTest(unittest.TestCase):
    """The layouts of multimodal checkpoints hold the same text model."""

    def test_prefixes_and_rows_that_are_no_text(self):
        tokens = random_tokens(20, 250)
        text = CheckpointSpec(family="gemma3_text", layers=7, vocab=250,
                              sliding_window=8, own_head=True)
        results = []
        with tempfile.TemporaryDirectory() as folder:
            for number, prefix in enumerate(("", "language_model.model.",
                                             "model.language_model.")):
                # A vocabulary of 320 rows is drawn, of which 70 are no text.
                spec = (dataclasses.replace(text, vocab=320) if not prefix else
                        dataclasses.replace(text, family="gemma3",
                                            prefix=prefix, extra_rows=70))
                path = write_checkpoint(os.path.join(folder, str(number)), spec)
                results.append(GemmaReference.load(path).forward(tokens))
        self.assertEqual([r.shape[1] for r in results], [320, 250, 250])
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0][:, :250])


class FormulaTest(unittest.TestCase):
    def test_embedding_scale_is_rounded_to_bf16(self):
        for hidden, scale in ((2048, 45.25), (3072, 55.5), (640, 25.25),
                              (1152, 34.0), (3840, 62.0), (5376, 73.5)):
            config = config_from_hf(hf_config(CheckpointSpec(hidden=hidden)))
            model = GemmaReference(config, None)
            self.assertEqual(float(model.embedding_scale), scale)

    def test_norm(self):
        x = np.array([[3.0, 4.0]])
        root = np.sqrt(12.5 + 1e-6)
        np.testing.assert_allclose(rms_norm(x, np.array([0.0, 1.0]), 1e-6, True),
                                   [[3 / root, 8 / root]], rtol=1e-15)
        np.testing.assert_allclose(rms_norm(x, np.array([0.0, 1.0]), 1e-6, False),
                                   [[0, 4 / root]], rtol=1e-15)

    def test_gelu(self):
        for x in (-9.0, -1.5, -0.1, 0.0, 0.3, 2.0, 9.0):
            exact = x * (1 + math.erf(x / math.sqrt(2))) / 2
            value = np.array([x])
            self.assertAlmostEqual(gelu_exact(value)[0], exact, places=14)
            # The approximation is close, and is not the same.
            self.assertAlmostEqual(gelu_tanh(value)[0], exact, places=2)
        two = np.array([2.0])
        self.assertGreater(abs(gelu_tanh(two) - gelu_exact(two))[0], 5e-5)

    def test_rope_preserves_length_and_depends_on_distance_only(self):
        generator = np.random.default_rng(3)
        q, k = generator.standard_normal((2, 1, 1, 20))

        def score(query, key):
            a = apply_rope(q, rope_angles([query], 20, 1e4, 1.0))
            b = apply_rope(k, rope_angles([key], 20, 1e4, 1.0))
            self.assertAlmostEqual(np.sum(a * a), np.sum(q * q), places=12)
            return np.sum(a * b)
        self.assertAlmostEqual(score(1000, 990), score(10, 0), places=10)
        self.assertNotAlmostEqual(score(10, 1), score(10, 0), places=4)
        self.assertAlmostEqual(score(5, 5), np.sum(q * k), places=12)

    def test_rope_pairs_halves_and_counts_from_zero(self):
        x = np.zeros((1, 1, 8))
        x[0, 0, 1] = 1
        turned = apply_rope(x, rope_angles([3], 8, 10000.0, 1.0))[0, 0]
        angle = 3 * 10000.0 ** (-2 / 8)
        expected = np.zeros(8)
        expected[1], expected[5] = np.cos(angle), np.sin(angle)
        np.testing.assert_allclose(turned, expected, atol=1e-15)
        np.testing.assert_array_equal(
            apply_rope(x, rope_angles([0], 8, 10000.0, 1.0)), x)

    def test_rope_factor_divides_positions(self):
        np.testing.assert_allclose(rope_angles([80], 16, 1e6, 8.0),
                                   rope_angles([10], 16, 1e6, 1.0), rtol=1e-15)


class ConfigTest(unittest.TestCase):
    BASE = dict(vocab_size=8, hidden_size=8, num_hidden_layers=8,
                num_attention_heads=2, num_key_value_heads=1, head_dim=4,
                intermediate_size=8)

    def test_gemma1_ignores_hidden_act(self):
        config = config_from_hf({**self.BASE, "model_type": "gemma",
                                 "hidden_act": "gelu"})
        self.assertEqual(config.activation, "gelu_tanh")
        self.assertEqual(config.query_pre_attn_scalar, 4)
        self.assertTrue(config.tied_head)
        self.assertEqual(set(config.layer_types), {GLOBAL})

    def test_layer_patterns(self):
        def types(**entries):
            config = config_from_hf({**self.BASE, **entries})
            return "".join("L" if t == LOCAL else "G" for t in config.layer_types)
        self.assertEqual(types(model_type="gemma2"), "LGLGLGLG")
        self.assertEqual(types(model_type="gemma3_text"), "LLLLLGLL")

    def test_new_rope_parameters_equal_the_old_keys(self):
        old = config_from_hf({**self.BASE, "model_type": "gemma3_text",
                              "rope_theta": 1e6, "rope_local_base_freq": 1e4,
                              "rope_scaling": {"rope_type": "linear", "factor": 8.0}})
        new = config_from_hf({**self.BASE, "model_type": "gemma3_text",
                              "rope_parameters": {
                                  GLOBAL: {"rope_type": "linear", "factor": 8.0,
                                           "rope_theta": 1e6},
                                  LOCAL: {"rope_theta": 1e4}}})
        self.assertEqual(old, new)
        self.assertEqual(new.rope_linear_factor, 8.0)

    def test_unknown_things_are_refused(self):
        for entries in ({"model_type": "llama"}, {"hidden_activation": "silu"},
                        {"rope_scaling": {"rope_type": "yarn", "factor": 2}}):
            with self.assertRaises(ValueError):
                config_from_hf({**self.BASE, **entries})


if __name__ == "__main__":
    unittest.main()
