"""The tensor types of GGUF: what their bytes mean, and bytes for values.

Written from the formats' definition, not from the compiler's readers. A row is
cut into blocks; `dequantize` gives each value as the definition has it, in
exact arithmetic rounded once to float32. The quantisers are plain ones: the
tests need blocks of every type that are near to a matrix, not the best ones.
"""

import dataclasses
from typing import Callable, Optional

import numpy as np

from quantization import quantize_q4_0, quantize_q8_0
from safetensors_io import bf16_bits, bf16_to_float32


@dataclasses.dataclass(frozen=True)
class TensorType:
    """A type's number in files, and the size of its blocks."""
    name: str
    number: int
    elements: int
    bytes: int
    dequantize: Optional[Callable] = None  # uint8 [n, bytes] -> float64 [n, e]
    quantize: Optional[Callable] = None    # float32 [n, e] -> uint8 [n, bytes]


def _f16(blocks, begin):
    """The float16 at byte `begin` of every block, as float64 [n, 1]."""
    raw = np.ascontiguousarray(blocks[:, begin:begin + 2])
    return raw.view("<f2").astype(np.float64)


def _nibbles(packed):
    """Low halves of all bytes, then high ones: [n, k] -> [n, 2 k]."""
    return np.concatenate([packed & 15, packed >> 4], axis=1)


def _bits(words):
    """Bits of [n, k] bytes, the lowest first: [n, 8 k]."""
    return np.unpackbits(words, axis=1, bitorder="little")


def _bytes(*parts):
    """Parts [n, k] of blocks as bytes, one after the other."""
    return np.concatenate([np.ascontiguousarray(part).view(np.uint8).reshape(
        len(part), -1) for part in parts], axis=1)


# ----------------------------------------------------------------------------
# Blocks of 32
# ----------------------------------------------------------------------------

def _from_q8_0(blocks):
    return _f16(blocks, 0) * np.ascontiguousarray(blocks[:, 2:]).view(np.int8)


def _to_q8_0(values):
    scales, integers = quantize_q8_0(values)
    return _bytes(scales, integers.astype(np.int8))


def _pack_nibbles(integers):
    low, high = np.split(integers.astype(np.uint8), 2, axis=1)
    return low | high << 4


def _from_q4_0(blocks):
    return _f16(blocks, 0) * (_nibbles(blocks[:, 2:]).astype(np.int8) - 8)


def _to_q4_0(values):
    scales, integers = quantize_q4_0(values)
    return _bytes(scales, _pack_nibbles(integers + 8))


def _from_q4_1(blocks):
    return _f16(blocks, 0) * _nibbles(blocks[:, 4:]) + _f16(blocks, 2)


def _affine(values, levels):
    """Scale, minimum (float16 [n, 1]) and integers from 0 to `levels`."""
    low = values.min(axis=1, keepdims=True)
    high = values.max(axis=1, keepdims=True)
    scale = ((high - low) / levels).astype(np.float16)
    low = low.astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float64)
    integers = np.clip(np.round((values - low) / divisor), 0, levels)
    return scale, low, integers.astype(np.uint8)


def _to_q4_1(values):
    scale, low, integers = _affine(values, 15)
    return _bytes(scale, low, _pack_nibbles(integers))


def _fifth_bits(blocks, begin):
    """16 for each element whose bit is set in the 4 bytes at `begin`."""
    return _bits(np.ascontiguousarray(blocks[:, begin:begin + 4])) * 16


def _from_q5_0(blocks):
    integers = _nibbles(blocks[:, 6:]) + _fifth_bits(blocks, 2)
    return _f16(blocks, 0) * (integers.astype(np.int8) - 16)


def _five(integers):
    return (np.packbits(integers >> 4, axis=1, bitorder="little"),
            _pack_nibbles(integers & 15))


def _to_q5_0(values):
    place = np.abs(values).argmax(axis=1)[:, None]
    scale = (np.take_along_axis(values, place, 1) / -16).astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float64)
    integers = np.clip(np.round(values / divisor) + 16, 0, 31).astype(np.uint8)
    return _bytes(scale, *_five(integers))


def _from_q5_1(blocks):
    integers = _nibbles(blocks[:, 8:]) + _fifth_bits(blocks, 4)
    return _f16(blocks, 0) * integers + _f16(blocks, 2)


