#!/usr/bin/env python3
"""Bad artifacts end in one error line and the documented exit code.

Every case is made from a real artifact. An edit of the header, of the manifest
(as JSON, by flatc) or of the segments comes with every hash recomputed, unless
the hash is what is wrong: so each reaches the check that it is about.
"""

import copy
import hashlib
import json
import os
import shutil
import struct
import subprocess
import unittest

from gemma_tools import (MODELS, REPOSITORY, compile_artifact, new_directory,
                         require, run, tool)

TINY = os.path.join(MODELS, "tiny-gemma-it")
SCHEMA = os.path.join(REPOSITORY, "runtime", "artifact", "artifact.fbs")
HEADER = struct.Struct("<8sIIQQQ32s56s")
FIELDS = ("magic", "version", "header_bytes", "file_bytes", "manifest_offset",
          "manifest_bytes", "manifest_sha256", "reserved")
SEGMENTS = (("code", 4096), ("tokenizer", 64), ("weights_segment", 4096),
            ("stub_data", 4096))
BAD_DATA, NOT_FOUND, RESOURCE = 65, 66, 69
# Fields of the manifest's root table, by their order in the schema.
WEIGHTS, KERNELS, FORWARD = 9, 11, 12
SPACE = 1 << 18  # for a manifest: edits move nothing


def setUpModule():
    require("gemma-compile", "gemma-inspect", "gemma-run")


def flatc(*arguments):
    subprocess.run(["flatc", *arguments], check=True, capture_output=True)


