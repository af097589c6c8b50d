#!/usr/bin/env python3
"""Every encoding of the weights: stored values, embedding, logits, errors."""

import functools
import json
import os
import re
import struct
import unittest

import numpy as np

from bundled_models import MODELS
from checkpoint_specs import SPECS, CheckpointSpec
from gemma_tools import (GemmaReference, checkpoint, compile_artifact, dumps,
                         expected_logits, interpreted_logits, logits,
                         new_directory, random_tokens, reference,
                         relative_error, require, run)
from quantization import (WeightEncodings, block_errors, encoded,
                          is_legal_q4_0, quantized)
from random_checkpoint import write_checkpoint
from safetensors_io import Checkpoint

KINDS = ("f32", "f16", "bf16", "q8_0", "q4_0")
# Of the range of the logits, against the reference on the encoded weights:
# what is left are int8 activations, and in f16 the rounding of f32.
TOLERANCE = {"q8_0": 3e-2, "q4_0": 3e-2, "f16": 1e-5}


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-inspect", "gemma-opt")


def symbol(name):
    """layers.0.q_proj of model.layers.0.self_attn.q_proj.weight."""
    name = name.removeprefix("model.").removesuffix(".weight")
    return (name.replace("self_attn.", "").replace("mlp.", "")
            .replace("input_layernorm", "input_norm")
            .replace("post_attention_layernorm", "post_attention_norm"))


@functools.lru_cache(maxsize=None)
def dumped(artifact, name):
    """float32 values of a weight, unpacked from the artifact's bytes."""
    path = os.path.join(new_directory("weight"), "w.npy")
    run("gemma-inspect", artifact, f"--dump-weight={name}", "-o", path)
    return np.load(path)


def matrices(path):
    """(tensor name, float64 values) of a checkpoint's matrices."""
    stored = Checkpoint(path)
    for name in stored.names():
        values = stored.tensor(name)
        if values.ndim == 2:
            yield name, values


def square(size):
    """A model whose logits can be its embedding's rows: those are as wide as
    the vocabulary."""
    return CheckpointSpec(hidden=size, vocab=size, layers=1, heads=2,
                          kv_heads=1, head_dim=10, ff=50, seed=41)


def compile_embedding(path, out, kind, rule=None, cpu=None, status=0):
    """Compiles a square model, all but its embedding left out."""
    pack = os.path.join(new_directory("pack"), "m.3.pack.mlir")
    arguments = [f"--{key}={value}" for key, value in
                 {"weights": kind, "head-weights": kind, "cpu": cpu,
                  "q4_0-rule": rule}.items() if value]
    run("gemma-compile", path, *arguments, "--compile-to=pack", "-o", pack)
    with open(pack) as file:
        lines = file.read().split("\n")
    embed = next(i for i, line in enumerate(lines) if "gemma.embed(" in line)
    end = next(i for i, line in enumerate(lines) if "return" in line)
    value = re.match(r"\s*(%\w+) =", lines[embed])[1]
    rows = lines[embed].rsplit("->", 1)[1].strip()
    lines[embed + 1:end + 1] = [
        f"    %out = gemma.select_rows({value}, %arg3) : "
        f"({rows}, tensor<?xi32>) -> {rows}", f"    return %out : {rows}"]
    with open(pack, "w") as file:
        file.write("\n".join(lines))
    return run("gemma-compile", "--compile-from=pack", pack, "-o", out,
               status=status)


@functools.lru_cache(maxsize=None)
def embedding_only(size, kind, rule=None, cpu=None):
    """(artifact, checkpoint) of a square model's embedding."""
    path = checkpoint(square(size))
    artifact = os.path.join(new_directory("embedding"), "m.gemma")
    compile_embedding(path, artifact, kind, rule, cpu)
    return artifact, path


class EmbeddingTest(unittest.TestCase):
    def check(self, size, kind, cpu=None, rule=None):
        artifact, path = embedding_only(size, kind, rule, cpu)
        table = reference(path)._tensor("model.embed_tokens.weight")
        values = dumped(artifact, "embed_tokens")
        if rule != "mse":
            np.testing.assert_array_equal(values, encoded(table, kind))
        scale = np.float32(reference(path).embedding_scale)
        tokens = list(range(size))
        np.testing.assert_array_equal(logits(artifact, tokens), values * scale)

    def test_rows_are_exactly_the_stored_values(self):
        for kind in KINDS:
            # Whole superblocks, whole blocks, neither, less than a k-step.
            for size in (128, 96, 130, 37, 67):
                with self.subTest(kind=kind, size=size):
                    self.check(size, kind,
                               rule="ggml" if kind == "q4_0" else None)

    def test_every_cpu_level(self):
        for kind in KINDS:
            for cpu in ("x86-64", "x86-64-v2", "x86-64-v3"):
                with self.subTest(kind=kind, cpu=cpu):
                    self.check(67, kind, cpu,
                               "ggml" if kind == "q4_0" else None)

    def test_found_scales(self):
        self.check(130, "q4_0", rule="mse")


