"""Weights as the encodings f16, bf16, q8_0 and q4_0 hold them.

Written from the formats' definition, not from the compiler's quantisers: what
both give is compared value by value. Everything is float32 arithmetic, each
operation rounded.

q8_0 and q4_0 cut every row into blocks of 32 (the last one padded with zeros).
A block is a scale d, stored as float16, and 32 integers q; a value is d * q.
"""

import dataclasses

import numpy as np

from safetensors_io import round_to_bf16

BLOCK = 32
KINDS = ("f32", "f16", "bf16", "q8_0", "q4_0")


def to_blocks(matrix):
    """float32 [rows, blocks, 32] of a matrix, rows padded with zeros."""
    values = np.asarray(matrix, np.float32)
    rows, columns = values.shape
    blocks = -(-columns // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK), np.float32)
    padded[:, :columns] = values
    return padded.reshape(rows, blocks, BLOCK)


def _halves_and_inverse(scale):
    """The stored scale, and what values are multiplied with: 1/d, or 0 where
    d is 0 as a float16."""
    half = scale.astype(np.float16)
    nonzero = half != 0
    divisor = np.where(nonzero, scale, np.float32(1))
    return half, np.where(nonzero, np.float32(1) / divisor, np.float32(0))


def quantize_q8_0(blocks):
    """ggml's rule: (scales float16 [..., 1], integers)."""
    largest = np.abs(blocks).max(axis=-1, keepdims=True)
    half, inverse = _halves_and_inverse(largest / np.float32(127))
    # roundf: to nearest, halves away from zero; float64 makes the sum exact.
    scaled = (blocks * inverse).astype(np.float64)
    return half, np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)


def quantize_q4_0(blocks):
    """ggml's rule: the value of largest magnitude becomes -8."""
    place = np.abs(blocks).argmax(axis=-1, keepdims=True)
    largest = np.take_along_axis(blocks, place, axis=-1)
    half, inverse = _halves_and_inverse(largest / np.float32(-8))
    shifted = blocks * inverse + np.float32(8.5)
    return half, np.minimum(np.trunc(shifted), 15) - 8


def dequantize(scales, integers, columns):
    """float64 [rows, columns]; exact, as 11 times 8 bits are."""
    values = scales.astype(np.float64) * integers
    return values.reshape(len(values), -1)[:, :columns]


def quantized(matrix, kind):
    """The values of a matrix in q8_0 or, by ggml's rule, in q4_0."""
    quantize = {"q8_0": quantize_q8_0, "q4_0": quantize_q4_0}[kind]
    return dequantize(*quantize(to_blocks(matrix)), np.shape(matrix)[1])


def encoded(matrix, kind):
    """The float64 values that an encoding holds of a matrix."""
    values = np.asarray(matrix, np.float32)
    if kind == "f32":
        return values.astype(np.float64)
    if kind == "f16":
        return values.astype(np.float16).astype(np.float64)
    if kind == "bf16":
        return round_to_bf16(values)
    return quantized(values, kind)


def block_errors(matrix, values):
    """Squared error of every block of 32, [rows, blocks]."""
    rows, columns = np.shape(matrix)
    difference = np.zeros((rows, -(-columns // BLOCK) * BLOCK))
    difference[:, :columns] = np.asarray(matrix, np.float64) - values
    return (difference.reshape(rows, -1, BLOCK) ** 2).sum(axis=-1)


def is_legal_q4_0(values):
    """Whether every block's values are d * q with one float16 d and integers q
    from -8 to 7: some d must be the smallest nonzero magnitude over 1 to 8."""
    blocks = to_blocks(values)
    exact = blocks.astype(np.float64)
    magnitudes = np.where(exact == 0, np.inf, np.abs(exact))
    smallest = magnitudes.min(axis=-1, keepdims=True)
    zero = ~np.isfinite(smallest)
    legal = zero[..., 0].copy()
    for divisor in range(1, 9):
        for sign in (1, -1):
            scale = sign * np.where(zero, 1, smallest) / divisor
            half = scale.astype(np.float16).astype(np.float64)
            q = exact / np.where(half == 0, 1, half)
            fits = (half == scale) & (q == np.round(q)) & (q >= -8) & (q <= 7)
            legal |= fits.all(axis=-1)
    return legal


@dataclasses.dataclass(frozen=True)
class WeightEncodings:
    """What --weights and --head-weights of the compiler ask for."""
    weights: str
    head_weights: str = ""

    def kind_of(self, name, tied_head):
        """The encoding of a matrix by its Hugging Face name."""
        head = self.head_weights or ("q8_0" if self.weights == "q4_0"
                                     else self.weights)
        if name.endswith("embed_tokens.weight"):
            if tied_head:
                return head
            return "q8_0" if self.weights == "q4_0" else self.weights
        return head if name.endswith("lm_head.weight") else self.weights