class Artifact:
    """An artifact in parts: header fields, manifest, segments."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.header = dict(zip(FIELDS, HEADER.unpack_from(data)))
        begin = self.header["manifest_offset"]
        end = begin + self.header["manifest_bytes"]
        self.folder = new_directory("flatc")
        binary = os.path.join(self.folder, "manifest.bin")
        with open(binary, "wb") as file:
            file.write(data[begin:end])
        flatc("--json", "--strict-json", "--raw-binary", "-o", self.folder,
              SCHEMA, "--", binary)
        with open(os.path.join(self.folder, "manifest.json")) as file:
            self.manifest = json.load(file)
        self.segments = {}
        for name, _ in SEGMENTS:
            segment = self.manifest.get(name, {})
            offset = segment.get("offset", 0)
            self.segments[name] = bytearray(
                data[offset:offset + segment.get("size", 0)])

    def copy(self):
        return copy.deepcopy(self)

    def rehash(self, name):
        self.manifest[name]["sha256"] = list(
            hashlib.sha256(self.segments[name]).digest())

    def lay_out(self):
        end = HEADER.size + SPACE
        for name, alignment in SEGMENTS:
            if self.segments[name]:
                end = -(-end // alignment) * alignment
                self.manifest[name]["offset"] = end
                self.manifest[name]["size"] = len(self.segments[name])
                end += len(self.segments[name])

    def packed(self):
        source = os.path.join(self.folder, "edited.json")
        with open(source, "w") as file:
            json.dump(self.manifest, file)
        flatc("--binary", "-o", self.folder, SCHEMA, source)
        with open(os.path.join(self.folder, "edited.bin"), "rb") as file:
            packed = bytearray(file.read())
        assert len(packed) <= SPACE
        return packed.ljust(SPACE, b"\0")

    def bytes(self, edit_packed=None, edit_header=None):
        """The file; the segments lie as lay_out() puts them, whatever the
        manifest says of them."""
        packed = self.packed()
        if edit_packed:
            edit_packed(packed)
        data = bytearray(HEADER.size) + packed
        for name, alignment in SEGMENTS:
            if self.segments[name]:
                data += bytes(-len(data) % alignment) + self.segments[name]
        header = dict(self.header, file_bytes=len(data),
                      manifest_bytes=len(packed),
                      manifest_sha256=hashlib.sha256(packed).digest())
        if edit_header:
            edit_header(header)
        data[:HEADER.size] = HEADER.pack(*(header[field] for field in FIELDS))
        return data


def header_cases():
    def case(**fields):
        return lambda a: a.bytes(edit_header=lambda h: h.update(fields))
    return {
        "magic": case(magic=b"GEMMA\0\n\n"),
        "magic_of_gguf": case(magic=b"GGUF\3\0\0\0"),
        "version_0": case(version=0),
        "version_2": case(version=2),
        "header_size": case(header_bytes=64),
        "reserved": case(reserved=b"x" * 56),
        "file_size": case(file_bytes=1 << 40),
        "manifest_offset": case(manifest_offset=0),
        "manifest_empty": case(manifest_bytes=0),
        "manifest_huge": case(manifest_bytes=(1 << 64) - 1),
        "manifest_hash": case(manifest_sha256=bytes(32)),
    }


def file_cases():
    def cut(size):
        return lambda a: a.bytes()[:size]

    def flip(a, offset):
        data = a.bytes()
        data[offset] ^= 1
        return data
    return {
        "empty": lambda a: b"",
        "one_byte": lambda a: b"G",
        "zeros": lambda a: bytes(100000),
        "text": lambda a: b"version https://git-lfs.github.com/spec/v1\n" * 9,
        "header_only": cut(HEADER.size),
        "cut_in_manifest": cut(HEADER.size + 1000),
        "cut_before_code": cut(HEADER.size + SPACE),
        "cut_in_code": lambda a: a.bytes()[:a.manifest["code"]["offset"] + 99],
        "cut_by_one": cut(-1),
        "byte_too_much": lambda a: a.bytes() + b"\0",
        "manifest_bit": lambda a: flip(a, HEADER.size + 50),
        "code_bit": lambda a: flip(a, a.manifest["code"]["offset"] + 5000),
        "tokenizer_bit": lambda a: flip(a, a.manifest["tokenizer"]["offset"]),
        "padding": lambda a: flip(
            a, a.manifest["weights_segment"]["offset"] - 1),
    }


def manifest_cases():
    """name: edit of the manifest's JSON."""
    cases = {}

    def case(edit):
        cases[edit.__name__] = edit
        return edit

    @case
    def required_feature(m): m["required_features"] = ["time-travel"]

    @case
    def newline_in_text(m): m["compiler"] = "x\nerror: y"

    @case
    def no_model(m): del m["model"]

    @case
    def no_target(m): del m["target"]

    @case
    def vocab_huge(m): m["model"]["vocab"] = (1 << 32) - 1

    @case
    def layers_zero(m): m["model"]["layers"] = 0

    @case
    def kv_heads_do_not_divide(m): m["model"]["kv_heads"] = 3

    @case
    def eos_outside(m): m["model"]["eos_tokens"] = [2000]

    @case
    def bos_negative(m): m["model"]["bos_token"] = -7

    @case
    def temperature_negative(m): m["model"]["temperature"] = -1.0

    @case
    def chat_format(m): m["model"]["chat_format"] = "chatml"

    @case
    def max_rows_huge(m): m["max_rows"] = 1 << 31

    @case
    def max_rows_beyond_arena(m): m["max_rows"] += 1

    @case
    def arena_small(m): m["arena_bytes"] = 64

    @case
    def code_missing(m): del m["code"]

    @case
    def code_in_manifest(m): m["code"]["offset"] = 4096

    @case
    def tokenizer_over_code(m):
        m["tokenizer"]["offset"] = m["code"]["offset"]

    @case
    def hole(m): m["weights_segment"]["offset"] += 4096

    @case
    def segment_beyond_end(m): m["weights_segment"]["size"] += 64

    @case
    def segment_size_overflows(m):
        m["weights_segment"]["size"] = (1 << 64) - 4096

    @case
    def segment_hash_short(m): m["code"]["sha256"].pop()

    @case
    def weight_over_weight(m):
        m["weights"][1]["offset"] = m["weights"][0].get("offset", 0)

    @case
    def weight_unaligned(m): m["weights"][1]["offset"] += 4

    @case
    def weight_outside(m): m["weights"][1]["offset"] = 1 << 60

    @case
    def weight_size(m): m["weights"][0]["size"] += 64

    @case
    def weight_shape_overflows(m):
        m["weights"][0]["shape"] = [1 << 32] * 4

    @case
    def weight_encoding(m): m["weights"][0]["encoding"]["kind"] = "q2_k"

    @case
    def weight_twice(m):
        m["weights"][0]["name"] = m["weights"][1]["name"]

    @case
    def weight_without_hash(m): del m["weights"][0]["sha256"]

    @case
    def weight_removed(m): m["weights"].pop()

    @case
    def stub_with_weights(m): m["stub"] = True

    @case
    def kv_element(m): m["kv_caches"][0]["element_bytes"] = 5

    @case
    def kernel_index(m): m["forward"][0]["kernel"] = len(m["kernels"])

    @case
    def kernel_absent(m): m["kernels"][0]["symbol"] = "nowhere"

    @case
    def binding_past_arena(m):
        for dispatch in m["forward"]:
            for binding in dispatch["bindings"]:
                if binding.get("kind", "Scratch") == "Scratch":
                    binding["offset"] = m["arena_bytes"] // 64 * 64
                    return

    @case
    def write_to_weight(m):
        for dispatch in m["forward"]:
            for binding in dispatch["bindings"]:
                if binding.get("kind") == "Weight":
                    binding["writes"] = True
                    return

    @case
    def tiles_huge(m): m["forward"][0]["tiles"] = (1 << 64) - 1

    @case
    def no_dispatch(m): m["forward"] = []
    return cases


