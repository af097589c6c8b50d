#!/usr/bin/env python3
"""Checkpoints as GGUF files mean the same model."""

import os
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gemma_reference import GemmaReference  # noqa: E402
from gguf_io import Gguf, write_file  # noqa: E402
from gguf_model import (from_checkpoint, gguf_name, pieces_of,  # noqa: E402
                        reference_of, vocabulary_of)
from random_checkpoint import CheckpointSpec, write_checkpoint  # noqa: E402

TINY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                    "models", "tiny-gemma-it")


class GgufModelTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def test_same_logits_for_every_family(self):
        tokens = np.random.default_rng(1).integers(0, 100, 30).tolist()
        for family, more in (("gemma", {}), ("gemma", {"own_head": True}),
                             ("gemma2", {"sliding_window": 7}),
                             ("gemma3_text", {"sliding_window": 7, "layers": 7,
                                              "rope_factor": 8.0})):
            spec = CheckpointSpec(family=family, vocab=100, **more)
            path = write_checkpoint(
                os.path.join(self.directory, family + str(len(more))), spec)
            exact = GemmaReference.load(path).forward(tokens)
            file = os.path.join(self.directory, "m.gguf")
            write_file(file, *from_checkpoint(path, "F32"))
            found = reference_of(file).forward(tokens)
            # Only 1 + w is rounded, to f32.
            error = np.abs(found - exact).max() / np.ptp(exact)
            with self.subTest(family=family, **more):
                self.assertLess(error, 1e-6)
                twice = reference_of(file, norm_unit_offset=True)
                wrong = np.abs(twice.forward(tokens) - exact).max()
                self.assertGreater(wrong / np.ptp(exact), 1e-2)

    def test_names(self):
        name = "model.layers.3.post_attention_layernorm.weight"
        self.assertEqual(gguf_name(name, "gemma"), "blk.3.ffn_norm.weight")
        self.assertEqual(gguf_name(name, "gemma2"),
                         "blk.3.post_attention_norm.weight")
        self.assertEqual(gguf_name("lm_head.weight", "gemma"), "output.weight")

    def test_vocabulary(self):
        pieces = pieces_of(os.path.join(TINY, "tokenizer.model"))
        self.assertEqual(len(pieces), 2000)
        self.assertEqual(pieces[2], (b"<bos>", 0.0, 3))
        self.assertEqual(pieces[106][0], b"<start_of_turn>")
        pairs = vocabulary_of(pieces)
        texts = pairs["tokenizer.ggml.tokens"].value
        spaces = [text for text, _, kind in pieces
                  if kind == 4 and "\u2581".encode() in text]
        self.assertTrue(spaces)
        self.assertIn(b"  ", texts)
        path = os.path.join(self.directory, "v.gguf")
        write_file(path, pairs, [])
        self.assertEqual(Gguf(path).get("tokenizer.ggml.tokens"), texts)


if __name__ == "__main__":
    unittest.main()
