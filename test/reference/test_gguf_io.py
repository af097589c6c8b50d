#!/usr/bin/env python3
"""Reader, writer and tensor types of GGUF."""

import os
import struct
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gguf_blocks import READABLE, TYPES, from_bytes, to_bytes  # noqa: E402
from gguf_io import (Gguf, GgufFile, Tensor, Value, encode_file,  # noqa: E402
                     tensor, write_file, write_split)

METADATA = {
    "a.u8": Value("u8", 255), "a.i8": Value("i8", -128),
    "a.u16": Value("u16", 65535), "a.i16": Value("i16", -32768),
    "a.u32": Value("u32", 2 ** 32 - 1), "a.i32": Value("i32", -2 ** 31),
    "a.u64": Value("u64", 2 ** 64 - 1), "a.i64": Value("i64", -2 ** 63),
    "a.f32": Value("f32", 0.25), "a.f64": Value("f64", 0.1),
    "a.bool": Value("bool", True), "a.string": Value("string", b"x\0\xff"),
    "a.strings": Value("[string]", [b"", b"ab"]),
    "a.floats": Value("[f32]", [1.0, -2.0]), "a.bools": Value("[bool]", [False]),
    "a.nested": Value("[[u8]]", [[1, 2], [3]]),
}


def half(bits):
    return float(np.array(bits, np.uint16).view(np.float16))


def signed(byte):
    return byte - 256 if byte >= 128 else byte


