#!/usr/bin/env python3
"""Writes broken GGUF files, each with what the compiler must say of it.

  make_gguf_cases.py DIR      writes DIR/<case>/ and DIR/cases.json

A case is a tiny good model with one thing wrong, the exit code, and a regular
expression for the one error line. `model.gguf` is the file to compile, or the
first of several.
"""

import dataclasses
import json
import os
import struct
import sys
from typing import Callable

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "reference"))
from gguf_io import (ALIGNMENT, Value, encode_file, header, padding,  # noqa: E402
                     pair, split_name, tensor, tensor_info, text)

BAD_DATA, MISSING = 65, 66
MAX64 = 2 ** 64 - 1
SPLIT = "model-00001-of-00002.gguf"


def metadata():
    sizes = {"block_count": 1, "context_length": 64, "embedding_length": 32,
             "feed_forward_length": 64, "attention.head_count": 2,
             "attention.head_count_kv": 1, "attention.key_length": 16,
             "attention.value_length": 16}
    return {"general.architecture": Value("string", "gemma"),
            **{f"gemma.{key}": Value("u32", size)
               for key, size in sizes.items()},
            "gemma.attention.layer_norm_rms_epsilon": Value("f32", 1e-6),
            **vocabulary()}


def vocabulary():
    pieces = [("<pad>", 3), ("<eos>", 3), ("<bos>", 3), ("<unk>", 2)]
    pieces += [(f"<0x{value:02X}>", 6) for value in range(256)]
    pieces += [("a", 1), ("b", 1), ("ab", 1)]
    pairs = {"model": Value("string", "llama"),
             "tokens": Value("[string]", [piece for piece, _ in pieces]),
             "scores": Value("[f32]", [-float(i) for i in range(len(pieces))]),
             "token_type": Value("[i32]", [kind for _, kind in pieces]),
             "bos_token_id": Value("u32", 2), "eos_token_id": Value("u32", 1),
             "add_space_prefix": Value("bool", False)}
    return {f"tokenizer.ggml.{key}": value for key, value in pairs.items()}


SHAPES = {"token_embd": (263, 32), "output_norm": (32,),
          "blk.0.attn_norm": (32,), "blk.0.attn_q": (32, 32),
          "blk.0.attn_k": (16, 32), "blk.0.attn_v": (16, 32),
          "blk.0.attn_output": (32, 32), "blk.0.ffn_norm": (32,),
          "blk.0.ffn_gate": (64, 32), "blk.0.ffn_up": (64, 32),
          "blk.0.ffn_down": (32, 64)}


def tensors():
    return [tensor(f"{name}.weight", np.full(shape, 0.5, np.float32),
                   "F32" if len(shape) == 1 else "Q8_0")
            for name, shape in SHAPES.items()]


GOOD = encode_file(metadata(), tensors())


@dataclasses.dataclass
class Case:
    name: str
    exit_code: int
    pattern: str
    change: Callable  # gives {file name: bytes}
    first: str = "model.gguf"

    def make(self, path):
        """Writes the case's folder, which must not be there yet; gives the
        path of the file to compile."""
        os.makedirs(path)
        for name, content in self.change().items():
            with open(os.path.join(path, name), "wb") as file:
                file.write(content)
        return os.path.join(path, self.first)


CASES = []


def case(name, pattern, change, code=BAD_DATA, first="model.gguf"):
    assert all(each.name != name for each in CASES), name
    CASES.append(Case(name, code, pattern, change, first))


def with_bytes(name, pattern, content, code=BAD_DATA):
    case(name, r"model\.gguf: .*" + pattern,
         lambda: {"model.gguf": content() if callable(content) else content},
         code)


def with_pairs(name, pattern, change):
    """A well-formed file whose metadata are changed by change(pairs)."""
    def content():
        pairs = metadata()
        change(pairs)
        return encode_file(pairs, tensors())
    with_bytes(name, pattern, content)


def with_value(name, pattern, key, value):
    """One key of gemma.* or of the whole file, by its full name if it has a
    dot in front."""
    key = key[1:] if key.startswith(".") else "gemma." + key
    with_pairs(name, pattern,
               lambda pairs: (pairs.pop(key, None) if value is None
                              else pairs.update({key: value})))