def _to_q5_1(values):
    scale, low, integers = _affine(values, 31)
    return _bytes(scale, low, *_five(integers))


# ----------------------------------------------------------------------------
# Blocks of 256
# ----------------------------------------------------------------------------

def _unpack_six(packed):
    """8 scales and 8 minima of 6 bits in 12 bytes, both [n, 8]."""
    first, second, third = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    scales = np.concatenate([first & 63, third & 15 | first >> 6 << 4], axis=1)
    minima = np.concatenate([second & 63, third >> 4 | second >> 6 << 4],
                            axis=1)
    return scales, minima


def _pack_six(scales, minima):
    first = scales[:, :4] | scales[:, 4:] >> 4 << 6
    second = minima[:, :4] | minima[:, 4:] >> 4 << 6
    third = scales[:, 4:] & 15 | (minima[:, 4:] & 15) << 4
    return np.concatenate([first, second, third], axis=1)


def _chunks(packed):
    """[n, 128] bytes of nibbles -> [n, 256]: each 32 bytes are the low, then
    the high halves of 64 elements."""
    return _nibbles(packed.reshape(-1, 32)).reshape(len(packed), 256)


def _from_k(blocks, integers):
    """d * scale * q - dmin * minimum, sub-blocks of 32."""
    scales, minima = _unpack_six(blocks[:, 4:16])
    q = integers.reshape(-1, 8, 32).astype(np.float64)
    values = ((_f16(blocks, 0) * scales)[:, :, None] * q
              - (_f16(blocks, 2) * minima)[:, :, None])
    return values.reshape(-1, 256)


def _to_k(values, levels):
    """d, dmin (float16 [n, 1]), 12 bytes of scales, integers [n, 256]."""
    parts = values.reshape(-1, 8, 32).astype(np.float64)
    minima = np.maximum(-parts.min(axis=2), 0)
    scales = np.maximum(parts.max(axis=2) + minima, 0) / levels
    d = (scales.max(axis=1, keepdims=True) / 63).astype(np.float16)
    dmin = (minima.max(axis=1, keepdims=True) / 63).astype(np.float16)

    def six_bits(numbers, unit):
        unit = np.where(unit == 0, 1, unit).astype(np.float64)
        return np.clip(np.round(numbers / unit), 0, 63).astype(np.uint8)

    scales, minima = six_bits(scales, d), six_bits(minima, dmin)
    step = (d.astype(np.float64) * scales)[:, :, None]
    low = (dmin.astype(np.float64) * minima)[:, :, None]
    integers = np.round((parts + low) / np.where(step == 0, 1, step))
    integers = np.clip(integers, 0, levels).astype(np.uint8)
    return d, dmin, _pack_six(scales, minima), integers.reshape(-1, 256)


def _from_q4_k(blocks):
    return _from_k(blocks, _chunks(blocks[:, 16:]))


def _pack_chunks(integers):
    return _pack_nibbles(integers.reshape(-1, 64)).reshape(-1, 128)


def _to_q4_k(values):
    d, dmin, scales, integers = _to_k(values, 15)
    return _bytes(d, dmin, scales, _pack_chunks(integers))


def _from_q5_k(blocks):
    # Bit s of byte l is the fifth bit of element l of sub-block s.
    high = np.unpackbits(np.ascontiguousarray(blocks[:, 16:48])[:, :, None],
                         axis=2, bitorder="little").transpose(0, 2, 1)
    return _from_k(blocks, _chunks(blocks[:, 48:])
                   + 16 * high.reshape(-1, 256))


def _to_q5_k(values):
    d, dmin, scales, integers = _to_k(values, 31)
    high = (integers >> 4).reshape(-1, 8, 32).transpose(0, 2, 1)
    return _bytes(d, dmin, scales,
                  np.packbits(high, axis=2, bitorder="little")[:, :, 0],
                  _pack_chunks(integers & 15))


def _from_q6_k(blocks):
    # Halves of 128 elements: 64 bytes of nibbles, 32 of pairs of bits.
    low = _nibbles(blocks[:, :128].reshape(-1, 64))
    high = blocks[:, 128:192].reshape(-1, 1, 32)
    high = (high >> np.array([[0], [2], [4], [6]], np.uint8) & 3)
    integers = (low | high.reshape(-1, 128) << 4).astype(np.int8) - 32
    scales = np.ascontiguousarray(blocks[:, 192:208]).view(np.int8)
    values = ((_f16(blocks, 208) * scales)[:, :, None]
              * integers.reshape(-1, 16, 16))
    return values.reshape(-1, 256)