def machine_cases():
    """Good files for another machine: name: edit of the manifest."""
    def triple(m): m["target"]["triple"] = "riscv64-unknown-linux-gnu"

    def device(m): m["target"]["device"] = "cuda"

    def feature(m): m["target"].setdefault("features", []).append("flux")
    return {"triple": triple, "device": device, "feature": feature}


def count_cases():
    """Vectors that claim more than there is: name: edit of the bytes."""
    def vector(field, count):
        def edit(packed):
            root, = struct.unpack_from("<I", packed, 0)
            vtable = root - struct.unpack_from("<i", packed, root)[0]
            at = root + struct.unpack_from("<H", packed,
                                           vtable + 4 + 2 * field)[0]
            at += struct.unpack_from("<I", packed, at)[0]
            struct.pack_into("<I", packed, at, count)
        return edit
    return {
        "weights": vector(WEIGHTS, (1 << 32) - 1),
        "kernels": vector(KERNELS, 1 << 28),
        "dispatches": vector(FORWARD, 1 << 30),
        "root": lambda packed: struct.pack_into("<I", packed, 0, 1 << 31),
        "identifier": lambda packed: packed.__setitem__(slice(4, 8), b"XXXX"),
    }


def code_cases():
    """Code segments that hash well but are no kernel image."""
    def other_machine(code): struct.pack_into("<H", code, 18, 243)

    def executable(code): struct.pack_into("<H", code, 16, 2)

    def no_elf(code): code[0:4] = b"\x7fBAD"

    def segments(code):
        start, = struct.unpack_from("<Q", code, 32)
        count, = struct.unpack_from("<H", code, 56)
        return range(start, start + count * 56, 56)

    def writable_code(code):
        for at in segments(code):
            kind, flags = struct.unpack_from("<II", code, at)
            if kind == 1 and flags & 1:
                struct.pack_into("<I", code, at + 4, 7)

    def executable_stack(code):
        for at in segments(code):
            if struct.unpack_from("<I", code, at)[0] == 0x6474e551:
                struct.pack_into("<I", code, at + 4, 7)

    def needs_library(code):
        for at in segments(code):
            if struct.unpack_from("<I", code, at)[0] == 2:
                dynamic, = struct.unpack_from("<Q", code, at + 8)
                struct.pack_into("<Q", code, dynamic, 1)  # DT_NEEDED
    return {edit.__name__: edit
            for edit in (other_machine, executable, no_elf, writable_code,
                         executable_stack, needs_library)}


class BadArtifactTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = Artifact(compile_artifact(TINY))
        cls.good.lay_out()
        cls.folder = new_directory("bad")
        cls.count = 0

    def check(self, name, data, status, command, extra=()):
        path = os.path.join(self.folder, name + ".gemma")
        with open(path, "wb") as file:
            file.write(data)
        self.check_path(path, status, command, extra)
        os.unlink(path)

    def check_path(self, path, status, command, extra=()):
        done = subprocess.run([tool(command), path, *extra],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=10)
        message = done.stderr.decode("utf-8", "backslashreplace")
        self.assertEqual(done.returncode, status, message)
        if status:
            self.assertRegex(message, r"\Aerror: [^\n]+\n\Z")
            self.assertEqual(done.stdout, b"")
            self.assertIn(os.path.basename(path), message)

    def check_both(self, name, data, status=BAD_DATA):
        with self.subTest(name):
            self.check(name, data, status, "gemma-inspect", ["--verify"])
            self.check(name, data, status, "gemma-run",
                       ["--tokens=2,5,7", "-n", "1"])
            type(self).count += 1

    def edited(self, edit):
        artifact = self.good.copy()
        edit(artifact.manifest)
        return artifact.bytes()

    def test_the_unedited_one_is_good(self):
        data = self.good.bytes()
        self.check("good", data, 0, "gemma-inspect", ["--verify"])
        self.check("good", data, 0, "gemma-run", ["--tokens=2,5,7", "-n", "1"])

    def test_header(self):
        for name, make in header_cases().items():
            self.check_both(name, make(self.good))

    def test_file(self):
        for name, make in file_cases().items():
            self.check_both(name, make(self.good))

    def test_manifest(self):
        for name, edit in manifest_cases().items():
            self.check_both(name, self.edited(edit))

    def test_counts(self):
        for name, edit in count_cases().items():
            self.check_both("count_" + name, self.good.bytes(edit_packed=edit))

    def test_code(self):
        for name, edit in code_cases().items():
            artifact = self.good.copy()
            edit(artifact.segments["code"])
            artifact.rehash("code")
            self.check_both("code_" + name, artifact.bytes())

    def test_other_machines(self):
        for name, edit in machine_cases().items():
            with self.subTest(name):
                data = self.edited(edit)
                self.check(name, data, RESOURCE, "gemma-run", ["--tokens=2"])
                # It can be inspected anywhere.
                self.check(name, data, 0, "gemma-inspect", ["--verify"])

    def test_weights(self):
        """Damage that only --verify looks for."""
        damaged = self.good.copy()
        damaged.segments["weights_segment"][1234] ^= 1
        self.check("weight_bit", damaged.bytes(), BAD_DATA, "gemma-inspect",
                   ["--verify"])

        def wrong_hash(m): m["weights"][-1]["sha256"][31] ^= 1
        self.check("weight_hash", self.edited(wrong_hash), BAD_DATA,
                   "gemma-inspect", ["--verify"])

    def test_paths(self):
        for command, extra in (("gemma-inspect", []),
                               ("gemma-run", ["--tokens=2"])):
            self.check_path(os.path.join(self.folder, "none"), NOT_FOUND,
                            command, extra)
            self.check_path(self.folder, BAD_DATA, command, extra)
            self.check_path("/dev/zero", BAD_DATA, command, extra)
            pipe = os.path.join(self.folder, "pipe")
            os.mkfifo(pipe)
            self.check_path(pipe, BAD_DATA, command, extra)
            os.unlink(pipe)

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.count} bad artifacts, through two tools each")


if __name__ == "__main__":
    if not shutil.which("flatc"):
        raise SystemExit("flatc is missing (flatbuffers-compiler)")
    unittest.main()