def with_tensors(name, pattern, change):
    """A well-formed file whose tensors are changed by change(list)."""
    def content():
        some = tensors()
        change(some)
        return encode_file(metadata(), some)
    with_bytes(name, pattern, content)


def with_infos(name, pattern, infos, count=None, data=4096, alignment=32):
    """Descriptions of tensors as bytes, without metadata."""
    def content():
        head = header(len(infos) if count is None else count, 0)
        head += b"".join(infos)
        return head + padding(len(head), alignment) + bytes(data)
    with_bytes(name, pattern, content)


def raw_pairs(name, pattern, raw, count=1):
    with_bytes(name, pattern, header(0, count) + raw)


# ----------------------------------------------------------------------------
# The file
# ----------------------------------------------------------------------------

with_bytes("empty", "expected a GGUF file, found 0 bytes", b"")
with_bytes("three-bytes", "expected a GGUF file, found 3 bytes", b"GGU")
with_bytes("magic-only", "expected a header of 24 bytes, found 4", b"GGUF")
for size in (5, 8, 15, 16, 23):
    with_bytes(f"cut-at-{size}", "expected a header of 24 bytes", GOOD[:size])
with_bytes("ggml", "expected a GGUF file, found 'ggml'", b"ggml" + GOOD[4:])
with_bytes("safetensors", "expected a GGUF file", struct.pack("<Q", 2) + b"{}")
with_bytes("zip", "expected a GGUF file, found 'PK", b"PK\3\4" + bytes(100))
with_bytes("html", "expected a GGUF file", b"<!DOCTYPE html><html>not found")
with_bytes("zeros", "expected a GGUF file", bytes(4096))
with_bytes("lfs-pointer", "git-lfs pointer",
           b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64)
for version in (0, 1, 4, 2 ** 32 - 1):
    with_bytes(f"version-{version}", f"version: expected 2 or 3.*{version}",
               b"GGUF" + struct.pack("<I", version) + GOOD[8:])
with_bytes("big-endian", "found 3, big-endian",
           b"GGUF" + struct.pack(">IQQ", 3, 0, 0))
with_bytes("no-data", "bytes for .* to the end of the file",
           lambda: GOOD[:-sum(len(t.data) for t in tensors())])
with_bytes("last-tensor-cut", "bytes for .*to the end of the file", GOOD[:-65])
with_bytes("more-data", r"expected \d+ bytes of data, as its header says",
           GOOD + bytes(64))