def scalar(name, block):
    """A block's values, one by one in Python's numbers (float64)."""
    u16 = [int.from_bytes(block[i:i + 2], "little") for i in range(0, len(block), 2)]
    d = half(u16[0])
    out = []
    if name == "Q8_0":
        return [d * signed(block[2 + j]) for j in range(32)]
    if name in ("Q4_0", "Q4_1", "Q5_0", "Q5_1"):
        five, affine = name[1] == "5", name[3] == "1"
        begin = 4 if affine else 2
        high = int.from_bytes(block[begin:begin + 4], "little") if five else 0
        codes = block[begin + (4 if five else 0):]
        for j in range(32):
            q = codes[j % 16] >> (0 if j < 16 else 4) & 15
            q += 16 * (high >> j & 1)
            middle = 16 if five else 8
            out.append(q * d + half(u16[1]) if affine else (q - middle) * d)
        return out
    if name in ("Q4_K", "Q5_K"):
        dmin, q = half(u16[1]), block[4:16]
        for e in range(256):
            j = e // 32
            if j < 4:
                sc, m = q[j] & 63, q[j + 4] & 63
            else:
                sc = (q[j + 4] & 15) | (q[j - 4] >> 6) << 4
                m = (q[j + 4] >> 4) | (q[j] >> 6) << 4
            codes = block[16:] if name == "Q4_K" else block[48:]
            code = codes[e // 64 * 32 + e % 32] >> 4 * (e % 64 // 32) & 15
            if name == "Q5_K":
                code += 16 * (block[16 + e % 32] >> j & 1)
            out.append(d * sc * code - dmin * m)
        return out
    d = half(int.from_bytes(block[208:210], "little"))
    for e in range(256):
        part, rest = divmod(e, 128)
        row, place = divmod(rest, 32)
        low = block[64 * part + 32 * (row % 2) + place] >> 4 * (row // 2) & 15
        high = block[128 + 32 * part + place] >> 2 * row & 3
        sc = signed(block[192 + e // 16])
        out.append(d * sc * ((low | high << 4) - 32))
    return out


class BlocksTest(unittest.TestCase):
    QUANTISED = [t for t in READABLE if t.elements > 1]

    def test_random_bytes_mean_what_the_definition_says(self):
        generator = np.random.default_rng(5)
        for kind in self.QUANTISED:
            blocks = generator.integers(0, 256, (50, kind.bytes), dtype=np.uint8)
            for begin in {"Q6_K": [208], "Q4_0": [0], "Q5_0": [0],
                          "Q8_0": [0]}.get(kind.name, [0, 2]):
                blocks[:, begin + 1] &= 0xbb  # finite scales
            found = from_bytes(blocks.tobytes(), kind.name, (50, kind.elements))
            for row, block in zip(found, blocks):
                wanted = np.array(scalar(kind.name, block.tolist()))
                np.testing.assert_array_equal(row, wanted.astype(np.float32),
                                              kind.name)

    def test_quantisers_are_near(self):
        values = np.random.default_rng(6).standard_normal((40, 512))
        bounds = {"F32": 1e-7, "F16": 1e-3, "BF16": 3e-3, "Q8_0": 6e-3,
                  "Q4_0": 0.1, "Q4_1": 0.09, "Q5_0": 0.05, "Q5_1": 0.045,
                  "Q4_K": 0.09, "Q5_K": 0.045, "Q6_K": 0.025}
        for kind in READABLE:
            found = from_bytes(to_bytes(values, kind.name), kind.name,
                               values.shape)
            error = np.sqrt(np.mean((found - values) ** 2)
                            / np.mean(values ** 2))
            with self.subTest(kind=kind.name):
                self.assertLess(error, bounds[kind.name])
                if kind.elements > 1:
                    self.assertGreater(error, bounds[kind.name] / 4)

    def test_zeros(self):
        for kind in READABLE:
            values = np.zeros((3, 256), np.float32)
            np.testing.assert_array_equal(
                from_bytes(to_bytes(values, kind.name), kind.name, (3, 256)),
                values, kind.name)

    def test_sizes(self):
        for kind in READABLE:
            self.assertEqual(len(to_bytes(np.ones((2, 256)), kind.name)),
                             512 // kind.elements * kind.bytes)
        with self.assertRaises(ValueError):
            to_bytes(np.ones((2, 48)), "Q8_0")


class FileTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.path = os.path.join(self.directory, "a.gguf")
        generator = np.random.default_rng(3)
        self.tensors = [tensor(f"t.{kind.name}",
                               generator.standard_normal((3, 256)), kind.name)
                        for kind in READABLE]

    def test_round_trip(self):
        for version in (2, 3):
            for alignment in (32, 64, 8, 4096):
                write_file(self.path, METADATA, self.tensors, version=version,
                           alignment=alignment)
                file = GgufFile(self.path)
                self.assertEqual(file.version, version)
                self.assertEqual(file.alignment, alignment)
                self.assertEqual(file.data_begin % alignment, 0)
                found = dict(file.metadata)
                found.pop("general.alignment", None)
                self.assertEqual(found, METADATA)
                self.assertEqual(list(file.tensors.values()), self.tensors)

    def test_bytes_of_a_small_file(self):
        data = encode_file({"k": Value("u16", 7)},
                           [Tensor("w", "F32", (1, 2), b"\0" * 8)])
        self.assertEqual(data, b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
                         + struct.pack("<Q", 1) + b"k" + struct.pack("<IH", 2, 7)
                         + struct.pack("<Q", 1) + b"w"
                         + struct.pack("<IQQIQ", 2, 2, 1, 0, 0)
                         + b"\0" * 16 + b"\0" * 32)

    def test_split_files_are_one(self):
        whole = Gguf(write_file(self.path, METADATA, self.tensors))
        first = write_split(os.path.join(self.directory, "s"), METADATA,
                            self.tensors, 3)
        self.assertTrue(first.endswith("s-00001-of-00003.gguf"))
        parts = Gguf(first)
        self.assertEqual(parts.tensors, whole.tensors)
        self.assertEqual(parts.get("split.count"), 3)
        self.assertEqual(parts.get("a.u8"), 255)
        self.assertEqual(parts.get("none", 5), 5)
        for name in whole.tensors:
            self.assertEqual(parts.values(name).shape, (3, 256))

    def test_reader_refuses_what_is_not_in_the_file(self):
        data = encode_file(METADATA, self.tensors)
        for size in (0, 3, 10, 30, 200, len(data) - 300):
            with open(self.path, "wb") as file:
                file.write(data[:size])
            with self.assertRaises((ValueError, struct.error), msg=size):
                GgufFile(self.path)

    def test_numbers_of_types(self):
        self.assertEqual({t.name: t.number for t in READABLE},
                         {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6,
                          "Q5_1": 7, "Q8_0": 8, "Q4_K": 12, "Q5_K": 13,
                          "Q6_K": 14, "BF16": 30})
        self.assertEqual(TYPES["Q6_K"].bytes, 210)


if __name__ == "__main__":
    unittest.main()