def kind_of(name, names, kind):
    """What a weight is stored as: an embedding that is no head, as q8_0 where
    the others are q4_0."""
    is_only_embedding = "embed_tokens" in name and "lm_head.weight" in names
    return "q8_0" if kind == "q4_0" and is_only_embedding else kind


class StoredValuesTest(unittest.TestCase):
    def check(self, path, kind, rule=None):
        artifact = compile_with_rule(path, kind, rule)
        weights = dict(matrices(path))
        for name, values in weights.items():
            with self.subTest(weight=name):
                found = dumped(artifact, symbol(name))
                self.assertEqual(found.dtype, np.float32)
                stored = kind_of(name, weights, kind)
                if rule != "mse" or stored != kind:
                    np.testing.assert_array_equal(found,
                                                  encoded(values, stored))
                    continue
                self.assertTrue(is_legal_q4_0(found).all())
                by_ggml = block_errors(values, quantized(values, "q4_0"))
                self.assertTrue((block_errors(values, found) <= by_ggml).all())

    def test_equal_to_the_definition(self):
        for name in ("odd", "mixed", "large"):
            for kind in KINDS:
                with self.subTest(checkpoint=name, kind=kind):
                    self.check(checkpoint(SPECS[name]), kind,
                               "ggml" if kind == "q4_0" else None)

    def test_found_scales_are_legal_and_never_worse(self):
        for name in ("odd", "mixed", "large"):
            with self.subTest(checkpoint=name):
                self.check(checkpoint(SPECS[name]), "q4_0", "mse")

    def test_gain_of_found_scales_on_the_bundled_models(self):
        for model in MODELS:
            artifact = compile_with_rule(model.path, "q4_0", "mse")
            errors = {"mse": 0.0, "ggml": 0.0}
            for name, values in matrices(model.path):
                errors["mse"] += block_errors(
                    values, dumped(artifact, symbol(name))).sum()
                errors["ggml"] += block_errors(
                    values, quantized(values, "q4_0")).sum()
            ratio = np.sqrt(errors["mse"] / errors["ggml"])
            print(f"q4_0, {model.name}: root mean square error of mse is "
                  f"{ratio:.4f} of ggml's")
            with self.subTest(model=model.name):
                self.assertLess(ratio, 0.96)

    def test_default_of_the_head(self):
        """q8_0 with q4_0; an embedding that is no head has q8_0 then too."""
        for name, head in (("odd", "embed_tokens"), ("own_head", "lm_head")):
            for flags, expected in (
                    ({}, {"embed_tokens": "q8_0", head: "q8_0"}),
                    ({"head_weights": "q4_0"},
                     {"embed_tokens": "q8_0", head: "q4_0"}),
                    ({"head_weights": "f16"},
                     {"embed_tokens": "q8_0", head: "f16"})):
                artifact = compile_artifact(checkpoint(SPECS[name]),
                                            weights="q4_0", **flags)
                report = json.loads(run("gemma-inspect", artifact, "--weights",
                                        "--json").stdout)
                found = {w["weight"]: w["encoding"]
                         for w in report["weight_list"]}
                with self.subTest(checkpoint=name, **flags):
                    for weight, kind in expected.items():
                        self.assertEqual(found[weight], f"{kind} panel 16")
                    self.assertEqual(found["layers.0.q_proj"], "q4_0 panel 16")
                    self.assertEqual(report["properties"]["head_weights"],
                                     expected[head])


@functools.lru_cache(maxsize=None)
def compile_with_rule(path, kind, rule):
    out = os.path.join(new_directory("artifact"), "model.gemma")
    run("gemma-compile", path, "-o", out, f"--weights={kind}",
        f"--head-weights={kind}", *([f"--q4_0-rule={rule}"] if rule else []))
    return out


