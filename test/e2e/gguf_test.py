#!/usr/bin/env python3
"""GGUF files: values to the bit, logits, vocabulary, what is re-encoded."""

import functools
import json
import os
import re
import struct
import unittest

import numpy as np

from bundled_models import FIRST, HELDOUT, MODELS
from checkpoint_specs import GGUF_SPECS
from gemma_tools import (TOLERANCE, checkpoint, logits, new_directory,
                         random_tokens, relative_error, require, run)
from gguf_blocks import TYPES
from gguf_io import Gguf, Tensor, Value, write_file, write_split
from gguf_model import (from_checkpoint, pieces_of, reference_of,
                        vocabulary_of)
from quantization import encoded
from random_checkpoint import CheckpointSpec

TINY = FIRST.path
TOLERANCE = {**TOLERANCE, "q8_0": 3e-2, "q4_0": 3e-2}
# Types whose values stay, and the encoding that holds them.
EXACT = {"F32": "f32", "F16": "f16", "BF16": "bf16", "Q8_0": "q8_0",
         "Q4_0": "q4_0", "Q5_0": "q8_0"}
ROUNDED = ("Q4_1", "Q5_1", "Q4_K", "Q5_K", "Q6_K")
SPECS = {
    # Rows of whole superblocks, and of 256 for the K types.
    "whole": CheckpointSpec(hidden=256, layers=1, heads=4, kv_heads=1,
                            head_dim=64, ff=512, vocab=131, seed=51),
    **GGUF_SPECS,
}
SYMBOLS = {"token_embd": "embed_tokens", "output_norm": "norm",
           "output": "lm_head", "attn_q": "q_proj", "attn_k": "k_proj",
           "attn_v": "v_proj", "attn_output": "o_proj", "ffn_gate": "gate_proj",
           "ffn_up": "up_proj", "ffn_down": "down_proj",
           "attn_norm": "input_norm", "attn_q_norm": "q_norm",
           "attn_k_norm": "k_norm", "post_attention_norm": "post_attention_norm",
           "ffn_norm": "pre_feedforward_norm",
           "post_ffw_norm": "post_feedforward_norm"}


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-inspect", "gemma-run")


def symbol(name, architecture="gemma"):
    """layers.0.q_proj of blk.0.attn_q.weight."""
    part = name.removesuffix(".weight")
    layer = re.fullmatch(r"blk\.(\d+)\.(.*)", part)
    if not layer:
        return SYMBOLS[part]
    found = SYMBOLS[layer[2]]
    # Gemma 1's checkpoints call the norm before the feed-forward block so.
    if architecture == "gemma" and layer[2] == "ffn_norm":
        found = "post_attention_norm"
    return f"layers.{layer[1]}.{found}"


def write(spec, kind):
    """Path of a new GGUF file of a spec's random checkpoint."""
    path = os.path.join(new_directory("gguf"), "m.gguf")
    return write_file(path, *from_checkpoint(checkpoint(SPECS[spec]), kind))


@functools.lru_cache(maxsize=None)
def gguf(spec, kind):
    return write(spec, kind)


def compile_file(path, *flags):
    """(artifact, stderr)."""
    out = os.path.join(new_directory("artifact"), "model.gemma")
    return out, run("gemma-compile", path, "-o", out, *flags).stderr


@functools.lru_cache(maxsize=None)
def compiled(spec, kind, *flags):
    return compile_file(gguf(spec, kind), *flags)


@functools.lru_cache(maxsize=None)
def dumped(artifact, name):
    """float32 values of a weight, unpacked from the artifact's bytes."""
    path = os.path.join(new_directory("weight"), "w.npy")
    run("gemma-inspect", artifact, f"--dump-weight={name}", "-o", path)
    return np.load(path)


def encodings(artifact):
    report = json.loads(run("gemma-inspect", artifact, "--weights",
                            "--json").stdout)
    return {w["weight"]: w["encoding"].split()[0]
            for w in report["weight_list"]}


def compared(spec, kind):
    """Names of the tensors that are compared: all, but of Gemma 3 in types
    that hold floats those of one local and of the global layer."""
    return [name for name in Gguf(gguf(spec, kind)).tensors
            if spec != "gemma3" or kind in ("Q8_0", "Q4_0")
            or not re.match(r"blk\.[12346]\.", name)]


