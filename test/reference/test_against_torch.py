#!/usr/bin/env python3
"""The reference against a second implementation, in torch (python3-torch)."""

import os
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    import torch
    from torch_model import TorchGemma
except ImportError:
    torch = None
from gemma_reference import GemmaReference, gelu_exact, gelu_tanh  # noqa: E402
from random_checkpoint import write_checkpoint  # noqa: E402
from safetensors_io import Checkpoint, bf16_bits, bf16_to_float32  # noqa: E402
from test_reference import SPECS, random_tokens  # noqa: E402


@unittest.skipUnless(torch, "needs python3-torch")
class AgainstTorchTest(unittest.TestCase):
    def test_whole_models(self):
        for name, spec in SPECS.items():
            with tempfile.TemporaryDirectory() as path:
                write_checkpoint(path, spec)
                checkpoint = Checkpoint(path)
                other = TorchGemma(checkpoint.config, {
                    tensor: checkpoint.tensor(tensor)
                    for tensor in checkpoint.names()})
                model = GemmaReference.load(path)
                for count in (1, 2, 7, 300):
                    with self.subTest(checkpoint=name, tokens=count):
                        tokens = random_tokens(count, spec.vocab)
                        expected = other(tokens).numpy()
                        error = abs(model.forward(tokens) - expected).max()
                        self.assertLess(error / np.ptp(expected), 1e-12)

    def test_gelu(self):
        x = np.linspace(-9, 9, 1001)
        gelu = torch.nn.functional.gelu
        np.testing.assert_allclose(
            gelu_tanh(x), gelu(torch.tensor(x), approximate="tanh"), atol=1e-14)
        np.testing.assert_allclose(gelu_exact(x), gelu(torch.tensor(x)), atol=1e-14)

    def test_bf16_rounding(self):
        generator = np.random.default_rng(1)
        values = generator.standard_normal(100000).astype(np.float32)
        values *= np.float32(10) ** generator.integers(-30, 30, values.size)
        np.testing.assert_array_equal(
            bf16_to_float32(bf16_bits(values)),
            torch.from_numpy(values).bfloat16().float().numpy())


if __name__ == "__main__":
    unittest.main()