class LogitsTest(unittest.TestCase):
    def check(self, name, weights, head, count, rule=None):
        path = checkpoint(SPECS[name])
        tokens = random_tokens(count, SPECS[name].vocab)
        options = {"weights": weights, "head_weights": head, "q4_0_rule": rule,
                   "kv": "f32" if weights == "f16" else None}
        artifact = compile_artifact(path, **options)
        if rule == "mse":
            model = self.model_of(path, artifact)
        else:
            model = GemmaReference.load(
                path, encodings=WeightEncodings(weights, head))
        error = relative_error(logits(artifact, tokens), model.forward(tokens))
        print(f"{name:14}{weights:6}{head:6}{rule or '':6}{count:5} tokens "
              f"{error:.1e}")
        self.assertLessEqual(error, TOLERANCE[weights])

    def model_of(self, path, artifact):
        """The reference on the values that an artifact holds."""
        exact = reference(path)

        def tensor(name):
            values = exact._tensor(name)
            return (dumped(artifact, symbol(name)).astype(np.float64)
                    if values.ndim == 2 else values)

        return GemmaReference(exact.config, tensor)

    def test_f16(self):
        for name in SPECS:
            for count in (1, 7, 200):
                with self.subTest(checkpoint=name, tokens=count):
                    self.check(name, "f16", "f16", count)

    def test_q8_0(self):
        for name in SPECS:
            for count in (1, 7, 200):
                with self.subTest(checkpoint=name, tokens=count):
                    self.check(name, "q8_0", "q8_0", count)

    def test_q4_0(self):
        for name in SPECS:
            with self.subTest(checkpoint=name):
                self.check(name, "q4_0", "q4_0", 40, "ggml")

    def test_q4_0_with_a_head_of_q8_0(self):
        for name in ("mqa", "odd", "own_head", "large", "gemma3"):
            with self.subTest(checkpoint=name):
                self.check(name, "q4_0", "q8_0", 40, "ggml")

    def test_q4_0_with_found_scales(self):
        for name in ("mqa", "odd", "large"):
            with self.subTest(checkpoint=name):
                self.check(name, "q4_0", "q4_0", 40, "mse")

    def test_a_head_of_another_kind(self):
        for weights, head in (("q8_0", "bf16"), ("q4_0", "f16"),
                              ("q8_0", "f32")):
            with self.subTest(weights=weights, head=head):
                self.check("gqa", weights, head, 40,
                           "ggml" if weights == "q4_0" else None)

    def test_interpreter_reads_the_same_weights(self):
        """The packed dump means the artifact: same weights, same int8 rows."""
        for weights in ("q8_0", "q4_0"):
            path = checkpoint(SPECS["mqa"])
            files = dumps(path, weights=weights)
            tokens = random_tokens(9, SPECS["mqa"].vocab)
            meant = interpreted_logits(files["pack"], tokens)
            with self.subTest(weights=weights):
                self.assertLess(relative_error(meant, self.model_of(
                    path, files["emit"]).forward(tokens)), TOLERANCE[weights])


def overwrite(path, name, row, column, value):
    """Sets one element of an f32 tensor of an unsharded checkpoint."""
    file_path = os.path.join(path, "model.safetensors")
    with open(file_path, "r+b") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        entry = json.loads(file.read(size))[name]
        columns = entry["shape"][1]
        file.seek(8 + size + entry["data_offsets"][0]
                  + 4 * (row * columns + column))
        file.write(struct.pack("<f", value))


class ErrorsTest(unittest.TestCase):
    TENSOR = "model.embed_tokens.weight"

    def check(self, value, message, kind):
        path = write_checkpoint(new_directory("bad"), square(67))
        overwrite(path, self.TENSOR, 35, 17, value)
        directory = new_directory("output")
        done = compile_embedding(path, os.path.join(directory, "m.gemma"),
                                 kind, status=65)
        self.assertEqual(done.stderr.split("\n")[-2],
                         f'error: model.safetensors: "{self.TENSOR}": '
                         "expected " + message + " (row 35, column 17)")
        self.assertEqual(os.listdir(directory), [])

    def test_not_finite(self):
        for weights in KINDS:
            for value, shown in ((np.nan, "nan"), (np.inf, "inf"),
                                 (-np.inf, "-inf")):
                with self.subTest(weights=weights, value=value):
                    self.check(value, f"finite values, found {shown}",
                               weights)

    def test_too_large(self):
        for weights, value, limit, shown in (
                ("f16", 65520.0, "65520", "65520"),
                ("bf16", 3.4e38, "3.39618e+38", "3.4e+38"),
                ("q8_0", -8.4e6, "8.32104e+06", "-8.4e+06"),
                ("q4_0", 6e5, "524160", "600000")):
            with self.subTest(weights=weights):
                self.check(value, f"values below {limit}, which its encoding "
                           f"can hold, found {shown}", weights)

    def test_usage(self):
        path = checkpoint(SPECS["mqa"])
        for arguments in (["--weights=q3"], ["--head-weights=q5"],
                          ["--q4_0-rule=ggml"],
                          ["--weights=q4_0", "--q4_0-rule=x"],
                          ["--weights=q8_0", "--q4_0-rule=mse"]):
            with self.subTest(arguments=arguments):
                done = run("gemma-compile", path, *arguments,
                           "--compile-to=import", status=64)
                self.assertRegex(done.stderr,
                                 r"\Aerror: --.+: expected .+\n\Z")

    def test_dump_of_a_weight(self):
        artifact, _ = embedding_only(37, "q8_0")
        out = os.path.join(new_directory("weight"), "w.npy")
        run("gemma-inspect", artifact, "--dump-weight=none", "-o", out,
            status=66)
        run("gemma-inspect", artifact, "--dump-weight=embed_tokens", status=64)
        run("gemma-inspect", artifact, "-o", out, status=64)
        self.assertFalse(os.path.exists(out))


if __name__ == "__main__":
    unittest.main()