with_bytes("half", r"'token_embd.weight': expected 8942 bytes for Q8_0 "
           r"\[263, 32\], found \d+ to the end of the file",
           GOOD[:len(GOOD) // 2])
case("missing", "expected a file, found none", lambda: {}, MISSING)

# ----------------------------------------------------------------------------
# Counts
# ----------------------------------------------------------------------------

for name, count in (("one", 1), ("large", 2 ** 40), ("max", MAX64),
                    ("negative", 2 ** 63)):
    with_bytes(f"tensors-{name}", f"tensors: expected at most 0, found {count}",
               header(count, 0))
    with_bytes(f"pairs-{name}", f"metadata: expected at most 0 pairs, found {count}",
               header(0, count))
# What follows is then read as what it is not: padding and values as a name,
# the name of a tensor as a key, a key as the name of a tensor.
with_bytes("tensors-one-too-many",
           r"tensor 11: name: expected 1 to 255 bytes, found \d{8,}",
           GOOD[:8] + struct.pack("<Q", 12) + GOOD[16:])
with_bytes("tensors-one-too-few", "expected 16960 bytes of data, as its header "
           "says, found 19200",
           GOOD[:8] + struct.pack("<Q", 10) + GOOD[16:])
with_bytes("pairs-one-too-many",
           r"tensor 0: name: expected 1 to 255 bytes, found \d{8,}",
           GOOD[:16] + struct.pack("<Q", len(metadata()) + 1) + GOOD[24:])
with_bytes("pairs-one-too-few", "'tokenizer.ggml.add_space_prefix': shape: "
           "expected 1 to 4 dimensions, found 7",
           GOOD[:16] + struct.pack("<Q", len(metadata()) - 1) + GOOD[24:])
with_bytes("pairs-million", "metadata: expected at most 65536 pairs",
           lambda: header(0, 10 ** 6) + b"".join(
               pair(f"k{i}", Value("u8", 0)) for i in range(10 ** 6)))
with_bytes("tensors-million", "tensors: expected at most 65536, found 1000000",
           lambda: header(10 ** 6, 0) + tensor_info("a", (1,), 0, 0) * 10 ** 6)

# ----------------------------------------------------------------------------
# Metadata
# ----------------------------------------------------------------------------

raw_pairs("key-empty", "key 0: expected 1 to", text("") + bytes(20))
raw_pairs("key-max", "key 0: expected 1 to", struct.pack("<Q", MAX64) + bytes(20))
raw_pairs("key-past-end", "key 0: expected 1 to 20 bytes, found 21",
          struct.pack("<Q", 21) + bytes(20))
raw_pairs("key-at-the-end", "key 1: expected its name, found the end of the file",
          pair("k", Value("string", "a long value")) + struct.pack("<Q", 1), 2)
raw_pairs("key-64k", "key 0: expected 1 to 65535 bytes", text("k" * 65536) +
          struct.pack("<IB", 0, 0))
raw_pairs("type-13", "type: expected a type from 0 to 12, found 13",
          text("k") + struct.pack("<IQ", 13, 0))
raw_pairs("type-max", "type: expected a type", text("k") + b"\xff" * 12)
raw_pairs("bool-2", "expected a bool of 0 or 1, found 2",
          text("k") + struct.pack("<IB", 7, 2))
raw_pairs("number-cut", "expected a whole u64",
          text("k") + struct.pack("<II", 10, 0))
raw_pairs("string-max", "expected a whole string",
          text("k") + struct.pack("<IQ", 8, MAX64))
raw_pairs("string-past-end", "expected a whole string",
          text("k") + struct.pack("<IQ", 8, 5) + b"abcd")
raw_pairs("array-cut", "expected a whole array",
          text("k") + struct.pack("<II", 9, 4))
raw_pairs("array-type-13", "type of items: expected a type",
          text("k") + struct.pack("<IIQ", 9, 13, 0))
raw_pairs("array-max", "array of at most 0 items, found 18446744073709551615",
          text("k") + struct.pack("<IIQ", 9, 4, MAX64))
raw_pairs("array-overflow", "array of at most 0 items, found 4611686018427387904",
          text("k") + struct.pack("<IIQ", 9, 4, 2 ** 62))
raw_pairs("array-of-strings-max", "array of at most 1 items",
          text("k") + struct.pack("<IIQQ", 9, 8, 2 ** 61, 0))
raw_pairs("array-string-past-end", "expected a whole string",
          text("k") + struct.pack("<IIQQ", 9, 8, 1, 9))
raw_pairs("arrays-deep", "arrays nested at most 4 deep",
          text("k") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 100000)
with_bytes("array-20-million", "array of at most 16777216 items",
           lambda: header(0, 1) + text("k") +
           struct.pack("<IIQ", 9, 0, 20_000_000) + bytes(20_000_000))
raw_pairs("key-twice", "'k': expected it once, found it twice",
          pair("k", Value("u8", 1)) * 2, 2)
raw_pairs("key-unprintable", r"'\\x1b\[2J\\x0a': expected it once",
          pair("\x1b[2J\n", Value("u8", 1)) * 2, 2)
with_bytes("no-architecture", "general.architecture: expected .*found none",
           header(0, 0))

for alignment in (0, 1, 4, 2 ** 31):
    with_value(f"alignment-{alignment}", "general.alignment: expected an integer "
               "from 8 to 65536", "." + ALIGNMENT, Value("u32", alignment))
with_value("alignment-48", "expected a power of two, found u32 48",
           "." + ALIGNMENT, Value("u32", 48))
with_value("alignment-string", "general.alignment: expected an integer",
           "." + ALIGNMENT, Value("string", "32"))
with_value("alignment-64", "'blk.0.attn_v.weight': offset: expected a multiple of "
           "64, found 10848",
           "." + ALIGNMENT, Value("u32", 64))

# ----------------------------------------------------------------------------
# Tensors
# ----------------------------------------------------------------------------

with_infos("name-empty", "tensor 0: name: expected 1 to", [
    tensor_info("", (4,), 0, 0)])
with_infos("name-long", "tensor 0: name: expected 1 to 255 bytes, found 256", [
    tensor_info("n" * 256, (4,), 0, 0)])
with_infos("name-max", "tensor 0: name: expected 1 to", [
    struct.pack("<Q", MAX64) + bytes(40)])
with_infos("rank-0", "'a': shape: expected 1 to 4 dimensions, found 0", [
    tensor_info("a", (), 0, 0) + bytes(8)])
with_infos("rank-5", "1 to 4 dimensions, found 5", [
    tensor_info("a", (1,) * 5, 0, 0)])
with_infos("rank-max", "1 to 4 dimensions, found 4294967295", [
    text("a") + b"\xff" * 40])
with_infos("dimension-0", "dimensions from 1 to 2.48, found 0", [
    tensor_info("a", (0,), 0, 0)])
with_infos("dimension-max", "dimensions from 1 to 2.48", [
    tensor_info("a", (MAX64,), 0, 0)])
with_infos("size-overflow", "a size of 64 bits", [
    tensor_info("a", (2 ** 48, 2 ** 48), 0, 0)])
with_infos("size-overflow-to-0", "a size of 64 bits", [
    tensor_info("a", (2 ** 32, 2 ** 32), 0, 0)])
with_infos("size-large", "bytes for F32 .*to the end of the file", [
    tensor_info("a", (2 ** 40,), 0, 0)])
for number in (4, 5, 36, 255, 2 ** 32 - 1):
    with_infos(f"tensor-type-{number}", f"a tensor type of GGUF, found {number}",
               [tensor_info("a", (32,), number, 0)])
with_infos("part-of-a-block", r"whole blocks of 32, found Q4_0 \[33\]", [
    tensor_info("a", (33,), 2, 0)])
with_infos("part-of-a-k-block", r"whole blocks of 256, found Q6_K \[2, 128\]", [
    tensor_info("a", (2, 128), 14, 0)])
with_infos("misaligned", "offset: expected a multiple of 32, found 16", [
    tensor_info("a", (4,), 0, 16)])
with_infos("offset-max", "'a': offset: expected 0 .there is a hole., found "
           "18446744073709551584", [
    tensor_info("a", (4,), 0, MAX64 - 31)])
with_infos("hole-first", "expected 0 .there is a hole., found 32", [
    tensor_info("a", (4,), 0, 32)])
with_infos("hole", "'b': offset: expected 32 .there is a hole., found 64", [
    tensor_info("a", (4,), 0, 0), tensor_info("b", (4,), 0, 64)])
with_infos("overlap", "'b': offset: expected 64 .they overlap., found 32", [
    tensor_info("a", (9,), 0, 0), tensor_info("b", (9,), 0, 32)])
with_infos("tensor-twice", "'a': expected each tensor once", [
    tensor_info("a", (4,), 0, 0), tensor_info("a", (4,), 0, 32)], data=64)
with_infos("info-cut", "tensors: expected at most 0, found 1",
           [tensor_info("a", (4,), 0, 0)[:-1]], count=1, data=0, alignment=1)
with_infos("second-info-cut", "'b': expected a type and offset, found the end of "
           "the file after 4 bytes",
           [tensor_info("a" * 99, (4,), 0, 0), tensor_info("b", (4,), 0, 0)[:-4]],
           count=2, data=0, alignment=1)
with_infos("name-at-the-end", "tensor 1: expected a name, found the end of the "
           "file", [tensor_info("a" * 99, (4,), 0, 0), struct.pack("<Q", 1)],
           count=2, data=0, alignment=1)


def replace(name, changed):
    """Puts another tensor in the place of one."""
    def change(some):
        index = next(i for i, each in enumerate(some)
                     if each.name == name + ".weight")
        if changed is None:
            del some[index]
        else:
            some[index] = changed
    return change


def zeros(name, shape, kind="F32"):
    return tensor(f"{name}.weight", np.zeros(shape, np.float32), kind)


for name in ("token_embd", "output_norm", "blk.0.attn_q", "blk.0.ffn_norm"):
    with_tensors(f"no-{name}", f"'{name}.weight': expected .*, found none",
                 replace(name, None))
with_tensors("one-tensor-more", "'blk.1.attn_q.weight': expected only tensors of "
             "GemmaForCausalLM with 1 layers",
             lambda some: some.append(zeros("blk.1.attn_q", (32, 32))))
with_tensors("rope-freqs", "'rope_freqs.weight': expected only tensors",
             lambda some: some.append(zeros("rope_freqs", (8,))))
with_tensors("shape", r"'blk.0.attn_q.weight': expected \[32, 32\] as the "
             r"metadata have it, found F32 \[64, 32\]",
             replace("blk.0.attn_q", zeros("blk.0.attn_q", (64, 32))))
with_tensors("shape-transposed", r"'blk.0.attn_k.weight': expected \[16, 32\]",
             replace("blk.0.attn_k", zeros("blk.0.attn_k", (32, 16))))
with_tensors("shape-of-rank-3", r"'blk.0.attn_q.weight': expected \[32, 32\]",
             replace("blk.0.attn_q", zeros("blk.0.attn_q", (1, 32, 32))))
with_tensors("norm-matrix", r"'output_norm.weight': expected \[32\]",
             replace("output_norm", zeros("output_norm", (1, 32))))
with_tensors("embedding-vector", "'token_embd.weight': expected a matrix",
             replace("token_embd", zeros("token_embd", (263 * 32,))))
with_tensors("embedding-short", "tokenizer.ggml.tokens: expected 1 to 262 strings",
             replace("token_embd", zeros("token_embd", (262, 32))))


def other_type(kind, number, size):
    """A tensor of a type that is not read: an F32 one with the number changed,
    as long as the other type is."""
    def content():
        some = [each for each in tensors() if each.name != "blk.0.attn_q.weight"]
        head = header(len(some) + 1, len(metadata()))
        head += b"".join(pair(k, v) for k, v in metadata().items())
        data = b""
        from gguf_blocks import TYPES
        for each in some:
            head += tensor_info(each.name, each.shape, TYPES[each.kind].number,
                                len(data))
            data += each.data + padding(len(each.data), 32)
        head += tensor_info("blk.0.attn_q.weight", (32, 32), number, len(data))
        return head + padding(len(head), 32) + data + bytes(size)
    with_bytes(f"type-{kind}", f"'blk.0.attn_q.weight': expected F32, F16.*, "
               f"found {kind}", content)


other_type("I8", 24, 1024)
other_type("IQ4_NL", 20, 32 * 18)
other_type("F64", 28, 8192)
other_type("Q8_1", 9, 32 * 36)

# ----------------------------------------------------------------------------
# Config
# ----------------------------------------------------------------------------

with_value("architecture-llama", "expected 'gemma', 'gemma2' or 'gemma3', found "
           "'llama'", ".general.architecture", Value("string", "llama"))
with_value("architecture-gemma4", "found 'gemma4'", ".general.architecture",
           Value("string", "gemma4"))
with_value("architecture-number", "expected a string, found u32 1",
           ".general.architecture", Value("u32", 1))
with_value("architecture-binary", r"found '\\x00\\xff\\x0a'",
           ".general.architecture", Value("string", b"\0\xff\n"))
with_value("architecture-other-keys", "gemma2.embedding_length: expected",
           ".general.architecture", Value("string", "gemma2"))
for key in ("block_count", "embedding_length", "context_length",
            "feed_forward_length", "attention.head_count",
            "attention.layer_norm_rms_epsilon"):
    with_value(f"without-{key}", f"gemma.{key}: expected .*, found none", key,
               None)
    if "epsilon" not in key:
        with_value(f"{key}-0", f"gemma.{key}: expected an integer from 1", key,
                   Value("u32", 0))
        with_value(f"{key}-max", f"gemma.{key}: expected an integer from 1", key,
                   Value("u64", MAX64))
with_value("blocks-negative", "found i32 -1", "block_count", Value("i32", -1))
with_value("blocks-float", "found f32 1.0", "block_count", Value("f32", 1.0))
with_value("blocks-string", "found string '1'", "block_count",
           Value("string", "1"))
with_value("blocks-array", "found an array of 1 u32", "block_count",
           Value("[u32]", [1]))
with_value("blocks-1024", r"'blk.1.attn_norm.weight': expected a tensor \[32\]",
           "block_count", Value("u32", 1024))
with_value("heads-of-kv", "a divisor of head_count = 2", "attention.head_count_kv",
           Value("u32", 3))
with_value("head-odd", "expected an even number, found 15",
           "attention.key_length", Value("u32", 15))
with_value("head-value", "value_length: expected an integer from 16 to 16",
           "attention.value_length", Value("u32", 8))
with_pairs("heads-wide", "expected at most 1048576 elements in all heads",
           lambda pairs: pairs.update({
               "gemma.attention.head_count": Value("u32", 4096),
               "gemma.attention.key_length": Value("u32", 512),
               "gemma.attention.value_length": Value("u32", 512)}))
for name, value in (("nan", float("nan")), ("inf", float("inf")), ("0", 0.0),
                    ("negative", -1.0)):
    with_value(f"epsilon-{name}", "rms_epsilon: expected an f32 above 0",
               "attention.layer_norm_rms_epsilon", Value("f32", value))
with_value("rope-base", "rope.freq_base: expected an f32", "rope.freq_base",
           Value("f32", -1.0))
with_value("rope-linear", "rope.scaling.type: expected 'none', found 'linear'",
           "rope.scaling.type", Value("string", "linear"))
with_value("rope-yarn", "found 'yarn'", "rope.scaling.type",
           Value("string", "yarn"))
with_value("rope-factor", "rope.scaling.factor: expected 1", "rope.scaling.factor",
           Value("f32", 8.0))
with_value("rope-part", "dimension_count: expected an integer from 16 to 16",
           "rope.dimension_count", Value("u32", 8))
for key in ("attn_logit_softcapping", "final_logit_softcapping"):
    for name, value in (("negative", -1.0), ("nan", float("nan"))):
        with_bytes(f"{key}-{name}", f"gemma2.{key}: expected an f32 above 0",
                   encode_file({**{each.replace("gemma.", "gemma2."): item
                                   for each, item in metadata().items()},
                                "general.architecture": Value("string", "gemma2"),
                                f"gemma2.{key}": Value("f32", value)},
                               tensors()))
with_value("not-causal", "attention.causal: expected true", "attention.causal",
           Value("bool", False))

# ----------------------------------------------------------------------------
# Vocabulary
# ----------------------------------------------------------------------------


def with_vocabulary(name, pattern, key, value):
    with_value("vocabulary-" + name, pattern, ".tokenizer.ggml." + key, value)


def changed(key, index, item):
    """The good array of a key with another item."""
    value = vocabulary()["tokenizer.ggml." + key]
    items = list(value.value)
    items[index] = item
    return Value(value.kind, items)


with_vocabulary("bpe", "expected 'llama' .*, found 'gpt2'", "model",
                Value("string", "gpt2"))
with_vocabulary("no-model", "tokenizer.ggml.model: expected .*none", "model", None)
with_vocabulary("no-tokens", "tokens: expected 1 to .*none", "tokens", None)
with_vocabulary("empty", "tokens: expected 1 to", "tokens", Value("[string]", []))
with_vocabulary("numbers", "expected an array of strings", "tokens",
                Value("[u32]", [1]))
with_vocabulary("too-many", "tokens: expected 1 to 263 strings", "tokens",
                Value("[string]", ["x"] * 264))
with_vocabulary("no-scores", "scores: expected an array", "scores", None)
with_vocabulary("few-scores", "scores: expected 263 items", "scores",
                Value("[f32]", [0.0]))
with_vocabulary("score-nan", "score: expected a finite number", "scores",
                changed("scores", 260, float("nan")))
with_vocabulary("no-types", "token_type: expected an array", "token_type", None)
with_vocabulary("type-0", "item 260: expected a type from 1 to 6, found 0",
                "token_type", changed("token_type", 260, 0))
with_vocabulary("type-min", "found -2147483648", "token_type",
                changed("token_type", 0, -2 ** 31))
with_vocabulary("two-unk", "expected one <unk> .*found 2", "token_type",
                changed("token_type", 260, 2))
with_vocabulary("no-unk", "expected one <unk> .*found 0", "token_type",
                changed("token_type", 3, 1))
with_vocabulary("byte-missing", "expected 256 byte pieces", "token_type",
                changed("token_type", 4, 1))
with_vocabulary("token-twice", "expected each text once", "tokens",
                changed("tokens", 261, "a"))
with_vocabulary("token-empty", "piece 260: expected 1 to 4096 bytes", "tokens",
                changed("tokens", 260, ""))
with_vocabulary("token-long", "expected 1 to 4096 bytes of text, found 5000",
                "tokens", changed("tokens", 260, "x" * 5000))
with_vocabulary("token-bytes", "expected UTF-8 without NUL", "tokens",
                changed("tokens", 260, b"\xff\xfe"))
with_vocabulary("token-nul", "expected UTF-8 without NUL", "tokens",
                changed("tokens", 260, b"a\0b"))
with_vocabulary("eos", "eos_token_id: expected an integer from 0 to 262",
                "eos_token_id", Value("u32", 263))
with_vocabulary("bos-max", "bos_token_id: expected an integer", "bos_token_id",
                Value("u32", 2 ** 32 - 1))
with_vocabulary("space-prefix", "add_space_prefix: expected false",
                "add_space_prefix", Value("bool", True))
with_vocabulary("space-prefix-number", "expected a bool, found u32 0",
                "add_space_prefix", Value("u32", 0))
with_vocabulary("charsmap", "precompiled_charsmap: expected none",
                "precompiled_charsmap", Value("[u8]", [4, 0, 0, 0]))
with_value("template-number", "chat_template: expected a string",
           ".tokenizer.chat_template", Value("u32", 1))

# ----------------------------------------------------------------------------
# Several files
# ----------------------------------------------------------------------------


def parts(change=None):
    """A good model in two files; change(pairs of both) may spoil them."""
    both = [dict(metadata()), {}]
    for number, pairs in enumerate(both):
        pairs["split.no"] = Value("u16", number)
        pairs["split.count"] = Value("u16", 2)
    files = [tensors()[:5], tensors()[5:]]
    if change:
        change(both, files)
    return {split_name("model", number, 2): encode_file(both[number],
                                                        files[number])
            for number in range(2) if both[number] is not None}


def with_parts(name, pattern, change, code=BAD_DATA):
    case("split-" + name, pattern, lambda: parts(change), code, SPLIT)


def set_value(number, key, value):
    return lambda both, files: both[number].update({key: value})


def remove_second(both, files):
    both[1] = None


with_parts("missing", "expected the file 'model-00002-of-00002.gguf' beside it",
           remove_second, MISSING)
with_parts("number", "split.no: expected an integer from 1 to 1, found u16 0",
           set_value(1, "split.no", Value("u16", 0)))
with_parts("count", "split.count: expected an integer from 2 to 2, found u16 3",
           set_value(1, "split.count", Value("u16", 3)))
with_parts("first-count", "expected the name STEM-00001-of-00003.gguf",
           set_value(0, "split.count", Value("u16", 3)))
with_parts("count-max", "split.count: expected an integer from 1 to 4096",
           set_value(0, "split.count", Value("u16", 65535)))
with_parts("count-0", "split.count: expected an integer from 1 to 4096",
           set_value(0, "split.count", Value("u16", 0)))
with_parts("no-count", "split.count: expected an integer from 2 to 2, found none",
           lambda both, files: both[1].pop("split.count"))
with_parts("total", "split.tensors.count: expected 11, as the files have, found "
           "i32 12", set_value(0, "split.tensors.count", Value("i32", 12)))
with_parts("tensor-in-both", "expected each tensor in one file",
           lambda both, files: files[1].append(files[0][0]))
case("split-second", "split.no: expected 0, the first of 2 files, found 1", parts,
     first="model-00002-of-00002.gguf")
case("split-name", "expected the name STEM-00001-of-00002.gguf",
     lambda: {"model.gguf": parts()[SPLIT]})
case("split-second-broken", "00002-of-00002.gguf: expected a GGUF file",
     lambda: {**parts(), "model-00002-of-00002.gguf": b"x" * 100}, first=SPLIT)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    listing = []
    for each in CASES:
        each.make(os.path.join(sys.argv[1], each.name))
        listing.append({"name": each.name, "exit": each.exit_code,
                        "pattern": each.pattern, "file": each.first})
    with open(os.path.join(sys.argv[1], "cases.json"), "w") as file:
        json.dump(listing, file, indent=1)


if __name__ == "__main__":
    main()
