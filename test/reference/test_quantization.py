#!/usr/bin/env python3
"""The NumPy quantisers against values worked out by hand and their rules."""

import os
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gemma_reference import GemmaReference  # noqa: E402
from quantization import (WeightEncodings, block_errors, dequantize,  # noqa: E402
                          encoded, is_legal_q4_0, quantize_q4_0,
                          quantize_q8_0, quantized, to_blocks)


def block(*values):
    """One block that starts with some values, the others zero."""
    result = np.zeros((1, 1, 32), np.float32)
    result[0, 0, :len(values)] = values
    return result


class QuantizationTest(unittest.TestCase):
    def test_q8_0_by_hand(self):
        scale, q = quantize_q8_0(block(127, -127, 1, 2.5, -2.5, 0.49999997, 0.5))
        self.assertEqual(scale[0, 0, 0], 1)
        self.assertEqual(q[0, 0, :8].tolist(), [127, -127, 1, 3, -3, 0, 1, 0])

    def test_q4_0_by_hand(self):
        # The value of largest magnitude becomes -8, whatever its sign; what
        # would be 8 is cut off.
        scale, q = quantize_q4_0(block(-8, 8, 7.4, 0.5, -0.5, 0.4))
        self.assertEqual(scale[0, 0, 0], 1)
        self.assertEqual(q[0, 0, :7].tolist(), [-8, 7, 7, 1, 0, 0, 0])
        scale, q = quantize_q4_0(block(1, 16, -14))
        self.assertEqual(scale[0, 0, 0], -2)
        self.assertEqual(q[0, 0, :4].tolist(), [0, -8, 7, 0])

    def test_scales_are_float16(self):
        scale, q = quantize_q8_0(block(1.0))
        self.assertEqual(scale.dtype, np.float16)
        self.assertEqual(q[0, 0, 0], 127)
        self.assertNotEqual(float(scale[0, 0, 0]) * 127, 1.0)
        for quantize in (quantize_q8_0, quantize_q4_0):
            for zero in (0.0, 1e-9, 1e-40):
                scale, q = quantize(block(zero))
                self.assertEqual((scale[0, 0, 0], abs(q).sum()), (0, 0))

    def test_rows_are_padded_by_themselves(self):
        matrix = np.arange(3 * 40, dtype=np.float32).reshape(3, 40)
        for kind in ("q8_0", "q4_0"):
            whole = quantized(matrix, kind)
            self.assertEqual(whole.shape, matrix.shape)
            for row in range(3):
                np.testing.assert_array_equal(
                    quantized(matrix[row:row + 1], kind)[0], whole[row])

    def test_errors_are_at_most_a_step(self):
        matrix = np.random.default_rng(5).standard_normal((20, 96))
        # Half a step and what rounding the scale adds; in q4_0 what is cut off.
        for kind, steps in (("q8_0", 127 / 0.57), ("q4_0", 8 / 1.02)):
            limit = abs(to_blocks(matrix)).max(axis=-1) / steps
            difference = abs(to_blocks(matrix - quantized(matrix, kind)))
            self.assertTrue((difference.max(axis=-1) <= limit).all())
        errors = block_errors(matrix, quantized(matrix, "q4_0"))
        self.assertEqual(errors.shape, (20, 3))
        self.assertAlmostEqual(errors.sum(), np.sum(
            (matrix - quantized(matrix, "q4_0")) ** 2), places=12)

    def test_legal_blocks_of_q4_0(self):
        matrix = np.random.default_rng(6).standard_normal((50, 70)) * 1e-3
        values = quantized(matrix, "q4_0")
        self.assertTrue(is_legal_q4_0(values).all())
        values[7, 40] *= 1.5
        legal = is_legal_q4_0(values)
        self.assertFalse(legal[7, 1])
        self.assertEqual((~legal).sum(), 1)
        self.assertFalse(is_legal_q4_0(matrix).any())

    def test_nine_steps_are_too_many(self):
        for values, legal in (((-8, 7), True), ((-8, 8), False), ((8, -7), True),
                              ((7, -7), True), ((1, 9), False)):
            self.assertEqual(bool(is_legal_q4_0(block(*values, 1)[0])[0, 0]), legal)

    def test_other_kinds(self):
        values = np.array([[1 + 2**-9, 1 + 2**-12, 70000.0]])
        np.testing.assert_array_equal(encoded(values, "f32"), values)
        np.testing.assert_array_equal(encoded(values[:, :2], "f16"),
                                      [[1 + 2**-9, 1]])
        np.testing.assert_array_equal(encoded(values, "bf16"), [[1, 1, 70144]])

    def test_dequantize_cuts_the_padding_off(self):
        scale, q = quantize_q8_0(to_blocks(np.ones((2, 33))))
        self.assertEqual(dequantize(scale, q, 33).shape, (2, 33))

    def test_encodings_of_embedding_and_head(self):
        embedding, head = "model.embed_tokens.weight", "lm_head.weight"
        other = "model.layers.0.mlp.up_proj.weight"

        def kinds(tied, *options):
            encodings = WeightEncodings(*options)
            return [encodings.kind_of(name, tied)
                    for name in (embedding, head, other)]
        self.assertEqual(kinds(True, "q4_0")[::2], ["q8_0", "q4_0"])
        self.assertEqual(kinds(False, "q4_0"), ["q8_0", "q8_0", "q4_0"])
        self.assertEqual(kinds(False, "q4_0", "q4_0"), ["q8_0", "q4_0", "q4_0"])
        self.assertEqual(kinds(True, "q4_0", "q4_0")[0], "q4_0")
        self.assertEqual(kinds(False, "q8_0", "f16"), ["q8_0", "f16", "q8_0"])

    def test_reference_takes_encodings(self):
        models = os.path.join(os.path.dirname(os.path.dirname(
            os.path.abspath(__file__))), "models")
        tokens = [2, 5, 7, 11]
        for name in ("tiny-gemma-it", "tiny-gemma2-it", "tiny-gemma3-it"):
            path = os.path.join(models, name)
            exact = GemmaReference.load(path).forward(tokens)
            errors = []
            for options in (("q8_0",), ("q4_0",), ("q4_0", "q4_0")):
                model = GemmaReference.load(path,
                                            encodings=WeightEncodings(*options))
                errors.append(abs(model.forward(tokens) - exact).max()
                              / np.ptp(exact))
            with self.subTest(model=name):
                self.assertTrue(0 < errors[0] < errors[1] < errors[2], errors)


if __name__ == "__main__":
    unittest.main()