def bits(values):
    return np.ascontiguousarray(values, np.float32).view(np.uint32)


class StoredValuesTest(unittest.TestCase):
    def assert_same_bits(self, path, artifact, names=None):
        file = Gguf(path)
        architecture = file.get("general.architecture").decode()
        for name in names or file.tensors:
            values = file.values(name)
            with self.subTest(tensor=name, kind=file.tensors[name].kind):
                found = dumped(artifact, symbol(name, architecture))
                np.testing.assert_array_equal(
                    bits(found.reshape(values.shape)), bits(values))

    def test_lossless_types_keep_every_bit(self):
        """Of every family: its own norms, local and global layers."""
        for spec in ("gemma", "gemma2", "gemma3"):
            for kind in ("F32", "F16", "BF16", "Q8_0", "Q4_0"):
                artifact, notes = compiled(spec, kind)
                with self.subTest(spec=spec, kind=kind):
                    self.assertEqual(encodings(artifact)["layers.0.down_proj"],
                                     EXACT[kind])
                    self.assertNotIn("re-encoded", notes)
                    self.assert_same_bits(gguf(spec, kind), artifact,
                                          compared(spec, kind))

    def test_every_weight_of_an_artifact_is_compared(self):
        """No tensor of a family is left out of the comparison above."""
        for spec in ("gemma", "gemma2", "gemma3"):
            architecture = spec if spec in ("gemma2", "gemma3") else "gemma"
            stored = {symbol(name, architecture)
                      for name in Gguf(gguf(spec, "Q8_0")).tensors}
            weights = set(encodings(compiled(spec, "Q8_0")[0]))
            with self.subTest(spec=spec):
                # What the compiler adds: tables of rotations.
                self.assertEqual({name for name in weights - stored
                                  if not name.startswith("rope.")}, set())
                self.assertEqual(stored - weights, set())

    def test_mixed_types_keep_every_bit(self):
        """Weights of one matmul share an encoding that holds all of them."""
        kinds = {"attn_q": "Q4_0", "attn_k": "Q8_0", "attn_v": "Q4_0",
                 "ffn_gate": "Q4_0", "ffn_up": "F32", "ffn_down": "F16",
                 "attn_output": "BF16", "token_embd": "Q5_0", "output": "F16"}
        path = write("gemma", lambda name: kinds[name.split(".")[-2]])
        artifact, notes = compile_file(path)
        self.assert_same_bits(path, artifact)
        self.assertNotIn("re-encoded", notes)
        found = encodings(artifact)
        for name, encoding in (
                ("layers.0.q_proj", "q8_0"), ("layers.0.k_proj", "q8_0"),
                ("layers.0.v_proj", "q8_0"), ("layers.1.gate_proj", "f32"),
                ("layers.1.up_proj", "f32"), ("layers.1.down_proj", "f16"),
                ("layers.1.o_proj", "bf16"), ("embed_tokens", "q8_0"),
                ("lm_head", "f16")):
            self.assertEqual(found[name], encoding, name)

    def test_any_block_is_taken_over(self):
        """Blocks that no quantiser would write: any scale, any integer."""
        kinds = {"attn_q": "Q8_0", "attn_k": "Q8_0", "attn_v": "Q8_0",
                 "ffn_gate": "Q4_0", "ffn_up": "Q4_0", "ffn_down": "Q4_0",
                 "attn_output": "Q5_0", "token_embd": "Q5_0", "output": "Q4_0"}
        metadata, tensors = from_checkpoint(
            checkpoint(SPECS["gemma"]),
            lambda name: kinds[name.split(".")[-2]])
        generator = np.random.default_rng(7)
        for index, each in enumerate(tensors):
            if len(each.shape) == 2:
                size = TYPES[each.kind].bytes
                blocks = generator.integers(
                    0, 256, (each.shape[0] * each.shape[1] // 32, size),
                    dtype=np.uint8)
                blocks[:, 1] &= 0xBF  # finite, below 2
                tensors[index] = Tensor(each.name, each.kind, each.shape,
                                        blocks.tobytes())
        path = os.path.join(new_directory("gguf"), "m.gguf")
        artifact, _ = compile_file(write_file(path, metadata, tensors))
        self.assert_same_bits(path, artifact)

    def test_asked_for_types_round_no_more_than_they_must(self):
        artifact, notes = compile_file(gguf("gemma", "Q4_0"),
                                       "--weights=q8_0")
        self.assertNotIn("re-encoded", notes)
        self.assertEqual(encodings(artifact)["layers.0.down_proj"], "q8_0")
        self.assert_same_bits(gguf("gemma", "Q4_0"), artifact)
        artifact, notes = compile_file(gguf("gemma", "Q8_0"), "--weights=q4_0",
                                       "--q4_0-rule=ggml")
        self.assertRegex(notes, r"note: Q8_0: 14 tensors re-encoded as q4_0, "
                                r"relative rms error 0\.0\d+\n")
        values = Gguf(gguf("gemma", "Q8_0")).values("blk.1.ffn_up.weight")
        np.testing.assert_array_equal(dumped(artifact, "layers.1.up_proj"),
                                      encoded(values, "q4_0"))

    def test_head_weights_re_encode_the_embedding(self):
        """Google's QAT files: Q4_0 with an embedding of F16."""
        path = write("whole", lambda name: "F16" if "token_embd" in name
                     else "Q4_0")
        names = [name for name in Gguf(path).tensors if "token" not in name]
        artifact, notes = compile_file(path, "--head-weights=q8_0")
        self.assertIn("note: F16: 1 tensor re-encoded as q8_0", notes)
        self.assert_same_bits(path, artifact, names)
        np.testing.assert_array_equal(
            dumped(artifact, "embed_tokens"),
            encoded(Gguf(path).values("token_embd.weight"), "q8_0"))

    def test_other_types_are_re_encoded_by_the_rule(self):
        path, artifact, notes = re_encoded()
        file = Gguf(path)
        sums = {}
        for name, stored in file.tensors.items():
            if len(stored.shape) == 1:
                continue
            values = file.values(name)
            found = dumped(artifact, symbol(name))
            with self.subTest(tensor=name, kind=stored.kind):
                np.testing.assert_array_equal(found, encoded(values, "q8_0"))
            exact = values.astype(np.float64)
            count, error, total = sums.get(stored.kind, (0, 0.0, 0.0))
            sums[stored.kind] = (count + 1,
                                 error + ((exact - found) ** 2).sum(),
                                 total + (exact ** 2).sum())
        self.assertEqual(set(sums), set(ROUNDED))
        for kind, (count, error, total) in sums.items():
            relative = np.sqrt(error / total)
            self.assertLess(relative, 0.01)
            self.assertRegex(notes, rf"note: {kind}: {count} tensors? "
                             "re-encoded as q8_0, relative rms error "
                             rf"{relative:.2g}\n")

    def test_a_scale_that_is_no_number(self):
        metadata, tensors = from_checkpoint(checkpoint(SPECS["gemma"]), "Q4_0")
        index = next(i for i, each in enumerate(tensors)
                     if each.name == "blk.1.attn_q.weight")
        # Row 5, the third block; its first integer is 0 - 8.
        data = bytearray(tensors[index].data)
        at = (5 * 3 + 2) * 18
        data[at:at + 3] = struct.pack("<HB", 0x7C00, 0)
        tensors[index] = Tensor(tensors[index].name, "Q4_0",
                                tensors[index].shape, bytes(data))
        folder = new_directory("bad")
        write_file(os.path.join(folder, "m.gguf"), metadata, tensors)
        done = run("gemma-compile", os.path.join(folder, "m.gguf"), "-o",
                   os.path.join(folder, "out.gemma"), status=65)
        self.assertEqual(
            done.stderr.splitlines()[-1],
            'error: m.gguf: "blk.1.attn_q.weight": expected finite values, '
            "found -inf (row 5, column 64)")
        self.assertEqual(os.listdir(folder), ["m.gguf"])


@functools.lru_cache(maxsize=None)
def re_encoded():
    """(path, artifact, notes) of a file of all types that are re-encoded."""
    kinds = {"attn_q": "Q4_1", "attn_k": "Q5_1", "attn_v": "Q6_K",
             "ffn_gate": "Q4_K", "ffn_up": "Q5_K", "ffn_down": "Q6_K",
             "attn_output": "Q4_K", "token_embd": "Q6_K"}
    path = write("whole", lambda name: kinds[name.split(".")[-2]])
    return (path, *compile_file(path))


class LogitsTest(unittest.TestCase):
    def check(self, spec, kind, count, *flags):
        artifact, _ = compiled(spec, kind, *flags)
        tokens = random_tokens(count, SPECS[spec].vocab)
        model = reference_of(gguf(spec, kind))
        error = relative_error(logits(artifact, tokens), model.forward(tokens))
        print(f"{spec:8}{kind:6}{count:4} tokens {error:.1e}")
        self.assertLessEqual(error, TOLERANCE[EXACT[kind]])
        # A model that adds 1 to norms that are stored as 1 + w is told apart.
        twice = reference_of(gguf(spec, kind), norm_unit_offset=True)
        wrong = relative_error(logits(artifact, tokens), twice.forward(tokens))
        self.assertGreater(wrong, 2 * TOLERANCE[EXACT[kind]])

    def test_stored_values(self):
        for spec in ("gemma", "gemma2", "gemma3"):
            for kind in ("F32", "Q8_0", "Q4_0"):
                for count in (1, 40):
                    with self.subTest(spec=spec, kind=kind, tokens=count):
                        self.check(spec, kind, count)
        self.check("gemma", "BF16", 40)

    def test_re_encoded_values(self):
        """Against the reference on the artifact's values."""
        path, artifact, _ = re_encoded()
        tokens = random_tokens(20, SPECS["whole"].vocab)
        model = reference_of(
            path, lambda name, values: dumped(artifact, symbol(name)).reshape(
                values.shape))
        self.assertLessEqual(
            relative_error(logits(artifact, tokens), model.forward(tokens)),
            TOLERANCE["q8_0"])


class FilesTest(unittest.TestCase):
    def test_split_files_alignment_and_version_change_nothing(self):
        metadata, tensors = from_checkpoint(checkpoint(SPECS["gemma"]), "Q8_0")
        folder = new_directory("gguf")
        first = write_split(os.path.join(folder, "model"), metadata, tensors, 3,
                            version=2, alignment=256)
        # Without -o the artifact is named after the files.
        run("gemma-compile", first, cwd=folder)
        with open(compiled("gemma", "Q8_0")[0], "rb") as one, \
                open(os.path.join(folder, "model.gemma"), "rb") as two:
            self.assertTrue(one.read() == two.read())

    def test_a_file_of_another_name(self):
        metadata, tensors = from_checkpoint(checkpoint(SPECS["gemma"]), "Q8_0")
        path = os.path.join(new_directory("gguf"), "sha256-0123")
        write_file(path, metadata, tensors)
        done = run("gemma-compile", path, "--compile-to=import")
        self.assertIn('#gemma.tensor<"sha256-0123", "blk.0.attn_q.weight", '
                      '"Q8_0">', done.stdout)

    def test_a_dump_goes_on_to_the_same_bytes(self):
        folder = new_directory("dumps")
        dump = os.path.join(folder, "model.3.pack.mlir")
        again = os.path.join(folder, "model.gemma")
        run("gemma-compile", gguf("gemma", "Q4_0"), "--compile-to=pack", "-o",
            dump)
        run("gemma-compile", "--compile-from=pack", dump, "-o", again)
        with open(compiled("gemma", "Q4_0")[0], "rb") as one, \
                open(again, "rb") as two:
            self.assertTrue(one.read() == two.read())

    def test_vision_tensors_and_missing_scaling(self):
        metadata, tensors = from_checkpoint(checkpoint(SPECS["gemma3"]), "Q8_0")
        metadata = {key: value for key, value in metadata.items()
                    if "rope.scaling" not in key}
        metadata["gemma3.context_length"] = Value("u32", 131072)
        path = os.path.join(new_directory("gguf"), "m.gguf")
        extra = [Tensor(name, "F32", (8,), bytes(32))
                 for name in ("v.post_ln.weight", "mm.soft_emb_norm.weight")]
        write_file(path, metadata, tensors + extra)
        notes = run("gemma-compile", path, "--compile-to=import").stderr
        self.assertIn("note: 2 tensors of the vision model are left out", notes)
        self.assertIn("note: there is no gemma3.rope.scaling.factor: positions "
                      "are not scaled", notes)
        metadata["gemma3.rope.scaling.factor"] = Value("f32", 8.0)
        write_file(path, metadata, tensors)
        notes = run("gemma-compile", path, "--compile-to=import").stderr
        self.assertNotIn("vision model", notes)
        self.assertNotIn("rope.scaling", notes)

    def test_padding_is_cut_from_behind(self):
        """[PADn] at the end are no tokens; UNUSED pieces with a name are, and
        every other number and row stays what it was."""
        spec = SPECS["gemma3"]
        pieces = [("<pad>", 3), ("<eos>", 3), ("<bos>", 3), ("<unk>", 2)]
        pieces += [(chr(97 + i), 1) for i in range(26)]
        pieces += [(f"<unused{i}>", 5) for i in range(30, spec.vocab - 4)]
        pieces += [(f"[PAD{i}]", 5) for i in range(spec.vocab - 4, spec.vocab)]
        metadata, tensors = from_checkpoint(checkpoint(spec), "Q8_0")
        metadata.update(vocabulary_of([(text.encode(), -float(i), kind)
                                       for i, (text, kind) in
                                       enumerate(pieces)]))
        path = os.path.join(new_directory("gguf"), "m.gguf")
        artifact, _ = compile_file(write_file(path, metadata, tensors))
        kept = spec.vocab - 4
        values = Gguf(path).values("token_embd.weight")[:kept]
        np.testing.assert_array_equal(bits(dumped(artifact, "embed_tokens")),
                                      bits(values))
        tokens = [2, *random_tokens(20, kept), kept - 1]
        np.testing.assert_array_equal(
            logits(artifact, tokens),
            logits(compiled("gemma3", "Q8_0")[0], tokens)[:, :kept])
        for token in (kept, spec.vocab - 1):
            done = run("gemma-run", artifact, f"--tokens=2,{token}", status=64)
            self.assertEqual(done.stderr,
                             f"error: tokens: expected ids below {kept} "
                             f"separated by commas, found '{token}' (--tokens)\n")

    def test_types_of_a_folder(self):
        done = run("gemma-compile", checkpoint(SPECS["gemma"]),
                   "--weights=stored", "--compile-to=pack")
        self.assertEqual(set(re.findall(r"#gemma.encoding<(\w+)",
                                        done.stdout)), {"f32"})

    def test_usage(self):
        for arguments, message in (
                ([gguf("gemma", "Q8_0"), "--weights=q3"],
                 "f32, f16, bf16, q8_0, q4_0 or stored, found 'q3'"),
                (["--weights=stored", "--config=gemma-2b",
                  "--random-weights=1"],
                 "--weights: expected an encoding for random weights")):
            done = run("gemma-compile", *arguments, "--compile-to=import",
                       status=64)
            self.assertRegex(done.stderr, r"\Aerror: .*" + message)


def sayable(path):
    """A checkpoint as a GGUF file can say it: no key holds how queries are
    scaled, and by the number of layers it is the size of a head."""
    with open(os.path.join(path, "config.json")) as file:
        config = json.load(file)
    if config.get("query_pre_attn_scalar", config["head_dim"]) == config["head_dim"]:
        return path
    folder = new_directory("sayable")
    for name in os.listdir(path):
        os.symlink(os.path.join(path, name), os.path.join(folder, name))
    os.remove(os.path.join(folder, "config.json"))
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump({**config, "query_pre_attn_scalar": config["head_dim"]}, file)
    return folder


@functools.lru_cache(maxsize=None)
def bundled(model, *flags):
    """(artifact, artifact through a GGUF file, notes) of a bundled model."""
    direct, _ = compile_file(sayable(model.path), *flags)
    metadata, tensors = from_checkpoint(model.path, "BF16")
    pieces = pieces_of(os.path.join(model.path, "tokenizer.model"))
    metadata.update(vocabulary_of(pieces))
    with open(os.path.join(model.path, "tokenizer_config.json")) as file:
        template = json.load(file)["chat_template"]
    metadata["tokenizer.chat_template"] = Value("string", template)
    path = os.path.join(new_directory("gguf"), "tiny.gguf")
    return (direct, *compile_file(write_file(path, metadata, tensors), *flags))


class BundledModelsTest(unittest.TestCase):
    def test_same_model(self):
        for each in MODELS:
            direct, through, notes = bundled(each)
            self.assertNotIn("note:", notes)
            one, two = (json.loads(run("gemma-inspect", artifact,
                                       "--json").stdout)["model"]
                        for artifact in (direct, through))
            self.assertEqual(one["family"], each.family)
            for key in ("chat_format", "eos_tokens", "bos_token", "pad_token",
                        "add_bos", "vocab", "context", "family"):
                with self.subTest(model=each.name, key=key):
                    self.assertEqual(one[key], two[key])

    def test_same_logits(self):
        """Only 1 + w is rounded on the way, to f32."""
        tokens = random_tokens(80, 2000)
        for each in MODELS:
            direct, through, _ = bundled(each, "--weights=f32")
            one = logits(direct, tokens).astype(np.float64)
            with self.subTest(model=each.name):
                self.assertLess(relative_error(logits(through, tokens), one),
                                TOLERANCE["f32"])

    def test_answers(self):
        for each in MODELS:
            direct, through, _ = bundled(each)
            for question in ("What is the capital of France?", "Count from 3 to 9."):
                with self.subTest(model=each.name, question=question):
                    self.assertEqual(run("gemma-run", through, question).stdout,
                                     run("gemma-run", direct, question).stdout)


class VocabularyTest(unittest.TestCase):
    """Of the bundled models, which have one tokenizer."""

    @classmethod
    def setUpClass(cls):
        cls.model, cls.gguf, cls.notes = bundled(FIRST)

    def segment(self, artifact):
        """The tokenizer.model inside an artifact, as a file."""
        report = json.loads(run("gemma-inspect", artifact, "--json").stdout)
        place = next(s for s in report["segments"] if s["segment"] == "tokenizer")
        path = os.path.join(new_directory("tokenizer"), "t.model")
        with open(artifact, "rb") as file, open(path, "wb") as out:
            file.seek(place["offset"])
            out.write(file.read(place["bytes"]))
        return path

    def test_same_pieces(self):
        self.assertNotIn("note:", self.notes)
        self.assertEqual(pieces_of(self.segment(self.gguf)),
                         pieces_of(self.segment(self.model)))

    def test_same_ids(self):
        import sentencepiece
        theirs, ours = (sentencepiece.SentencePieceProcessor(
            model_file=self.segment(each)) for each in (self.model, self.gguf))
        with open(HELDOUT) as file:
            texts = file.read().split("\n")[:300]
        texts += ["", " ", "   a  b", "\n\n\n", "a\n \n", "\u00e9\u4e16\U0001f600",
                  "<start_of_turn>user", "tab\tx", "12345", "\u2581x"]
        for text in texts:
            self.assertEqual(ours.encode(text), theirs.encode(text), text)

    def compile_with(self, pieces, **more):
        """A file of the model with other pieces, compiled."""
        metadata, tensors = from_checkpoint(TINY, "BF16")
        metadata.update(vocabulary_of(pieces, **more))
        path = os.path.join(new_directory("gguf"), "tiny.gguf")
        return compile_file(write_file(path, metadata, tensors))

    def test_types_that_writers_change(self):
        """<unk> as a control piece, user-defined pieces as normal ones."""
        pieces = pieces_of(os.path.join(TINY, "tokenizer.model"))
        self.assertIn(4, [kind for _, _, kind in pieces])
        for change in (
                [(text, score, 3 if kind == 2 else kind)
                 for text, score, kind in pieces],
                [(text, score, 1 if kind == 4 else kind)
                 for text, score, kind in pieces],
                # Scores whose 0 has no sign.
                [(text, score + 0.0, 1 if kind == 4 else kind)
                 for text, score, kind in pieces]):
            artifact, notes = self.compile_with(change)
            self.assertNotIn("note:", notes)
            self.assertEqual(pieces_of(self.segment(artifact)),
                             pieces_of(self.segment(self.model)))

    def test_eos_is_always_an_end(self):
        artifact, _ = self.compile_with(
            pieces_of(os.path.join(TINY, "tokenizer.model")),
            eos_token_id=Value("u32", 107))
        report = json.loads(run("gemma-inspect", artifact, "--json").stdout)
        self.assertEqual(report["model"]["eos_tokens"], [1, 107])


if __name__ == "__main__":
    unittest.main()