def _to_q6_k(values):
    parts = values.reshape(-1, 16, 16).astype(np.float64)
    place = np.abs(parts).argmax(axis=2)[:, :, None]
    wanted = np.take_along_axis(parts, place, 2)[:, :, 0] / -32
    largest = np.abs(wanted).argmax(axis=1)[:, None]
    d = (np.take_along_axis(wanted, largest, 1) / -128).astype(np.float16)
    unit = np.where(d == 0, 1, d).astype(np.float64)
    scales = np.clip(np.round(wanted / unit), -128, 127).astype(np.int8)
    step = (d.astype(np.float64) * scales)[:, :, None]
    integers = np.round(parts / np.where(step == 0, 1, step)) + 32
    integers = np.clip(integers, 0, 63).astype(np.uint8).reshape(-1, 4, 32)
    low = _pack_nibbles(integers.reshape(-1, 128) & 15).reshape(-1, 128)
    high = integers >> 4 << np.array([[0], [2], [4], [6]], np.uint8)
    high = np.bitwise_or.reduce(high, axis=1).reshape(-1, 64)
    return _bytes(low, high, scales, d)


# ----------------------------------------------------------------------------
# The types
# ----------------------------------------------------------------------------

def _plain(name, number, storage):
    return TensorType(
        name, number, 1, np.dtype(storage).itemsize,
        lambda blocks: np.ascontiguousarray(blocks).view(storage).astype(
            np.float64),
        lambda values: np.ascontiguousarray(values.astype(storage)).view(
            np.uint8))


BF16 = TensorType(
    "BF16", 30, 1, 2,
    lambda blocks: bf16_to_float32(np.ascontiguousarray(blocks).view("<u2"))
    .astype(np.float64),
    lambda values: bf16_bits(values).view(np.uint8))

# Types that a model's tensors may have.
READABLE = (
    _plain("F32", 0, "<f4"), _plain("F16", 1, "<f2"), BF16,
    TensorType("Q4_0", 2, 32, 18, _from_q4_0, _to_q4_0),
    TensorType("Q4_1", 3, 32, 20, _from_q4_1, _to_q4_1),
    TensorType("Q5_0", 6, 32, 22, _from_q5_0, _to_q5_0),
    TensorType("Q5_1", 7, 32, 24, _from_q5_1, _to_q5_1),
    TensorType("Q8_0", 8, 32, 34, _from_q8_0, _to_q8_0),
    TensorType("Q4_K", 12, 256, 144, _from_q4_k, _to_q4_k),
    TensorType("Q5_K", 13, 256, 176, _from_q5_k, _to_q5_k),
    TensorType("Q6_K", 14, 256, 210, _from_q6_k, _to_q6_k),
)
# Some that are there and that nothing here reads.
OTHERS = (TensorType("Q2_K", 10, 256, 84), TensorType("Q3_K", 11, 256, 110),
          TensorType("IQ4_NL", 20, 32, 18), TensorType("IQ4_XS", 23, 256, 136),
          TensorType("I8", 24, 1, 1), TensorType("I32", 26, 1, 4),
          TensorType("F64", 28, 1, 8))
TYPES = {each.name: each for each in READABLE + OTHERS}
NUMBERS = {each.number: each for each in TYPES.values()}


def to_bytes(matrix, name):
    """The bytes of a matrix or vector, by the plain quantiser of a type."""
    kind = TYPES[name]
    values = np.asarray(matrix, np.float32)
    if values.shape[-1] % kind.elements:
        raise ValueError(f"rows of {values.shape[-1]} are no whole blocks of "
                         f"{name}")
    return kind.quantize(values.reshape(-1, kind.elements)).tobytes()


def from_bytes(data, name, shape):
    """float32 values of a tensor's bytes."""
    kind = TYPES[name]
    blocks = np.frombuffer(data, np.uint8).reshape(-1, kind.bytes)
    return kind.dequantize(blocks).astype(np.float32).reshape(shape)
